/* Tasks that only sleep, end to end. Every test that takes a kind runs once for each. */
#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/helpers.h"

#include "common/clock.h"
#include "common/file.h"
#include "common/json.h"

#define PATIENCE_S 50 /* for a busy machine */

struct slept {
    struct finished finished;
    json_t *result; /* NULL: none was written */
};

static json_t *load_result(const char *path)
{
    char error[JSON_ERROR_SIZE];
    json_t *lines = access(path, F_OK) == 0 ? json_lines_load(path, error) : NULL;
    json_t *result = json_incref(json_array_get(lines, 0));

    assert_true(json_array_size(lines) <= 1);
    json_decref(lines);
    return result;
}

/* Arguments after the kind end with NULL. */
static struct slept sleepers(const char *kind, ...)
{
    char *folder = folder_make(), *output = strdup(path_in(folder, "result.jsonl"));
    const char *argv[ARGUMENTS_MAX] = {program("sleepers"), "--kind", kind, "-o", output};
    struct slept slept;
    int count = 5;
    va_list rest;

    va_start(rest, kind);
    do
        argv[count] = va_arg(rest, const char *);
    while (argv[count++] != NULL);
    va_end(rest);
    slept.finished = run_argv(argv);
    slept.result = load_result(output);
    free(output);
    folder_remove(folder);
    return slept;
}

static void slept_free(struct slept *slept)
{
    finished_free(&slept->finished);
    json_decref(slept->result);
}

static long number(const struct slept *slept, const char *path)
{
    return (long)json_number_at(slept->result, path, -1);
}

static long outcomes_sum(const struct slept *slept)
{
    json_t *value;
    const char *key;
    long sum = 0;

    json_object_foreach(json_at(slept->result, "outcomes"), key, value) sum +=
        (long)json_integer_value(value);
    return sum;
}

static void all_sleep_at_once_for_their_full_time(void **state)
{
    struct slept slept = sleepers(*state, "--work", "sleep", "-n", "100", "--latency", "3s", NULL);

    assert_int_equal(slept.finished.status, 0);
    assert_string_equal(json_text_at(slept.result, "schema", ""), "lane.result/1");
    assert_string_equal(json_text_at(slept.result, "lane", ""), *state);
    assert_string_equal(json_text_at(slept.result, "workload.work", ""), "sleep");
    assert_int_equal(number(&slept, "workload.requests"), 100);
    assert_int_equal(number(&slept, "outcomes.ok"), 100);
    assert_int_equal(outcomes_sum(&slept), 100);
    assert_int_equal(number(&slept, "verified"), 100);
    assert_int_equal(number(&slept, "in_flight_peak"), 100);
    assert_int_equal(number(&slept, "floor_ns"), 3 * NS_PER_S);
    assert_true(number(&slept, "wall_ns") >= (long)(3 * NS_PER_S));
    assert_true(json_is_true(json_at(slept.result, "valid")));
    assert_true(json_is_false(json_at(slept.result, "interrupted")));
    assert_non_null(strstr(slept.finished.out, "100 at once"));
    slept_free(&slept);
}

static void options_of_a_lane_are_taken_and_ignored(void **state)
{
    struct slept slept =
        sleepers(*state, "-n", "20", "-c", "7", "--timeout", "3s", "--connections", "fresh",
                 "--latency", "300ms", "--quiet", "http://127.0.0.1:1/users/{id}", NULL);

    assert_int_equal(slept.finished.status, 0);
    assert_string_equal(slept.finished.out, "");
    assert_int_equal(number(&slept, "workload.concurrency"), 20);
    assert_int_equal(number(&slept, "verified"), 20);
    slept_free(&slept);
}

/* The news that all have got up may come before anybody waits for them. */
static void shortest_sleep_ends(void **state)
{
    for (int i = 0; i < 100; i++) {
        struct finished finished =
            run("sleepers", "--kind", *state, "-n", "1", "--latency", "1ns", "--quiet", NULL);

        assert_int_equal(finished.status, 0);
        finished_free(&finished);
    }
}

