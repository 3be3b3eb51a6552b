/* Many requests at once: several processes and addresses, results that can be added, ids and starts
 * as they are asked for. */
#include "tests/lane_run.h"

#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/count.h"
#include "common/file.h"
#include "common/histogram.h"
#include "common/json.h"

#define CHAIN "--work", "cpu", "--rounds", "1", "-c", "10", "--quiet"

static double stat_of(const struct server *server, const char *path)
{
    char *text = server_request(server, "/stats", 0);
    json_t *stats = json_loads(text, 0, NULL);
    double value = json_number_at(stats, path, -1);

    json_decref(stats);
    free(text);
    return value;
}

/* ---- Several processes ------------------------------------------------------------------- */

static void processes_share_ids_and_make_one_result(void **state)
{
    struct server server = server_start("--latency", "500ms", NULL);
    struct lane_run run = run_lane("lane-async", users_url(&server, ""), "-n", "900", "-c", "300",
                                   "--processes", "4", "--loops", "2", "--client", *state, NULL);

    assert_int_equal(run.finished.status, 0);
    expect_outcomes(&run, "outcomes.ok", 900, 900);
    assert_int_equal(number(&run, "workload.processes"), 4);
    assert_int_equal(number(&run, "connections_opened"), 300);
    assert_true(number(&run, "in_flight_peak") <= 300);
    assert_true(number(&run, "loop.lateness_ns.max") >= 0);
    assert_int_equal(stat_of(&server, "requests"), 900);
    assert_int_equal(stat_of(&server, "ids"), 900);
    assert_int_equal(stat_of(&server, "id_max"), 899);
    assert_int_equal(stat_of(&server, "in_flight_peak"), 300);
    lane_run_free(&run);
    server_stop(&server);
    assert_int_equal(children_count(), 0);
}

/* All slots of all processes are numbered. */
static void records_name_the_slots_of_all_processes(void **state)
{
    struct server server = server_start("--latency", "1s", NULL);
    char *folder = folder_make(), *path = strdup(path_in(folder, "records.csv")), *text, *row;
    struct lane_run run = run_lane("lane-async", users_url(&server, ""), "-n", "10", "--processes",
                                   "3", "--records", path, NULL);
    unsigned workers = 0;

    (void)state;
    text = file_read(path, 1 << 16, NULL);
    for (row = strchr(text, '\n') + 1; *row != '\0'; row = strchr(row, '\n') + 1)
        workers |= 1U << strtoul(strchr(row, ',') + 1, NULL, 10);
    assert_int_equal(workers, (1U << 10) - 1);
    free(text);
    lane_run_free(&run);
    folder_remove(folder);
    free(path);
    server_stop(&server);
}

static void each_process_connects_to_an_address_of_its_own(void **state)
{
    char here[64], url[128];
    int port = free_port();
    struct server server;
    struct lane_run all, half;

    snprintf(here, sizeof(here), "127.0.0.2-5:%d", port);
    snprintf(url, sizeof(url), "http://127.0.0.2:%d/users/{id}?delay=300ms", port);
    server = server_start("--listen", here, NULL);
    all = run_lane("lane-async", url, "-n", "80", "--addresses", "127.0.0.2-5", "--client", *state,
                   NULL);
    /* who fails takes the next id, and fails again */
    half = run_lane("lane-async", url, "-n", "80", "--addresses", "127.0.0.4-7", "--client", *state,
                    NULL);
    expect_outcomes(&all, "outcomes.ok", 80, 80);
    assert_int_equal(number(&all, "workload.processes"), 4);
    assert_int_equal(half.finished.status, 1);
    assert_true(number(&half, "outcomes.connect") > 0);
    assert_int_equal(outcomes_sum(&half), 80);
    lane_run_free(&half);
    lane_run_free(&all);
    server_stop(&server);
}

/* It is what is replaced, wherever it ends and however it begins. */
static void the_host_of_any_url_is_replaced(void **state)
{
    static const struct {
        const char *url, *outcome;
    } cases[] = {
        {"http://127.0.0.9:%d?id={id}", "outcomes.http_status"},
        {"http:/127.0.0.9:%d/{id}", "outcomes.http_status"},
        {"http://127.0.0.9?%d={id}", "outcomes.connect"},
    };
    struct server server = server_start("--latency", "1ms", NULL);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char url[64];
        struct lane_run run;

        snprintf(url, sizeof(url), cases[i].url, server.port);
        run = run_lane("lane-async", url, "-n", "4", "--addresses", "127.0.0.1-1", "--client",
                       *state, NULL);
        expect_outcomes(&run, cases[i].outcome, 4, 4);
        lane_run_free(&run);
    }
    server_stop(&server);
}

