/* An outside witness of the mock server's delays: keeps C connections with one request each in
 * flight and measures, with its own clock, how long each reply took beyond what was asked. It
 * shares only the clock and the reading of units with the server, none of HTTP or timers. One
 * thread, epoll.
 *
 *     probe ADDRESS:PORT CONNECTIONS DELAY ROUNDS burst|spread|idle
 *
 * burst: all connections send at once, ROUNDS times. spread: their requests are spread evenly over
 * one DELAY, and each sends the next as soon as it has its reply. idle: nothing is sent; the
 * connections are held for DELAY. Prints one line of JSON. Exit status: 0; 1 where a reply was
 * early, wrong or missing, or a connection was lost; 2 bad usage; 3 no connection. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/limit.h"
#include "common/percentile.h"
#include "common/units.h"

#define EVENTS_MAX      256
#define PATIENCE_MS     5000  /* beyond the delay: then replies are missing */
#define CONNECTIONS_MAX 19900 /* what the usual limit of 20,000 descriptors leaves */

struct probe {
    int epoll;
    struct sockaddr_in server;
    uint32_t connections;
    uint64_t delay_ns;
    uint32_t rounds;
    const char *mode;
    int *sockets;
    uint64_t *sent_ns;     /* by connection */
    uint64_t *lateness_ns; /* of each reply, in order of arrival */
    size_t replies, early, wrong;
    uint32_t *rounds_done;
};

/* Nanoseconds of the clock that the kernel's time stamps come from. */
static uint64_t stamp_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static int connect_one(const struct probe *probe, uint32_t index)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u32 = index};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    if (fd < 0 || connect(fd, (const struct sockaddr *)&probe->server, sizeof(probe->server)) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) < 0 ||
        epoll_ctl(probe->epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
        fprintf(stderr, "probe: connection %" PRIu32 ": %s\n", index, strerror(errno));
        exit(3);
    }
    return fd;
}

static void send_one(struct probe *probe, uint32_t index)
{
    char text[512];
    int size = snprintf(text, sizeof(text),
                        "GET /users/%" PRIu32 "?delay=%" PRIu64 "ns HTTP/1.1\r\n"
                        "Host: mock\r\n\r\n",
                        index, probe->delay_ns);

    probe->sent_ns[index] = stamp_ns();
    if (send(probe->sockets[index], text, (size_t)size, MSG_NOSIGNAL) != size)
        probe->wrong++;
}

static void check(struct probe *probe, uint32_t index, uint64_t came_ns, const char *text)
{
    uint64_t took_ns = came_ns - probe->sent_ns[index];
    char expected[64];

    snprintf(expected, sizeof(expected), "\"id\": %" PRIu32 ",", index);
    probe->wrong += strstr(text, expected) == NULL;
    probe->early += took_ns < probe->delay_ns;
    probe->lateness_ns[probe->replies++] =
        took_ns < probe->delay_ns ? 0 : took_ns - probe->delay_ns;
}

/* When what was received reached the socket; the present where the kernel does not tell. */
static uint64_t stamp_of(struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        struct timespec when;

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        memcpy(&when, CMSG_DATA(c), sizeof(when));
        return (uint64_t)when.tv_sec * NS_PER_S + (uint64_t)when.tv_nsec;
    }
    return stamp_ns();
}

static void receive(struct probe *probe, uint32_t index)
{
    char text[2048], control[128];
    struct iovec part = {.iov_base = text, .iov_len = sizeof(text) - 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof(control)};
    ssize_t size = recvmsg(probe->sockets[index], &message, MSG_DONTWAIT);

    if (size < 0 && errno == EAGAIN)
        return;
    if (size <= 0) {
        fprintf(stderr, "probe: connection %" PRIu32 " was closed\n", index);
        exit(1);
    }
    text[size] = '\0';
    check(probe, index, stamp_of(&message), text);
    probe->rounds_done[index]++;
    if (probe->mode[0] == 's' && probe->rounds_done[index] < probe->rounds)
        send_one(probe, index);
}

/* Receives until `replies` are here in all, or until `until_ns`. Returns 0 when nothing comes. */
static int receive_until(struct probe *probe, size_t replies, uint64_t until_ns)
{
    struct epoll_event events[EVENTS_MAX];
    int patience_ms = PATIENCE_MS + (int)(probe->delay_ns / NS_PER_MS);

    while (probe->replies < replies && clock_ns() < until_ns) {
        int count =
            epoll_wait(probe->epoll, events, EVENTS_MAX, until_ns == UINT64_MAX ? patience_ms : 0);

        if (count == 0 && until_ns == UINT64_MAX)
            return 0;
        for (int i = 0; i < count; i++)
            receive(probe, events[i].data.u32);
    }
    return 1;
}

