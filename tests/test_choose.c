/* The predictor, what `choose` answers, and the explorer, which must predict the same. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/helpers.h"

#include "choose/predict.h"
#include "common/count.h"
#include "common/file.h"
#include "common/json.h"

#define MS    1e6
#define CASES 200

/* ---- The simulation ---------------------------------------------------------------------- */

static const struct parameters nothing;

static double wall_ms(struct calls load, struct shape shape, struct parameters costs)
{
    load.waits = true;
    return simulate(&load, &shape, &costs).wall_ns / MS;
}

static struct calls calls(uint64_t requests, uint64_t concurrency, double wait_ms, double own_ms)
{
    return (struct calls){
        .requests = requests,
        .concurrency = concurrency,
        .latency = {.kind = LATENCY_FIXED, .a_ns = wait_ms * MS},
        .own_ns = own_ms * MS,
    };
}

static void waits_come_to_the_floor(void **state)
{
    (void)state;
    assert_float_equal(wall_ms(calls(10, 1, 100, 0), (struct shape){.width = 1}, nothing), 1000, 0);
    assert_float_equal(wall_ms(calls(10, 3, 100, 0), (struct shape){.width = 2}, nothing), 400, 0);
    assert_float_equal(wall_ms(calls(10, 99, 100, 0), (struct shape){.width = 1}, nothing), 100, 0);
}

static void computing_takes_a_core(void **state)
{
    (void)state;
    /* All answers are there at once; then 10 are computed one after the other, or by two. */
    assert_float_equal(wall_ms(calls(10, 10, 100, 5), (struct shape){.width = 1}, nothing), 150, 0);
    assert_float_equal(wall_ms(calls(10, 10, 100, 5), (struct shape){.width = 2}, nothing), 125, 0);
    assert_float_equal(
        wall_ms(calls(10, 10, 100, 5), (struct shape){.width = 1, .beside = 2}, nothing), 125, 0);
}

