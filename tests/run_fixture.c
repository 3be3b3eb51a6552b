#include "tests/run_fixture.h"

#include <math.h>

#include "common/count.h"
#include "common/file.h"
#include "common/json.h"
#include "tests/helpers.h"

struct planned {
    const char *lane, *model;
    int requests, concurrency;
    double overhead_ms; /* above the floor */
    double cpu_ms, rss_mb;
    int peak_missing; /* how many fewer the server saw than asked */
};

static const struct planned cells[] = {
    {"sync", "sequential", 100, 1, 60, 20, 9, 0},
    {"threads", "thread pool", 100, 10, 12, 22, 9.6, 0},
    {"procs", "process pool", 100, 10, 25, 40, 8.8, 0},
    {"async", "event loop", 100, 100, 14, 18, 9.9, 0},
    {"sync", "sequential", 1000, 1, 480, 190, 9, 0},
    {"threads", "thread pool", 1000, 10, 110, 180, 9.6, 0},
    {"threads", "thread pool", 1000, 100, 60, 190, 11, 0},
    {"threads", "thread pool", 1000, 1000, 190, 310, 28, 40},
    {"procs", "process pool", 1000, 10, 130, 260, 8.8, 0},
    {"procs", "process pool", 1000, 100, 160, 330, 8.9, 0},
    {"async", "event loop", 1000, 1000, 82, 95, 19, 129},
    {"async", "event loop", 10000, 10000, 860, 900, 140, 4120},
    {"threads", "thread pool", 10000, 10000, 2900, 3900, 230, 6300},
};

static const struct {
    const char *lane, *model;
    int concurrency, processes, threads;
    double pss_mb, virtual_mb;
} passes[] = {
    {"threads", "thread pool", 1, 1, 2, 5.1, 98},
    {"procs", "process pool", 1, 2, 2, 5.9, 170},
    {"async", "event loop", 1, 1, 1, 5.3, 96},
    {"threads", "thread pool", 1000, 1, 1001, 31.5, 412},
    {"procs", "process pool", 1000, 1001, 1001, 640, 88000},
    {"async", "event loop", 1000, 1, 1, 16.8, 131},
};

static const char *id_of(const char *lane, int requests, int concurrency)
{
    static char id[64];

    snprintf(id, sizeof(id), "%s-n%d-c%d", lane, requests, concurrency);
    return id;
}

static double floor_ns(const struct planned *cell, int latency_ms)
{
    return ceil((double)cell->requests / cell->concurrency) * latency_ms * 1e6;
}

static json_t *planned_cells(int latency_ms)
{
    json_t *list = json_array();

    for (size_t i = 0; i < COUNT_OF(cells); i++)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:i, s:i, s:I, s:I, s:i, s:b, s:[s]}", "id",
                            id_of(cells[i].lane, cells[i].requests, cells[i].concurrency), "lane",
                            cells[i].lane, "model", cells[i].model, "requests", cells[i].requests,
                            "concurrency", cells[i].concurrency, "latency_ns",
                            (json_int_t)latency_ms * 1000000, "floor_ns",
                            (json_int_t)floor_ns(&cells[i], latency_ms), "rounds", FIXTURE_ROUNDS,
                            "optional", cells[i].requests == 10000, "command", "lane"));
    return list;
}

static json_t *planned_passes(void)
{
    json_t *list = json_array();

    for (size_t i = 0; i < COUNT_OF(passes); i++)
        json_array_append_new(
            list, json_pack("{s:s+, s:s, s:s, s:i, s:i, s:I, s:b, s:[s]}", "id", "memory-",
                            id_of(passes[i].lane, passes[i].concurrency, passes[i].concurrency),
                            "lane", passes[i].lane, "model", passes[i].model, "requests",
                            passes[i].concurrency, "concurrency", passes[i].concurrency, "hold_ns",
                            (json_int_t)5000000000, "optional", 0, "command", "lane"));
    return list;
}

static json_t *environment(void)
{
    return json_pack(
        "{s:s, s:i, s:I, s:s, s:s, s:{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:[i,i]}, s:f, s:i, "
        "s:{s:s, s:s, s:s, s:s, s:s, s:s}, s:{s:s, s:b}}",
        "cpu_model", "Invented CPU @ 2.00GHz", "cores", 2, "memory_bytes",
        (json_int_t)8 * 1024 * 1024 * 1024, "kernel", "Linux 6.1.0-18-amd64", "virtualisation",
        "kvm", "limits", "nofile_soft", 1024, "nofile_hard", 20000, "nproc", 31000, "pid_max",
        4194304, "threads_max", 62000, "max_map_count", 65530, "somaxconn", 4096, "port_range",
        32768, 60999, "load_1m", 0.14, "steal_ns", 0, "versions", "suite", "0.1.0", "compiler",
        "gcc 12.2.0", "libcurl", "7.88.1", "libuv", "1.44.2", "hyperfine", "1.15.0", "gnuplot",
        "5.4 patchlevel 4", "git", "revision", "0123456789abcdef", "dirty", 0);
}

