#include "tests/computing_fixture.h"

#include <jansson.h>
#include <stdbool.h>

#include "common/file.h"
#include "common/json.h"
#include "tests/helpers.h"
#include "tests/run_fixture.h"

struct planned {
    const char *id, *lane, *work;
    int requests, concurrency;
    double latency_ms, cpu_ms, wall_ms;
    const char *compute; /* NULL: as the lane does by itself */
    int workers, loops;
    bool gil;
    double beat_ms; /* lateness of the heartbeat at p99; 0: there is no loop */
    bool reversed;  /* what slows others in a round makes this one faster */
};

#define CPU(id, lane, c, wall, ...)                                                                \
    {                                                                                              \
        id, lane, "cpu", 64, c, 0, 20, wall, __VA_ARGS__                                           \
    }
#define MIXED(id, lane, c, latency, cpu, wall, ...)                                                \
    {                                                                                              \
        id, lane, "mixed", 200, c, latency, cpu, wall, __VA_ARGS__                                 \
    }

#define WAITING(id, lane, wall, ...)                                                               \
    {                                                                                              \
        id, lane, "io", 200, 200, 200, 0, wall, __VA_ARGS__                                        \
    }

static const struct planned cells[] = {
    CPU("sync-cpu", "sync", 1, 1300, NULL, 0, 0, false, 0, false),
    CPU("threads-c1", "threads", 1, 1305, NULL, 0, 0, false, 0, false),
    CPU("threads-c2", "threads", 2, 660, NULL, 0, 0, false, 0, false),
    CPU("threads-c4", "threads", 4, 664, NULL, 0, 0, false, 0, false),
    CPU("threads-c2-gil", "threads", 2, 1301, NULL, 0, 0, true, 0, true),
    CPU("procs-c2", "procs", 2, 670, NULL, 0, 0, false, 0, false),
    CPU("async", "async", 64, 1310, NULL, 0, 0, false, 1240, false),
    CPU("async-threads", "async", 64, 668, "threads", 0, 0, false, 6, false),
    CPU("async-processes", "async", 64, 680, "processes", 2, 0, false, 4, false),
    CPU("async-l2", "async", 64, 672, NULL, 0, 2, false, 640, false),
    WAITING("mixed-0", "async", 210, NULL, 0, 0, false, 0.2, false),
    WAITING("mixed-0-threads", "threads", 220, NULL, 0, 0, false, 0, false),
    MIXED("mixed-1", "async", 200, 198, 2, 610, NULL, 0, 0, false, 360, false),
    MIXED("mixed-1-threads", "threads", 200, 198, 2, 609, NULL, 0, 0, false, 0, true),
    MIXED("mixed-10", "async", 200, 180, 20, 4200, NULL, 0, 0, false, 3600, false),
    MIXED("mixed-10-threads", "threads", 200, 180, 20, 2220, NULL, 0, 0, false, 0, false),
    MIXED("mixed-10-offload", "async", 200, 180, 20, 2230, "processes", 2, 0, false, 2, false),
    MIXED("mixed-50", "async", 200, 100, 100, 20000, NULL, 0, 0, false, 19000, false),
    MIXED("mixed-50-threads", "threads", 200, 100, 100, 10300, NULL, 0, 0, false, 0, false),
    MIXED("mixed-50-offload", "async", 200, 100, 100, 10250, "processes", 2, 0, false, 2, false),
};

static json_t *number_or_null(double value)
{
    return value > 0 ? json_real(value) : json_null();
}

static json_t *planned_cell(const struct planned *cell, int rounds)
{
    bool requests = strcmp(cell->work, "cpu") != 0;

    return json_pack("{s:s, s:s, s:s, s:i, s:i, s:o, s:f, s:s, s:n, s:s?, s:o, s:o, s:b, s:f, s:i}",
                     "id", cell->id, "lane", cell->lane, "model", cell->lane, "requests",
                     cell->requests, "concurrency", cell->concurrency, "latency_ns",
                     requests ? json_real(cell->latency_ms * 1e6) : json_null(), "cpu_ns",
                     cell->cpu_ms * 1e6, "work", cell->work, "block_bytes", "compute",
                     cell->compute, "workers", number_or_null(cell->workers), "loops",
                     number_or_null(cell->loops), "gil", cell->gil, "floor_ns", 640e6, "rounds",
                     rounds);
}

static json_t *loop_health(const struct planned *cell)
{
    double ns = cell->beat_ms * 1e6;

    if (!(cell->beat_ms > 0))
        return json_null();
    return json_pack("{s:i, s:i, s:{s:f, s:f, s:f, s:f}, s:f, s:s}", "heartbeat_ns", 10000000,
                     "heartbeats", 100, "lateness_ns", "p50", ns / 2, "p90", ns * 0.9, "p99", ns,
                     "max", ns * 1.1, "longest_block_ns", ns * 1.2, "longest_block",
                     "computing item 17");
}

static void write_sample(const char *folder, const struct planned *cell, int round)
{
    double spread = 1 + 0.002 * (cell->reversed ? 4 - round : round - 4);
    json_t *sample = json_pack(
        "{s:s, s:i, s:f, s:f, s:f, s:b, s:[], s:{s:i, s:{s:i}, s:o}}", "cell", cell->id, "round",
        round, "wall_ns", cell->wall_ms * spread * 1e6, "user_ns",
        cell->requests * cell->cpu_ms * 1e6, "system_ns", 1e6, "valid", 1, "problems", "lane",
        "verified", cell->requests, "workload", "workers", 2, "loop", loop_health(cell));

    assert_non_null(sample);
    assert_int_equal(json_line_append(path_in(folder, "results.jsonl"), sample), 0);
    json_decref(sample);
}

void computing_fixture_write(const char *folder, int rounds)
{
    json_t *planned = json_array(), *run;

    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
        json_array_append_new(planned, planned_cell(&cells[i], rounds));
    run = json_pack("{s:s, s:s, s:s, s:{s:s}, s:o, s:[], s:[], s:{s:i}, s:[{s:I, s:i, s:i, s:I}]}",
                    "schema", "bench.run/1", "id", "20261122T200000Z-cpu", "status", "complete",
                    "plan", "name", "cpu", "cells", planned, "memory_cells", "skipped",
                    "environment", "cores", 2, "calibrations", "cpu_ns", (json_int_t)20000000,
                    "block_bytes", 32, "rounds", 61234, "measured_ns", (json_int_t)20100000);
    assert_non_null(run);
    assert_int_equal(json_file_write(path_in(folder, "run.json"), run), 0);
    json_decref(run);
    fixture_put(folder, "results.jsonl", "");
    for (int round = 1; round <= rounds; round++)
        for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
            write_sample(folder, &cells[i], round);
}
