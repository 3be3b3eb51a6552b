/* Lanes on several hosts, which are namespaces on a bridge (tests/dist/emulate): what is merged,
 * and what is kept where one of them fails. What this machine does not allow is skipped, and said.
 */
#include "tests/lane_run.h"
#include "tests/schema.h"

#include <math.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/count.h"
#include "common/json.h"
#include "common/percentile.h"

#define SERVER  "build/mockserver -l 10.77.0.1:8080 -L $LATENCY -w 2 >/dev/null & sleep 0.5\n"
#define LANES   "dist/lanes.sh $HOSTS $PWD/build/lane-async --quiet -o $FOLDER/merged.jsonl "
#define URL     "http://10.77.0.1:8080/users/{id}"
#define SCRIPT  4096
#define SKIPPED 77

static bool can_run(const char *command, const char *without)
{
    char script[256];
    struct finished finished;
    bool runs;

    snprintf(script, sizeof(script), "%s >/dev/null 2>&1", command);
    finished = run_argv((const char *const[]){"/bin/sh", "-c", script, NULL});
    runs = finished.status == 0;
    finished_free(&finished);
    if (!runs)
        print_message("skipped: %s\n", without);
    return runs;
}

/* Runs a script with `slots` ranks on each of the hosts, or skips the test. */
static struct finished emulate(const char *hosts, const char *slots, const char *format, ...)
{
    const char *argv[] = {"tests/dist/emulate", hosts, slots, NULL, NULL};
    char script[SCRIPT];
    struct finished finished;
    va_list values;

    if (SANITIZED || on_valgrind() || !can_run("command -v mpirun", "no Open MPI (openmpi-bin)") ||
        !can_run("test -x build/dist-lanes", "no build/dist-lanes (libopenmpi-dev)") ||
        !can_run("command -v ip unshare", "no ip or unshare (iproute2, util-linux)"))
        skip();
    va_start(values, format);
    vsnprintf(script, sizeof(script), format, values);
    va_end(values);
    argv[3] = script;
    finished = run_argv(argv);
    if (finished.status == SKIPPED) {
        print_message("skipped: namespaces of networks are not allowed here\n");
        finished_free(&finished);
        skip();
    }
    return finished;
}

/* The line that the lanes left, which the script has printed. */
static json_t *merged_of(const struct finished *finished)
{
    const char *line = strstr(finished->out, "{\"schema\"");
    char fault[SCHEMA_FAULT_SIZE];
    json_t *merged = line != NULL ? json_loads(line, JSON_DISABLE_EOF_CHECK, NULL) : NULL;

    if (merged == NULL)
        fail_msg("no result: status %d\n%s%s", finished->status, finished->out, finished->err);
    if (!schema_accepts("lane-result.json", merged, fault))
        fail_msg("%s", fault);
    return merged;
}

static void expect(const json_t *value, const char *path, double expected)
{
    if (json_number_at(value, path, -1) != expected) {
        char *text = json_dumps(value, 0);

        fail_msg("%s is %.0f, not %.0f: %s", path, json_number_at(value, path, -1), expected, text);
    }
}

/* ---- Merging ----------------------------------------------------------------------------- */

/* Compares with the latencies of all records, which the script has printed as lines "latency=NS".
 */
static void expect_percentiles_of_records(const json_t *merged, const char *text, size_t count)
{
    static const struct {
        const char *path;
        unsigned per_mille;
    } which[] = {{"latency_ns.p50", 500}, {"latency_ns.p90", 900}, {"latency_ns.p99", 990}};
    uint64_t *latencies = calloc(count, sizeof(*latencies));
    size_t found = 0;

    for (; found < count && (text = strstr(text, "latency=")) != NULL; found++) {
        text += strlen("latency=");
        latencies[found] = strtoull(text, NULL, 10);
    }
    assert_int_equal(found, count);
    percentile_sort(latencies, count);
    for (size_t i = 0; i < COUNT_OF(which); i++) {
        double of_all = (double)percentile_of_sorted(latencies, count, which[i].per_mille);
        double here = json_number_at(merged, which[i].path, 0);

        if (fabs(here / of_all - 1) > 0.008)
            fail_msg("%s is %.0f, and of the records %.0f", which[i].path, here, of_all);
    }
    free(latencies);
}