static const struct planned *cell_of(const char *id)
{
    char wanted[64];

    snprintf(wanted, sizeof(wanted), "%s", id); /* `id` may be what id_of() is about to overwrite */
    for (size_t i = 0; i < COUNT_OF(cells); i++)
        if (strcmp(id_of(cells[i].lane, cells[i].requests, cells[i].concurrency), wanted) == 0)
            return &cells[i];
    fail_msg("the fixture has no cell %s", id);
    return NULL;
}

static json_t *lane_result(const struct planned *cell, double wall_ms)
{
    return json_pack("{s:s, s:s, s:I, s:I, s:{s:i}, s:i, s:i}", "schema", "lane.result/1", "lane",
                     cell->lane, "wall_ns", (json_int_t)((wall_ms - 2) * 1e6), "max_rss_bytes",
                     (json_int_t)(cell->rss_mb * 1e6), "outcomes", "ok", cell->requests, "verified",
                     cell->requests, "in_flight_peak", cell->concurrency);
}

static json_t *server_stats(const struct planned *cell)
{
    return json_pack("{s:s, s:i, s:i, s:{s:i, s:I, s:i}}", "schema", "mockserver.stats/1",
                     "in_flight_peak", cell->concurrency - cell->peak_missing, "busy_ns_max",
                     3000 * cell->concurrency, "lateness_ns", "count", cell->requests, "p99",
                     (json_int_t)(90000 + 4000 * cell->concurrency), "early", 0);
}

json_t *fixture_sample(const char *id, int round, double wall_ms)
{
    const struct planned *cell = cell_of(id);

    return json_pack("{s:s, s:s, s:i, s:i, s:s, s:I, s:I, s:I, s:i, s:s, s:o, s:o, s:f, s:b, s:[]}",
                     "schema", "bench.sample/1", "cell",
                     id_of(cell->lane, cell->requests, cell->concurrency), "round", round, "order",
                     1, "started_at", "2026-11-22T20:00:00.000Z", "wall_ns",
                     (json_int_t)(wall_ms * 1e6), "user_ns", (json_int_t)(cell->cpu_ms * 0.4e6),
                     "system_ns", (json_int_t)(cell->cpu_ms * 0.6e6), "exit_status", 0, "hyperfine",
                     "x.json", "lane", lane_result(cell, wall_ms), "server", server_stats(cell),
                     "load_1m", 0.3, "valid", 1, "problems");
}

static void append_line(const char *folder, const char *name, json_t *value)
{
    assert_non_null(value);
    assert_int_equal(json_line_append(path_in(folder, name), value), 0);
    json_decref(value);
}

static void write_samples(const char *folder, int latency_ms)
{
    for (int round = 1; round <= FIXTURE_ROUNDS; round++)
        for (size_t i = 0; i < COUNT_OF(cells); i++) {
            double spread = 1 + 0.01 * (round - 4);

            append_line(folder, "results.jsonl",
                        fixture_sample(
                            id_of(cells[i].lane, cells[i].requests, cells[i].concurrency), round,
                            floor_ns(&cells[i], latency_ms) / 1e6 + cells[i].overhead_ms * spread));
        }
}

static void write_passes(const char *folder)
{
    for (size_t i = 0; i < COUNT_OF(passes); i++) {
        json_int_t pss = (json_int_t)(passes[i].pss_mb * 1e6);

        append_line(
            folder, "memory.jsonl",
            json_pack("{s:s, s:s+, s:I, s:i, s:i, s:i, s:i, s:b, s:i, s:i, s:I, s:I, s:I, s:I, "
                      "s:I, s:{s:i, s:I}, s:[]}",
                      "schema", "bench.memory/1", "cell", "memory-",
                      id_of(passes[i].lane, passes[i].concurrency, passes[i].concurrency),
                      "hold_ns", (json_int_t)5000000000, "exit_status", 0, "concurrency",
                      passes[i].concurrency, "in_flight", passes[i].concurrency, "in_flight_peak",
                      passes[i].concurrency, "confirmed", 1, "processes", passes[i].processes,
                      "threads", passes[i].threads, "pss_bytes", pss, "rss_bytes", 2 * pss,
                      "hwm_bytes", 2 * pss, "virtual_bytes",
                      (json_int_t)(passes[i].virtual_mb * 1e6), "page_table_bytes", pss / 50,
                      "cgroup", "version", 2, "kernel_bytes",
                      (json_int_t)(passes[i].threads * 16000 + 4000000), "problems"));
    }
}

