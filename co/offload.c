/* Threads of libuv's own pool, or processes of ours: their callbacks come on the loop's thread and
 * wake the task. */
#include "co/offload.h"

#include "co/task.h"

/* ---- Threads ----------------------------------------------------------------------------- */

struct job {
    uv_work_t request; /* first */
    int (*work)(void *argument);
    void *argument;
    struct co_task *task;
    int result;
};

static void on_work(uv_work_t *request)
{
    struct job *job = (struct job *)request;

    job->result = job->work(job->argument);
}

static void on_worked(uv_work_t *request, int status)
{
    struct job *job = (struct job *)request;

    co_wake(job->task->loop, &job->task->waiter, status < 0 ? UV_ECANCELED : 0);
}

/* Where it succeeds, on_worked() wakes the task with the cancellation. */
static bool abort_work(void *request)
{
    return uv_cancel(request) == 0;
}

int co_offload(struct co_task *self, int (*work)(void *argument), void *argument)
{
    struct job job = {.work = work, .argument = argument, .task = self};
    int error = uv_queue_work(&self->loop->uv, &job.request, on_work, on_worked);

    if (error < 0)
        return error;
    error = co_park(self, abort_work, &job.request);
    return error < 0 ? error : job.result;
}

/* ---- Processes --------------------------------------------------------------------------- */

struct remote {
    struct process_job job; /* first */
    struct process_pool *pool;
    struct co_task *task;
    int result;
};

static void on_ended(struct process_job *job, int result)
{
    struct remote *remote = (struct remote *)job;

    remote->result = result;
    co_wake(remote->task->loop, &remote->task->waiter, 0);
}

static bool abort_remote(void *user)
{
    struct remote *remote = user;
    bool cancelled = process_pool_cancel(remote->pool, &remote->job);

    if (cancelled)
        co_wake(remote->task->loop, &remote->task->waiter, UV_ECANCELED);
    return cancelled;
}

int co_offload_process(struct co_task *self, struct process_pool *pool, process_work *work,
                       const void *in, size_t in_bytes, void *out)
{
    struct remote remote = {
        .job = {.work = work, .in = in, .in_bytes = in_bytes, .out = out, .ended = on_ended},
        .pool = pool,
        .task = self,
    };
    int error =
        in_bytes <= PROCESS_JOB_BYTES_MAX ? process_pool_submit(pool, &remote.job) : UV_EMSGSIZE;

    if (error < 0)
        return error;
    error = co_park(self, abort_remote, &remote);
    return error < 0 ? error : remote.result;
}