static void ranks_share_ids_and_start_together(void **state)
{
    const char *hosts = *state;
    int ranks = 2 * atoi(hosts);
    struct finished finished =
        emulate(hosts, "2",
                "LATENCY=lognormal:median=900ms,p99=2s\n" SERVER
                /* a file for each rank, whose folder is the only one that has another path */
                "echo '#!/bin/sh\nexec '$PWD'/build/lane-async --records "
                "$TMPDIR/$OMPI_COMM_WORLD_RANK.csv \"$@\"' >$FOLDER/lane; chmod +x $FOLDER/lane\n"
                "dist/lanes.sh $HOSTS $FOLDER/lane -n 1 " URL "; echo fewer than ranks: $?\n"
                "echo '#!/bin/sh\nexit 3' >$FOLDER/refuses; chmod +x $FOLDER/refuses\n"
                "dist/lanes.sh $HOSTS $FOLDER/refuses -n 100 " URL "; echo refused: $?\n"
                "dist/lanes.sh $HOSTS $FOLDER/lane --quiet -o $FOLDER/merged.jsonl "
                "-n 1001 --first-id 500 " URL " || exit 1\n"
                "cat $FOLDER/merged.jsonl; curl -s http://10.77.0.1:8080/stats; ls $FOLDER/h*\n"
                "awk -F, 'FNR > 1 {printf \"latency=%%d\\n\", $6 - $3}' $FOLDER/h*/*.csv");
    json_t *merged = merged_of(&finished), *rank, *bucket;
    double count = 0, first = INFINITY, last = 0;
    size_t i;

    assert_int_equal(finished.status, 0);
    expect_text(finished.out, "fewer than ranks: 2\n");
    expect_text(finished.out, "refused: 3\n");
    expect(merged, "outcomes.ok", 1001);
    expect(merged, "verified", 1001);
    expect(merged, "workload.requests", 1001);
    expect(merged, "workload.concurrency", 1001);
    expect(merged, "workload.first_id", 500);
    assert_true(json_is_true(json_at(merged, "valid")));
    assert_int_equal(json_array_size(json_at(merged, "ranks")), ranks);
    json_array_foreach(json_at(merged, "ranks"), i, rank)
    {
        char host[32];

        snprintf(host, sizeof(host), "h%zu", i / 2 + 1);
        assert_string_equal(json_text_at(rank, "host", ""), host);
        /* the clock is the same, and is told so, to what a disturbed machine makes of it */
        assert_true(json_number_at(rank, "clock_offset_ns", 1e9) < 1e7);
        assert_true(json_number_at(rank, "start_late_ns", 1e9) < 5e8);
        first = fmin(first, json_number_at(rank, "start_late_ns", 0));
        last = fmax(last,
                    json_number_at(rank, "start_late_ns", 0) + json_number_at(rank, "wall_ns", 0));
    }
    expect(merged, "wall_ns", last - first);
    json_array_foreach(json_at(merged, "latency_histogram"), i, bucket)
    {
        count += json_number_value(json_array_get(bucket, 1));
    }
    assert_int_equal(count, 1001);
    assert_true(json_number_at(merged, "latency_ns.p99", 0) >= 1e9);
    assert_true(json_number_at(merged, "latency_ns.max", 0) <=
                json_number_at(merged, "wall_ns", 0));
    expect_percentiles_of_records(merged, finished.out, 1001);
    assert_non_null(strstr(finished.out, "\"ids\":1001,\"id_max\":1500"));
    assert_null(strstr(finished.out, "lanes-")); /* what was merged is not left behind */
    json_decref(merged);
    finished_free(&finished);
}

static const struct executions {
    const char *hosts, *slots, *setup;
    int requests, rounds, seconds;
} executions[] = {
    /* each host has ports for one execution only, until a minute after it: the server's take turns
     */
    {"2", "1",
     "for h in h1 h2; do ip netns exec $h sysctl -qw "
     "net.ipv4.ip_local_port_range='20000 20599' || exit 1; done\n",
     1000, 3, 2},
    {"4", "2", "", 40000, 3, 20},
    {"8", "1", "", 80000, 1, 40},
};

/* Checks one execution, and says of it what takes a quiet machine. */
static void expect_all_confirmed(const json_t *sample, const struct executions *e)
{
    double late, least = 1e18, most = -1e18, trip = 0;
    json_t *rank;
    size_t i;

    expect(sample, "lane.outcomes.ok", e->requests);
    expect(sample, "lane.verified", e->requests); /* each answer is that of its id */
    expect(sample, "server.requests", e->requests);
    expect(sample, "server.in_flight_peak", e->requests);
    assert_int_equal(json_array_size(json_at(sample, "lane.ranks")),
                     atoi(e->hosts) * atoi(e->slots));
    json_array_foreach(json_at(sample, "lane.ranks"), i, rank)
    {
        late = json_number_at(rank, "start_late_ns", 1e18);
        least = fmin(least, late);
        most = fmax(most, late);
        trip = fmax(trip, json_number_at(rank, "round_trip_ns", 1e18));
    }
    print_message(
        "%d in flight over %zu ranks in %.1f s: starts %.2f to %.2f ms late, clocks known "
        "to %.3f ms, server late by %.1f ms (p99)\n",
        e->requests, i, json_number_at(sample, "lane.wall_ns", 0) / 1e9, least / 1e6, most / 1e6,
        trip / 2e6, json_number_at(sample, "server.lateness_ns.p99", 0) / 1e6);
}