/* Connecting takes 0.2 ms each, one after another; then each worker waits for its answer. */
static void write_records(const char *folder, const struct planned *cell, int latency_ms)
{
    char *text = NULL, name[128];
    size_t size;
    FILE *out = open_memstream(&text, &size);

    fputs("id,worker,start_ns,connected_ns,first_byte_ns,end_ns,outcome\n", out);
    for (int i = 0; i < cell->requests; i++) {
        int turn = i / cell->concurrency, worker = i % cell->concurrency;
        double ready = worker * 0.02 + 0.1 + worker * 0.2 + turn * (latency_ms + 0.4);
        double start = turn > 0 ? ready : worker * 0.02, connected = ready;

        fprintf(out, "%d,%d,%.0f,%.0f,%.0f,%.0f,ok\n", i, worker, start * 1e6, connected * 1e6,
                (connected + latency_ms) * 1e6, (connected + latency_ms + 0.3) * 1e6);
    }
    fclose(out);
    snprintf(name, sizeof(name), "records/%s.csv",
             id_of(cell->lane, cell->requests, cell->concurrency));
    fixture_put(folder, name, text);
    free(text);
}

void fixture_put(const char *folder, const char *name, const char *text)
{
    assert_int_equal(file_replace(path_in(folder, name), text, strlen(text)), 0);
}

void fixture_set(const char *folder, const char *key, json_t *value)
{
    char error[JSON_ERROR_SIZE];
    json_t *run = json_file_load(path_in(folder, "run.json"), error);

    assert_non_null(run);
    json_object_set_new(run, key, value);
    assert_int_equal(json_file_write(path_in(folder, "run.json"), run), 0);
    json_decref(run);
}

void fixture_write(const char *folder, int latency_ms)
{
    const char *plan = latency_ms == 200 ? "article" : "quick";
    json_t *run =
        json_pack("{s:s, s:s+, s:s, s:s, s:s, s:{s:s}, s:i, s:o, s:o, s:[], s:o}", "schema",
                  "bench.run/1", "id", "20261122T200000Z-", plan, "started_at",
                  "2026-11-22T20:00:00.000Z", "finished_at", "2026-11-22T20:10:00.000Z", "status",
                  "complete", "plan", "name", plan, "seed", 42, "cells", planned_cells(latency_ms),
                  "memory_cells", planned_passes(), "skipped", "environment", environment());

    assert_non_null(run);
    assert_int_equal(json_file_write(path_in(folder, "run.json"), run), 0);
    json_decref(run);
    write_samples(folder, latency_ms);
    write_passes(folder);
    assert_int_equal(file_make_folder(path_in(folder, "records")), 0);
    for (size_t i = 0; i < COUNT_OF(cells); i++)
        if (cells[i].requests <= 1000)
            write_records(folder, &cells[i], latency_ms);
}

void fixture_write_shares(const char *folder, const double *times, int shares, int rounds)
{
    char *planned = NULL, *lines = NULL;
    size_t size;
    FILE *out = open_memstream(&planned, &size), *samples = open_memstream(&lines, &size);

    fputs("{\"status\": \"complete\", \"cells\": [", out);
    for (int i = 0; i < shares; i++) {
        fprintf(out,
                "%s{\"id\": \"a%d\", \"lane\": \"async\", \"work\": \"mixed\", \"requests\": 100, "
                "\"concurrency\": 20, \"latency_ns\": %d, \"cpu_ns\": %d}, {\"id\": \"t%d\", "
                "\"lane\": \"threads\", \"work\": \"mixed\", \"requests\": 100, \"concurrency\": "
                "20, \"latency_ns\": %d, \"cpu_ns\": %d}",
                i > 0 ? ", " : "", i, 90 - 10 * i, 10 + 10 * i, i, 90 - 10 * i, 10 + 10 * i);
        for (int round = 1; round <= rounds; round++)
            fprintf(samples,
                    "{\"cell\": \"a%d\", \"round\": %d, \"valid\": true, \"wall_ns\": %.9g}\n"
                    "{\"cell\": \"t%d\", \"round\": %d, \"valid\": true, \"wall_ns\": 1e9}\n",
                    i, round, times[i] * 1e9 * (1 + (round % 2 > 0 ? 0.01 : -0.01)), i, round);
    }
    fputs("]}", out);
    fclose(out);
    fclose(samples);
    fixture_put(folder, "run.json", planned);
    fixture_put(folder, "results.jsonl", lines);
    free(planned);
    free(lines);
}
