#include "workload/raw_loop.h"

#include <assert.h>
#include <poll.h>

#include "common/clock.h"

static_assert(POLLIN == EPOLLIN && POLLOUT == EPOLLOUT, "poll() and epoll have the same bits");

static void unlink_raw(struct raw_loop *l, struct raw *raw)
{
    *(raw->before != NULL ? &raw->before->after : &l->first) = raw->after;
    *(raw->after != NULL ? &raw->after->before : &l->last) = raw->before;
    poller_release(&l->poller);
}

/* Waits for what a client wants next. Returns false where it has ended. */
static bool go_on(struct raw_loop *l, struct raw *raw, short wanted)
{
    uint32_t events = (uint32_t)wanted;

    if (events == 0)
        return false;
    if (poller_watch(&l->poller, raw->fd, raw->watched, events, (uintptr_t)raw) < 0) {
        raw_give_up(raw, CURLE_OUT_OF_MEMORY);
        return false;
    }
    raw->watched = events;
    return true;
}

static void on_ready(void *user, uint64_t what, uint32_t events)
{
    struct raw_loop *l = user;
    struct raw *raw = (struct raw *)(uintptr_t)what;

    (void)events; /* an error is found by who reads or writes, after what came before it */
    if (!raw->busy) {
        raw_term(raw); /* the server has closed it, or speaks unasked */
    } else if (!go_on(l, raw, raw_step(raw))) {
        unlink_raw(l, raw);
        l->ended(l->user, raw);
    }
}

static void on_timer(uv_timer_t *timer);

/* libuv's time may lie behind ours: then it calls early, and is asked again. */
static void set_timer(struct raw_loop *l)
{
    uint64_t now = clock_ns(), due_ns = l->first->due_ns;

    uv_timer_start(&l->timer, on_timer, due_ns > now ? (due_ns - now) / NS_PER_MS + 1 : 0, 0);
}

static void on_timer(uv_timer_t *timer)
{
    struct raw_loop *l = timer->data;
    uint64_t now = clock_ns();

    while (l->first != NULL && l->first->due_ns <= now) {
        struct raw *raw = l->first;

        raw_give_up(raw, CURLE_OPERATION_TIMEDOUT);
        unlink_raw(l, raw);
        l->ended(l->user, raw);
    }
    if (l->first != NULL)
        set_timer(l);
}

int raw_loop_init(struct raw_loop *l, uv_loop_t *loop, void (*ended)(void *user, struct raw *raw),
                  void *user)
{
    int error;

    *l = (struct raw_loop){.ended = ended, .user = user};
    error = poller_init(&l->poller, loop, on_ready, l);
    if (error < 0)
        return error;
    uv_timer_init(loop, &l->timer);
    uv_unref((uv_handle_t *)&l->timer);
    l->timer.data = l;
    return 0;
}

void raw_loop_term(struct raw_loop *l)
{
    poller_term(&l->poller);
    uv_close((uv_handle_t *)&l->timer, NULL);
}

bool raw_loop_begin(struct raw_loop *l, struct raw *raw, uint64_t id, uint64_t due_ns)
{
    if (!go_on(l, raw, raw_begin(raw, id)))
        return false;
    raw->due_ns = due_ns;
    raw->before = l->last;
    raw->after = NULL;
    *(l->last != NULL ? &l->last->after : &l->first) = raw;
    l->last = raw;
    poller_hold(&l->poller);
    if (!uv_is_active((uv_handle_t *)&l->timer))
        set_timer(l);
    return true;
}

void raw_loop_remove(struct raw_loop *l, struct raw *raw)
{
    if (raw->busy) {
        unlink_raw(l, raw);
        raw_give_up(raw, CURLE_ABORTED_BY_CALLBACK);
    }
}