static void each_cost_is_where_it_belongs(void **state)
{
    const struct shape one = {.width = 1};
    static const struct {
        struct parameters costs;
        uint64_t requests, concurrency;
        double wall_ms;
    } rows[] = {
        {{.start_ns = 7 * MS}, 4, 1, 47},
        {{.connect_ns = 2 * MS}, 4, 1, 42},
        {{.before_ns = 2 * MS}, 4, 1, 48},
        {{.after_ns = 1 * MS}, 4, 1, 44},
        {{.crowd_ns = 1 * MS}, 4, 1, 44},
        /* Four slots are made one after the other, and the last of them waits. */
        {{.slot_ns = 1 * MS}, 4, 4, 14},
        /* The server reads one after the other, and takes connections once. */
        {{.serve_ns = 1 * MS}, 3, 3, 13},
        {{.accept_ns = 2 * MS}, 4, 1, 42},
        /* The second answer is late by the root of 2. */
        {{.jostle_ns = 1 * MS}, 4, 1, 44},
        {{.jostle_ns = 1 * MS}, 2, 2, 11.41421356},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_float_equal(
            wall_ms(calls(rows[i].requests, rows[i].concurrency, 10, 0), one, rows[i].costs),
            rows[i].wall_ms, 1e-6);
    assert_float_equal(wall_ms(calls(2, 1, 10, 3), one, (struct parameters){.compute = 1}), 26, 0);
    assert_float_equal(wall_ms(calls(2, 1, 10, 3), one, (struct parameters){.hand_ns = 1 * MS}), 28,
                       0);
}

/* Where all cores are the lane's, the server takes its part of them. */
static void a_server_without_a_core_takes_one_of_ours(void **state)
{
    struct shape shape = {.width = 1, .crowded = true};
    struct parameters costs = {.serve_ns = 1 * MS};

    (void)state;
    assert_float_equal(wall_ms(calls(2, 2, 10, 4), shape, costs), 19, 1e-6);
    shape.crowded = false;
    assert_float_equal(wall_ms(calls(2, 2, 10, 4), shape, costs), 19, 1e-6);
}

static void turns_let_nobody_end_early(void **state)
{
    struct parameters costs = {.slice_ns = 1 * MS};
    struct shape shape = {.width = 1, .in_turns = true};

    (void)state;
    /* Two items of 4 ms in turns end at 7 and 8 ms, so the next ones answer together. */
    assert_float_equal(wall_ms(calls(4, 2, 10, 4), shape, costs), 36, 1);
    shape.in_turns = false;
    assert_float_equal(wall_ms(calls(4, 2, 10, 4), shape, costs), 32, 1);
}

static void a_rate_that_is_too_high_makes_a_queue_that_grows(void **state)
{
    struct calls load = calls(1000, 10, 100, 0);
    struct shape shape = {.width = 1};
    struct simulated slow, fast;

    (void)state;
    load.waits = true;
    load.rate = 90; /* 10 places serve 100 a second */
    slow = simulate(&load, &shape, &nothing);
    load.rate = 120;
    fast = simulate(&load, &shape, &nothing);
    assert_float_equal(slow.p99_ns / MS, 100, 0.01);
    assert_float_equal(slow.growth_ns / MS, 0, 0.01);
    assert_true(fast.p99_ns > 1000 * MS);
    assert_true(fast.growth_ns > 100 * MS);
}

/* One after the other computes a hundred answers that are there at once: 1, 2, … 100 ms. */
static void a_p99_is_that_of_the_nearest_rank(void **state)
{
    struct calls load = calls(100, 100, 100, 1);
    struct shape shape = {.width = 1};

    (void)state;
    load.waits = true;
    assert_float_equal(simulate(&load, &shape, &nothing).p99_ns / MS, 199, 1e-6);
    assert_float_equal(simulate(&load, &shape, &nothing).p50_ns / MS, 150, 1e-6);
}

/* Some of the last waits are long, and so are some in the middle: no queue grows by that. */
static void waits_of_all_lengths_are_no_queue(void **state)
{
    struct calls load = {.requests = 3000, .concurrency = 1000, .waits = true, .rate = 20};
    struct shape shape = {.width = 1};

    (void)state;
    load.latency =
        (struct distribution){.kind = LATENCY_LOGNORMAL, .a_ns = 100 * MS, .b_ns = 5000 * MS};
    assert_float_equal(simulate(&load, &shape, &nothing).growth_ns / MS, 0, 0.01);
}

/* What is not simulated is begun as fast as what is, whatever the last waits of either are. */
static void a_long_run_goes_on_as_it_began(void **state)
{
    static const struct {
        const char *calls;
        double within;
    } rows[] = {
        {"{\"requests\": 100000, \"concurrency\": 100, \"latency_ns\": 1e8}", 1e-9},
        {"{\"requests\": 60000, \"concurrency\": 100, \"latency\":"
         " \"lognormal:median=300ms,p99=2s\"}",
         0.02},
        {"{\"requests\": 60000, \"concurrency\": 6000, \"latency\": \"uniform:1s..3s\"}", 0.02},
    };
    json_t *lane = json_object();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        json_t *said = json_loads(rows[i].calls, 0, NULL);
        struct cell cell;

        cell_read(lane, said, &cell);
        assert_float_equal(cell.waiting_ns / simulate(&cell.calls, &cell.shape, &nothing).wall_ns,
                           1, rows[i].within);
        json_decref(said);
    }
    json_decref(lane);
}

static void an_idle_core_wakes(void **state)
{
    struct calls load = calls(4, 1, 100, 0), busy = calls(4, 4, 100, 0);
    struct shape shape = {.width = 1};

    (void)state;
    load.waits = busy.waits = true;
    /* four, each from the cold */
    assert_float_equal(simulate(&load, &shape, &nothing).wakes, 16, 1e-9);
    /* one for all */
    assert_float_equal(simulate(&busy, &shape, &nothing).wakes, 4, 1e-9);
}

/* ---- The program ------------------------------------------------------------------------- */

static void expect_status(int status, const char *part, const char *const arguments[])
{
    const char *argv[ARGUMENTS_MAX] = {program("choose"), "--parameters", "choose/reference.json"};
    struct finished finished;
    size_t count = 3;

    for (size_t i = 0; arguments[i] != NULL; i++)
        argv[count++] = arguments[i];
    finished = run_argv(argv);
    if (finished.status != status ||
        (strstr(finished.out, part) == NULL && strstr(finished.err, part) == NULL))
        fail_msg("status %d\n%s\n%s", finished.status, finished.out, finished.err);
    finished_free(&finished);
}

#define EXPECT(status, part, ...)                                                                  \
    expect_status(status, part, (const char *const[]){__VA_ARGS__, NULL})

