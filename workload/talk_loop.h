/* Talks with a server (talk.h) on an event loop: the loop watches each socket, as it does those of
 * libcurl, and a timer for each. All of it belongs to the loop's thread. */
#ifndef WORKLOAD_TALK_LOOP_H
#define WORKLOAD_TALK_LOOP_H

#include <stdbool.h>
#include <uv.h>

#include "workload/recorder.h"
#include "workload/workload.h"

struct talk_loop;

/* Makes one for w->concurrency slots. ended() is called, by the loop, once for each talk that is
 * under way. Returns 0 or -ENOMEM. */
int talk_loop_new(struct talk_loop **talks, uv_loop_t *loop, const struct workload *w,
                  struct recorder *r, void (*ended)(void *user, uint64_t slot), void *user);

/* Begins with the item `id`, which was started. Returns true where it is under way; false where it
 * has ended already. */
bool talk_loop_begin(struct talk_loop *talks, uint64_t slot, uint64_t id);

/* Gives up what is under way, without calling ended(). All is freed when the loop runs next. NULL
 * is allowed. */
void talk_loop_free(struct talk_loop *talks);

#endif
