#include "tests/lane_run.h"

#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/file.h"
#include "common/json.h"

struct lane_run run_lane_at(const char *path, const char *url, const char *const arguments[])
{
    const char *argv[ARGUMENTS_MAX] = {path, "-o"};
    struct lane_run outcome;
    char *folder = folder_make(), error[JSON_ERROR_SIZE];
    char *output = strdup(path_in(folder, "result.jsonl"));
    int count = 3;
    json_t *lines;

    argv[2] = output;
    for (; *arguments != NULL; arguments++) {
        assert_true(count < ARGUMENTS_MAX - 2);
        argv[count++] = *arguments;
    }
    argv[count] = url;
    outcome.finished = run_argv(argv);
    lines = access(output, F_OK) == 0 ? json_lines_load(output, error) : NULL;
    assert_true(json_array_size(lines) <= 1);
    outcome.result = json_incref(json_array_get(lines, 0));
    json_decref(lines);
    free(output);
    folder_remove(folder);
    return outcome;
}

struct lane_run run_lane(const char *lane, const char *url, ...)
{
    const char *arguments[ARGUMENTS_MAX];
    int count = 0;
    va_list rest;

    va_start(rest, url);
    do
        arguments[count] = va_arg(rest, const char *);
    while (arguments[count++] != NULL);
    va_end(rest);
    return run_lane_at(program(lane), url, arguments);
}

void lane_run_free(struct lane_run *outcome)
{
    finished_free(&outcome->finished);
    json_decref(outcome->result);
}

long number(const struct lane_run *outcome, const char *path)
{
    return (long)json_number_at(outcome->result, path, -1);
}

long outcomes_sum(const struct lane_run *outcome)
{
    json_t *value;
    const char *key;
    long sum = 0;

    json_object_foreach(json_at(outcome->result, "outcomes"), key, value) sum +=
        (long)json_integer_value(value);
    return sum;
}

void expect_outcomes(const struct lane_run *run, const char *path, long count, long sum)
{
    if (number(run, path) != count)
        fail_msg("%s is %ld, not %ld:\n%s%s", path, number(run, path), count, run->finished.out,
                 run->finished.err);
    assert_int_equal(outcomes_sum(run), sum);
}

pid_t start_200(const char *lane, const char *work, const char *at_once, const char *url,
                const char *output)
{
    const char *argv[] = {program(lane), "--work", work,   "-n",      "200", "-c",
                          at_once,       "-o",     output, "--quiet", url,   NULL};

    return start(argv, NULL, NULL);
}

void expect_some_of_200(const char *output, const char *outcome)
{
    char error[JSON_ERROR_SIZE];
    json_t *lines = json_lines_load(output, error);
    struct lane_run run = {.result = json_array_get(lines, 0)};

    if (json_array_size(lines) != 1)
        fail_msg("%s: no result: %s", output, error);
    assert_int_equal(outcomes_sum(&run), 200);
    if (number(&run, outcome) <= 0)
        fail_msg("no %s", outcome);
    json_decref(lines);
}

const char *users_url(const struct server *server, const char *query)
{
    static char url[256];

    snprintf(url, sizeof(url), "%s/users/{id}%s", server->url, query);
    return url;
}

void expect_usage_error(const char *lane, const char *const arguments[], const char *text)
{
    const char *argv[ARGUMENTS_MAX] = {program(lane)};
    struct finished finished;

    for (int i = 0; arguments[i] != NULL; i++)
        argv[i + 1] = arguments[i];
    finished = run_argv(argv);
    if (finished.status != 2 || strstr(finished.err, text) == NULL)
        fail_msg("status %d, expected 2 and '%s', got:\n%s", finished.status, text, finished.err);
    finished_free(&finished);
}

bool catches(pid_t pid, int signal)
{
    char path[64], *status, *line;
    bool caught;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    status = file_read(path, 1 << 16, NULL);
    line = status != NULL ? strstr(status, "SigCgt:") : NULL;
    caught = line != NULL && strtoull(line + strlen("SigCgt:"), NULL, 16) >> (signal - 1) & 1;
    free(status);
    return caught;
}

int interrupt_lane(pid_t pid, int signal, unsigned delay_us)
{
    uint64_t deadline = clock_ns() + 60 * NS_PER_S;

    while (!catches(pid, signal) && clock_ns() < deadline)
        usleep(2000);
    usleep(delay_us);
    kill(pid, signal);
    return wait_for(pid, 60);
}