static void what_has_no_such_host_is_refused(void **state)
{
    static const char *const urls[] = {"http://me:secret@127.0.0.1/{id}", "http://[::1]:1/{id}",
                                       "http://127.0.0.1/#{id}", "https://127.0.0.1/{id}"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(urls); i++)
        expect_usage_error("lane-async",
                           (const char *const[]){"--addresses", "127.0.0.1-2", urls[i], NULL},
                           "--addresses: the URL must be");
}

/* What is named is what helps. */
static void limit_of_open_files_names_the_processes_that_it_takes(void **state)
{
    struct server server = server_start("--latency", "500ms", NULL);
    char script[512];
    struct finished refused, done;
    const char *remedy;

    (void)state;
    snprintf(script, sizeof(script), "ulimit -n 200; exec %s -n 500 --quiet \"$@\" '%s'",
             program("lane-async"), users_url(&server, ""));
    refused = run_argv((const char *const[]){"/bin/sh", "-c", script, NULL});
    assert_int_equal(refused.status, 3);
    remedy = strstr(refused.err, "spread it with: --processes 5, raise it with: ulimit -Hn");
    if (remedy == NULL)
        fail_msg("%s", refused.err);
    done = run_argv((const char *const[]){"/bin/sh", "-c", script, "sh", "--processes", "5", NULL});
    if (done.status != 0)
        fail_msg("%s", done.err);
    assert_int_equal(stat_of(&server, "in_flight_peak"), 500);
    finished_free(&done);
    finished_free(&refused);
    server_stop(&server);
}

/* Starts a lane of four processes with 200 requests of a minute, once all wait. */
static pid_t start_four(const struct server *server, const char *output, pid_t *processes)
{
    const char *argv[] = {program("lane-async"),
                          "-n",
                          "200",
                          "--processes",
                          "4",
                          "-t",
                          "3s",
                          "-o",
                          output,
                          "--quiet",
                          users_url(server, "?delay=1m"),
                          NULL};
    pid_t pid = start(argv, NULL, NULL);

    for (int i = 0; i < 3000 && stat_of(server, "in_flight") < 200; i++)
        usleep(2000);
    assert_int_equal(children_of(pid, processes, 4), 4);
    return pid;
}

static void killed_process_loses_what_it_had_in_flight(void **state)
{
    struct server server = server_start("--latency", "1m", NULL);
    char *folder = folder_make(), *output = strdup(path_in(folder, "result.jsonl"));
    pid_t processes[4], pid = start_four(&server, output, processes);

    (void)state;
    kill(processes[1], SIGKILL);
    assert_int_equal(wait_for(pid, 60), 1);
    expect_some_of_200(output, "outcomes.timeout");
    expect_some_of_200(output, "outcomes.other");
    folder_remove(folder);
    free(output);
    server_stop(&server);
}

static void interrupt_stops_all_processes(void **state)
{
    struct server server = server_start("--latency", "1m", NULL);
    char *folder = folder_make(), *output = strdup(path_in(folder, "result.jsonl"));
    pid_t processes[4], pid = start_four(&server, output, processes);

    (void)state;
    kill(pid, SIGTERM);
    assert_int_equal(wait_for(pid, 60), 130);
    expect_some_of_200(output, "outcomes.cancelled");
    wait_until_gone(processes, 4);
    folder_remove(folder);
    free(output);
    server_stop(&server);
}

static void processes_end_with_the_lane(void **state)
{
    struct server server = server_start("--latency", "1m", NULL);
    char *folder = folder_make(), *output = strdup(path_in(folder, "result.jsonl"));
    pid_t processes[4], pid = start_four(&server, output, processes);

    (void)state;
    kill(pid, SIGKILL);
    assert_int_equal(wait_for(pid, 60), 128 + SIGKILL);
    wait_until_gone(processes, 4);
    folder_remove(folder);
    free(output);
    server_stop(&server);
}

/* ---- Results that can be added ----------------------------------------------------------- */

/* Adds the buckets of a result; they are as many as answers. */
static void add(struct histogram *sum, const struct lane_run *run)
{
    json_t *bucket;
    long count = 0;
    size_t i;

    json_array_foreach(json_at(run->result, "latency_histogram"), i, bucket)
    {
        for (json_int_t k = json_integer_value(json_array_get(bucket, 1)); k > 0; k--, count++)
            histogram_add(sum, (uint64_t)json_integer_value(json_array_get(bucket, 0)));
    }
    assert_int_equal(count, number(run, "outcomes.ok"));
}

