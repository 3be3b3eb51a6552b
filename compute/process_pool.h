/* Worker processes of a libuv loop: a job that would block the loop is done in the first process
 * that is free.
 *
 * They are forked before anything else exists, since a fork of a program with threads, a loop or
 * open transfers would copy their state without what keeps it right. So a worker that dies is not
 * replaced: the job that it did is lost, those that wait go to the others. All but the fork belongs
 * to the thread of the loop. */
#ifndef COMPUTE_PROCESS_POOL_H
#define COMPUTE_PROCESS_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>
#include <uv.h>

#define PROCESS_JOB_BYTES_MAX 4096

struct process_pool;

/* What a process does: reads `in`, writes at most PROCESS_JOB_BYTES_MAX bytes to `out` (both
 * aligned for any type), returns how many, or a negative error. It shares nothing else with the
 * loop; but what existed at the fork is at the same address in the worker, as a copy. */
typedef int process_work(const void *in, size_t in_bytes, void *out);

/* One piece of work; lies with who submits it, until it has ended. */
struct process_job {
    process_work *work;
    const void *in;
    size_t in_bytes; /* at most PROCESS_JOB_BYTES_MAX */
    void *out;       /* room for what `work` writes */

    /* Called once on the loop. `result` is that of `work`, UV_EPIPE where its process died, or
     * UV_ESRCH where all had died before it was begun. May submit the job again. */
    void (*ended)(struct process_job *job, int result);

    STAILQ_ENTRY(process_job) next; /* the pool's */
};

/* Forks `count` workers, each of which ends with this process. Call it before there is a loop, a
 * libcurl handle or a thread. Returns NULL (errno set) where processes, descriptors or memory lack.
 */
struct process_pool *process_pool_fork(size_t count);

/* Lets the pool answer on `loop`, once. Its handles keep the loop running only while jobs are under
 * way. Returns 0 or a negative error. */
int process_pool_attach(struct process_pool *pool, uv_loop_t *loop);

/* Ends all workers, those at work by SIGKILL, and waits for them; `ended` is no longer called. Its
 * handles are closed when the loop runs next, or at once where it never was attached. */
void process_pool_free(struct process_pool *pool);

/* Begins a job, or lets it wait for a worker, first come, first served. Returns 0, or UV_ESRCH
 * where all workers are dead; `ended` is not called then. */
int process_pool_submit(struct process_pool *pool, struct process_job *job);

/* Takes back a job that has not begun: true, and `ended` is not called. */
bool process_pool_cancel(struct process_pool *pool, struct process_job *job);

#endif
