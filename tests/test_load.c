/* Load as in life: latencies that are drawn, and requests that are due at a rate. The delays that
 * the lanes see against their SPEC, floors against a schedule by hand, open loads against what C
 * places can serve and against another client. */
#include "tests/lane_run.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <sys/prctl.h>

#include "tests/open_client.h"
#include "tests/plan_text.h"

#include "common/clock.h"
#include "common/count.h"
#include "common/file.h"
#include "common/json.h"
#include "common/load.h"
#include "harness/plan/command.h"

#define TRIES 10 /* of what a busy machine disturbs */
#define SPEC  "lognormal:median=100ms,p99=400ms"
#define SEED  "5"

static struct distribution parse(const char *spec)
{
    struct distribution latency;
    struct error error = {0};

    assert_int_equal(latency_parse(spec, &latency, &error), 0);
    return latency;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* ---- Schedules --------------------------------------------------------------------------- */

static void constant_arrivals_are_evenly_spaced(void **state)
{
    const struct load load = {.rate = 300};

    (void)state;
    assert_int_equal(load_due_ns(&load, 0, 0), 0);
    assert_int_equal(load_due_ns(&load, 1, 0), NS_PER_S / 300);
    assert_int_equal(load_due_ns(&load, 3000000, 0), 10000 * NS_PER_S); /* nothing adds up */
}

/* The times between them are exponential (Kolmogorov and Smirnov, 1 %), and those of another seed
 * are others. */
static void poisson_arrivals_are_exponential(void **state)
{
    enum { COUNT = 20000 };
    struct load load = {.rate = 250, .arrivals = ARRIVALS_POISSON, .seed = 3}, other = load;
    double *gaps = malloc(COUNT * sizeof(*gaps)), distance = 0;
    uint64_t due_ns = 0;

    (void)state;
    other.seed = 4;
    assert_true(load_due_ns(&load, 0, 0) != load_due_ns(&other, 0, 0));
    for (uint64_t id = 0; id < COUNT; id++) {
        uint64_t before_ns = due_ns;

        due_ns = load_due_ns(&load, id, before_ns);
        gaps[id] = (double)(due_ns - before_ns);
    }
    gsl_sort(gaps, 1, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        distance = fmax(distance, fabs(gsl_cdf_exponential_P(gaps[i], 4e6) - (i + 0.5) / COUNT));
    assert_true(distance < 1.63 / sqrt(COUNT));
    free(gaps);
}

/* The end of the last: each begins on the place that is free first, found by looking at all. */
static uint64_t schedule_by_hand(const struct load *load, const uint64_t *delays)
{
    uint64_t *free_at = calloc(load->concurrency, sizeof(*free_at)), last = 0, due_ns = 0;

    for (uint64_t id = 0; id < load->requests; id++) {
        uint64_t place = 0;

        for (uint64_t i = 1; i < load->concurrency; i++)
            if (free_at[i] < free_at[place])
                place = i;
        due_ns = load_due_ns(load, id, due_ns);
        free_at[place] =
            (free_at[place] > due_ns ? free_at[place] : due_ns) + delays[id] + load->own_ns;
        last = free_at[place] > last ? free_at[place] : last;
    }
    free(free_at);
    return last;
}

static void floors_are_list_schedules(void **state)
{
    static const struct {
        const char *spec;
        uint64_t n, c, own_ns, rate;
        enum arrivals arrivals;
    } cases[] = {
        {"200ms", 1000, 100, 0, 0, 0},
        {"200ms", 1001, 100, 5000000, 0, 0},
        {SPEC, 1000, 1, 0, 0, 0},
        {SPEC, 1000, 7, 0, 0, 0},
        {SPEC, 1000, 2000, 0, 0, 0},
        {"pareto:min=5ms,shape=1.2,max=20s", 777, 32, 1000000, 0, 0},
        {"50ms", 500, 10, 0, 150, ARRIVALS_CONSTANT},
        {"50ms", 500, 10, 0, 400, ARRIVALS_CONSTANT},
        {SPEC, 500, 10, 0, 250, ARRIVALS_POISSON},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct load load = {.requests = cases[i].n,
                            .concurrency = cases[i].c,
                            .latency = parse(cases[i].spec),
                            .own_ns = cases[i].own_ns,
                            .seed = 9,
                            .rate = cases[i].rate,
                            .arrivals = cases[i].arrivals};
        uint64_t delays[1001];
        struct load_bounds bounds;

        for (uint64_t id = 0; id < load.requests; id++)
            delays[id] = latency_delay_ns(&load.latency, 9, id, 0);
        assert_int_equal(load_schedule(&load, &bounds), 0);
        assert_int_equal(bounds.floor_ns, schedule_by_hand(&load, delays));
        assert_in_range(bounds.least_ns, 1, bounds.floor_ns);
        /* Whoever takes them in another order, here the longest first, is not below the least. */
        qsort(delays, load.requests, sizeof(*delays), by_value);
        for (uint64_t id = 0; id < load.requests / 2; id++) {
            uint64_t kept = delays[id];

            delays[id] = delays[load.requests - 1 - id];
            delays[load.requests - 1 - id] = kept;
        }
        if (load.rate == 0)
            assert_true(schedule_by_hand(&load, delays) >= bounds.least_ns);
    }
}

/* ---- Records ----------------------------------------------------------------------------- */

struct seen {
    uint64_t start_ns, end_ns, due_ns;
};

/* Runs a lane of `n` requests that all end ok, and takes start, end and due time of each by id. */
static struct lane_run run_recorded(const char *lane, const char *url, const char *const *options,
                                    uint64_t n, struct seen *seen)
{
    const char *arguments[ARGUMENTS_MAX] = {"--records"};
    char *folder = folder_make(), *records = strdup(path_in(folder, "records.csv")), *text, *line;
    struct lane_run run;
    uint64_t lines = 0;
    int count = 1;

    arguments[count++] = records;
    while (*options != NULL)
        arguments[count++] = *options++;
    run = run_lane_at(program(lane), url, arguments);
    expect_outcomes(&run, "outcomes.ok", (long)n, (long)n);
    text = file_read(records, 10000000, NULL);
    assert_non_null(text);
    for (line = strchr(text, '\n') + 1; *line != '\0'; line = strchr(line, '\n') + 1, lines++) {
        unsigned long long id, times[4], due_ns = 0;

        assert_true(sscanf(line, "%llu,%*u,%llu,%llu,%llu,%llu,ok,%*u,%llu", &id, &times[0],
                           &times[1], &times[2], &times[3], &due_ns) >= 5);
        assert_in_range(id, 0, n - 1);
        seen[id] = (struct seen){times[0], times[3], due_ns};
    }
    assert_int_equal(lines, n);
    free(text);
    free(records);
    folder_remove(folder);
    return run;
}

/* ---- Latencies that are drawn ------------------------------------------------------------ */

/* What the mock server says that it will do. */
static void read_delays(uint64_t *delays, uint64_t n)
{
    char count[24];
    struct finished finished;
    char *line;

    snprintf(count, sizeof(count), "%" PRIu64, n);
    finished = run("mockserver", "--print-delays", count, "-L", SPEC, "-s", SEED, NULL);
    line = strchr(finished.out, '\n') + 1;
    for (uint64_t id = 0; id < n; id++, line = strchr(line, '\n') + 1)
        assert_int_equal(sscanf(line, "%*u,%" SCNu64, &delays[id]), 1);
    finished_free(&finished);
}

/* The greatest distance of the times to the distribution of SPEC. */
static double distance_to_spec(const struct seen *seen, uint64_t n)
{
    double *took = malloc(n * sizeof(*took)), greatest = 0;

    for (uint64_t id = 0; id < n; id++)
        took[id] = (double)(seen[id].end_ns - seen[id].start_ns);
    gsl_sort(took, 1, n);
    for (uint64_t i = 0; i < n; i++) {
        double theory =
            gsl_cdf_lognormal_P(took[i], log(100e6), log(4) / gsl_cdf_ugaussian_Pinv(0.99));

        greatest = fmax(greatest,
                        fmax((double)(i + 1) / (double)n - theory, theory - (double)i / (double)n));
    }
    free(took);
    return greatest;
}

/* One run. What must hold on any machine is asserted; whether the times were those that were drawn
 * is returned, since a busy machine adds to each. */
static bool takes_what_was_drawn(const char *lane, const struct server *server)
{
    bool sequential = strcmp(lane, "lane-sync") == 0;
    const char *c = sequential ? "1" : "40", *count = sequential ? "100" : "400";
    uint64_t n = strtoul(count, NULL, 10), delays[400], over[400] = {0};
    const char *const options[] = {"-n", count, "-c", c, "--latency", SPEC, "--seed", SEED, NULL};
    struct load load = {.requests = n, .concurrency = strtoul(c, NULL, 10)};
    struct seen seen[400];
    struct lane_run run = run_recorded(lane, users_url(server, "?delay=" SPEC), options, n, seen);
    double wall_ns = (double)number(&run, "wall_ns"), floor_ns = (double)number(&run, "floor_ns");

    read_delays(delays, n);
    for (uint64_t id = 0; id < n; id++) {
        uint64_t took_ns = seen[id].end_ns - seen[id].start_ns;

        assert_true(took_ns + 2 * NS_PER_US >= delays[id]); /* libcurl's resolution, at both ends */
        over[id] = took_ns > delays[id] ? took_ns - delays[id] : 0;
    }
    qsort(over, n, sizeof(*over), by_value);
    assert_int_equal(number(&run, "floor_ns"), schedule_by_hand(&load, delays));
    assert_true(wall_ns >= floor_ns);
    lane_run_free(&run);
    print_message("half of the requests took %" PRIu64 " ns longer than drawn, their times are %g "
                  "from the SPEC, all took %.2f times the floor\n",
                  over[n / 2], distance_to_spec(seen, n), wall_ns / floor_ns);
    return over[n / 2] <= 5 * NS_PER_MS && distance_to_spec(seen, n) <= 1.63 / sqrt((double)n) &&
           wall_ns < 1.25 * floor_ns;
}

static void drawn_latencies_are_those_of_the_spec(void **state)
{
    struct server server = server_start("--seed", SEED, NULL);
    bool as_drawn = false;

    for (int i = 0; i < TRIES && !as_drawn; i++)
        as_drawn = takes_what_was_drawn(*state, &server);
    assert_true(as_drawn);
    server_stop(&server);
}

/* ---- Open loads -------------------------------------------------------------------------- */

/* With 8 places and 100 ms, 80 a second can be served. */
#define PLACES 8
#define QUERY  "?delay=100ms"
#define OPEN_N 240
#define AGREE  0.05

/* The same load by another hand. */
static double others_p99_ns(const struct server *server, uint64_t rate)
{
    uint64_t latencies[OPEN_N];

    open_client_run(server, QUERY, OPEN_N, PLACES, rate, latencies);
    qsort(latencies, OPEN_N, sizeof(*latencies), by_value);
    return (double)latencies[(OPEN_N * 99 + 99) / 100 - 1];
}

static struct lane_run run_open(const char *lane, const struct server *server, const char *rate,
                                struct seen *seen)
{
    const char *const options[] = {"-n",    "240",    "-c", "8", "--latency",
                                   "100ms", "--rate", rate, NULL};
    struct lane_run run = run_recorded(lane, users_url(server, QUERY), options, OPEN_N, seen);

    for (uint64_t id = 0; id < OPEN_N; id++) {
        assert_int_equal(seen[id].due_ns, id * NS_PER_S / strtoul(rate, NULL, 10));
        assert_true(seen[id].start_ns >= seen[id].due_ns);
    }
    return run;
}

/* What else this machine does can only make either hand slower: so the least of each counts, of as
 * many tries as it takes. */
static void expect_agreement(const char *lane, const struct server *server, const char *rate,
                             const struct lane_run *run)
{
    double p99 = (double)number(run, "load.latency_from_due_ns.p99"), other = INFINITY;
    struct seen seen[OPEN_N];

    for (int i = 0; i < TRIES; i++) {
        other = fmin(other, others_p99_ns(server, strtoul(rate, NULL, 10)));
        if (fabs(p99 / other - 1) <= AGREE)
            return;
        struct lane_run again = run_open(lane, server, rate, seen);
        p99 = fmin(p99, (double)number(&again, "load.latency_from_due_ns.p99"));
        lane_run_free(&again);
        if (fabs(p99 / other - 1) <= AGREE)
            return;
    }
    fail_msg("at %s a second: p99 %.1f ms, by wrk2's method %.1f ms", rate, p99 / 1e6, other / 1e6);
}

static void below_what_can_be_served_latency_is_flat(void **state)
{
    struct server server = server_start(NULL, NULL);
    struct seen seen[OPEN_N];
    struct lane_run run = run_open(*state, &server, "60", seen);

    assert_true(json_is_true(json_at(run.result, "load.keeps_up")));
    assert_true(fabs(json_number_at(run.result, "load.growth", NAN)) < 0.01);
    assert_true(number(&run, "load.latency_from_due_ns.p50") < 110 * (long)NS_PER_MS);
    assert_in_range(number(&run, "load.queue_peak"), 0, PLACES);
    assert_non_null(strstr(run.finished.out, "the model keeps up"));
    assert_true(number(&run, "wall_ns") >= 239 * (long)NS_PER_S / 60 + 100 * (long)NS_PER_MS);
    expect_agreement(*state, &server, "60", &run);
    lane_run_free(&run);
    server_stop(&server);
}

/* Of 120 a second 80 are answered: the queue grows by 40 a second, and latencies by half a second
 * in each. Latencies from the start on, as those who omit it have them, show nothing of it. */
static void above_it_latency_grows(void **state)
{
    struct server server = server_start(NULL, NULL);
    struct seen seen[OPEN_N];
    struct lane_run run = run_open(*state, &server, "120", seen);
    double growth = json_number_at(run.result, "load.growth", NAN);
    uint64_t first = seen[20].end_ns - seen[20].due_ns, last = seen[220].end_ns - seen[220].due_ns;

    assert_true(json_is_false(json_at(run.result, "load.keeps_up")));
    assert_true(growth > 0.45 && growth < 0.6);
    assert_true(last - first > 700 * NS_PER_MS); /* 200 requests later: 0.83 s */
    assert_in_range(number(&run, "load.queue_peak"), 60, 100);
    assert_true(number(&run, "latency_ns.p99") < 200 * (long)NS_PER_MS);
    assert_true(number(&run, "load.latency_from_due_ns.p99") > 900 * (long)NS_PER_MS);
    assert_non_null(strstr(run.finished.out, "the model does not keep up"));
    /* 30 for each place, of which the last begins 7 / 120 s later than the first. */
    assert_int_equal(number(&run, "floor_ns"), 3 * NS_PER_S + 7 * NS_PER_S / 120);
    expect_agreement(*state, &server, "120", &run);
    lane_run_free(&run);
    server_stop(&server);
}

/* Two loops share the queue, and each waits for what it has taken of it. */
static void several_loops_keep_the_schedule(void **state)
{
    const char *const options[] = {"-n",     "240", "-c",      "20", "--latency", "100ms",
                                   "--rate", "120", "--loops", "2",  NULL};
    struct server server = server_start(NULL, NULL);
    struct seen seen[OPEN_N];
    struct lane_run run =
        run_recorded("lane-async", users_url(&server, QUERY), options, OPEN_N, seen);

    (void)state;
    for (uint64_t id = 0; id < OPEN_N; id++)
        assert_true(seen[id].start_ns >= seen[id].due_ns);
    assert_true(json_is_true(json_at(run.result, "load.keeps_up")));
    lane_run_free(&run);
    server_stop(&server);
}

static void computing_is_due_as_well(void **state)
{
    struct lane_run run =
        run_lane(*state, NULL, "-n", "40", "--work", "cpu", "--cpu", "1ms", "--rate", "80", NULL);

    expect_outcomes(&run, "outcomes.ok", 40, 40);
    assert_true(number(&run, "wall_ns") >= 39 * (long)NS_PER_S / 80);
    assert_true(number(&run, "floor_ns") >= 39 * (long)NS_PER_S / 80 + (long)NS_PER_MS);
    assert_true(number(&run, "load.latency_from_due_ns.p50") >= 900 * (long)NS_PER_US);
    assert_true(json_is_null(json_at(run.result, "load.keeps_up"))); /* too few to tell */
    lane_run_free(&run);
}

/* Nobody waits for what is due in an hour. */
static void waiting_can_be_interrupted(void **state)
{
    struct server server = server_start("--latency", "1ms", NULL);
    const char *const argv[] = {program(*state),
                                "-n",
                                "50",
                                "-c",
                                strcmp(*state, "lane-sync") != 0 ? "3" : "1",
                                "--rate",
                                "1",
                                "--quiet",
                                users_url(&server, ""),
                                NULL};
    uint64_t start_ns = clock_ns();

    assert_int_equal(interrupt_lane(start(argv, NULL, NULL), SIGINT, 1300000), 130);
    assert_true(clock_ns() - start_ns < 20 * NS_PER_S);
    server_stop(&server);
}

static void wrong_usage_is_told(void **state)
{
    const char *url = "http://127.0.0.1:1/{id}";

    expect_usage_error(*state, (const char *const[]){"--arrivals", "poisson", url, NULL},
                       "--arrivals: of how many requests a second? Say --rate as well");
    expect_usage_error(*state, (const char *const[]){"--rate", "0", url, NULL}, "--rate");
    expect_usage_error(*state, (const char *const[]){"--latency", "gauss:1ms", url, NULL},
                       "--latency: 'gauss:1ms' is not a latency");
}

/* ---- Plans ------------------------------------------------------------------------------- */

#define CELLS(rest)                                                                                \
    "\"cells\": [{\"lane\": \"threads\", \"requests\": 400, \"concurrency\": 40, " rest "}]}"
#define TOLD(option) HEAD "\"server\": {\"args\": [" option "]}, "

static void plans_take_any_spec(void **state)
{
    static const char *const expected = "lane-threads -n 400 -c 40 --latency " SPEC " --rate 250 "
                                        "--arrivals poisson --seed 5 --quiet "
                                        "'http://h:1/users/{id}?delay=" SPEC "'";
    struct plan plan =
        load_good(TOLD("\"--seed=5\"") CELLS("\"latency\": \"" SPEC "\", \"rate\": 250, "
                                             "\"arrivals\": \"poisson\""));
    struct cell closed = plan.cells[0];
    uint64_t delays[400], sum = 0;
    struct load load = {.requests = 400, .concurrency = 40};
    struct command command;
    char *text;

    (void)state;
    assert_string_equal(plan.cells[0].id,
                        "threads-n400-c40-lognormal-median-100ms-p99-400ms-r250-poisson");
    assert_int_equal(cell_command(&plan.cells[0], "http://h:1", NULL, &command), 0);
    text = command_text(&command);
    assert_string_equal(text, expected);
    free(text);
    command_free(&command);
    read_delays(delays, 400);
    for (size_t id = 0; id < 400; id++)
        sum += delays[id];
    assert_int_equal(plan.cells[0].latency_ns, sum / 400);
    closed.rate = 0;
    assert_int_equal(cell_floor_ns(&closed), schedule_by_hand(&load, delays));
    assert_true(cell_floor_ns(&plan.cells[0]) > cell_floor_ns(&closed));
    assert_in_range(cell_least_ns(&closed), sum / 40, cell_floor_ns(&closed));
    plan_free(&plan);
}

static void contradictions_are_refused(void **state)
{
    static const char *const options[] = {
        "\"--latency\", \"40ms\"", "\"--latency=40ms\"", "\"--lat\", \"40ms\"",
        "\"-L\", \"40ms\"",        "\"-L40ms\"",         "\"-w\", \"2\", \"-L50ms\", \"-L40ms\""};
    char text[600];
    struct plan plan;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        snprintf(text, sizeof(text), TOLD("%s") CELLS("\"latency\": \"50ms\""), options[i]);
        assert_refused(text, "server.args: the server is told a latency of 40ms, but the cell "
                             "threads-n400-c40-50ms has another");
    }
    assert_refused(TOLD("\"-L\", \"" SPEC "\"") CELLS("\"latency\": \"40ms\""),
                   "is told a latency of " SPEC);
    assert_refused(TOLD("\"-L\", \"often\"") CELLS("\"latency\": \"40ms\""),
                   "'often' is not a latency");
    assert_refused(HEAD
                   "\"server\": {\"url\": \"http://h/{id}\"}, " CELLS("\"latency\": \"" SPEC "\""),
                   "server.url: nobody knows how a server of your own draws");
    plan = load_good(TOLD("\"-L\", \"40ms\"") CELLS("\"latency\": \"0.04s\""));
    plan_free(&plan);
    plan = load_good(TOLD("\"-L\", \"40ms\"") "\"cells\": [{\"lane\": \"sync\", \"work\": \"cpu\", "
                                              "\"requests\": 1}]}");
    plan_free(&plan);
    assert_refused(HEAD CELLS("\"latency\": \"40ms\", \"arrivals\": \"poisson\""),
                   "cells[0].arrivals: is for cells with a rate");
    assert_refused(HEAD CELLS("\"latency\": \"40ms\", \"rate\": 0"), "cells[0].rate: must be");
    assert_refused(HEAD CELLS("\"latency\": \"uniform:1ms..11m\""), "cells[0].latency: must be");
    assert_refused(HEAD "\"cells\": [{\"lane\": \"sync\", \"work\": \"cpu\", \"requests\": 1, "
                        "\"rate\": 5}]}",
                   "cells[0].rate: says nothing of cells with work \"cpu\"");
}

/* ---- A run ------------------------------------------------------------------------------- */

/* Of the samples at this rate, those in which the model kept up. */
static int kept_up(const struct place *place, double rate)
{
    json_t *samples = load(place, "results.jsonl"), *sample;
    size_t i;
    int count = 0;

    json_array_foreach(samples, i, sample)
    {
        if (json_number_at(sample, "lane.load.rate", 0) == rate)
            count += json_is_true(json_at(sample, "lane.load.keeps_up"));
    }
    json_decref(samples);
    return count;
}

/* Where 200 a second can be served a model keeps up at 30, unless something else delays it: then
 * once more. */
static struct place run_at_30_and_240(void)
{
    for (int more = 3;; more--) {
        struct place place = make_place(PLAN(
            "\"rounds\": 2, \"server\": {\"args\": [\"--seed\", \"5\"]}, \"cells\": ["
            "{\"lane\": [\"threads\", \"async\"], \"requests\": 150, \"concurrency\": 4, "
            "\"latency\": \"20ms\", \"rate\": [30, 240]}, "
            "{\"lane\": \"threads\", \"requests\": 100, \"concurrency\": 20, \"latency\": \"" SPEC
            "\"}]"));
        struct finished finished = expect_run(&place, 0);

        finished_free(&finished);
        if (kept_up(&place, 30) == 4 || more == 0)
            return place;
        remove_place(&place);
    }
}

static void a_run_tells_up_to_which_rate_a_model_keeps_up(void **state)
{
    struct place place = run_at_30_and_240();
    struct finished made = run("report", only_run(&place), NULL);
    json_t *document = load(&place, "run.json"), *samples = load(&place, "results.jsonl"), *sample;
    const json_t *drawn = json_array_get(json_object_get(document, "cells"), 4);
    char *report = read_in(only_run(&place), "report.md");
    size_t i;

    (void)state;
    assert_string_equal(json_text_at(drawn, "latency", ""), SPEC);
    assert_true(json_number_at(drawn, "least_ns", 0) > 0);
    json_array_foreach(samples, i, sample)
    {
        bool closed = strstr(json_text_at(sample, "cell", ""), "lognormal") != NULL;

        assert_true(json_is_true(json_object_get(sample, "valid")));
        assert_int_equal(closed, json_is_null(json_at(sample, "lane.load")));
        if (closed)
            assert_true(json_number_at(sample, "lane.floor_ns", 0) ==
                        json_number_at(drawn, "floor_ns", 1));
    }
    expect_text(report, "| 4 threads (threads) | 20 ms | constant | 200 | 30 | 240 |");
    expect_text(report, "C / L 200 a second:** keep up to 30 a second, no longer at 240: "
                        "4 threads; event loop, 4 at once.");
    expect_text(report, "| keeps up |");
    expect_text(report, "| does not keep up |");
    expect_text(report, "100 requests of " SPEC);
    free(report);
    json_decref(samples);
    json_decref(document);
    finished_free(&made);
    remove_place(&place);
}

/* A closed load at the same places takes no longer where the rate is above what they can serve. */
static void a_lane_that_ignores_the_rate_does_not_count(void **state)
{
    struct place place =
        make_place(PLAN("\"rounds\": 1, " LANE_X "\"cells\": [{\"lane\": \"x\", \"requests\": 40, "
                        "\"concurrency\": 4, \"latency\": \"10ms\", \"rate\": 1000}]"));
    struct finished finished;
    json_t *samples;

    (void)state;
    add_lane(&place, "x", "exec $REAL/lane-threads $(echo \"$*\" | sed 's/--rate [0-9]*//')");
    finished = expect_run(&place, 1);
    samples = load(&place, "results.jsonl");
    expect_problem(json_array_get(samples, 0),
                   "The lane had 0 requests due in each second instead of 1000");
    json_decref(samples);
    finished_free(&finished);
    remove_place(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_arrivals_are_evenly_spaced),
        cmocka_unit_test(poisson_arrivals_are_exponential),
        cmocka_unit_test(floors_are_list_schedules),
        FOR_EACH_LANE(drawn_latencies_are_those_of_the_spec),
        {"below_what_can_be_served_latency_is_flat_threads",
         below_what_can_be_served_latency_is_flat, NULL, end_leftovers, "lane-threads"},
        {"below_what_can_be_served_latency_is_flat_procs", below_what_can_be_served_latency_is_flat,
         NULL, end_leftovers, "lane-procs"},
        {"below_what_can_be_served_latency_is_flat_async", below_what_can_be_served_latency_is_flat,
         NULL, end_leftovers, "lane-async"},
        {"below_what_can_be_served_latency_is_flat_co", below_what_can_be_served_latency_is_flat,
         NULL, end_leftovers, "lane-co"},
        {"above_it_latency_grows_threads", above_it_latency_grows, NULL, end_leftovers,
         "lane-threads"},
        {"above_it_latency_grows_procs", above_it_latency_grows, NULL, end_leftovers, "lane-procs"},
        {"above_it_latency_grows_async", above_it_latency_grows, NULL, end_leftovers, "lane-async"},
        {"above_it_latency_grows_co", above_it_latency_grows, NULL, end_leftovers, "lane-co"},
        cmocka_unit_test_teardown(several_loops_keep_the_schedule, end_leftovers),
        FOR_EACH_LANE(computing_is_due_as_well),
        FOR_EACH_LANE(waiting_can_be_interrupted),
        FOR_EACH_LANE(wrong_usage_is_told),
        cmocka_unit_test(plans_take_any_spec),
        cmocka_unit_test(contradictions_are_refused),
        cmocka_unit_test_teardown(a_lane_that_ignores_the_rate_does_not_count, end_leftovers),
        cmocka_unit_test_teardown(a_run_tells_up_to_which_rate_a_model_keeps_up, end_leftovers),
    };

    prctl(PR_SET_CHILD_SUBREAPER, 1UL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