static void it_answers(void **state)
{
    struct rusage before, after;

    (void)state;
    getrusage(RUSAGE_CHILDREN, &before);
    EXPECT(0, "Waiting dominates", "-n", "1k", "--latency", "200ms", "--in-flight", "10");
    EXPECT(0, "take this", "-n", "10k", "--latency", "lognormal:median=120ms,p99=900ms", "--cpu",
           "1ms", "--memory", "256MB");
    EXPECT(0, "It keeps up", "--rate", "100", "--latency", "100ms");
    EXPECT(0, "It keeps up", "--rate", "20", "--latency", "lognormal:median=100ms,p99=5s");
    /* with as many places as it takes, though fewer have no worse a p99 */
    EXPECT(0, "It keeps up", "--rate", "300", "--latency", "lognormal:median=100ms,p99=5s");
    EXPECT(0, "Take: threads with 10 in flight", "-n", "1k", "--latency", "200ms", "--in-flight",
           "10"); /* of many that are as fast */
    EXPECT(0, "likely slower", "-n", "20", "--latency", "50ms");
    EXPECT(0, "python-threads", "-n", "100", "--latency", "50ms", "--language", "python");
    getrusage(RUSAGE_CHILDREN, &after);
    assert_true(after.ru_utime.tv_sec - before.ru_utime.tv_sec < 8); /* an answer in under 2 s */
}

static void what_is_wrong_ends_with_2(void **state)
{
    (void)state;
    EXPECT(2, "how many calls", "--latency", "1s");
    EXPECT(2, "only one of them", "-n", "5", "--rate", "5", "--latency", "1s");
    EXPECT(2, "how long does each call wait", "-n", "5");
    EXPECT(2, "is not a size", "-n", "5", "--latency", "1s", "--memory", "lots");
    EXPECT(2, "no such lock", "-n", "5", "--latency", "1s", "--language", "go", "--lock", "yes");
    EXPECT(2, "neither yes nor no", "-n", "5", "--latency", "1s", "--lock", "perhaps");
    EXPECT(3, "in perl", "-n", "5", "--latency", "1s", "--language", "perl");
    EXPECT(2, "No such file", "-n", "5", "--latencies", "/no/such");
    EXPECT(2, "these are no parameters", "-n", "5", "--latency", "1s", "--parameters",
           "choose/choose.json");
}

static void what_cannot_be_ends_with_3(void **state)
{
    (void)state;
    EXPECT(3, "no model can keep up", "--rate", "500", "--latency", "1s", "--in-flight", "100");
    EXPECT(3, "None of them keeps up", "--rate", "100000", "--latency", "50ms");
    EXPECT(3, "Not possible", "-n", "100", "--latency", "1s", "--memory", "1MB", "--in-flight", "5",
           "--language", "python");
    EXPECT(3, "the client library blocks", "-n", "100", "--latency", "1s", "--blocks", "--language",
           "node");
}

static void limits_are_named(void **state)
{
    (void)state;
    EXPECT(0, "the client library blocks", "-n", "100", "--latency", "1s", "--blocks");
    EXPECT(0, "the service takes no more", "-n", "1k", "--latency", "1s", "--in-flight", "7");
    EXPECT(0, "  descriptors\n", "-n", "1k", "--latency", "200ms", "--descriptors", "100");
}

/* Of four waits the median is the second, and the longest decides how long ten at once take. */
static void measured_waits_are_taken(void **state)
{
    static const char waits[] = "10ms\n1s\n20ms\n30ms\n";
    char *folder = folder_make();
    char *path = strdup(path_in(folder, "waits")), *empty = strdup(path_in(folder, "empty"));

    (void)state;
    file_write(path, waits, strlen(waits));
    file_write(empty, "", 0);
    EXPECT(0, "each waiting", "-n", "10", "--latencies", path);
    EXPECT(0, "\"computing_ns\":0.0", "-n", "10", "--latencies", path, "--json");
    EXPECT(2, "only one of them", "-n", "5", "--latency", "1s", "--latencies", path);
    EXPECT(2, "a time in each line", "-n", "5", "--latencies", empty);
    free(path);
    free(empty);
    folder_remove(folder);
}

/* What is fitted to a run can be used, and predicts that run. */
static void a_run_can_be_fitted(void **state)
{
    char *folder = folder_make();
    char *path = strdup(path_in(folder, "fitted.json"));
    const char *runs = "tests/golden/cpu";
    struct finished fitted = run("choose", "--fit", "--output", path, runs, NULL), checked;

    (void)state;
    assert_int_equal(fitted.status, 0);
    checked = run("choose", "--check", "--parameters", path, runs, NULL);
    assert_int_equal(checked.status, 0);
    assert_non_null(strstr(checked.out, "within their errors"));
    finished_free(&fitted);
    finished_free(&checked);
    free(path);
    folder_remove(folder);
}

