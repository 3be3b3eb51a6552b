#include "mockserver/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "mockserver/connection.h"

#define TURNS_NS_MAX    (5 * NS_PER_MS)
#define EVENTS_MAX      256 /* taken from epoll at once */
#define ACCEPTS_MAX     16  /* taken from a listener at once, before others have their turn */
#define DUE_MAX         256 /* replies sent at once */
#define BUSY_EVENTS_MIN 9   /* fewer keep nobody waiting: the clock is not read for them */
#define TABLE_SIZE_MIN  256
#define ACCEPT_RETRY_MS 100 /* after descriptors or memory ran out */

/* Whose descriptor an event tells of, in the upper 8 bits of its data; below stands the descriptor,
 * of a client as in connection_key(). */
#define SOURCE_SHIFT 56
enum source { SOURCE_CLIENT, SOURCE_LISTENER, SOURCE_TIMER, SOURCE_SIGNALS, SOURCE_FILES };

struct loop {
    struct service service;
    struct connection **connections; /* by descriptor */
    size_t connections_size;         /* descriptors for which `connections` has room */
    size_t clients;                  /* how many connections there are */
    struct listeners *listeners;     /* these two are the caller's */
    struct files *files;
    int timer;
    int signals;
    uint64_t timer_ns;            /* for when the timer is set; 0: not set */
    uint64_t end_ns;              /* when to end at the latest; 0: not yet known */
    bool accept_paused;           /* no more descriptors: the listeners are not watched */
    bool told;                    /* the user knows that they ran out */
    uint64_t unaccepted_since_ns; /* clients wait in the backlog for that reason; 0: none do */
};

static int watch(struct loop *loop, int operation, enum source source, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events,
                                .data.u64 = (uint64_t)source << SOURCE_SHIFT | (unsigned)fd};

    return epoll_ctl(loop->service.epoll, operation, fd, &event) < 0 ? -errno : 0;
}

/* Watches all listeners, or ignores them. */
static int watch_listeners(struct loop *loop, int operation, uint32_t events)
{
    int error = 0;

    for (size_t i = 0; i < loop->listeners->count && error == 0; i++)
        error = watch(loop, operation, SOURCE_LISTENER, loop->listeners->fds[i], events);
    return error;
}

/* Has the kernel stamp what comes in on the clients' sockets, which inherit it: for how long it
 * waits unread. Without a latency nobody asks for that, and stamps cost time. */
