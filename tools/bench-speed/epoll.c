/* Bare epoll: all requests at once, each on a connection of its own, on one thread. The limit for
 * an event loop: socket, connect, one registration, send, recv and close for each request.
 *
 *     epoll PORT REQUESTS
 *
 * Prints the wall time in ns. Exit status: 0; 1 where not all were answered with 200. */
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/limit.h"
#include "tools/bench-speed/peer.h"

#define EVENTS_MAX 256

static uint64_t key(uint32_t id, int fd)
{
    return (uint64_t)id << 32 | (unsigned)fd;
}

static void start(const struct peer *peer, int epoll, uint32_t id)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u64 = key(id, fd)};

    connect(fd, (const struct sockaddr *)&peer->server, sizeof(peer->server)); /* EINPROGRESS */
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
        perror("epoll");
        exit(1);
    }
}

/* One event of a connection. Returns whether it was the last. */
static int go_on(struct epoll_event *event, uint32_t *ok)
{
    int fd = (int)(uint32_t)event->data.u64;
    char text[128];

    if ((event->events & EPOLLIN) != 0) {
        *ok += peer_read_ok(fd);
    } else if ((event->events & EPOLLOUT) != 0 && (event->events & (EPOLLERR | EPOLLHUP)) == 0) {
        size_t size = peer_request(text, (uint32_t)(event->data.u64 >> 32));

        if (send(fd, text, size, MSG_NOSIGNAL) == (ssize_t)size)
            return 0;
    }
    close(fd);
    return 1;
}

int main(int argc, char **argv)
{
    struct peer peer = peer_arguments(argc, argv);
    uint64_t began_ns = clock_ns();
    struct epoll_event events[EVENTS_MAX];
    uint32_t ended = 0, ok = 0;
    int epoll = epoll_create1(EPOLL_CLOEXEC), count;

    limit_raise(RLIMIT_NOFILE);
    for (uint32_t id = 0; id < peer.requests; id++)
        start(&peer, epoll, id);
    while (ended < peer.requests) {
        count = epoll_wait(epoll, events, EVENTS_MAX, -1);
        for (int i = 0; i < count; i++)
            ended += (uint32_t)go_on(&events[i], &ok);
    }
    return peer_end(&peer, ok, began_ns);
}