/* Waits until `path` is there and empty. */
static bool wait_for_empty(const char *path)
{
    uint64_t deadline = clock_ns() + PATIENCE_S * NS_PER_S;
    struct stat status;

    while (stat(path, &status) < 0 || status.st_size > 0) {
        if (clock_ns() > deadline)
            return false;
        usleep(2000);
    }
    return true;
}

/* A file of an earlier run lies in its place: the one that is waited for is empty. */
static void file_says_when_all_sleep_and_an_interrupt_leaves_a_partial_result(void **state)
{
    char *folder = folder_make(), *ready = strdup(path_in(folder, "ready"));
    char *output = strdup(path_in(folder, "result.jsonl"));
    const char *argv[] = {program("sleepers"), "--kind", *state, "-n",   "300", "--latency", "10m",
                          "--ready",           ready,    "-o",   output, NULL};
    struct slept slept = {0};
    bool came;
    pid_t pid;

    assert_int_equal(file_replace(ready, "stale", 5), 0);
    pid = start(argv, NULL, NULL);
    came = wait_for_empty(ready);
    kill(pid, SIGINT);
    slept.finished.status = wait_for(pid, PATIENCE_S);
    slept.result = load_result(output);
    folder_remove(folder);
    free(ready);
    free(output);
    assert_true(came);
    assert_int_equal(slept.finished.status, 130);
    assert_int_equal(number(&slept, "in_flight_peak"), 300);
    assert_int_equal(number(&slept, "outcomes.cancelled"), 300);
    assert_int_equal(outcomes_sum(&slept), 300);
    assert_int_equal(number(&slept, "verified"), 0);
    assert_true(json_is_true(json_at(slept.result, "interrupted")));
    assert_true(json_is_false(json_at(slept.result, "valid")));
    json_decref(slept.result);
}

/* The first have got up long before the last are started: that is not what was asked for. */
static void no_file_where_not_all_sleep_at_once(void **state)
{
    char *folder = folder_make(), *ready = strdup(path_in(folder, "ready"));
    struct slept slept = sleepers(*state, "-n", "20k", "--latency", "1us", "--ready", ready, NULL);

    assert_int_equal(slept.finished.status, 1);
    assert_non_null(strstr(slept.finished.out, "invalid: the first got up before the last lay"));
    assert_true(json_is_false(json_at(slept.result, "valid")));
    assert_int_equal(access(ready, F_OK), -1);
    assert_true(number(&slept, "in_flight_peak") < 20000);
    assert_int_equal(number(&slept, "verified"), 20000);
    slept_free(&slept);
    folder_remove(folder);
    free(ready);
}

static void file_that_cannot_be_made_is_wrong_usage(void **state)
{
    struct slept slept = sleepers(*state, "-n", "2", "--ready", "/nowhere/ready", NULL);

    assert_int_equal(slept.finished.status, 2);
    assert_non_null(strstr(slept.finished.err, "/nowhere/ready"));
    slept_free(&slept);
}

/* As many tasks of a kind as are too many for the addresses that it gets, in KB. */
static struct slept sleepers_in_little_memory(const char *kind)
{
    static const char script[] =
        "case $1 in coroutine) v=400000 n=30000 ;; stackless) v=100000 n=3000000 ;;"
        " timer) v=100000 n=2000000 ;; thread) v=400000 n=5000 ;; esac;"
        "ulimit -v $v; exec \"$2\" --kind $1 -n $n --latency 10m --output \"$3\"";
    char *folder = folder_make(), *output = strdup(path_in(folder, "result.jsonl"));
    const char *argv[] = {"sh", "-c", script, "sh", kind, program("sleepers"), output, NULL};
    struct slept slept;

    slept.finished = run_argv(argv);
    slept.result = load_result(output);
    free(output);
    folder_remove(folder);
    return slept;
}