static void ask_for_stamps(struct loop *loop)
{
    const struct distribution *latency = &loop->service.settings->latency;
    int on = 1;

    loop->service.stamped = latency->kind != LATENCY_FIXED || latency->a_ns > 0;
    for (size_t i = 0; i < loop->listeners->count && loop->service.stamped; i++)
        setsockopt(loop->listeners->fds[i], SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
}

static int open_all(struct loop *loop)
{
    sigset_t set;
    int error;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    loop->service.epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    loop->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    loop->service.spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (loop->service.epoll < 0 || loop->timer < 0 || loop->signals < 0 || loop->service.spare < 0)
        return -errno;
    /* Edge-triggered, the timer need not be read: each expiry is one event. */
    error = watch(loop, EPOLL_CTL_ADD, SOURCE_TIMER, loop->timer, EPOLLIN | EPOLLET);
    if (error == 0)
        error = watch(loop, EPOLL_CTL_ADD, SOURCE_SIGNALS, loop->signals, EPOLLIN);
    if (error == 0 && loop->files != NULL)
        error = watch(loop, EPOLL_CTL_ADD, SOURCE_FILES, files_fd(loop->files), EPOLLIN);
    return error == 0 ? watch_listeners(loop, EPOLL_CTL_ADD, EPOLLIN) : error;
}

static void close_connection(struct loop *loop, struct connection *connection)
{
    loop->connections[connection->fd] = NULL;
    loop->clients--;
    connection_free(connection);
}

static void close_all(struct loop *loop)
{
    for (size_t fd = 0; fd < loop->connections_size; fd++)
        if (loop->connections[fd] != NULL)
            close_connection(loop, loop->connections[fd]);
    free(loop->connections);
    delay_queue_term(&loop->service.delays);
    delay_queue_term(&loop->service.guards);
    close(loop->service.epoll);
    close(loop->timer);
    close(loop->signals);
    close(loop->service.spare);
}

/* Where descriptors or memory ran out, the clients wait in the backlog. The listeners are left
 * alone meanwhile, or it would wake the loop without end. */
static void pause_accepting(struct loop *loop, bool paused)
{
    loop->accept_paused = paused;
    watch_listeners(loop, EPOLL_CTL_MOD, paused ? 0 : EPOLLIN);
}

/* Makes room for descriptor `fd` in the table. */
static bool make_room(struct loop *loop, size_t fd)
{
    size_t size = loop->connections_size > 0 ? loop->connections_size : TABLE_SIZE_MIN;
    struct connection **table;

    while (size <= fd)
        size *= 2;
    if (size == loop->connections_size)
        return true;
    table = realloc(loop->connections, size * sizeof(*table));
    if (table == NULL)
        return false;
    memset(table + loop->connections_size, 0, (size - loop->connections_size) * sizeof(*table));
    loop->connections = table;
    loop->connections_size = size;
    return true;
}

static bool is_exhaustion(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* How many clients wait to be accepted. */
static uint64_t backlog(const struct loop *loop)
{
    uint64_t waiting = 0;

    for (size_t i = 0; i < loop->listeners->count; i++) {
        struct tcp_info info = {0};
        socklen_t size = sizeof(info);

        getsockopt(loop->listeners->fds[i], IPPROTO_TCP, TCP_INFO, &info, &size);
        waiting += info.tcpi_unacked; /* of a listener: the length of its queue */
    }
    return waiting;
}

/* Descriptors or memory have run out. What waits now is in no lateness: so it is counted apart, and
 * said once. */
static void note_exhaustion(struct loop *loop, int error)
{
    struct counters *counters = loop->service.counters;

    if (loop->unaccepted_since_ns == 0)
        loop->unaccepted_since_ns = clock_ns();
    histogram_raise(&counters->unaccepted_peak, backlog(loop));
    histogram_raise(&counters->unaccepted_ns_max, clock_ns() - loop->unaccepted_since_ns);
    if (!loop->told)
        fprintf(
            stderr,
            "mockserver: %s, with %zu connections: further clients wait in the backlog, and "
            "lateness does not count that; give more --workers, or a higher limit (ulimit -n)\n",
            strerror(error), loop->clients);
    loop->told = true;
    pause_accepting(loop, true);
}

/* Whether the queue of clients has come to its end. */
static void note_acceptance(struct loop *loop)
{
    if (loop->unaccepted_since_ns == 0 || backlog(loop) > 0)
        return;
    histogram_raise(&loop->service.counters->unaccepted_ns_max,
                    clock_ns() - loop->unaccepted_since_ns);
    loop->unaccepted_since_ns = 0;
}

static void add_client(struct loop *loop, int fd)
{
    struct counters *counters = loop->service.counters;

    if (!make_room(loop, (size_t)fd)) {
        close(fd);
        return;
    }
    if (!gauge_try_up(&counters->connections, loop->service.settings->connections_max)) {
        counters_add(&counters->faults[FAULT_REFUSED], 1);
        connection_reset(fd);
        close(fd);
        return;
    }
    loop->connections[fd] = connection_new(&loop->service, fd);
    loop->clients += loop->connections[fd] != NULL;
}

static void accept_clients(struct loop *loop, int listener, int most)
{
    for (int i = 0; i < most; i++) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0 && is_exhaustion(errno))
            note_exhaustion(loop, errno);
        /* Anything but EAGAIN is the fault of one client that has left already. */
        if (fd < 0 && (loop->accept_paused || errno == EAGAIN)) {
            note_acceptance(loop);
            return;
        }
        if (fd >= 0)
            add_client(loop, fd);
    }
}

/* Runs timers of a queue that are due, and leaves the rest for when the sockets were looked at. */
static void run_timers(struct loop *loop, struct delay_queue *queue)
{
    struct delay_item *item = delay_queue_first(queue);

    for (int i = 0; i < DUE_MAX && item != NULL && item->deadline_ns <= clock_ns(); i++) {
        struct connection *connection = connection_of_timer(item);

        delay_queue_remove(queue, item);
        if (!connection_due(connection))
            close_connection(loop, connection);
        item = delay_queue_first(queue);
    }
}

/* Sends all that is due. */
static void run_due(struct loop *loop)
{
    run_timers(loop, &loop->service.delays);
    if (loop->files != NULL)
        files_run_due(loop->files);
}

static uint64_t earlier(uint64_t deadline_ns, uint64_t other_ns)
{
    return deadline_ns == 0 || (other_ns != 0 && other_ns < deadline_ns) ? other_ns : deadline_ns;
}