static int by_size(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

/* The latencies in the records: returns how many were added. */
static size_t read_latencies(const char *path, uint64_t *values)
{
    char *text = file_read(path, 1 << 20, NULL), *row = strchr(text, '\n') + 1;
    unsigned long long start_ns, connected_ns, byte_ns, end_ns;
    size_t count = 0;

    for (; *row != '\0'; row = strchr(row, '\n') + 1) {
        assert_int_equal(sscanf(row, "%*u,%*u,%llu,%llu,%llu,%llu,ok", &start_ns, &connected_ns,
                                &byte_ns, &end_ns),
                         4);
        values[count++] = end_ns - start_ns;
    }
    free(text);
    return count;
}

static void merged_percentiles_are_those_of_all_records(void **state)
{
    struct server server =
        server_start("--latency", "lognormal:median=50ms,p99=900ms", "--seed", "5", NULL);
    char *folder = folder_make(), *path = strdup(path_in(folder, "records.csv"));
    struct histogram *sum = calloc(1, sizeof(*sum));
    static uint64_t values[900];
    size_t count = 0;

    (void)state;
    for (int i = 0; i < 3; i++) {
        char first[16];
        struct lane_run run;

        snprintf(first, sizeof(first), "%d", 300 * i);
        run = run_lane("lane-async", users_url(&server, ""), "-n", "300", "--first-id", first,
                       "--records", path, NULL);
        add(sum, &run);
        count += read_latencies(path, values + count);
        lane_run_free(&run);
    }
    assert_int_equal(count, COUNT_OF(values));
    qsort(values, count, sizeof(values[0]), by_size);
    for (int percent = 1; percent <= 100; percent++) {
        double exact = (double)values[(count * (size_t)percent + 99) / 100 - 1];
        double merged = (double)histogram_percentile(sum, percent);

        if (merged < exact || merged > 1.008 * exact)
            fail_msg("p%d is %.0f of the records, and %.0f merged", percent, exact, merged);
    }
    assert_int_equal(stat_of(&server, "ids"), 900);
    free(sum);
    folder_remove(folder);
    free(path);
    server_stop(&server);
}

static void records_of_many_are_those_of_a_sample(void **state)
{
    char *folder = folder_make(), *first = strdup(path_in(folder, "1.csv"));
    char *second = strdup(path_in(folder, "2.csv")), *texts[2];
    long rows = 0;

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct lane_run run = run_lane("lane-async", NULL, CHAIN, "-n", "400k", "--first-id", "7",
                                       "--records", i == 0 ? first : second, NULL);

        assert_int_equal(run.finished.status, 0);
        lane_run_free(&run);
    }
    for (int i = 0; i < 2; i++)
        texts[i] = file_read(i == 0 ? first : second, 1 << 28, NULL);
    for (char *a = texts[0], *b = texts[1]; *a != '\0'; rows++) {
        if (strncmp(a, b, strcspn(a, ",") + 1) != 0)
            fail_msg("row %ld is of another id: %.20s and %.20s", rows, a, b);
        a = strchr(a, '\n') + 1;
        b = strchr(b, '\n') + 1;
    }
    if (labs(rows - 100001) > 2000)
        fail_msg("%ld rows", rows);
    for (int i = 0; i < 2; i++)
        free(texts[i]);
    folder_remove(folder);
    free(first);
    free(second);
}

/* What the largest child so far took, in KB. */
static long largest_kb(void)
{
    struct rusage children;

    getrusage(RUSAGE_CHILDREN, &children);
    return children.ru_maxrss;
}

static void memory_of_a_request_is_64_bytes_at_most(void **state)
{
    static const char *const counts[] = {"200k", "2M"};
    long kb[2];

    (void)state;
    if (SANITIZED || on_valgrind())
        skip();
    for (int i = 0; i < 2; i++) {
        struct lane_run run = run_lane("lane-async", NULL, CHAIN, "-n", counts[i], NULL);

        assert_int_equal(run.finished.status, 0);
        kb[i] = largest_kb();
        lane_run_free(&run);
    }
    if ((kb[1] - kb[0]) * 1024 > 64 * 1800000L)
        fail_msg("%ld KB of 200,000 and %ld KB of 2,000,000", kb[0], kb[1]);
}

/* ---- Ids and starts ---------------------------------------------------------------------- */

