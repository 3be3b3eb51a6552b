#include "workload/talk_loop.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "common/clock.h"

static_assert(POLLIN == EPOLLIN && POLLOUT == EPOLLOUT, "poll() and epoll have the same bits");

struct talker {
    struct talk *talk;             /* NULL: the slot is not in use */
    struct talker *before, *after; /* of those under way */
    bool busy;                     /* it is one of them */
};

static void append(struct talk_loop *l, struct talker *talker)
{
    talker->busy = true;
    talker->before = l->last;
    talker->after = NULL;
    *(l->last != NULL ? &l->last->after : &l->first) = talker;
    l->last = talker;
    poller_hold(&l->poller);
}

static void end(struct talk_loop *l, struct talker *talker)
{
    const struct talk_kind *kind = talker->talk->kind;

    talker->busy = false;
    *(talker->before != NULL ? &talker->before->after : &l->first) = talker->after;
    *(talker->after != NULL ? &talker->after->before : &l->last) = talker->before;
    poller_release(&l->poller);
    if (!kind->rests(talker->talk))
        kind->close(talker->talk);
}

static int watch(struct talk_loop *l, struct talker *talker, uint32_t events)
{
    struct talk *talk = talker->talk;
    int error =
        poller_watch(&l->poller, talk->fd, talk->watched, events, (uint64_t)(talker - l->talkers));

    talk->watched = error == 0 ? events : talk->watched;
    return error;
}

/* Waits for what the talk needs next. Returns false where it has ended. */
static bool go_on(struct talk_loop *l, struct talker *talker, short events)
{
    if (events != 0 && watch(l, talker, (uint32_t)events) < 0) {
        recorder_end(l->recorder, talker->talk->id, OUTCOME_OTHER, 0);
        events = 0;
    }
    if (events == 0)
        end(l, talker);
    return events != 0;
}

static void tell(struct talk_loop *l, const struct talker *talker)
{
    l->ended(l->user, (uint64_t)(talker - l->talkers), talker->talk);
}

/* Of a socket that rests: the server has closed it, or speaks unasked. What else is wrong with one
 * the next step finds out, after what came before it. */
static void on_ready(void *user, uint64_t slot, uint32_t events)
{
    struct talk_loop *l = user;
    struct talker *talker = &l->talkers[slot];
    const struct talk_kind *kind = talker->talk->kind;

    (void)events;
    if (!talker->busy) {
        kind->close(talker->talk);
        return;
    }
    if (!talker->talk->connected)
        watch(l, talker, 0);
    if (!go_on(l, talker, kind->go_on(talker->talk)))
        tell(l, talker);
}

static void on_timer(uv_timer_t *timer);

/* libuv's time may lie behind ours: then it calls early, and is asked again. */
static void set_timer(struct talk_loop *l)
{
    uint64_t now = clock_ns(), expires_ns = talk_expires_ns(l->first->talk);

    uv_timer_start(&l->timer, on_timer, expires_ns > now ? (expires_ns - now) / NS_PER_MS + 1 : 0,
                   0);
}

static void on_timer(uv_timer_t *timer)
{
    struct talk_loop *l = timer->data;

    while (l->first != NULL && talk_expire(l->first->talk)) {
        struct talker *talker = l->first;

        end(l, talker);
        tell(l, talker);
    }
    if (l->first != NULL)
        set_timer(l);
}

int talk_loop_init(struct talk_loop *l, uv_loop_t *loop, const struct workload *w,
                   struct recorder *r,
                   void (*ended)(void *user, uint64_t slot, const struct talk *talk), void *user)
{
    struct talker *talkers = calloc(w->concurrency, sizeof(*talkers));
    int error = talkers != NULL ? 0 : -ENOMEM;

    *l = (struct talk_loop){.workload = w, .recorder = r, .ended = ended, .user = user};
    if (error == 0)
        error = poller_init(&l->poller, loop, on_ready, l);
    if (error < 0) {
        free(talkers);
        return error;
    }
    uv_timer_init(loop, &l->timer);
    uv_unref((uv_handle_t *)&l->timer);
    l->timer.data = l;
    l->talkers = talkers;
    return 0;
}

void talk_loop_term(struct talk_loop *l)
{
    if (l->talkers == NULL)
        return;
    for (uint64_t slot = 0; slot < l->workload->concurrency; slot++)
        talk_loop_close(l, slot);
    poller_term(&l->poller);
    uv_close((uv_handle_t *)&l->timer, NULL);
    free(l->talkers);
    l->talkers = NULL;
}

bool talk_loop_begin(struct talk_loop *l, uint64_t slot, uint64_t id)
{
    struct talker *talker = &l->talkers[slot];

    if (talker->talk == NULL)
        talker->talk = talk_new(l->workload, l->recorder);
    if (talker->talk == NULL) {
        recorder_end(l->recorder, id, OUTCOME_OTHER, 0);
        return false;
    }
    append(l, talker);
    if (!go_on(l, talker, talk_begin(talker->talk, id)))
        return false;
    if (!uv_is_active((uv_handle_t *)&l->timer))
        set_timer(l);
    return true;
}

/* What is yet to be told of its socket nobody hears any more. */
void talk_loop_close(struct talk_loop *l, uint64_t slot)
{
    struct talker *talker = &l->talkers[slot];

    if (talker->busy) {
        talk_expire(talker->talk);
        end(l, talker);
    }
    poller_drop(&l->poller, slot);
    talk_free(talker->talk);
    talker->talk = NULL;
}
