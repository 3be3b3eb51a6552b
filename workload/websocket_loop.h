/* WebSockets on an event loop: the loop watches each descriptor, as it does those of libcurl, and a
 * timer for each. All of it belongs to the loop's thread. */
#ifndef WORKLOAD_WEBSOCKET_LOOP_H
#define WORKLOAD_WEBSOCKET_LOOP_H

#include <stdbool.h>
#include <uv.h>

#include "workload/recorder.h"
#include "workload/workload.h"

struct websocket_loop;

/* Makes one for w->concurrency slots. ended() is called, by the loop, once for each websocket that
 * is under way. Returns 0 or -ENOMEM. */
int websocket_loop_new(struct websocket_loop **sockets, uv_loop_t *loop, const struct workload *w,
                       struct recorder *r, void (*ended)(void *user, uint64_t slot), void *user);

/* Begins with the item `id`, which was started. Returns true where it is under way; false where it
 * has ended already. */
bool websocket_loop_begin(struct websocket_loop *sockets, uint64_t slot, uint64_t id);

/* Gives up what is under way, without calling ended(). All is freed when the loop runs next. NULL
 * is allowed. */
void websocket_loop_free(struct websocket_loop *sockets);

#endif
