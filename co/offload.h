/* Work that would block the loop, done elsewhere: in a thread of libuv's pool (4 of them, or as
 * UV_THREADPOOL_SIZE says), or in another process. */
#ifndef CO_OFFLOAD_H
#define CO_OFFLOAD_H

#include <stddef.h>

#include "co/co.h"
#include "compute/process_pool.h"

/* Runs work(argument) in a thread and returns its result (0 or positive; or a negative error). Work
 * that has not begun is dropped by a cancellation; work that has begun is waited for, since it uses
 * memory of the caller, and the cancellation comes next. */
int co_offload(struct co_task *self, int (*work)(void *argument), void *argument) CO_MUST_USE;

/* Runs `work` in the first process of `pool` that is free; the pool is attached to the loop of the
 * task. Returns the bytes in `out`, or a negative error: UV_EPIPE where the process died, UV_ESRCH
 * where all have. A cancellation is honoured while it waits for a process; begun work is waited
 * for. */
int co_offload_process(struct co_task *self, struct process_pool *pool, process_work *work,
                       const void *in, size_t in_bytes, void *out) CO_MUST_USE;

#endif
