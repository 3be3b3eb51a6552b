/* What patterns.json says of each pattern, for C and Python alike, with its body in C. */
#include <assert.h>
#include <string.h>

#include "common/count.h"
#include "common/embed.h"
#include "common/json.h"
#include "patterns/pattern.h"

#define PATTERNS_MAX 64

extern const char embedded_patterns[];
EMBED(patterns, "patterns/patterns.json")

static const struct {
    const char *pattern;
    pattern_body *body;
} bodies[] = {
    {"gather", run_gather},
    {"fire-and-forget", run_fire_and_forget},
    {"task-group", run_task_group},
    {"worker-pool", run_worker_pool},
    {"pipeline", run_pipeline},
    {"http-errors", run_http_errors},
    {"gather-errors", run_gather_errors},
    {"group-cancel", run_group_cancel},
    {"timeout", run_timeout},
    {"never-awaited", run_never_awaited},
    {"blocked-loop", run_blocked_loop},
    {"task-bomb", run_task_bomb},
    {"lost-error", run_lost_error},
    {"throttling", run_throttling},
    {"rate-limit", run_rate_limit},
    {"retry", run_retry},
    {"service-call", run_service_call},
    {"gather-siblings", run_gather_siblings},
    {"exception-group", run_exception_group},
    {"await-does-not-yield", run_await_does_not_yield},
    {"queue-worker-dies", run_queue_worker_dies},
    {"testing", run_testing},
    {"service", run_service},
};

static pattern_body *body_of(const char *pattern)
{
    for (size_t i = 0; i < COUNT_OF(bodies); i++)
        if (strcmp(bodies[i].pattern, pattern) == 0)
            return bodies[i].body;
    return NULL;
}

static uint64_t number(const json_t *said, const char *name, uint64_t otherwise)
{
    return (uint64_t)json_number_at(said, name, (double)otherwise);
}

static struct pattern read_pattern(const char *name, const json_t *said)
{
    uint64_t n = number(said, "n", 1);
    struct pattern pattern = {
        .name = name,
        .title = json_text_at(said, "title", NULL),
        .article = json_text_at(said, "article", NULL),
        .source = json_text_at(said, "source", NULL),
        .words = json_text_at(said, "words", NULL),
        .meaning = json_text_at(said, "meaning", NULL),
        .n = n,
        .n_python = number(said, "n_python", n),
        .connections = number(said, "connections", 0),
        .timeout_ns = number(said, "timeout_ns", 0),
        .processes = number(said, "processes", 0),
        .stack_bytes = number(said, "stack_bytes", 0),
        .checks = json_object_get(said, "checks"),
        .body = body_of(name),
    };
    json_t *value;
    size_t i;

    assert(pattern.title != NULL && pattern.article != NULL && pattern.source != NULL);
    assert(pattern.words != NULL && pattern.meaning != NULL && pattern.body != NULL);
    json_array_foreach(json_object_get(said, "server"), i, value)
    {
        assert(i + 1 < SERVER_ARGUMENTS_MAX);
        pattern.server[i] = json_string_value(value);
    }
    return pattern;
}

const struct pattern *pattern_list(void)
{
    static struct pattern list[PATTERNS_MAX];
    static json_t *all; /* its texts are used to the end */
    const char *name;
    json_t *said;
    size_t count = 0;

    if (all != NULL)
        return list;
    all = json_loads(embedded_patterns, 0, NULL);
    assert(json_is_object(all) && json_object_size(all) < PATTERNS_MAX);
    json_object_foreach(all, name, said)
    {
        list[count++] = read_pattern(name, said);
    }
    return list;
}