static void executions_follow_each_other_at_once(void **state)
{
    const struct executions *e = *state;
    const char *line;
    struct finished finished;
    int confirmed = 0;

    if (e->requests > 1000 && getenv("DIST_MANY") == NULL) {
        print_message("skipped: minutes and gigabytes; DIST_MANY=1 runs it\n");
        skip();
    }
    finished = emulate(
        e->hosts, e->slots,
        "%s"
        "echo '{\"schema\": \"bench.plan/1\", \"name\": \"hosts\", \"rounds\": %d, \"lateness\": "
        "\"100%%\", \"cells\": [{\"lane\": \"async\", \"requests\": %d, \"concurrency\": %d, "
        "\"latency\": \"%ds\", \"timeout\": \"2m\", \"records\": false, \"limit\": \"2m\"}], "
        "\"memory\": {\"cells\": [{\"lane\": \"async\", \"requests\": 9}]}}' >$FOLDER/hosts.json\n"
        "build/bench run $FOLDER/hosts.json --hosts $HOSTS --listen 10.77.0.1 --results "
        "$FOLDER/results --no-report; echo status $?; cat $FOLDER/results/*/run.json; "
        "cat $FOLDER/results/*/results.jsonl",
        e->setup, e->rounds, e->requests, e->requests, e->seconds);
    if (strstr(finished.out, "status 0\n") == NULL)
        fail_msg("%s%s", finished.out, finished.err);
    line = finished.out;
    while ((line = strstr(line, "{\"schema\":\"bench.sample/1\"")) != NULL) {
        json_t *sample = json_loads(line++, JSON_DISABLE_EOF_CHECK, NULL);

        if (json_number_at(sample, "round", 0) > 0) {
            expect_all_confirmed(sample, e);
            confirmed++;
        }
        json_decref(sample);
    }
    assert_int_equal(confirmed, e->rounds);
    assert_non_null(strstr(finished.out, "memory is measured where bench runs"));
    finished_free(&finished);
}

/* ---- What fails -------------------------------------------------------------------------- */

static const struct fault {
    const char *what, *script; /* once all lanes are there */
    int ok;                    /* answers that are merged, of 400; -1: there is nobody to merge */
    const char *says;
} faults[] = {
    {"lane", "kill -9 $(pgrep -x lane-async | tail -n 1)", 300, "ended with status 137"},
    {"rank", "kill -9 $(rank 2)", 300, "rank 2 is missing"},
    {"rank_0", "kill -9 $(rank 0)", -1, "rank 0 is missing: the others' results are in lanes-"},
    {"daemon", "kill -9 $(pgrep -x orted | tail -n 1)", 300, "is missing"},
    {"host", "ip link set v4 down", 300, "rank 3 is missing"},
    {"late", "p=$(pgrep -x lane-async | tail -n 1); kill -STOP $p; sleep 3; kill -CONT $p", 400,
     "s late"},
};

static void others_results_are_kept(void **state)
{
    const struct fault *fault = *state;
    bool late = strcmp(fault->what, "late") == 0;
    struct finished finished = emulate(
        "4", "1",
        "rank() { for p in $(pgrep -x dist-lanes); do grep -qz OMPI_COMM_WORLD_RANK=$1 "
        "/proc/$p/environ && echo $p; done; }\n"
        "all='lane-async|mpirun|orted|dist-lanes' LATENCY=4s\n" SERVER LANES "-n 400 " URL
        " & lanes=$!\n"
        "for i in $(seq 200); do [ $(pgrep -c -x lane-async) -ge 4 ] && break; sleep 0.05; done\n"
        "sleep %d\n%s\nwait $lanes; echo status $?\n"
        "for i in $(seq 120); do pgrep -x \"$all\" >/dev/null 2>&1 || break; sleep 0.25; done\n"
        "echo left: $(pgrep -c -x \"$all\")\n"
        "cat $FOLDER/merged.jsonl; echo kept: $(ls $FOLDER/h*/lanes-*.jsonl | wc -l)",
        late ? 0 : 2, fault->script);
    json_t *merged;

    if (strstr(finished.out, "status 1\n") == NULL || strstr(finished.err, fault->says) == NULL)
        fail_msg("%s: %s%s", fault->what, finished.out, finished.err);
    expect_text(finished.out, "left: 0\n"); /* within half a minute: a machine may be busy */
    if (strstr(fault->says, "missing") != NULL && strstr(finished.out, "kept: 0") != NULL)
        fail_msg("%s: nothing is kept: %s", fault->what, finished.out);
    if (fault->ok >= 0) {
        merged = merged_of(&finished);
        expect(merged, "outcomes.ok", fault->ok);
        expect(merged, "workload.requests", 400);
        assert_true(json_is_false(json_at(merged, "valid")));
        assert_non_null(strstr(json_text_at(merged, "error", ""), fault->says));
        json_decref(merged);
    }
    finished_free(&finished);
}

