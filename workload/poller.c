#include "workload/poller.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#define BATCH 256 /* of events; with more of them the loop calls again */

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct poller *p = poll->data;
    struct epoll_event batch[BATCH];
    int count = epoll_wait(p->fd, batch, BATCH, 0);

    (void)status, (void)events;
    for (int i = 0; i < count; i++) {
        p->rest = batch + i + 1;
        p->rest_count = count - i - 1;
        if (batch[i].events != 0)
            p->ready(p->user, batch[i].data.u64, batch[i].events);
    }
    p->rest_count = 0;
}

int poller_init(struct poller *p, uv_loop_t *loop,
                void (*ready)(void *user, uint64_t what, uint32_t events), void *user)
{
    int error;

    *p = (struct poller){.fd = epoll_create1(EPOLL_CLOEXEC), .ready = ready, .user = user};
    if (p->fd < 0)
        return -errno;
    error = uv_poll_init(loop, &p->poll, p->fd);
    if (error < 0) {
        close(p->fd);
        return error;
    }
    p->poll.data = p;
    uv_unref((uv_handle_t *)&p->poll);
    return uv_poll_start(&p->poll, UV_READABLE, on_poll);
}

void poller_term(struct poller *p)
{
    uv_close((uv_handle_t *)&p->poll, NULL); /* before its descriptor closes */
    close(p->fd);
}

int poller_watch(struct poller *p, int fd, uint32_t before, uint32_t events, uint64_t what)
{
    struct epoll_event event = {.events = events, .data.u64 = what};
    int change = before == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;

    int result;

    if (before == events)
        return 0;
    result = epoll_ctl(p->fd, change, fd, &event);
    if (result < 0 && errno == EEXIST)
        result = epoll_ctl(p->fd, EPOLL_CTL_MOD, fd, &event);
    return result < 0 ? -errno : 0;
}

void poller_drop(struct poller *p, uint64_t what)
{
    for (int i = 0; i < p->rest_count; i++)
        if (p->rest[i].data.u64 == what)
            p->rest[i].events = 0;
}

void poller_hold(struct poller *p)
{
    if (p->busy++ == 0)
        uv_ref((uv_handle_t *)&p->poll);
}

void poller_release(struct poller *p)
{
    assert(p->busy > 0);
    if (--p->busy == 0)
        uv_unref((uv_handle_t *)&p->poll);
}
