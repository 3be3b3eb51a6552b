/* Queries on an event loop: it waits for the sockets of libpq's connections, as for any others, and
 * for the time after which a query is given up. All of it belongs to the loop's thread. */
#ifndef WORKLOAD_QUERY_LOOP_H
#define WORKLOAD_QUERY_LOOP_H

#include <stdbool.h>
#include <uv.h>

#include "workload/recorder.h"
#include "workload/workload.h"

struct query_loop;

/* Makes one for w->concurrency slots. ended() is called, by the loop, once for each query that is
 * under way. Returns 0 or -ENOMEM. */
int query_loop_new(struct query_loop **queries, uv_loop_t *loop, const struct workload *w,
                   struct recorder *r, void (*ended)(void *user, uint64_t slot), void *user);

/* Begins the query of the item `id`, which was started. Returns true where it is under way; false
 * where it has ended already: no connection could be made. */
bool query_loop_begin(struct query_loop *queries, uint64_t slot, uint64_t id);

/* Gives up what is under way, as the run is over, and frees all. The handles are closed when the
 * loop runs next. NULL is allowed. */
void query_loop_free(struct query_loop *queries);

#endif
