/* The program around a kind: options, limits, timing, result. It honours the contract of a lane, so
 * that `bench` measures it like one. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/file.h"
#include "common/json.h"
#include "common/units.h"
#include "sleepers/options.h"
#include "sleepers/result.h"
#include "workload/limits.h"

enum {
    STATUS_OK = 0,
    STATUS_FAILURES = 1,
    STATUS_USAGE = 2,
    STATUS_LIMITS = 3,
    STATUS_INTERRUPTED = 130,
};

static void complain(const char *text, const char *reason)
{
    fprintf(stderr, "sleepers: %s%s%s\n", text, reason != NULL ? ": " : "",
            reason != NULL ? reason : "");
}

/* Returns 0 or a negative errno; without a path there is nothing to write. */
static int check_writable(const char *path)
{
    int error = path != NULL ? file_check_appendable(path) : 0;

    if (error < 0)
        complain(path, strerror(-error));
    return error;
}

/* One that an earlier run left would tell that all sleep before any does. Made and taken away, so
 * that a wrong path is seen before the run. Returns 0 or a negative errno. */
static int remove_stale(const char *ready)
{
    int error;

    if (ready != NULL && file_is_special(ready)) {
        complain(ready, "is no regular file");
        return -EINVAL;
    }
    error = check_writable(ready);
    if (error == 0 && ready != NULL && unlink(ready) < 0) {
        complain(ready, strerror(errno));
        error = -errno;
    }
    return error;
}

/* Bytes that programs can still have, or UINT64_MAX where the kernel does not say. */
static uint64_t memory_available(void)
{
    char *text = file_read("/proc/meminfo", 1UL << 16, NULL);
    const char *line = text != NULL ? strstr(text, "MemAvailable:") : NULL;
    uint64_t bytes =
        line != NULL ? strtoull(line + strlen("MemAvailable:"), NULL, 10) * 1024 : UINT64_MAX;

    free(text);
    return bytes;
}

/* Returns 0, or a negative errno with the limit, its value and the remedy in `why`. */
static int check_limits(const struct options *o, char *why, size_t size)
{
    const struct model needs = {.tasks = o->kind->threads, .mappings = o->kind->mappings};
    uint64_t available = memory_available();
    char needed[UNITS_TEXT_SIZE], there[UNITS_TEXT_SIZE];
    int error = limits_prepare(&needs, (struct limits_extra){0}, "-n", o->tasks, why, size);

    if (error < 0 || o->tasks * o->kind->task_bytes <= available)
        return error;
    snprintf(why, size,
             "-n %" PRIu64 " needs about %s of memory, but %s are available (MemAvailable in "
             "/proc/meminfo); end what else needs memory, or lower -n",
             o->tasks, units_format_bytes(o->tasks * o->kind->task_bytes, needed),
             units_format_bytes(available, there));
    return -ENOMEM;
}

/* Returns 0 or a negative errno. */
static int write_output(const struct result *result)
{
    const char *path = result->options->output;
    json_t *json = path != NULL ? result_to_json(result) : NULL;
    int error = 0;

    if (path != NULL)
        error = json != NULL ? json_line_append(path, json) : -ENOMEM;
    json_decref(json);
    if (error < 0)
        complain(path, strerror(-error));
    return error;
}

/* Returns 0 or a negative errno. */
static int print_summary(const struct result *result)
{
    if (result->options->quiet)
        return 0;
    result_print(result);
    if (fflush(stdout) == 0)
        return 0;
    complain("standard output", strerror(errno));
    return -EIO;
}

static int exit_status(const struct result *result)
{
    if (result->sleepers->interrupted)
        return STATUS_INTERRUPTED;
    if (result->error != NULL)
        return STATUS_LIMITS;
    return result_is_valid(result) ? STATUS_OK : STATUS_FAILURES;
}

static int measure(const struct options *o)
{
    struct sleepers s = {.tasks = o->tasks, .latency_ns = o->latency_ns, .ready = o->ready};
    struct result result = {.options = o, .sleepers = &s};
    uint64_t start_ns;
    int error, status;
    bool failed;

    start_ns = clock_ns();
    error = o->kind->run(&s);
    result.wall_ns = clock_ns() - start_ns;
    result.accounts = accounts_take();
    if (error < 0)
        result.error = s.why[0] != '\0' ? s.why : strerror(-error);
    status = exit_status(&result);
    if (result.error != NULL)
        complain("not all tasks could be started", result.error);
    if (s.ready_error < 0)
        complain(o->ready, strerror(-s.ready_error));
    failed = s.ready_error < 0;
    failed |= print_summary(&result) < 0;
    failed |= write_output(&result) < 0;
    return failed && status == STATUS_OK ? STATUS_FAILURES : status;
}

int main(int argc, char **argv)
{
    struct options options = options_parse(argc, argv);
    char why[512];

    signal(SIGPIPE, SIG_IGN);
    if (check_writable(options.output) < 0 || remove_stale(options.ready) < 0)
        return STATUS_USAGE;
    if (check_limits(&options, why, sizeof(why)) < 0) {
        complain(why, NULL);
        return STATUS_LIMITS;
    }
    return measure(&options);
}
