#include "mockserver/connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "mockserver/websocket.h"

#define TURN_STEPS_MAX 4 /* reads of one connection before the others have their turn */

#define LINGER_NS_MAX (1 * NS_PER_S) /* for a refused client to stop sending */

void service_init(struct service *service, const struct settings *settings,
                  struct counters *counters)
{
    *service =
        (struct service){.settings = settings, .counters = counters, .epoll = -1, .spare = -1};
    TAILQ_INIT(&service->turns);
    delay_queue_init(&service->delays);
    delay_queue_init(&service->guards);
}

struct connection *connection_of_timer(struct delay_item *timer)
{
    return (struct connection *)((char *)timer - offsetof(struct connection, timer));
}

uint64_t connection_key(const struct connection *connection)
{
    return (uint64_t)connection->serial << 32 | (unsigned)connection->fd;
}

static int watch(struct connection *connection, int operation, uint32_t extra)
{
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLRDHUP | EPOLLET | extra,
        .data.u64 = connection_key(connection),
    };

    return epoll_ctl(connection->service->epoll, operation, connection->fd, &event);
}

struct connection *connection_new(struct service *service, int fd)
{
    struct connection *connection = calloc(1, sizeof(*connection));

    if (connection != NULL) {
        connection->service = service;
        connection->fd = fd;
        connection->serial = ++service->serial;
        http_request_init(&connection->request);
        if (watch(connection, EPOLL_CTL_ADD, 0) == 0) {
            counters_add(&service->counters->accepted, 1);
            return connection;
        }
    }
    gauge_down(&service->counters->connections);
    close(fd);
    free(connection);
    return NULL;
}

bool connection_in_flight(const struct connection *connection)
{
    return connection->state == CONNECTION_WAITING || connection->state == CONNECTION_DRIPPING;
}

static void leave_turns(struct connection *connection)
{
    struct service *service = connection->service;

    if (!connection->wants_turn)
        return;
    TAILQ_REMOVE(&service->turns, connection, turn);
    service->turn_count--;
    connection->wants_turn = false;
}

static struct delay_queue *timer_queue(struct connection *connection)
{
    struct service *service = connection->service;

    return connection_in_flight(connection) ? &service->delays : &service->guards;
}

void connection_reset(int fd)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

void connection_free(struct connection *connection)
{
    struct counters *counters = connection->service->counters;

    if (connection_in_flight(connection)) {
        gauge_down(&counters->in_flight);
        counters_add(&counters->aborted, 1);
    }
    if (connection->reset_after)
        connection_reset(connection->fd);
    delay_queue_remove(timer_queue(connection), &connection->timer);
    leave_turns(connection);
    http_request_term(&connection->request);
    gauge_down(&counters->connections);
    close(connection->fd);
    free(connection->kept);
    output_term(&connection->output);
    websocket_free(connection->frames);
    free(connection);
}

enum step connection_enter(struct connection *connection, enum connection_state state,
                           uint64_t deadline_ns)
{
    bool apart;

    delay_queue_remove(timer_queue(connection), &connection->timer);
    connection->state = (uint8_t)state;
    connection->timer.deadline_ns = deadline_ns;
    if (deadline_ns == 0)
        return STEP_WAIT;
    apart = connection->delay_apart && connection_in_flight(connection);
    return delay_queue_add(timer_queue(connection), &connection->timer, apart) < 0 ? STEP_CLOSE
                                                                                   : STEP_WAIT;
}

uint64_t connection_patience(const struct connection *connection)
{
    return clock_ns() + connection->service->settings->request_ns_max;
}

enum step connection_linger(struct connection *connection)
{
    enum step step;

    shutdown(connection->fd, SHUT_WR);
    connection->readable = true;
    step = connection_enter(connection, CONNECTION_LINGERING, clock_ns() + LINGER_NS_MAX);
    return step == STEP_CLOSE ? STEP_CLOSE : STEP_AGAIN;
}

/* Keeps the `size` bytes behind the present request for later. */
static int keep(struct connection *connection, const char *rest, size_t size)
{
    connection->kept = malloc(size);
    if (connection->kept == NULL)
        return -ENOMEM;
    memcpy(connection->kept, rest, size);
    connection->kept_size = (uint32_t)size;
    return 0;
}

/* A request has begun to come in, or has sent its header and waits for "100 Continue". */
static enum step wait_for_rest(struct connection *connection)
{
    static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct http_request *request = &connection->request;

    if (request->wants_continue) {
        request->wants_continue = false;
        if (send(connection->fd, interim, sizeof(interim) - 1, MSG_NOSIGNAL) < 0)
            return STEP_CLOSE;
    }
    if (!request->started || delay_item_queued(&connection->timer))
        return STEP_AGAIN;
    if (connection_enter(connection, CONNECTION_READING, connection_patience(connection)) ==
        STEP_CLOSE)
        return STEP_CLOSE;
    return STEP_AGAIN;
}

/* Reads on in the input at hand. Returns how many bytes were used. */
static size_t take(struct connection *connection, const char *input, size_t size, enum step *step)
{
    size_t used = http_request_feed(&connection->request, input, size);

    if (connection->request.refusal != 0)
        *step = answer_refusal(connection, connection->request.refusal);
    else if (connection->request.complete) {
        connection->service->turn_requests++;
        *step = answer_begin(connection);
    } else
        *step = wait_for_rest(connection);
    return used;
}

static bool turn_is_over(const struct connection *connection)
{
    return connection->service->turn_requests >= TURN_REQUESTS_MAX;
}

