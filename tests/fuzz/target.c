/* The whole path of a request under fuzzing: a real connection over a socket pair, from the first
 * byte to the reply, with time at the will of the fuzzer: what waits is due at once. After each
 * input nothing may be left open, in flight or in a queue, and each request must be accounted for.
 */
#include "tests/fuzz/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "mockserver/connection.h"

#define STEPS_MAX 100000 /* timers that come due for one input, at most */

struct fixture {
    struct settings settings;
    struct service service;
};

/* The other end of the connection. */
struct client {
    int fd;
    bool heard; /* something of the answers */
};

static void must(bool held, const char *what)
{
    if (held)
        return;
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

static struct fixture *fixture_get(void)
{
    static struct fixture *fixture;

    if (fixture != NULL)
        return fixture;
    fixture = calloc(1, sizeof(*fixture));
    must(fixture != NULL, "no memory");
    fixture->settings.latency_spec = "0";
    fixture->settings.drip_rate = 1000000;
    fixture->settings.request_ns_max = NS_PER_S;
    service_init(&fixture->service, &fixture->settings, counters_new());
    fixture->service.epoll = epoll_create1(EPOLL_CLOEXEC);
    must(fixture->service.counters != NULL && fixture->service.epoll >= 0, "no fixture");
    return fixture;
}

/* Reads away what the server has answered, and looks at the very beginning. */
static void drain(struct client *client)
{
    char answer[65536];
    ssize_t got = recv(client->fd, answer, sizeof(answer), MSG_DONTWAIT);

    if (got >= 5 && !client->heard)
        must(memcmp(answer, "HTTP/", 5) == 0 || memcmp(answer, "HTPT/", 5) == 0, "no status line");
    client->heard |= got > 0;
    while (got > 0)
        got = recv(client->fd, answer, sizeof(answer), MSG_DONTWAIT);
}

/* Lets all replies that wait be due. Returns false once the connection has ended. */
static bool pass_time(struct service *service, struct client *client)
{
    struct delay_item *item = delay_queue_first(&service->delays);

    for (int steps = 0; item != NULL; steps++) {
        must(steps < STEPS_MAX, "no end");
        delay_queue_remove(&service->delays, item);
        if (!connection_due(connection_of_timer(item)))
            return false;
        if (steps % 1000 == 0)
            drain(client);
        item = delay_queue_first(&service->delays);
    }
    return true;
}

/* Lets the connection go on where it has more to do than fits into a turn. Returns likewise. */
static bool take_turns(struct service *service, struct client *client)
{
    bool open = pass_time(service, client);

    while (open && !TAILQ_EMPTY(&service->turns))
        open = connection_turn(TAILQ_FIRST(&service->turns)) && pass_time(service, client);
    return open;
}

/* Sends all pieces. Returns false once the connection has ended. */
static bool converse(struct connection *connection, struct client *client, const uint8_t *data,
                     size_t size, size_t piece)
{
    size_t sent = 0;
    bool open = true;

    while (open && sent < size) {
        ssize_t part =
            send(client->fd, data + sent, size - sent < piece ? size - sent : piece, MSG_NOSIGNAL);

        if (part <= 0)
            break;
        sent += (size_t)part;
        open = connection_ready(connection, EPOLLIN) && take_turns(connection->service, client);
        if (open && connection->state == CONNECTION_SENDING) {
            drain(client);
            open = connection_ready(connection, EPOLLOUT);
        }
    }
    return open;
}

static void check(const struct service *service)
{
    const struct counters *counters = service->counters;

    must(counters_read(&counters->in_flight.now) == 0, "something is in flight");
    must(counters_read(&counters->connections.now) == 0, "something is open");
    must(delay_queue_first(&service->delays) == NULL, "something waits");
    must(delay_queue_first(&service->guards) == NULL, "something is guarded");
    must(counters_read(&counters->requests) == counters_read(&counters->responses) +
                                                   counters_read(&counters->aborted) +
                                                   counters_read(&counters->faults[FAULT_RESET]) +
                                                   counters_read(&counters->faults[FAULT_STALE]),
         "a request is not accounted for");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct service *service = &fixture_get()->service;
    struct connection *connection;
    struct client client = {0};
    int pair[2];
    bool open;

    if (size < 2)
        return 0;
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0, "no pair");
    client.fd = pair[1];
    counters_reset(service->counters);
    must(gauge_try_up(&service->counters->connections, 0), "no room");
    connection = connection_new(service, pair[0]);
    must(connection != NULL, "no connection");
    open = converse(connection, &client, data + 1, size - 1, data[0] > 0 ? data[0] : SIZE_MAX);
    drain(&client);
    /* Every other client waits to be told that it is too slow. */
    if (open && data[0] % 2 == 1 && delay_item_queued(&connection->timer)) {
        delay_queue_remove(&service->guards, &connection->timer);
        open = connection_due(connection);
    }
    close(client.fd);
    if (open)
        connection_ready(connection, EPOLLIN | EPOLLRDHUP);
    connection_free(connection);
    check(service);
    return 0;
}
