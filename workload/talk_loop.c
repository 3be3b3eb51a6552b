#include "workload/talk_loop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "common/clock.h"
#include "workload/talk.h"

/* A talk, and what the loop waits for in its place. */
struct talker {
    struct talk *talk; /* NULL: the slot has not been used */
    struct talk_loop *talks;
    uv_timer_t timeout;
    uv_poll_t *watch; /* of the socket `fd`, allocated: libuv closes it later; NULL: none */
    int fd;
    short events; /* that it waits for */
    bool busy;
};

struct talk_loop {
    uv_loop_t *loop;
    const struct workload *workload;
    struct recorder *recorder;
    struct talker *talkers;
    uint64_t open; /* timers that libuv has not closed yet */
    void (*ended)(void *user, uint64_t slot);
    void *user;
};

int talk_loop_new(struct talk_loop **talks, uv_loop_t *loop, const struct workload *w,
                  struct recorder *r, void (*ended)(void *user, uint64_t slot), void *user)
{
    struct talk_loop *made = calloc(1, sizeof(*made));
    struct talker *talkers = calloc(w->concurrency, sizeof(*talkers));

    if (made == NULL || talkers == NULL) {
        free(made);
        free(talkers);
        return -ENOMEM;
    }
    *made = (struct talk_loop){loop, w, r, talkers, w->concurrency, ended, user};
    for (uint64_t slot = 0; slot < w->concurrency; slot++) {
        talkers[slot].talks = made;
        uv_timer_init(loop, &talkers[slot].timeout);
        talkers[slot].timeout.data = &talkers[slot];
    }
    *talks = made;
    return 0;
}

static void on_watch_closed(uv_handle_t *watch)
{
    free(watch);
}

/* Before its socket is closed. */
static void unwatch(struct talker *talker)
{
    if (talker->watch != NULL)
        uv_close((uv_handle_t *)talker->watch, on_watch_closed);
    talker->watch = NULL;
}

static void on_ready(uv_poll_t *watch, int status, int events);

static int watch(struct talker *talker, short events)
{
    int fd = talker->talk->kind->socket(talker->talk), error;

    if (talker->watch != NULL && talker->fd != fd)
        unwatch(talker);
    else if (talker->watch != NULL && talker->events == events)
        return 0;
    if (talker->watch == NULL) {
        uv_poll_t *made = malloc(sizeof(*made));

        error = made != NULL ? uv_poll_init(talker->talks->loop, made, fd) : -ENOMEM;
        if (error < 0) {
            free(made);
            return error;
        }
        made->data = talker;
        talker->watch = made;
        talker->fd = fd;
    }
    talker->events = events;
    return uv_poll_start(talker->watch,
                         (events & POLLIN ? UV_READABLE : 0) | (events & POLLOUT ? UV_WRITABLE : 0),
                         on_ready);
}

static void pause_watch(struct talker *talker)
{
    if (talker->watch != NULL)
        uv_poll_stop(talker->watch);
    talker->events = 0;
}

static void end(struct talker *talker)
{
    const struct talk_kind *kind = talker->talk->kind;

    talker->busy = false;
    uv_timer_stop(&talker->timeout);
    pause_watch(talker);
    if (kind->rests(talker->talk))
        return;
    unwatch(talker);
    kind->close(talker->talk);
}

/* Waits for what the talk needs next. Returns false where it has ended. */
static bool go_on(struct talker *talker, short events)
{
    if (events != 0 && watch(talker, events) < 0) {
        recorder_end(talker->talks->recorder, talker->talk->id, OUTCOME_OTHER, 0);
        events = 0;
    }
    if (events == 0)
        end(talker);
    return events != 0;
}

static void tell(struct talker *talker)
{
    struct talk_loop *talks = talker->talks;

    talks->ended(talks->user, (uint64_t)(talker - talks->talkers));
}

static void on_ready(uv_poll_t *watch, int status, int events)
{
    struct talker *talker = watch->data;

    (void)status, (void)events; /* what is wrong with the socket the next step finds out */
    if (!talker->talk->connected)
        pause_watch(talker);
    if (!go_on(talker, talker->talk->kind->go_on(talker->talk)))
        tell(talker);
}

static void on_timeout(uv_timer_t *timer)
{
    struct talker *talker = timer->data;

    if (!talk_expire(talker->talk))
        return;
    end(talker);
    tell(talker);
}

bool talk_loop_begin(struct talk_loop *talks, uint64_t slot, uint64_t id)
{
    struct talker *talker = &talks->talkers[slot];

    if (talker->talk == NULL)
        talker->talk = talk_new(talks->workload, talks->recorder);
    if (talker->talk == NULL) {
        recorder_end(talks->recorder, id, OUTCOME_OTHER, 0);
        return false;
    }
    talker->busy = true;
    /* One millisecond later than asked: libuv's timers may be early. */
    uv_timer_start(&talker->timeout, on_timeout, talks->workload->timeout_ns / NS_PER_MS + 1, 1);
    return go_on(talker, talk_begin(talker->talk, id));
}

static void on_timer_closed(uv_handle_t *timer)
{
    struct talk_loop *talks = ((struct talker *)timer->data)->talks;

    if (--talks->open > 0)
        return;
    free(talks->talkers);
    free(talks);
}

void talk_loop_free(struct talk_loop *talks)
{
    if (talks == NULL)
        return;
    for (uint64_t slot = 0; slot < talks->workload->concurrency; slot++) {
        struct talker *talker = &talks->talkers[slot];

        if (talker->busy)
            talk_expire(talker->talk);
        unwatch(talker);
        talk_free(talker->talk);
        uv_close((uv_handle_t *)&talker->timeout, on_timer_closed);
    }
}