/* ---- What is missing --------------------------------------------------------------------- */

/* Runs `command` where Open MPI is nothing but what `mpirun` says; NULL: it is not there. */
static struct finished without_mpi(const char *mpirun, const char *command)
{
    char script[SCRIPT], fake[256] = "";

    if (mpirun != NULL)
        snprintf(fake, sizeof(fake),
                 "printf '#!/bin/sh\\necho \"%s\"\\n' >$f/mpirun; chmod +x $f/mpirun", mpirun);
    snprintf(script, sizeof(script),
             "f=$(mktemp -d); for c in sh dirname head hyperfine cat rm; do "
             "ln -s $(command -v $c) $f/$c; done; echo 'localhost slots=2' >$f/hosts\n"
             "%s\nPATH=$f\n%s\ns=$?; rm -rf $f; exit $s",
             fake, command);
    return run_argv((const char *const[]){"/bin/sh", "-c", script, NULL});
}

static void expect_refused(const char *mpirun, const char *command, int status, const char *text)
{
    struct finished finished = without_mpi(mpirun, command);

    if (finished.status != status || strstr(finished.err, text) == NULL)
        fail_msg("%s: status %d: %s%s", command, finished.status, finished.out, finished.err);
    finished_free(&finished);
}

static void what_is_missing_is_named(void **state)
{
    const char *lanes = "dist/lanes.sh $f/hosts build/lane-async -n 10 http://127.0.0.1:1/{id}";
    const char *bench =
        "build/bench run --lane async -n 10 -c 10 --latency 1ms --results $f/results "
        "--hosts $f/hosts --listen 127.0.0.1";
    char other[256];

    (void)state;
    expect_refused(NULL, lanes, 3, "apt-get install openmpi-bin");
    expect_refused(NULL, bench, 3, "apt-get install openmpi-bin");
    snprintf(other, sizeof(other), "export BUILD=$f; %s", lanes);
    expect_refused("mpirun (Open MPI) 4.1.4", other, 3, "apt-get install libopenmpi-dev");
    expect_refused(NULL, "dist/lanes.sh $f/none build/lane-async", 2, "no such hostfile");
    expect_refused(NULL, "dist/lanes.sh", 2, "usage: dist/lanes.sh HOSTFILE LANE");
    expect_refused(NULL, "build/bench run quick --hosts $f/hosts", 2, "--listen says at which");
}

/* It has other options: rather nothing than something else. */
static void another_open_mpi_is_refused(void **state)
{
    (void)state;
    expect_refused("mpirun (Open MPI) 5.0.7", "dist/lanes.sh $f/hosts", 3, "5.0.7");
}

#define OF(test, name, value)                                                                      \
    {                                                                                              \
#test "_" name, test, NULL, end_leftovers, (void *)value                                   \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF(ranks_share_ids_and_start_together, "2", "2"),
        OF(ranks_share_ids_and_start_together, "4", "4"),
        OF(executions_follow_each_other_at_once, "with_few_ports", &executions[0]),
        OF(executions_follow_each_other_at_once, "40000", &executions[1]),
        OF(executions_follow_each_other_at_once, "80000", &executions[2]),
        OF(others_results_are_kept, "lane", &faults[0]),
        OF(others_results_are_kept, "rank", &faults[1]),
        OF(others_results_are_kept, "rank_0", &faults[2]),
        OF(others_results_are_kept, "daemon", &faults[3]),
        OF(others_results_are_kept, "host", &faults[4]),
        OF(others_results_are_kept, "late", &faults[5]),
        cmocka_unit_test_teardown(what_is_missing_is_named, end_leftovers),
        cmocka_unit_test_teardown(another_open_mpi_is_refused, end_leftovers),
    };

    return cmocka_run_group_tests_name("dist", tests, NULL, NULL);
}
