#include <gnu/libc-version.h>
#include <inttypes.h>
#include <stdio.h>
#include <uv.h>

#include "common/json.h"
#include "common/units.h"
#include "sleepers/sleepers.h"

bool sleepers_result_valid(const struct sleepers_result *result)
{
    const struct sleepers *s = result->sleepers;

    return result->error == NULL && s->slept == s->tasks && s->asleep_peak == s->tasks;
}

/* A task that was not started, or was ended, because the machine refused another: other. */
static json_t *outcomes_to_json(const struct sleepers *s)
{
    uint64_t cancelled = s->interrupted ? s->cancelled : 0;

    return json_pack("{s:I, s:i, s:i, s:i, s:i, s:i, s:i, s:I, s:I}", "ok", (json_int_t)s->slept,
                     "timeout", 0, "connect", 0, "reset", 0, "truncated", 0, "http_status", 0,
                     "bad_body", 0, "cancelled", (json_int_t)cancelled, "other",
                     (json_int_t)(s->tasks - s->slept - cancelled));
}

json_t *sleepers_result_to_json(const struct sleepers_result *result)
{
    const struct sleepers *s = result->sleepers;
    json_int_t tasks = (json_int_t)s->tasks;

    json_watch();
    return json_pack(
        "{s:s, s:s, s:{s:s, s:s, s:s}, s:{s:I, s:I, s:s}, s:I, s:I, s:I, s:I, s:I, s:o, s:I, s:I, "
        "s:n, s:i, s:n, s:b, s:b, s:s?}",
        "schema", "lane.result/1", "lane", result->kind->name, "libraries", "libuv",
        uv_version_string(), "glibc", gnu_get_libc_version(), "jansson", JANSSON_VERSION,
        "workload", "requests", tasks, "concurrency", tasks, "work", "sleep", "wall_ns",
        (json_int_t)result->wall_ns, "floor_ns", (json_int_t)s->latency_ns, "user_cpu_ns",
        (json_int_t)result->accounts.user_cpu_ns, "system_cpu_ns",
        (json_int_t)result->accounts.system_cpu_ns, "max_rss_bytes",
        (json_int_t)result->accounts.max_rss_bytes, "outcomes", outcomes_to_json(s), "verified",
        (json_int_t)s->slept, "in_flight_peak", (json_int_t)s->asleep_peak, "latency_ns",
        "connections_opened", 0, "loop", "valid", sleepers_result_valid(result), "interrupted",
        s->interrupted, "error", result->error);
}

static void print_count(const char *what, uint64_t count)
{
    if (count > 0)
        printf("  %-12s %" PRIu64 "\n", what, count);
}

void sleepers_result_print(const struct sleepers_result *result)
{
    const struct sleepers *s = result->sleepers;
    char text[UNITS_TEXT_SIZE], more[UNITS_TEXT_SIZE];

    printf("sleepers: %" PRIu64 " %s, each to sleep %s\n", s->tasks, result->kind->plural,
           units_format_duration(s->latency_ns, text));
    printf("  %-12s %s   (floor %s)\n", "wall time", units_format_duration(result->wall_ns, text),
           units_format_duration(s->latency_ns, more));
    print_count("slept", s->slept);
    print_count("woke early", s->early);
    print_count("cancelled", s->cancelled);
    printf("  %-12s %" PRIu64 " at once\n", "asleep", s->asleep_peak);
    printf(
        "  %-12s %s of CPU time, process %s\n", "cost",
        units_format_duration(result->accounts.user_cpu_ns + result->accounts.system_cpu_ns, text),
        units_format_bytes(result->accounts.max_rss_bytes, more));
    if (s->slept == s->tasks && s->asleep_peak < s->tasks)
        printf("  invalid: the first got up before the last lay down; give a --latency above %s\n",
               units_format_duration(result->wall_ns, text));
    if (s->interrupted)
        printf("  interrupted: the result is partial\n");
}