/* Reads requests from `input` for as long as each can be answered at once, and this connection has
 * its turn. What is left then is kept. */
static enum step take_all(struct connection *connection, const char *input, size_t size)
{
    enum step step = STEP_AGAIN;
    size_t used = 0;

    while (used < size && step == STEP_AGAIN && connection->state == CONNECTION_READING &&
           !turn_is_over(connection))
        used += take(connection, input + used, size - used, &step);
    if (used == size || step == STEP_CLOSE || connection->linger_after)
        return step;
    return keep(connection, input + used, size - used) < 0 ? STEP_CLOSE : step;
}

/* How long the input that was just read has waited for it. Of several segments, the last one. */
static void count_unread(struct counters *counters, struct msghdr *message)
{
    const struct cmsghdr *header = CMSG_FIRSTHDR(message);
    uint64_t now_ns = clock_ns_of(CLOCK_REALTIME), came_ns; /* the clock of the stamps */
    struct timespec came;

    if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SO_TIMESTAMPNS)
        return;
    memcpy(&came, CMSG_DATA(header), sizeof(came));
    came_ns = (uint64_t)came.tv_sec * NS_PER_S + (uint64_t)came.tv_nsec;
    histogram_add(&counters->unread_ns, now_ns > came_ns ? now_ns - came_ns : 0);
}

/* One read into service->input. Returns as recv(). */
static ssize_t receive(const struct connection *connection)
{
    struct service *service = connection->service;
    struct iovec input = {service->input, sizeof(service->input)};
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct timespec))];
    struct msghdr message = {
        .msg_iov = &input,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof(control),
    };
    ssize_t size;

    if (!service->stamped)
        return recv(connection->fd, service->input, sizeof(service->input), 0);
    size = recvmsg(connection->fd, &message, 0);
    if (size > 0)
        count_unread(service->counters, &message);
    return size;
}

/* Reads once from the socket. A read that does not fill the buffer has emptied the socket; a new
 * event tells when there is more. Only an end that epoll has told already will not be told again.
 */
static enum step read_input(struct connection *connection)
{
    struct service *service = connection->service;
    ssize_t size = receive(connection);

    if (size < 0 && errno == EINTR)
        return STEP_AGAIN;
    if (size < 0 && errno == EAGAIN) {
        connection->readable = false;
        return STEP_WAIT;
    }
    if (size <= 0)
        return STEP_CLOSE;
    counters_add(&service->counters->bytes_in, (uint64_t)size);
    connection->readable = connection->peer_left || size == (ssize_t)sizeof(service->input);
    if (connection->state == CONNECTION_LINGERING)
        return STEP_AGAIN;
    return take_all(connection, service->input, (size_t)size);
}

static enum step advance(struct connection *connection)
{
    enum step step;
    char *kept;

    if (connection->frames != NULL)
        return websocket_go_on(connection);
    if (connection_in_flight(connection))
        return STEP_WAIT;
    if (connection->state == CONNECTION_SENDING)
        return answer_rest(connection);
    if (connection->kept == NULL)
        return connection->readable ? read_input(connection) : STEP_WAIT;
    kept = connection->kept;
    connection->kept = NULL;
    step = take_all(connection, kept, connection->kept_size);
    free(kept);
    return step;
}

/* Goes on from `step` for as long as there is something to do and it is its turn. Returns false at
 * the end of the connection. */
static bool go_on(struct connection *connection, enum step step)
{
    for (int i = 0; i < TURN_STEPS_MAX && step == STEP_AGAIN && !turn_is_over(connection); i++)
        step = advance(connection);
    if (step == STEP_AGAIN && !connection->wants_turn) {
        TAILQ_INSERT_TAIL(&connection->service->turns, connection, turn);
        connection->service->turn_count++;
        connection->wants_turn = true;
    }
    if (step == STEP_AGAIN)
        return true;
    if (step == STEP_WAIT && !connection->watches_out &&
        (connection->state == CONNECTION_SENDING || websocket_pending(connection))) {
        connection->watches_out = true; /* epoll tells when the socket takes more */
        step = watch(connection, EPOLL_CTL_MOD, EPOLLOUT) < 0 ? STEP_CLOSE : STEP_WAIT;
    }
    /* A client that left while its request waits is gone, whichever came to light first. */
    if (connection_in_flight(connection) && connection->peer_left)
        return false;
    return step == STEP_WAIT;
}

bool connection_idle(const struct connection *connection)
{
    return connection->state == CONNECTION_READING && !connection->request.started &&
           connection->kept == NULL;
}

bool connection_ready(struct connection *connection, uint32_t events)
{
    if ((events & (EPOLLERR | EPOLLHUP)) != 0)
        return false;
    if ((events & EPOLLRDHUP) != 0)
        connection->peer_left = true;
    if ((events & (EPOLLIN | EPOLLRDHUP)) != 0)
        connection->readable = true;
    connection->service->turn_requests = 0;
    return go_on(connection, STEP_AGAIN);
}

bool connection_turn(struct connection *connection)
{
    leave_turns(connection);
    connection->service->turn_requests = 0;
    return go_on(connection, STEP_AGAIN);
}

bool connection_due(struct connection *connection)
{
    connection->service->turn_requests = 0;
    if (connection_in_flight(connection))
        return go_on(connection, answer_due(connection));
    if (connection->state == CONNECTION_READING)
        return go_on(connection, answer_refusal(connection, 408));
    return false;
}
