/* Mistake 3: a million operations started at once, against the same million with a semaphore. Both
 * get the same few seconds, and the 1024 descriptors that a process usually has; then whatever is
 * left is cancelled. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "patterns/pattern.h"

#define PERMITS     100
#define DESCRIPTORS 1024
#define PERIOD_NS   (5 * NS_PER_S)
#define SAMPLE_NS   (100 * NS_PER_MS)

/* What it looks with is opened beforehand: later no descriptor may be left. */
struct usage {
    DIR *descriptors_folder;
    int memory_file;
    double memory_bytes, descriptors; /* the most that was seen */
};

static void usage_open(struct usage *usage)
{
    *usage = (struct usage){
        .descriptors_folder = opendir("/proc/self/fd"),
        .memory_file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC),
    };
}

static void usage_close(struct usage *usage)
{
    if (usage->descriptors_folder != NULL)
        closedir(usage->descriptors_folder);
    if (usage->memory_file >= 0)
        close(usage->memory_file);
}

static double descriptors_open(const struct usage *usage)
{
    double count = 0;

    if (usage->descriptors_folder == NULL)
        return 0;
    rewinddir(usage->descriptors_folder);
    for (const struct dirent *entry = readdir(usage->descriptors_folder); entry != NULL;
         entry = readdir(usage->descriptors_folder))
        count += entry->d_name[0] != '.';
    return count;
}

static double memory_resident(const struct usage *usage)
{
    char text[128] = "";
    unsigned long pages = 0;

    if (pread(usage->memory_file, text, sizeof(text) - 1, 0) < 0 ||
        sscanf(text, "%*u %lu", &pages) != 1)
        return 0;
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static void sample(struct usage *usage)
{
    double memory = memory_resident(usage), descriptors = descriptors_open(usage);

    usage->memory_bytes = memory > usage->memory_bytes ? memory : usage->memory_bytes;
    usage->descriptors = descriptors > usage->descriptors ? descriptors : usage->descriptors;
}

static int watch_usage(struct co_task *self, void *argument)
{
    int error = 0;

    while (error == 0) {
        sample(argument);
        error = co_sleep(self, SAMPLE_NS);
    }
    return error;
}

static double count_outcomes(const struct users *users, int outcome)
{
    double count = 0;

    for (uint64_t i = 0; i < users->n; i++)
        count += users->outcomes[i] == outcome;
    return count;
}

/* Gathers for PERIOD_NS at most. Returns the number of failed requests, or an error. */
static int explode(struct co_task *self, struct users *users)
{
    struct co_timeout timeout;
    int error;

    co_timeout_begin(self, &timeout, PERIOD_NS);
    error = co_gather(self, users->tasks, users->n, users->outcomes, CO_ALL_OUTCOMES);
    return co_timeout_end(&timeout, error);
}

static double try_way(struct co_task *self, struct context *context, const char *way,
                      struct co_semaphore *semaphore)
{
    struct usage usage;
    struct co_task *watch;
    struct users users;
    double failed = 0;
    int error = users_make(&users, context, "", fetch_user);

    usage_open(&usage);
    watch = co_start(co_create(context->loop, watch_usage, &usage, "usage"));
    if (error == 0) {
        users_throttle(&users, semaphore);
        error = explode(self, &users);
    }
    check(context, error == 0 || error == UV_ETIMEDOUT, "%s: ends with: %s", way, co_error(error));
    figure_of(context, way, "ok", count_outcomes(&users, 0));
    figure_of(context, way, "cancelled", count_outcomes(&users, UV_ECANCELED));
    failed = (double)users.n - count_outcomes(&users, 0) - count_outcomes(&users, UV_ECANCELED);
    figure_of(context, way, "failed", failed);
    users_free(&users);
    if (watch != NULL)
        co_cancel(watch);
    (void)!co_join(self, watch);
    usage_close(&usage);
    figure_of(context, way, "descriptors", usage.descriptors);
    figure_of(context, way, "memory_bytes", usage.memory_bytes);
    return failed;
}

static void limit_descriptors(struct context *context)
{
    struct rlimit limit = {0};

    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur > DESCRIPTORS)
        limit.rlim_cur = DESCRIPTORS;
    setrlimit(RLIMIT_NOFILE, &limit);
    figure(context, "descriptor_limit", (double)limit.rlim_cur);
}

static int run(struct co_task *self, struct context *context)
{
    struct co_semaphore semaphore;
    double right, wrong;

    limit_descriptors(context);
    co_semaphore_init(&semaphore, context->loop, PERMITS);
    right = try_way(self, context, "semaphore", &semaphore);
    check(context, right == 0, "with a semaphore of %d no request fails", PERMITS);
    check(context, co_http_counts(context->http).in_flight_peak <= PERMITS,
          "and there are never more than %d in flight", PERMITS);
    check(context, semaphore.permits == PERMITS, "every permit is back");
    wrong = try_way(self, context, "unbounded", NULL);
    bar(context, "semaphore", "memory_with_semaphore_bytes",
        figure_noted(context, "semaphore_memory_bytes"));
    bar(context, "unbounded", "memory_unbounded_bytes",
        figure_noted(context, "unbounded_memory_bytes"));
    figure(context, "in_flight_peak_unbounded",
           (double)co_http_counts(context->http).in_flight_peak);
    check(context,
          context->n < 2 * DESCRIPTORS || wrong > 0 || figure_noted(context, "unbounded_ok") == 0,
          "without a bound requests fail for want of descriptors, or none is answered in the time");
    return 0;
}

const struct pattern pattern_task_bomb = {
    .name = "task-bomb",
    .title = "Mistake 3: the task bomb of unbounded concurrency",
    .article = "a million operations at once might crash; a semaphore of 100 throttles them",
    .body = run,
    .n = 1000000,
    .server = {"--latency", "1s"},
    .stack_bytes = 32768,
};
