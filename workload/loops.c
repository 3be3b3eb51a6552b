#include "workload/loops.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct one_loop {
    pthread_t thread;
    struct workload workload; /* its share */
    struct loop_share share;
    struct recorder *recorder;
    int error;
};

uint64_t loops_part(uint64_t total, uint64_t count, uint64_t index)
{
    return total / count + (index < total % count);
}

/* Before any thread exists: it may fork. */
static int prepare(struct one_loop *loop, const struct workload *w, struct recorder *r,
                   uint64_t index, uint64_t first_slot)
{
    const struct computation *what = &w->computation;

    loop->recorder = r;
    loop->workload = *w;
    loop->workload.share = &loop->share;
    loop->workload.concurrency = loops_part(w->concurrency, w->loops, index);
    loop->share.first_slot = first_slot;
    if (!work_computes(w->work) || what->where == COMPUTE_LOOP)
        return 0;
    return offload_init(&loop->share.offload, what, &r->queue.stop,
                        loops_part(what->workers, w->loops, index));
}

static void *run(void *argument)
{
    struct one_loop *loop = argument;

    loop->error = model_run(&loop->workload, loop->recorder);
    if (loop->error < 0)
        stop_ask(&loop->recorder->queue.stop);
    return NULL;
}

/* The first runs in this thread. */
static int run_all(struct one_loop *loops, uint64_t count, struct recorder *r)
{
    uint64_t started = 1;
    int error = 0;

    while (error == 0 && started < count) {
        error = -pthread_create(&loops[started].thread, NULL, run, &loops[started]);
        started += error == 0;
    }
    if (error < 0)
        stop_ask(&r->queue.stop);
    else
        run(&loops[0]);
    for (uint64_t i = 0; i < started; i++) {
        if (i > 0)
            pthread_join(loops[i].thread, NULL);
        if (loops[i].error < 0)
            error = loops[i].error;
    }
    return error;
}

/* libuv reads it when the first work comes. */
static void set_pool(uint64_t threads)
{
    char count[24];

    snprintf(count, sizeof(count), "%" PRIu64, threads);
    setenv("UV_THREADPOOL_SIZE", count, 1);
}

int loops_run(const struct workload *w, struct recorder *r, struct heartbeat *heart)
{
    struct one_loop *loops = calloc(w->loops, sizeof(*loops));
    uint64_t first_slot = w->first_slot, prepared = 0;
    int error = loops != NULL ? 0 : -ENOMEM;

    if (w->blocking == BLOCKING_THREADS)
        set_pool(w->computation.workers);
    while (error == 0 && prepared < w->loops) {
        error = prepare(&loops[prepared], w, r, prepared, first_slot);
        first_slot += loops[prepared++].workload.concurrency;
    }
    if (error == 0)
        error = run_all(loops, w->loops, r);
    for (uint64_t i = 0; error == 0 && i < w->loops; i++)
        heartbeat_merge(heart, &loops[i].share.heart);
    for (uint64_t i = 0; i < prepared; i++)
        offload_term(&loops[i].share.offload);
    free(loops);
    return error;
}