static void ids_begin_where_asked(void **state)
{
    struct server server = server_start("--latency", "uniform:10ms..200ms", "--seed", "3", NULL);
    struct lane_run run =
        run_lane(*state, users_url(&server, ""), "-n", "20", "--first-id", "1000000", "--latency",
                 "uniform:10ms..200ms", "--seed", "3", NULL);
    struct lane_run raw = run_lane(*state, users_url(&server, ""), "-n", "20", "--first-id",
                                   "2000000", "--client", "raw", NULL);

    assert_int_equal(run.finished.status, 0);
    assert_int_equal(number(&run, "verified"), 20);
    assert_int_equal(number(&run, "workload.first_id"), 1000000);
    assert_true(number(&run, "wall_ns") >= number(&run, "floor_ns"));
    assert_int_equal(number(&raw, "verified"), 20);
    assert_int_equal(stat_of(&server, "id_max"), 2000019);
    lane_run_free(&raw);
    lane_run_free(&run);
    server_stop(&server);
}

/* As the URL, the records and the server call it. */
static void the_summary_names_them(void **state)
{
    struct server server = server_start("--latency", "1ms", NULL);
    struct lane_run run = run_lane(*state, users_url(&server, "?fault=500"), "-n", "2",
                                   "--first-id", "500", "-c", "1", NULL);

    if (strstr(run.finished.out, "(request 500: status 500)") == NULL)
        fail_msg("%s", run.finished.out);
    lane_run_free(&run);
    server_stop(&server);
}

static void a_block_of_the_loop_names_them(void **state)
{
    struct lane_run run = run_lane("lane-async", NULL, "-n", "1", "--work", "cpu", "--cpu", "5ms",
                                   "--first-id", "500", NULL);

    (void)state;
    expect_text(json_text_at(run.result, "loop.longest_block", ""), "item 500");
    lane_run_free(&run);
}

static void ids_of_websockets_do_too(void **state)
{
    struct server server = server_start("--latency", "20ms", NULL);
    struct lane_run run = run_lane(*state, users_url(&server, "?chat=1s"), "--work", "websocket",
                                   "-n", "10", "--first-id", "700", NULL);

    assert_int_equal(run.finished.status, 0);
    assert_int_equal(number(&run, "verified"), 10);
    assert_int_equal(stat_of(&server, "id_max"), 709);
    lane_run_free(&run);
    server_stop(&server);
}

static void a_lane_begins_at_its_time(void **state)
{
    struct server server = server_start("--latency", "1ms", NULL);
    uint64_t at_ns = clock_ns_of(CLOCK_REALTIME) + NS_PER_S;
    double started_ns;
    char at[32];
    struct lane_run run;

    snprintf(at, sizeof(at), "%.6f", (double)at_ns / 1e9);
    run = run_lane(*state, users_url(&server, ""), "-n", "3", "--start-at", at, "--deadline",
                   "900ms", NULL);
    started_ns = json_number_at(run.result, "started_ns", 0);
    expect_outcomes(&run, "outcomes.ok", 3, 3); /* the deadline counts from the start on */
    if (started_ns < (double)at_ns - 1e6 || started_ns > (double)at_ns + 5e8)
        fail_msg("started %.3f ms after its time", (started_ns - (double)at_ns) / 1e6);
    assert_true(number(&run, "wall_ns") < (long)NS_PER_S);
    lane_run_free(&run);
    server_stop(&server);
}

static void an_interrupt_ends_the_wait_for_the_start(void **state)
{
    const char *argv[] = {program("lane-async"),     "-n", "3", "--start-at", "9999999999",
                          "http://127.0.0.1:1/{id}", NULL};

    (void)state;
    assert_int_equal(interrupt_lane(start(argv, NULL, NULL), SIGINT, 50000), 130);
}