static void run_burst(struct probe *probe)
{
    int go_on = 1;

    for (uint32_t round = 1; round <= probe->rounds && go_on; round++) {
        for (uint32_t i = 0; i < probe->connections; i++)
            send_one(probe, i);
        go_on = receive_until(probe, (size_t)round * probe->connections, UINT64_MAX);
    }
}

static void run_spread(struct probe *probe)
{
    uint64_t start_ns = clock_ns();

    for (uint32_t i = 0; i < probe->connections; i++) {
        receive_until(probe, SIZE_MAX, start_ns + probe->delay_ns * i / probe->connections);
        send_one(probe, i);
    }
    receive_until(probe, (size_t)probe->rounds * probe->connections, UINT64_MAX);
}

/* Returns the exit status. */
static int print_result(struct probe *probe)
{
    static const unsigned per_mille[] = {1, 500, 900, 990, 999, 1000};
    static const char *const names[] = {"p001", "p50", "p90", "p99", "p999", "max"};
    size_t missing = (size_t)probe->rounds * probe->connections - probe->replies;

    percentile_sort(probe->lateness_ns, probe->replies);
    printf("{\"replies\": %zu, \"missing\": %zu, \"early\": %zu, \"wrong\": %zu", probe->replies,
           missing, probe->early, probe->wrong);
    for (size_t i = 0; i < sizeof(per_mille) / sizeof(*per_mille) && probe->replies > 0; i++)
        printf(", \"%s_ns\": %" PRIu64, names[i],
               percentile_of_sorted(probe->lateness_ns, probe->replies, per_mille[i]));
    printf("}\n");
    return missing + probe->early + probe->wrong == 0 ? 0 : 1;
}

static void *array(size_t count, size_t size)
{
    void *memory = calloc(count, size);

    if (memory == NULL) {
        fprintf(stderr, "probe: out of memory\n");
        exit(3);
    }
    return memory;
}

static int parse_server(const char *text, struct sockaddr_in *server)
{
    const char *colon = strchr(text, ':');
    char host[32];
    uint64_t port;

    if (colon == NULL || units_parse_count(colon + 1, &port) < 0 || port > UINT16_MAX)
        return -EINVAL;
    snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
    server->sin_family = AF_INET;
    server->sin_port = htons((uint16_t)port);
    return inet_pton(AF_INET, host, &server->sin_addr) == 1 ? 0 : -EINVAL;
}

static int read_arguments(int argc, char **argv, struct probe *probe)
{
    uint64_t connections, rounds;

    if (argc != 6 || parse_server(argv[1], &probe->server) < 0 ||
        units_parse_count(argv[2], &connections) < 0 ||
        units_parse_duration(argv[3], &probe->delay_ns) < 0 ||
        units_parse_count(argv[4], &rounds) < 0 || connections > CONNECTIONS_MAX || rounds > 100000)
        return -EINVAL;
    probe->connections = (uint32_t)connections;
    probe->rounds = (uint32_t)rounds;
    probe->mode = argv[5];
    return strcmp(argv[5], "spread") == 0 || strcmp(argv[5], "burst") == 0 ||
                   strcmp(argv[5], "idle") == 0
               ? 0
               : -EINVAL;
}

/* Holds the connections; an event on one of them is its end. */
static int run_idle(struct probe *probe)
{
    uint64_t end_ns = clock_ns() + probe->delay_ns;
    struct epoll_event event;

    printf("{\"held\": %" PRIu32 "}\n", probe->connections);
    fflush(stdout);
    while (clock_ns() < end_ns)
        if (epoll_wait(probe->epoll, &event, 1, 10) > 0)
            return 1;
    return 0;
}

int main(int argc, char **argv)
{
    struct probe probe = {.epoll = epoll_create1(EPOLL_CLOEXEC)};

    if (read_arguments(argc, argv, &probe) < 0) {
        fprintf(stderr, "usage: probe ADDRESS:PORT CONNECTIONS DELAY ROUNDS burst|spread|idle\n");
        return 2;
    }
    prctl(PR_SET_TIMERSLACK, 1UL);
    limit_raise(RLIMIT_NOFILE);
    probe.sockets = array(probe.connections, sizeof(*probe.sockets));
    probe.sent_ns = array(probe.connections, sizeof(*probe.sent_ns));
    probe.rounds_done = array(probe.connections, sizeof(*probe.rounds_done));
    probe.lateness_ns = array((size_t)probe.connections * probe.rounds, sizeof(uint64_t));
    for (uint32_t i = 0; i < probe.connections; i++)
        probe.sockets[i] = connect_one(&probe, i);
    if (probe.mode[0] == 'i')
        return run_idle(&probe);
    if (probe.mode[0] == 's')
        run_spread(&probe);
    else
        run_burst(&probe);
    return print_result(&probe);
}
