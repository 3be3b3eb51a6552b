/* The thread-pool model: C threads, each of which waits for one answer at a time.
 *
 * The kernel switches to another thread when one waits. All threads take the next request from one
 * shared counter, so that none idles while there is work. With C = N it is thread per request. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "workload/item.h"

struct worker {
    pthread_t thread;
    uint32_t index;
    const struct workload *workload;
    struct recorder *recorder;
    int error;
};

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct item item;
    uint64_t id;

    worker->error = item_init(&item, worker->workload, worker->recorder, worker->index);
    if (worker->error < 0) {
        stop_ask(&worker->recorder->queue.stop); /* as below */
        return NULL;
    }
    while (queue_take(&worker->recorder->queue, &id))
        item_perform(&item, id);
    item_term(&item);
    return NULL;
}

static uint64_t start_workers(struct worker *workers, const struct workload *w, int *error);

int model_run(const struct workload *w, struct recorder *r)
{
    struct worker *workers = calloc(w->concurrency, sizeof(*workers));
    uint64_t started;
    int error = 0;

    if (workers == NULL)
        return -ENOMEM;
    for (uint64_t i = 0; i < w->concurrency; i++)
        workers[i] = (struct worker){.index = (uint32_t)i, .workload = w, .recorder = r};
    started = start_workers(workers, w, &error);
    if (error < 0)
        stop_ask(&r->queue.stop); /* fewer threads than asked for would be another measurement */
    for (uint64_t i = 0; i < started; i++) {
        pthread_join(workers[i].thread, NULL);
        if (workers[i].error < 0)
            error = workers[i].error;
    }
    free(workers);
    return error;
}

/* ---- What the model needs ---------------------------------------------------------------- */

const struct model model = {
    .name = "threads",
    .summary = "a pool of C threads, each waiting for one answer at a time",
    .concurrency_name = "threads",
    .concurrency_default = 10,
    .features = FEATURE_GIL | FEATURE_STACK,
    .descriptors = 3, /* a socket, and the two that a blocking libcurl handle wakes itself with */
    .tasks = 1,
    .mappings = 2, /* a stack and its guard page */
};

/* Small and fixed, on purpose: the default of 8 MB is only address space, but 10,000 threads would
 * ask for 80 GB of it. A request over http was seen to touch 16 KB (x86-64, libcurl 7.88); the rest
 * is room for TLS and for other builds. The sanitizers' frames are several times as large. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK_BYTES (1024UL * 1024)
#else
#define STACK_BYTES (128UL * 1024)
#endif

/* Starts as many workers as it can; returns how many, with *error set where that is not all. */
static uint64_t start_workers(struct worker *workers, const struct workload *w, int *error)
{
    pthread_attr_t attributes;
    uint64_t started = 0;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, w->stack_bytes != 0 ? w->stack_bytes : STACK_BYTES);
    while (started < w->concurrency && *error == 0) {
        *error = -pthread_create(&workers[started].thread, &attributes, work, &workers[started]);
        if (*error == 0)
            started++;
    }
    pthread_attr_destroy(&attributes);
    return started;
}
