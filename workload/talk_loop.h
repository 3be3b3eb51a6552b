/* Talks with a server (talk.h) on an event loop, as many as it has slots: it waits for all of their
 * sockets at once, and for the time after which a talk is given up. All of it belongs to the loop's
 * thread. */
#ifndef WORKLOAD_TALK_LOOP_H
#define WORKLOAD_TALK_LOOP_H

#include <stdbool.h>
#include <uv.h>

#include "workload/poller.h"
#include "workload/talk.h"

struct talker;

struct talk_loop {
    struct poller poller;
    uv_timer_t timer; /* set for the first of those under way */
    const struct workload *workload;
    struct recorder *recorder;
    struct talker *talkers;      /* one for each slot; NULL: this is not set up */
    struct talker *first, *last; /* of those under way: their time is over in this order */
    void (*ended)(void *user, uint64_t slot, const struct talk *talk);
    void *user;
};

/* Sets up `l`, which must stay where it is until the loop has closed its handles, for
 * w->concurrency slots. ended() is called, by the loop, once for each talk that is under way.
 * Returns 0 or a negative error. */
int talk_loop_init(struct talk_loop *l, uv_loop_t *loop, const struct workload *w,
                   struct recorder *r,
                   void (*ended)(void *user, uint64_t slot, const struct talk *talk), void *user);

/* Closes all slots and, when the loop runs next, the handles. Nothing where it is not set up. */
void talk_loop_term(struct talk_loop *l);

/* Begins with the item `id`, which was started, not before those begun earlier. Returns true where
 * it is under way; false where it has failed already. */
bool talk_loop_begin(struct talk_loop *l, uint64_t slot, uint64_t id);

/* A slot is needed no more: what is under way is given up, without calling ended(). */
void talk_loop_close(struct talk_loop *l, uint64_t slot);

#endif