/* Sets the timer for the earliest deadline, if that is another than before. */
static void set_timer(struct loop *loop)
{
    const struct delay_item *delay = delay_queue_first(&loop->service.delays);
    const struct delay_item *guard = delay_queue_first(&loop->service.guards);
    uint64_t next_ns = earlier(delay != NULL ? delay->deadline_ns : 0, loop->end_ns);
    struct itimerspec when;

    next_ns = earlier(next_ns, guard != NULL ? guard->deadline_ns : 0);
    next_ns = earlier(next_ns, loop->files != NULL ? files_next_ns(loop->files) : 0);
    if (next_ns == loop->timer_ns)
        return;
    loop->timer_ns = next_ns;
    when = (struct itimerspec){.it_value = clock_timespec(next_ns)};
    timerfd_settime(loop->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

/* Gives those that wait for another turn one each, by number: they may end meanwhile. Where that
 * takes long, the sockets are looked at before the rest of them. */
static void run_turns(struct loop *loop)
{
    size_t left = loop->service.turn_count;
    uint64_t until_ns = left > 0 ? clock_ns() + TURNS_NS_MAX : 0;

    for (; left > 0 && loop->service.turn_count > 0 && clock_ns() < until_ns; left--) {
        struct connection *connection = TAILQ_FIRST(&loop->service.turns);

        if (!connection_turn(connection))
            close_connection(loop, connection);
        run_due(loop);
    }
}

/* Whose request has come in, perhaps unread, is answered; who has sent none goes. */
static void let_idle_go(struct loop *loop)
{
    for (size_t fd = 0; fd < loop->connections_size; fd++) {
        struct connection *connection = loop->connections[fd];

        if (connection != NULL && connection_idle(connection) &&
            (!connection_ready(connection, EPOLLIN) || connection_idle(connection)))
            close_connection(loop, connection);
    }
}

/* The first signal: no more clients but those that are connected already, and a time set for them.
 * Another one: now. */
static void handle_signal(struct loop *loop)
{
    struct signalfd_siginfo info;

    if (read(loop->signals, &info, sizeof(info)) < 0)
        return;
    loop->end_ns = clock_ns();
    if (loop->service.draining)
        return;
    loop->service.draining = true;
    loop->end_ns += loop->service.settings->grace_ns;
    for (size_t i = 0; i < loop->listeners->count; i++)
        accept_clients(loop, loop->listeners->fds[i], INT_MAX);
    listeners_close(loop->listeners);
    let_idle_go(loop);
}

static void handle(struct loop *loop, const struct epoll_event *event)
{
    int fd = (int)(uint32_t)event->data.u64;
    struct connection *connection;

    switch ((enum source)(event->data.u64 >> SOURCE_SHIFT)) {
    case SOURCE_LISTENER:
        if (!loop->service.draining)
            accept_clients(loop, fd, ACCEPTS_MAX);
        return;
    case SOURCE_TIMER:
        loop->timer_ns = 0; /* it is set again even for what was left, and then expires at once */
        return;
    case SOURCE_SIGNALS:
        handle_signal(loop);
        return;
    case SOURCE_FILES: /* unmounted by somebody else, the others are served on */
        if (!files_ready(loop->files))
            watch(loop, EPOLL_CTL_DEL, SOURCE_FILES, fd, 0);
        return;
    case SOURCE_CLIENT:
        break;
    }
    /* Closed since the events were fetched, and the descriptor perhaps in use again. */
    connection = loop->connections[fd];
    if (connection == NULL || connection_key(connection) != event->data.u64)
        return;
    if (!connection_ready(connection, event->events))
        close_connection(loop, connection);
}

/* Replies that are due go before input that has come in. */
static int run_once(struct loop *loop)
{
    int wait_ms = loop->service.turn_count > 0 ? 0 : loop->accept_paused ? ACCEPT_RETRY_MS : -1;
    struct epoll_event events[EVENTS_MAX];
    uint64_t busy_since_ns;
    int count;

    set_timer(loop);
    count = epoll_wait(loop->service.epoll, events, EVENTS_MAX, wait_ms);
    busy_since_ns = count >= BUSY_EVENTS_MIN || loop->service.turn_count > 0 ? clock_ns() : 0;
    if (count < 0 && errno != EINTR)
        return -errno;
    if (loop->accept_paused)
        pause_accepting(loop, false);
    run_due(loop);
    for (int i = 0; i < count; i++) {
        handle(loop, &events[i]);
        run_due(loop);
    }
    run_turns(loop);
    run_timers(loop, &loop->service.guards);
    if (busy_since_ns != 0)
        counters_busy(loop->service.counters, clock_ns() - busy_since_ns);
    return 0;
}

static bool at_end(const struct loop *loop)
{
    bool idle = loop->clients == 0 && (loop->files == NULL || files_next_ns(loop->files) == 0);

    return loop->service.draining && (idle || clock_ns() >= loop->end_ns);
}

int loop_serve(const struct settings *settings, struct counters *counters,
               struct listeners *listeners, struct files *files, size_t number)
{
    struct loop *loop = calloc(1, sizeof(*loop));
    int error;

    if (loop == NULL)
        return -ENOMEM;
    service_init(&loop->service, settings, counters);
    loop->listeners = listeners;
    loop->files = files;
    loop->timer = loop->signals = -1;
    ask_for_stamps(loop);
    error = open_all(loop);
    if (error == 0)
        atomic_store(&counters->pids[number], getpid());
    if (error == 0 && files != NULL)
        atomic_store(&counters->files->pids[number], getpid());
    while (error == 0 && !at_end(loop))
        error = run_once(loop);
    close_all(loop);
    free(loop);
    return error;
}
