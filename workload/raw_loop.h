/* Raw clients on a libuv loop, as many as there are: it waits for all of their sockets at once, and
 * for the time after which a request is given up. All of it belongs to the loop's thread. */
#ifndef WORKLOAD_RAW_LOOP_H
#define WORKLOAD_RAW_LOOP_H

#include "workload/poller.h"
#include "workload/raw.h"

struct raw_loop {
    struct poller poller;
    uv_timer_t timer;         /* set for the first of those under way */
    struct raw *first, *last; /* their time is over in this order */
    void (*ended)(void *user, struct raw *raw);
    void *user;
};

/* Sets up `l`, which must stay where it is until the loop has closed its handles. ended() is called
 * once for each request that ends after raw_loop_begin() said that it is under way. Returns 0 or a
 * negative error. */
int raw_loop_init(struct raw_loop *l, uv_loop_t *loop, void (*ended)(void *user, struct raw *raw),
                  void *user);

/* Every client has been given up or ended before. The handles are closed when the loop runs next.
 */
void raw_loop_term(struct raw_loop *l);

/* Begins a request, whose time must not be over before that of one begun earlier. Returns true
 * where it is under way; false where it has ended already. */
bool raw_loop_begin(struct raw_loop *l, struct raw *raw, uint64_t id, uint64_t due_ns);

/* Gives up a request, if it is under way: ended() is not called for it. */
void raw_loop_remove(struct raw_loop *l, struct raw *raw);

#endif
