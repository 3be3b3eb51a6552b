/* Items that block, on an event loop: what a library does that knows no loop. The call is made on
 * the loop itself, which then stands still, or by a thread of libuv's pool, of which there are few.
 *
 * All of it but the calls belongs to the loop's thread. */
#ifndef WORKLOAD_CALL_LOOP_H
#define WORKLOAD_CALL_LOOP_H

#include <stdbool.h>
#include <uv.h>

#include "workload/recorder.h"
#include "workload/workload.h"

struct call_loop;

/* Makes one for w->concurrency slots. ended() is called, by the loop, once for each call that is
 * under way. Returns 0 or -ENOMEM. */
int call_loop_new(struct call_loop **calls, uv_loop_t *loop, const struct workload *w,
                  struct recorder *r, void (*ended)(void *user, uint64_t slot), void *user);

/* Does the item `id`, which was started. Returns true where it is under way; false where it has
 * ended already: the loop made the call, or there was no memory for it. */
bool call_loop_begin(struct call_loop *calls, uint64_t slot, uint64_t id);

/* Gives up the calls that no thread has begun; waits, with the loop, for the others, which see that
 * the run is over; and frees all. NULL is allowed. */
void call_loop_free(struct call_loop *calls);

#endif
