/* Mistake 3: all calls at once, against the same calls by 100 at a time. Each way runs to its end,
 * within the limits of the machine; what fails there is counted. */
#include <malloc.h>
#include <sys/resource.h>

#include "co/pool.h"
#include "common/count.h"
#include "common/file.h"
#include "common/limit.h"
#include "patterns/pattern.h"

#define AT_A_TIME  100
#define LATENCY_NS (20 * NS_PER_MS)

/* How the calls of one way ended. */
struct tally {
    double ok, failed, cancelled;
};

typedef int way_body(struct co_task *self, struct context *context, struct tally *tally);

static void count(struct tally *tally, int outcome)
{
    double *same = outcome == 0              ? &tally->ok
                   : outcome == UV_ECANCELED ? &tally->cancelled
                                             : &tally->failed;

    (*same)++;
}

/* ---- The ways ---------------------------------------------------------------------------- */

/* A task for each call. Each starts when it has a permit; where there is no semaphore, at once. */
static int gather(struct co_task *self, struct context *context, struct co_semaphore *semaphore,
                  struct tally *tally)
{
    struct users users;
    int error = users_make(&users, context, "", fetch_user);

    if (error < 0)
        return error;
    users_throttle(&users, semaphore);
    error = co_gather(self, users.tasks, users.n, users.outcomes, CO_ALL_OUTCOMES);
    for (uint64_t i = 0; i < users.n; i++)
        count(tally, users.outcomes[i]);
    users_free(&users);
    return error;
}

/* WRONG: as many calls under way as there are. */
static int gather_at_once(struct co_task *self, struct context *context, struct tally *tally)
{
    return gather(self, context, NULL, tally);
}

/* RIGHT: as many tasks as calls, but few of them under way. */
static int gather_throttled(struct co_task *self, struct context *context, struct tally *tally)
{
    struct co_semaphore semaphore;
    int error;

    co_semaphore_init(&semaphore, context->loop, AT_A_TIME);
    error = gather(self, context, &semaphore, tally);
    check(context, semaphore.permits == AT_A_TIME, "every permit is back");
    return error;
}

struct line {
    struct context *context;
    struct tally *tally;
};

/* lesson: task-bomb */
static int handle(struct co_task *self, void *item, void *user)
{
    struct line *line = user;
    struct user_fetch fetch = {.context = line->context, .id = (uintptr_t)item};

    count(line->tally, fetch_user(self, &fetch));
    return 0;
}
/* end */

/* RIGHT: few tasks. The next call is not made before the queue has room for it. */
/* lesson: task-bomb */
static int feed_workers(struct co_task *self, struct context *context, struct tally *tally)
{
    struct line line = {context, tally};
    struct co_pool pool;
    int error = co_pool_begin(self, &pool, AT_A_TIME, AT_A_TIME, handle, &line, NULL);

    if (error < 0)
        return error;
    for (uintptr_t id = 0; error == 0 && id < context->n; id++)
        error = co_pool_put(self, &pool, (void *)id);
    return co_pool_end(self, &pool, error);
}
/* end */

/* The cheapest first: what a way leaves behind in the process is small beside the next. */
static const struct way {
    const char *name, *label;
    way_body *body;
} ways[] = {
    {"pool", "right: 100 workers, fed from a queue", feed_workers},
    {"semaphore", "right: a semaphore of 100", gather_throttled},
    {"unbounded", "wrong: all at once", gather_at_once},
};

/* ---- What they cost ---------------------------------------------------------------------- */

/* The kernel notes the most memory that was resident from here on: nobody has to look while it is
 * highest, and no descriptor is left. Returns whether it can. */
static bool watch_memory(void)
{
    malloc_trim(0);
    return file_append_line("/proc/self/clear_refs", "5") == 0;
}

static void note_memory(struct context *context, const struct way *way)
{
    char name[64];

    snprintf(name, sizeof(name), "%s_memory_bytes", way->name);
    bar(context, way->label, name,
        1024.0 * (double)file_read_number("/proc/self/status", "VmHWM:", 0));
}

static void try_way(struct co_task *self, struct context *context, const struct way *way)
{
    struct tally tally = {0};
    bool watched = server_reset(self, context) == 0 && watch_memory();
    uint64_t start_ns = clock_ns();
    int error = way->body(self, context, &tally);

    figure_of(context, way->name, "ns", (double)(clock_ns() - start_ns));
    if (watched)
        note_memory(context, way);
    figure_of(context, way->name, "in_flight_peak", server_count(self, context, "in_flight_peak"));
    figure_of(context, way->name, "ok", tally.ok);
    figure_of(context, way->name, "failed", tally.failed);
    figure_of(context, way->name, "cancelled", tally.cancelled);
    check(context, error == 0, "%s: runs to its end (%s)", way->name, co_error(error));
}

int run_task_bomb(struct co_task *self, struct context *context)
{
    figure(context, "descriptor_limit", (double)limit_raise(RLIMIT_NOFILE));
    figure(context, "latency_ns", LATENCY_NS);
    figure(context, "most_at_a_time", AT_A_TIME);
    for (size_t i = 0; i < COUNT_OF(ways); i++)
        try_way(self, context, &ways[i]);
    return 0;
}