/* All that were started end at once, though they were to sleep for ten minutes. */
static void refusal_halfway_is_exit_3_and_accounts_for_all(void **state)
{
    struct slept slept;

    if (SANITIZED)
        skip();
    slept = sleepers_in_little_memory(*state);
    assert_int_equal(slept.finished.status, 3);
    assert_non_null(strstr(slept.finished.err, "not all tasks could be started"));
    assert_true(json_is_string(json_at(slept.result, "error")));
    assert_true(json_is_false(json_at(slept.result, "valid")));
    assert_int_equal(number(&slept, "outcomes.other"), number(&slept, "workload.requests"));
    assert_true(number(&slept, "in_flight_peak") > 0);
    slept_free(&slept);
}

static void too_many_threads_are_exit_3_with_limit_and_remedy(void **state)
{
    struct slept slept = sleepers("thread", "-n", "10M", NULL);

    (void)state;
    assert_int_equal(slept.finished.status, 3);
    assert_non_null(strstr(slept.finished.err, "-n 10000000 needs"));
    assert_non_null(strstr(slept.finished.err, "but the limit is"));
    assert_non_null(strstr(slept.finished.err, "raise it with: "));
    assert_non_null(strstr(slept.finished.err, "or lower -n"));
    assert_null(slept.result);
    slept_free(&slept);
}

static void million_tasks_without_stacks_sleep_at_once(void **state)
{
    struct slept slept;

    if (SANITIZED)
        skip();
    slept = sleepers(*state, "-n", "1M", "--latency", "8s", NULL);
    assert_int_equal(slept.finished.status, 0);
    assert_int_equal(number(&slept, "in_flight_peak"), 1000000);
    assert_int_equal(number(&slept, "verified"), 1000000);
    slept_free(&slept);
}

static void wrong_usage_is_exit_2(void **state)
{
    static const char *const wrong[][2] = {
        {"--kind", "fibre"},   {"--work", "io"},   {"-n", "0"},
        {"-n", "ten"},         {"--latency", "0"}, {"--output", "/nowhere/result"},
        {"--records", "file"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct finished finished = run("sleepers", wrong[i][0], wrong[i][1], NULL);

        assert_int_equal(finished.status, 2);
        assert_string_not_equal(finished.err, "");
        finished_free(&finished);
    }
}

static void help_and_version_are_exit_0(void **state)
{
    struct finished help = run("sleepers", "--help", NULL);
    struct finished version = run("sleepers", "--version", NULL);

    (void)state;
    assert_int_equal(help.status, 0);
    assert_non_null(strstr(help.out, "--ready"));
    assert_int_equal(version.status, 0);
    assert_non_null(strstr(version.out, "libuv"));
    finished_free(&help);
    finished_free(&version);
}

#define EACH_KIND(test)                                                                            \
    {#test "_coroutine", test, NULL, NULL, "coroutine"},                                           \
        {#test "_stackless", test, NULL, NULL, "stackless"},                                       \
        {#test "_timer", test, NULL, NULL, "timer"},                                               \
    {                                                                                              \
#test "_thread", test, NULL, NULL, "thread"                                                \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH_KIND(all_sleep_at_once_for_their_full_time),
        EACH_KIND(options_of_a_lane_are_taken_and_ignored),
        EACH_KIND(shortest_sleep_ends),
        EACH_KIND(file_says_when_all_sleep_and_an_interrupt_leaves_a_partial_result),
        EACH_KIND(file_that_cannot_be_made_is_wrong_usage),
        {"no_file_where_not_all_sleep_at_once_coroutine", no_file_where_not_all_sleep_at_once, NULL,
         NULL, "coroutine"},
        {"no_file_where_not_all_sleep_at_once_stackless", no_file_where_not_all_sleep_at_once, NULL,
         NULL, "stackless"},
        EACH_KIND(refusal_halfway_is_exit_3_and_accounts_for_all),
        {"million_stackless", million_tasks_without_stacks_sleep_at_once, NULL, NULL, "stackless"},
        {"million_timers", million_tasks_without_stacks_sleep_at_once, NULL, NULL, "timer"},
        cmocka_unit_test(too_many_threads_are_exit_3_with_limit_and_remedy),
        cmocka_unit_test(wrong_usage_is_exit_2),
        cmocka_unit_test(help_and_version_are_exit_0),
    };

    return cmocka_run_group_tests_name("sleepers", tests, NULL, NULL);
}
