/* Pattern 5: fetch, enrich, save. Stage by stage, as in the article, each stage waits for the
 * slowest of the one before; streamed, an item goes on as soon as it is ready. Both have the same
 * number of requests at a time in each stage, and save in batches, off the loop. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "co/pool.h"
#include "patterns/database.h"
#include "patterns/pattern.h"

#define WORKERS 20
#define BATCH   25

typedef int step_function(struct co_task *self, void **item, void *user);

struct entry {
    struct user_fetch fetch;
    char path[48];
    struct row row;
    step_function *step; /* of the present stage, where one waits for the other */
};

struct work {
    struct context *context;
    struct database *database;
    struct entry *items;
    struct row batch[BATCH];
    size_t batched, transactions;
};

/* ---- The steps --------------------------------------------------------------------------- */

/* Delays of the two requests of an item have nothing to do with each other. */
static int fetch_step(struct co_task *self, void **item, void *unused)
{
    struct entry *one = *item;
    int error;

    (void)unused;
    snprintf(one->path, sizeof(one->path), "?delay=%dms", 20 + (int)(one->fetch.id * 37 % 161));
    one->fetch.path = one->path;
    error = fetch_user(self, &one->fetch);
    one->row.id = one->fetch.id;
    snprintf(one->row.name, sizeof(one->row.name), "%s", one->fetch.name);
    return error;
}

static int enrich_step(struct co_task *self, void **item, void *unused)
{
    struct entry *one = *item;
    int error;

    (void)unused;
    snprintf(one->path, sizeof(one->path), "/profile?delay=%dms",
             20 + (int)(one->fetch.id * 101 % 161));
    error = fetch_user(self, &one->fetch);
    snprintf(one->row.profile, sizeof(one->row.profile), "profile of %s", one->row.name);
    return error;
}

static int save_batch(void *argument)
{
    struct work *work = argument;

    return database_save(work->database, work->batch, work->batched);
}

static int flush(struct co_task *self, struct work *work)
{
    int error = work->batched > 0 ? co_offload(self, save_batch, work) : 0;

    work->transactions += work->batched > 0;
    work->batched = 0;
    return error;
}

/* The only worker of its stage, so nobody else touches the batch. */
static int save_step(struct co_task *self, void **item, void *user)
{
    struct work *work = user;

    work->batch[work->batched++] = ((struct entry *)*item)->row;
    return work->batched == BATCH ? flush(self, work) : 0;
}

/* ---- Stage by stage ---------------------------------------------------------------------- */

static int run_step(struct co_task *self, void *item)
{
    return ((struct entry *)item)->step(self, &item, NULL);
}

static int run_stage(struct co_task *self, struct work *work, step_function *step)
{
    uint64_t n = work->context->n;
    struct co_task **tasks = calloc(n, sizeof(struct co_task *));
    struct co_semaphore workers;
    int error = tasks != NULL ? 0 : UV_ENOMEM;

    co_semaphore_init(&workers, work->context->loop, WORKERS);
    for (uint64_t i = 0; i < n && error == 0; i++) {
        work->items[i].step = step;
        tasks[i] = co_start_with(co_create(work->context->loop, run_step, &work->items[i], NULL),
                                 &workers);
    }
    if (error == 0)
        error = co_gather(self, tasks, n, NULL, CO_FIRST_ERROR);
    for (uint64_t i = 0; tasks != NULL && i < n; i++) {
        if (tasks[i] != NULL && error < 0)
            co_cancel(tasks[i]);
        co_release(tasks[i]);
    }
    free(tasks);
    return error;
}

static int run_staged(struct co_task *self, struct work *work)
{
    int error = run_stage(self, work, fetch_step);

    if (error == 0)
        error = run_stage(self, work, enrich_step);
    for (uint64_t i = 0; i < work->context->n && error == 0; i++) {
        void *item = &work->items[i];

        error = save_step(self, &item, work);
    }
    return error == 0 ? flush(self, work) : error;
}

/* ---- Streamed ---------------------------------------------------------------------------- */

/* lesson: pipeline */
static int run_streamed(struct co_task *self, struct work *work)
{
    const struct co_stage stages[] = {
        {"fetch", WORKERS, WORKERS, fetch_step, NULL},
        {"enrich", WORKERS, WORKERS, enrich_step, NULL},
        {"save", 1, BATCH, save_step, work},
    };
    struct co_pipeline pipeline;
    int error = co_pipeline_begin(self, &pipeline, stages, 3, NULL);

    if (error < 0)
        return error;
    for (uint64_t i = 0; i < work->context->n && error == 0; i++)
        error = co_pipeline_put(self, &pipeline, &work->items[i]);
    error = co_pipeline_end(&pipeline, error);
    return error == 0 ? flush(self, work) : error;
}
/* end */

/* ---- Both -------------------------------------------------------------------------------- */

static void check_database(struct work *work, const char *what)
{
    int64_t n = (int64_t)work->context->n;

    check(work->context, database_count(work->database) == n, "%s: each user is saved once (%lld)",
          what, (long long)database_count(work->database));
    check(work->context, database_sum(work->database) == n * (n - 1) / 2, "%s: and none twice",
          what);
    check(work->context, work->transactions == (work->context->n + BATCH - 1) / BATCH,
          "%s: %zu transactions of at most %d users", what, work->transactions, BATCH);
}

static int try_way(struct co_task *self, struct context *context, const char *folder,
                   const char *name, int (*run)(struct co_task *self, struct work *work))
{
    struct work work = {.context = context};
    char path[128], figure_name[64];
    uint64_t start_ns;
    int error;

    snprintf(path, sizeof(path), "%s/%s.db", folder, name);
    snprintf(figure_name, sizeof(figure_name), "%s_ns", name);
    work.items = calloc(context->n, sizeof(*work.items));
    work.database = database_open(path);
    for (uint64_t i = 0; work.items != NULL && i < context->n; i++)
        work.items[i].fetch = (struct user_fetch){.context = context, .id = i};
    start_ns = clock_ns();
    error = work.items != NULL && work.database != NULL ? run(self, &work) : UV_ENOMEM;
    bar(context, name, figure_name, (double)(clock_ns() - start_ns));
    if (error == 0)
        check_database(&work, name);
    database_close(work.database);
    free(work.items);
    unlink(path);
    return error;
}

int run_pipeline(struct co_task *self, struct context *context)
{
    char folder[] = "/tmp/patterns-XXXXXX";
    int error;

    if (mkdtemp(folder) == NULL)
        return uv_translate_sys_error(errno);
    error = try_way(self, context, folder, "staged", run_staged);
    if (error == 0)
        error = try_way(self, context, folder, "streamed", run_streamed);
    rmdir(folder);
    if (error < 0)
        return error;
    figure(context, "gain",
           figure_noted(context, "staged_ns") / figure_noted(context, "streamed_ns"));
    return 0;
}
