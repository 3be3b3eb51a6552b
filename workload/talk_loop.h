/* Talks (talk.h) on a libuv loop, as many as there are: it waits for all of their sockets at once,
 * and for the time after which one is given up. All of it belongs to the loop's thread. */
#ifndef WORKLOAD_TALK_LOOP_H
#define WORKLOAD_TALK_LOOP_H

#include "workload/poller.h"
#include "workload/talk.h"

struct talk_loop {
    struct poller poller;
    uv_timer_t timer;          /* set for the first of those under way */
    struct talk *first, *last; /* their time is over in this order */
    void (*ended)(void *user, struct talk *talk);
    void *user;
};

/* Sets up `l`, which must stay where it is until the loop has closed its handles. ended() is called
 * once for each item that ends after talk_loop_begin() said that it is under way. Returns 0 or a
 * negative error. */
int talk_loop_init(struct talk_loop *l, uv_loop_t *loop,
                   void (*ended)(void *user, struct talk *talk), void *user);

/* Every talk has been given up or has ended before. The handles are closed when the loop runs next.
 */
void talk_loop_term(struct talk_loop *l);

/* Begins the item `id`, which was started after those that were begun earlier. Returns true where
 * it is under way; false where it has ended already. */
bool talk_loop_begin(struct talk_loop *l, struct talk *talk, uint64_t slot, uint64_t id);

/* Gives up its item, if one is under way: ended() is not called for it. */
void talk_loop_remove(struct talk_loop *l, struct talk *talk);

#endif
