#include "workload/talk_loop.h"

#include <assert.h>
#include <poll.h>

#include "common/clock.h"

static_assert(POLLIN == EPOLLIN && POLLOUT == EPOLLOUT, "poll() and epoll have the same bits");

static void unlink_talk(struct talk_loop *l, struct talk *talk)
{
    *(talk->before != NULL ? &talk->before->after : &l->first) = talk->after;
    *(talk->after != NULL ? &talk->after->before : &l->last) = talk->before;
    poller_release(&l->poller);
}

/* Waits for what a talk wants next. Returns false where its item has ended. */
static bool go_on(struct talk_loop *l, struct talk *talk, short wanted)
{
    uint32_t events = (uint32_t)wanted;

    if (events == 0)
        return false;
    if (poller_watch(&l->poller, talk->fd, talk->watched, events, (uintptr_t)talk) < 0) {
        talk_give_up(talk, CURLE_OUT_OF_MEMORY);
        return false;
    }
    talk->watched = events;
    return true;
}

static void on_ready(void *user, uint64_t what, uint32_t events)
{
    struct talk_loop *l = user;
    struct talk *talk = (struct talk *)(uintptr_t)what;

    (void)events; /* an error is found by who reads or writes, after what came before it */
    if (!talk->busy) {
        talk->kind->close(talk); /* the server has closed it, or speaks unasked */
    } else if (!go_on(l, talk, talk_go_on(talk))) {
        unlink_talk(l, talk);
        l->ended(l->user, talk);
    }
}

static void on_timer(uv_timer_t *timer);

/* libuv's time may lie behind ours: then it calls early, and is asked again. */
static void set_timer(struct talk_loop *l)
{
    uint64_t now = clock_ns(), expires_ns = l->first->expires_ns;

    uv_timer_start(&l->timer, on_timer, expires_ns > now ? (expires_ns - now) / NS_PER_MS + 1 : 0,
                   0);
}

static void on_timer(uv_timer_t *timer)
{
    struct talk_loop *l = timer->data;

    while (l->first != NULL && talk_expire(l->first)) {
        struct talk *talk = l->first;

        unlink_talk(l, talk);
        l->ended(l->user, talk);
    }
    if (l->first != NULL)
        set_timer(l);
}

int talk_loop_init(struct talk_loop *l, uv_loop_t *loop,
                   void (*ended)(void *user, struct talk *talk), void *user)
{
    int error;

    *l = (struct talk_loop){.ended = ended, .user = user};
    error = poller_init(&l->poller, loop, on_ready, l);
    if (error < 0)
        return error;
    uv_timer_init(loop, &l->timer);
    uv_unref((uv_handle_t *)&l->timer);
    l->timer.data = l;
    return 0;
}

void talk_loop_term(struct talk_loop *l)
{
    poller_term(&l->poller);
    uv_close((uv_handle_t *)&l->timer, NULL);
}

bool talk_loop_begin(struct talk_loop *l, struct talk *talk, uint64_t slot, uint64_t id)
{
    talk->slot = slot;
    if (!go_on(l, talk, talk_begin(talk, id)))
        return false;
    talk->before = l->last;
    talk->after = NULL;
    *(l->last != NULL ? &l->last->after : &l->first) = talk;
    l->last = talk;
    poller_hold(&l->poller);
    if (!uv_is_active((uv_handle_t *)&l->timer))
        set_timer(l);
    return true;
}

void talk_loop_remove(struct talk_loop *l, struct talk *talk)
{
    if (talk->busy) {
        unlink_talk(l, talk);
        talk_give_up(talk, CURLE_ABORTED_BY_CALLBACK);
    }
}
