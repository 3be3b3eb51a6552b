/* Descriptors that a libuv loop waits for, each registered once with a set of our own (epoll), of
 * which libuv watches one descriptor only.
 *
 * libuv's own watch of a descriptor (uv_poll_t) is registered, removed and registered again before
 * it waits for the first time, and holds 160 bytes: with a connection for each request these are
 * four system calls more of each. All of it belongs to the loop's thread. */
#ifndef WORKLOAD_POLLER_H
#define WORKLOAD_POLLER_H

#include <stdint.h>
#include <sys/epoll.h>
#include <uv.h>

struct poller {
    int fd;
    uv_poll_t poll; /* of `fd` */
    void (*ready)(void *user, uint64_t what, uint32_t events);
    void *user;
    struct epoll_event *rest; /* of the events that are being told */
    int rest_count;
    uint64_t busy;
};

/* Sets up `p`, which must stay where it is until the loop has closed its handles. ready() is called
 * for each descriptor that is ready, as often as it is. Returns 0 or a negative error. */
int poller_init(struct poller *p, uv_loop_t *loop,
                void (*ready)(void *user, uint64_t what, uint32_t events), void *user);

/* The handle is closed when the loop runs next. */
void poller_term(struct poller *p);

/* Waits for `events` (of epoll) of `fd`, where it waited for `before` (0: not at all, or that is
 * not known); `events` 0: no more. ready() is told `what`. To close a descriptor ends its watch as
 * well, and then what is still to be told of it must be dropped. Returns 0 or a negative errno. */
int poller_watch(struct poller *p, int fd, uint32_t before, uint32_t events, uint64_t what);

/* Drops what is still to be told of `what`. */
void poller_drop(struct poller *p, uint64_t what);

/* One thing more, or one less, for which the loop is to go on. */
void poller_hold(struct poller *p);
void poller_release(struct poller *p);

#endif