/* What is simulated is one process whose loop nothing blocks. */
static void expect_no_async_cells(const char *key, json_t *value)
{
    char *folder = folder_make(), *path = strdup(path_in(folder, "run.json")), command[256];
    json_t *run_json = json_load_file("tests/golden/cpu/run.json", 0, NULL), *cell;
    struct finished checked;
    size_t i;

    snprintf(command, sizeof(command), "cp tests/golden/cpu/*.jsonl %s", folder);
    assert_int_equal(system(command), 0);
    json_array_foreach(json_object_get(run_json, "cells"), i, cell)
    {
        if (strcmp(json_text_at(cell, "model", ""), "async") == 0)
            json_object_set(cell, key, value);
    }
    assert_int_equal(json_dump_file(run_json, path, 0), 0);
    checked = run("choose", "--check", folder, NULL);
    assert_non_null(strstr(checked.out, "\nwall     10 "));
    finished_free(&checked);
    json_decref(run_json);
    json_decref(value);
    free(path);
    folder_remove(folder);
}

static void cells_of_another_form_are_left_out(void **state)
{
    (void)state;
    expect_no_async_cells("processes", json_integer(2));
    expect_no_async_cells("blocking", json_string("threads"));
}

/* Nothing is asked of whoever has said all; without options there are questions. */
static void it_asks(void **state)
{
    static const char answers[] = "1k\n200ms\n\n10\n\n\n\n";
    char *folder = folder_make(), *said;
    char command[1024];
    struct finished finished;

    (void)state;
    file_write(path_in(folder, "answers"), answers, strlen(answers));
    snprintf(command, sizeof(command), "%s < %s", program("choose"), path_in(folder, "answers"));
    finished = run_argv((const char *const[]){"/bin/sh", "-c", command, NULL});
    said = finished.out;
    assert_int_equal(finished.status, 0);
    assert_non_null(strstr(said, "How many calls?"));
    assert_non_null(strstr(said, "Waiting dominates"));
    finished_free(&finished);
    folder_remove(folder);
}

/* Of the reference run, by what was fitted to it and to others. */
static void the_reference_is_met(void **state)
{
    struct finished finished = run("choose", "--check", "--parameters", "choose/reference.json",
                                   "results/reference", NULL);

    (void)state;
    assert_int_equal(finished.status, 0);
    assert_non_null(strstr(finished.out, "within 10 %"));
    finished_free(&finished);
}

/* ---- The explorer ------------------------------------------------------------------------ */

static uint64_t seed = 42;

/* From `low` to `high`, as many of each size. */
static double any(double low, double high)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return low * pow(high / low, (double)(seed >> 11) * 0x1p-53);
}

/* What the program says of a question that nobody chose, with the question as the page has it. */
static json_t *answered_case(void)
{
    char calls_text[32], latency[96], cpu[32], most[32];
    const char *language = any(1, 100) < 10 ? "c" : "python", *cores = any(1, 100) < 50 ? "2" : "4";
    double requests = floor(any(1, 3000)), median_us = round(any(1000, 1e6));
    double own_us = any(1, 100) < 10 ? 0 : round(any(10, 2e4));
    double tail_us = round(median_us * any(1.5, 10));
    bool drawn = any(1, 100) < 10;
    struct finished finished;
    json_t *answer;

    snprintf(calls_text, sizeof(calls_text), "%.0f", requests);
    snprintf(latency, sizeof(latency), drawn ? "lognormal:median=%.0fus,p99=%.0fus" : "%.0fus",
             median_us, tail_us);
    snprintf(cpu, sizeof(cpu), "%.0fus", own_us);
    snprintf(most, sizeof(most), "%.0f", any(1, 1000));
    finished = run("choose", "--json", "--parameters", "choose/reference.json", "-n", calls_text,
                   "--latency", latency, "--cpu", cpu, "--in-flight", most, "--cores", cores,
                   "--language", language, NULL);
    assert_int_equal(finished.status, 0);
    answer = json_loads(finished.out, 0, NULL);
    assert_non_null(answer);
    json_object_set_new(answer, "load",
                        json_pack("{s:f, s:f, s:i, s:{s:s, s:f, s:f}}", "requests", requests, "own",
                                  1e3 * own_us, "cores", atoi(cores), "latency", "kind",
                                  drawn ? "lognormal" : "fixed", "a", 1e3 * median_us, "b",
                                  1e3 * tail_us));
    finished_free(&finished);
    return answer;
}

