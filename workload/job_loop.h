/* Items on an event loop that it cannot wait for: files, which are never "not ready" as a socket
 * is, and calls of a library that knows no loop.
 *
 * A call is made on the loop itself, which then stands still, or by a thread of libuv's pool, of
 * which there are few. For a file the threads of that pool block as well (uv_fs_read); or io_uring
 * takes what is to be done to the kernel, and makes an eventfd readable when it is done. In either
 * case its steps are the same: open, read, close.
 *
 * All of it but the calls belongs to the loop's thread. */
#ifndef WORKLOAD_JOB_LOOP_H
#define WORKLOAD_JOB_LOOP_H

#include <stdbool.h>
#include <uv.h>

#include "workload/recorder.h"
#include "workload/workload.h"

struct job_loop;

/* Makes one for w->concurrency slots. ended() is called, by the loop, once for each item that is
 * under way. Returns 0, or a negative error with *jobs NULL, and then the loop is to run until it
 * has closed its handles. */
int job_loop_new(struct job_loop **jobs, uv_loop_t *loop, const struct workload *w,
                 struct recorder *r, void (*ended)(void *user, uint64_t slot), void *user);

/* Begins with the item `id`, which was started. Returns true where it is under way; false where it
 * has ended already: the loop made the call, or there was no memory. */
bool job_loop_begin(struct job_loop *jobs, uint64_t slot, uint64_t id);

/* Gives up what no thread has begun; waits, with the loop, for the rest, which sees that the run is
 * over; and frees all. The handles are closed when the loop runs next. NULL is allowed. */
void job_loop_free(struct job_loop *jobs);

#endif