static void nonsense_is_wrong_usage(void **state)
{
    static const struct {
        const char *lane, *text, *arguments[5];
    } cases[] = {
        {"lane-async", "--processes", {"--processes", "0"}},
        {"lane-async", "--loops", {"--processes", "2", "--work=cpu", "--compute=threads"}},
        {"lane-threads", "lane-async", {"--processes", "2"}},
        {"lane-async", "like 127.0.0.1-10", {"--addresses", "127.0.0.1"}},
        {"lane-async", "like 127.0.0.1-10", {"--addresses", "127.0.0.9-2"}},
        {"lane-async", "like 127.0.0.1-10", {"--addresses", "127.0.0.1-256"}},
        {"lane-async", "like 127.0.0.1-10", {"--addresses", "127.0.0.1-2x"}},
        {"lane-async", "--processes 3", {"--addresses", "127.0.0.1-3", "--processes=2"}},
        {"lane-async", "1764381600.25", {"--start-at", "tomorrow"}},
        {"lane-async", "1764381600.25", {"--start-at", "nan"}},
        {"lane-async", "--first-id", {"--first-id", "-1"}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *arguments[8] = {"http://127.0.0.1:1/{id}"};

        for (size_t k = 0; k < 5; k++)
            arguments[k + 1] = cases[i].arguments[k];
        expect_usage_error(cases[i].lane, arguments, cases[i].text);
    }
}

/* ---- bench ------------------------------------------------------------------------------- */

static void a_cell_of_several_processes_has_a_server_for_it(void **state)
{
    struct place place = make_place(
        PLAN("\"rounds\": 1, \"cells\": [{\"lane\": \"async\", \"processes\": 3, \"requests\": 60, "
             "\"concurrency\": 60, \"latency\": \"500ms\"}], \"memory\": {\"hold\": \"1s\", "
             "\"cells\": [{\"lane\": \"async\", \"processes\": 3, \"requests\": 60, "
             "\"concurrency\": 60}]}"));
    struct finished finished = expect_run(&place, 0);
    json_t *lines = load(&place, "results.jsonl"), *passes = load(&place, "memory.jsonl");
    const json_t *line = json_array_get(lines, 0);

    (void)state;
    expect_text(finished.err, "async-n60-c60-500ms-p3");
    assert_int_equal(json_array_size(json_object_get(line, "problems")), 0);
    assert_int_equal(json_number_at(line, "lane.workload.processes", 0), 3);
    assert_int_equal(json_number_at(json_array_get(passes, 0), "processes", 0), 4);
    json_decref(lines);
    json_decref(passes);
    finished_free(&finished);
    remove_place(&place);
}

/* The first are answered before the last are started: that is not what was asked for. */
static void fewer_in_flight_than_asked_do_not_count(void **state)
{
    struct place place = make_place(
        PLAN("\"rounds\": 1, \"cells\": [{\"lane\": \"async\", \"processes\": 2, \"requests\": "
             "3000, \"concurrency\": 3000, \"latency\": \"1ms\"}]"));
    struct finished finished = expect_run(&place, 1);
    json_t *lines = load(&place, "results.jsonl");

    (void)state;
    expect_problem(json_array_get(lines, 0), "the latency must be longer than it takes to start");
    json_decref(lines);
    finished_free(&finished);
    remove_place(&place);
}

#define WITH(test, with)                                                                           \
    {                                                                                              \
#test "_" with, test, NULL, end_leftovers, with                                            \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(processes_share_ids_and_make_one_result, "curl"),
        WITH(processes_share_ids_and_make_one_result, "raw"),
        cmocka_unit_test_teardown(records_name_the_slots_of_all_processes, end_leftovers),
        WITH(each_process_connects_to_an_address_of_its_own, "curl"),
        WITH(each_process_connects_to_an_address_of_its_own, "raw"),
        WITH(the_host_of_any_url_is_replaced, "curl"),
        WITH(the_host_of_any_url_is_replaced, "raw"),
        cmocka_unit_test_teardown(what_has_no_such_host_is_refused, end_leftovers),
        cmocka_unit_test_teardown(limit_of_open_files_names_the_processes_that_it_takes,
                                  end_leftovers),
        cmocka_unit_test_teardown(killed_process_loses_what_it_had_in_flight, end_leftovers),
        cmocka_unit_test_teardown(interrupt_stops_all_processes, end_leftovers),
        cmocka_unit_test_teardown(processes_end_with_the_lane, end_leftovers),
        cmocka_unit_test_teardown(merged_percentiles_are_those_of_all_records, end_leftovers),
        cmocka_unit_test_teardown(records_of_many_are_those_of_a_sample, end_leftovers),
        cmocka_unit_test_teardown(memory_of_a_request_is_64_bytes_at_most, end_leftovers),
        FOR_EACH_LANE(ids_begin_where_asked),
        cmocka_unit_test_prestate_setup_teardown(the_summary_names_them, NULL, end_leftovers,
                                                 "lane-sync"),
        cmocka_unit_test_teardown(a_block_of_the_loop_names_them, end_leftovers),
        FOR_EACH_LANE(ids_of_websockets_do_too),
        FOR_EACH_LANE(a_lane_begins_at_its_time),
        cmocka_unit_test_teardown(an_interrupt_ends_the_wait_for_the_start, end_leftovers),
        cmocka_unit_test_teardown(nonsense_is_wrong_usage, end_leftovers),
        cmocka_unit_test_teardown(a_cell_of_several_processes_has_a_server_for_it, end_leftovers),
        cmocka_unit_test_teardown(fewer_in_flight_than_asked_do_not_count, end_leftovers),
    };

    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return cmocka_run_group_tests_name("scale", tests, NULL, NULL);
}