static const char comparing[] =
    "<script>addEventListener('load', () => {\n"
    "let worst = 0, compared = 0;\n"
    "for (const {load: q, candidates} of cases) for (const c of candidates) {\n"
    "    if (c.impossible !== null) continue;\n"
    "    const lane = run.parameters.lanes.find((l) => l.lane === c.lane);\n"
    "    const form = run.forms.find((f) => f.name === c.model);\n"
    "    const load = {...q, concurrency: c.concurrency, fresh: false};\n"
    "    const p = predict(lane, {...form, loops: form.many ? q.cores : 0}, load, q.cores);\n"
    "    worst = Math.max(worst, Math.abs(p.wall / c.predicted.wall_ns - 1),\n"
    "        Math.abs(p.cpu / c.predicted.cpu_ns - 1));\n"
    "    if (c.predicted.memory_bytes > 0)\n"
    "        worst = Math.max(worst, Math.abs(p.memory / c.predicted.memory_bytes - 1));\n"
    "    compared++;\n"
    "}\n"
    "document.title = `compared ${compared} worst ${worst} errors ${errors} requests ` +\n"
    "    performance.getEntriesByType('resource').length;\n"
    "});</script>";

static void write_page(const char *path, const json_t *cases)
{
    struct finished finished = run("choose", "--explorer", "--parameters", "choose/reference.json",
                                   "--output", path, "results/reference", NULL);
    char *page = file_read(path, 16 << 20, NULL), *said = json_dumps(cases, JSON_ESCAPE_SLASH);
    char *end = strstr(page, "</body>"), *head = strstr(page, "<style>");
    FILE *out = fopen(path, "w");

    assert_int_equal(finished.status, 0);
    assert_non_null(end);
    fprintf(out, "%.*s<script>let errors = 0; addEventListener('error', () => errors++);</script>",
            (int)(head - page), page);
    fprintf(out, "%.*s<script>const cases = %s;</script>%s%s", (int)(end - head), head, said,
            comparing, end);
    fclose(out);
    free(page);
    free(said);
    finished_free(&finished);
}

static void the_explorer_predicts_the_same(void **state)
{
    char *folder = folder_make();
    char url[512];
    json_t *cases = json_array();
    struct finished finished;
    const char *title;
    double worst;
    int compared, errors, requests;

    (void)state;
    if (access("/usr/bin/chromium", X_OK) < 0) {
        fputs("no browser here: apt-get install chromium\n", stderr);
        skip();
    }
    for (int i = 0; i < CASES; i++)
        json_array_append_new(cases, answered_case());
    write_page(path_in(folder, "page.html"), cases);
    snprintf(url, sizeof(url), "file://%s", path_in(folder, "page.html"));
    finished = run_argv((const char *const[]){"/usr/bin/chromium", "--headless", "--no-sandbox",
                                              "--disable-gpu", "--timeout=120000", "--dump-dom",
                                              url, NULL});
    title = strstr(finished.out, "<title>compared ");
    assert_non_null(title);
    assert_int_equal(sscanf(title, "<title>compared %d worst %lf errors %d requests %d", &compared,
                            &worst, &errors, &requests),
                     4);
    assert_true(compared > CASES);
    if (worst > 0.01)
        fail_msg("page and program differ by %g", worst);
    assert_int_equal(errors, 0);
    assert_int_equal(requests, 0);
    finished_free(&finished);
    json_decref(cases);
    folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_come_to_the_floor),
        cmocka_unit_test(computing_takes_a_core),
        cmocka_unit_test(each_cost_is_where_it_belongs),
        cmocka_unit_test(a_server_without_a_core_takes_one_of_ours),
        cmocka_unit_test(turns_let_nobody_end_early),
        cmocka_unit_test(a_rate_that_is_too_high_makes_a_queue_that_grows),
        cmocka_unit_test(a_p99_is_that_of_the_nearest_rank),
        cmocka_unit_test(waits_of_all_lengths_are_no_queue),
        cmocka_unit_test(a_long_run_goes_on_as_it_began),
        cmocka_unit_test(an_idle_core_wakes),
        cmocka_unit_test(it_answers),
        cmocka_unit_test(what_is_wrong_ends_with_2),
        cmocka_unit_test(what_cannot_be_ends_with_3),
        cmocka_unit_test(limits_are_named),
        cmocka_unit_test(measured_waits_are_taken),
        cmocka_unit_test(a_run_can_be_fitted),
        cmocka_unit_test(cells_of_another_form_are_left_out),
        cmocka_unit_test(it_asks),
        cmocka_unit_test(the_reference_is_met),
        cmocka_unit_test(the_explorer_predicts_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
