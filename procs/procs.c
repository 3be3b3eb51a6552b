/* The process-pool model: C forked workers, each of which waits for one answer at a time.
 *
 * The workers share nothing but the recorder's mapping, from whose counter they take the next
 * request. The parent makes none: it waits for its workers, and replaces one that dies, of which
 * only the request it was making is lost. When the run is stopped, the workers see it in the
 * mapping as well; when the parent is killed, the kernel kills them. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/child.h"
#include "workload/item.h"

struct pool {
    const struct workload *workload;
    struct recorder *recorder;
    uint64_t running;
    uint64_t idle_deaths; /* workers that died before they took a request */
    pid_t pids[];         /* by index of the worker; 0: ended */
};

static _Noreturn void work(const struct pool *pool, uint32_t index)
{
    struct item item;
    uint64_t id;

    if (item_init(&item, pool->workload, pool->recorder, index) < 0)
        _exit(1);
    while (queue_take(&pool->recorder->queue, &id))
        item_perform(&item, id);
    item_term(&item);
    _exit(0);
}

static int start_worker(struct pool *pool, uint32_t index)
{
    pid_t pid = child_fork(SIGKILL);

    if (pid < 0)
        return -errno;
    if (pid == 0)
        work(pool, index);
    pool->pids[index] = pid;
    pool->running++;
    return 0;
}

static int supervise(struct pool *pool);

int model_run(const struct workload *w, struct recorder *r)
{
    struct pool *pool = calloc(1, sizeof(*pool) + w->concurrency * sizeof(pool->pids[0]));
    int error = 0, failed;

    if (pool == NULL)
        return -ENOMEM;
    pool->workload = w;
    pool->recorder = r;
    for (uint32_t i = 0; i < w->concurrency && error == 0; i++)
        error = start_worker(pool, i);
    if (error < 0)
        stop_ask(&r->queue.stop); /* fewer processes than asked for would be another measurement */
    failed = supervise(pool);
    free(pool);
    return error < 0 ? error : failed;
}

/* ---- What the model needs ---------------------------------------------------------------- */

const struct model model = {
    .name = "procs",
    .summary = "a pool of C forked processes, each waiting for one answer at a time",
    .concurrency_name = "processes",
    .concurrency_default = 10,
    .tasks = 1,
};

/* C where it is none of the pool's: a program may inherit children over exec. */
static uint32_t index_of(const struct pool *pool, pid_t pid)
{
    uint32_t index = 0;

    while (index < pool->workload->concurrency && pool->pids[index] != pid)
        index++;
    return index;
}

/* Accounts for a worker that has ended, and replaces it if it died with work left. Workers that
 * die before any request are replaced at most C times: then they would never succeed. */
static int reap(struct pool *pool, uint32_t index, bool died)
{
    const struct queue *queue = &pool->recorder->queue;
    bool stopped = stop_asked(&queue->stop);
    uint64_t lost;

    pool->pids[index] = 0;
    pool->running--;
    if (!died)
        return 0;
    lost = recorder_end_worker(pool->recorder, index, stopped ? OUTCOME_CANCELLED : OUTCOME_OTHER);
    if (stopped || queue_taken(queue) == queue->requests)
        return 0;
    if (lost == 0 && ++pool->idle_deaths > pool->workload->concurrency)
        return -ECHILD;
    return start_worker(pool, index);
}

/* Waits until every worker has ended. */
static int supervise(struct pool *pool)
{
    int error = 0, status;

    while (pool->running > 0) {
        pid_t pid = waitpid(-1, &status, 0);
        uint32_t index = index_of(pool, pid);
        int failed;

        if (pid < 0 && errno != EINTR)
            return -errno;
        if (index == pool->workload->concurrency)
            continue; /* no worker; or a signal, and they see the recorder's stop flag */
        failed = reap(pool, index, !WIFEXITED(status) || WEXITSTATUS(status) != 0);
        if (failed < 0) {
            stop_ask(&pool->recorder->queue.stop);
            error = failed;
        }
    }
    return error;
}
