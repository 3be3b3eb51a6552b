#include "tests/twins_fixture.h"

#include <stdbool.h>

#include "common/json.h"
#include "tests/helpers.h"
#include "tests/run_fixture.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

struct kind {
    const char *lane, *model, *language; /* NULL: C */
    double base, per_task, kernel_per_task;
    int most;
};

static const struct kind kinds[] = {
    {"coroutine", "async", NULL, 3e6, 1000, 5, 1000000},
    {"stackless", "async", NULL, 3e6, 200, 1, 1000000},
    {"thread", "threads", NULL, 2e6, 9000, 12000, 30000},
    {"python-asyncio", "async", "python", 20e6, 2000, 8, 1000000},
};

static const int numbers[] = {1000, 10000, 30000, 100000, 1000000};

static const char *id_of(const struct kind *kind, int number)
{
    static char id[64];

    snprintf(id, sizeof(id), "%s-n%d-c%d-sleep-memory", kind->lane, number, number);
    return id;
}

static json_t *planned(const struct kind *kind, int number)
{
    return json_pack("{s:s, s:s, s:s, s:s?, s:s, s:i, s:i, s:I}", "id", id_of(kind, number), "lane",
                     kind->lane, "model", kind->model, "language", kind->language, "work", "sleep",
                     "requests", number, "concurrency", number, "hold_ns", (json_int_t)10000000000);
}

static json_t *pass_of(const struct kind *kind, int number)
{
    double pss = kind->base + kind->per_task * number;

    return json_pack("{s:s, s:i, s:i, s:b, s:i, s:i, s:f, s:f, s:f, s:{s:i, s:f, s:f, s:f}, s:[]}",
                     "cell", id_of(kind, number), "concurrency", number, "in_flight", number,
                     "confirmed", 1, "processes", 1, "threads",
                     strcmp(kind->model, "threads") == 0 ? number + 1 : 1, "pss_bytes", pss,
                     "pss_anon_bytes", pss - 1e6, "virtual_bytes", 4 * pss, "cgroup", "version", 2,
                     "anon_bytes", pss - 1e6, "usage_bytes", pss + kind->kernel_per_task * number,
                     "kernel_bytes", kind->kernel_per_task * number, "problems");
}

void tasks_fixture_write(const char *folder)
{
    json_t *cells = json_array(), *skipped = json_array();

    fixture_write(folder, 200);
    fixture_put(folder, "results.jsonl", "");
    fixture_put(folder, "memory.jsonl", "");
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        for (size_t k = 0; k < COUNT_OF(numbers); k++) {
            json_t *pass;

            if (numbers[k] > kinds[i].most && numbers[k] > 100000)
                continue;
            pass = pass_of(&kinds[i], numbers[k]);
            json_array_append_new(cells, planned(&kinds[i], numbers[k]));
            if (numbers[k] > kinds[i].most)
                json_array_append_new(skipped,
                                      json_pack("{s:s, s:s}", "id", id_of(&kinds[i], numbers[k]),
                                                "reason", "it needs 100,000 threads"));
            else
                assert_int_equal(json_line_append(path_in(folder, "memory.jsonl"), pass), 0);
            json_decref(pass);
        }
    fixture_set(folder, "id", json_string("20261122T200000Z-tasks"));
    fixture_set(folder, "cells", json_array());
    fixture_set(folder, "memory_cells", cells);
    fixture_set(folder, "skipped", skipped);
}

struct twin {
    const char *lane, *model, *language; /* NULL: C */
    int requests, concurrency;
    bool computes; /* 20 ms for each; else each waits 200 ms */
    double wall_ms, start_ms, cpu_ms, rss_mb;
    int failed;
};

static const struct twin twins[] = {
    {"sync", "sync", NULL, 100, 1, false, 20050, 4, 20, 9, 0},
    {"python-requests", "sync", "python", 100, 1, false, 20700, 180, 560, 33, 0},
    {"threads", "threads", NULL, 1000, 1000, false, 350, 5, 300, 42, 0},
    {"python-threads", "threads", "python", 1000, 1000, false, 2300, 190, 1900, 85, 0},
    {"async", "async", NULL, 1000, 1000, false, 270, 4, 100, 18, 0},
    {"python-httpx", "async", "python", 1000, 1000, false, 5500, 300, 5000, 60, 0},
    {"python-aiohttp", "async", "python", 1000, 1000, false, 920, 330, 700, 47, 0},
    {"go-goroutines", "async", "go", 1000, 1000, false, 420, 6, 250, 45, 0},
    {"node-fetch", "async", "node", 1000, 1000, false, 1900, 60, 1500, 128, 0},
    {"async", "async", NULL, 10000, 10000, false, 930, 4, 800, 140, 0},
    {"python-httpx", "async", "python", 10000, 10000, false, 9000, 300, 8000, 120, 9900},
    {"python-aiohttp", "async", "python", 10000, 10000, false, 9900, 330, 9000, 227, 0},
    {"threads", "threads", NULL, 64, 2, true, 650, 4, 1290, 5, 0},
    {"python-threads", "threads", "python", 64, 2, true, 1500, 60, 1480, 20, 0},
};

static const struct {
    size_t twin;
    int concurrency, processes, threads;
    double pss_mb, virtual_mb;
} held[] = {
    {2, 1, 1, 2, 5, 98},      {3, 1, 1, 2, 30, 120},        {4, 1, 1, 1, 5, 96},
    {5, 1, 1, 1, 33, 40},     {2, 1000, 1, 1001, 42, 1160}, {3, 1000, 1, 1001, 85, 9000},
    {4, 1000, 1, 1, 17, 130}, {5, 1000, 1, 1, 60, 70},
};

static const char *twin_id(const struct twin *twin, int concurrency, const char *end)
{
    static char id[96];

    snprintf(id, sizeof(id), "%s-n%d-c%d-%s", twin->lane,
             concurrency == twin->concurrency ? twin->requests : concurrency, concurrency, end);
    return id;
}

static const char *timed_id(const struct twin *twin)
{
    return twin_id(twin, twin->concurrency, twin->computes ? "cpu20ms" : "200ms");
}

static double floor_ms(const struct twin *twin)
{
    double turns = (twin->requests + twin->concurrency - 1) / twin->concurrency;

    return turns * (twin->computes ? 20 : 200);
}

static json_t *planned_twin(const struct twin *twin)
{
    json_t *cell = json_pack("{s:s, s:s, s:s, s:s?, s:i, s:i, s:f, s:i}", "id", timed_id(twin),
                             "lane", twin->lane, "model", twin->model, "language", twin->language,
                             "requests", twin->requests, "concurrency", twin->concurrency,
                             "floor_ns", floor_ms(twin) * 1e6, "rounds", TWINS_ROUNDS);

    json_object_set_new(cell, "latency_ns", twin->computes ? json_null() : json_integer(200000000));
    if (twin->computes) {
        json_object_set_new(cell, "work", json_string("cpu"));
        json_object_set_new(cell, "cpu_ns", json_integer(20000000));
    }
    return cell;
}

/* The last rounds are a little slower, each lane's by the same share. */
static json_t *twin_sample(const struct twin *twin, int round)
{
    double wall_ns = twin->wall_ms * 1e6 * (1 + 0.001 * round);
    int ok = twin->requests - twin->failed;
    json_t *sample =
        json_pack("{s:s, s:i, s:i, s:f, s:f, s:f, s:{s:f, s:f, s:i, s:{s:i, s:i, s:i}}, s:b, s:[]}",
                  "cell", timed_id(twin), "round", round, "order", 1, "wall_ns", wall_ns, "user_ns",
                  twin->cpu_ms * 0.8e6, "system_ns", twin->cpu_ms * 0.2e6, "lane", "wall_ns",
                  wall_ns - twin->start_ms * 1e6, "max_rss_bytes", twin->rss_mb * 1e6, "verified",
                  ok, "outcomes", "ok", ok, "timeout", twin->failed, "reset", 0, "valid",
                  twin->failed == 0, "problems");

    if (twin->failed > 0)
        json_array_append_new(json_object_get(sample, "problems"),
                              json_sprintf("%d of %d requests verified", ok, twin->requests));
    if (!twin->computes)
        json_object_set_new(sample, "server",
                            json_pack("{s:i}", "in_flight_peak", twin->concurrency));
    return sample;
}

static void append(const char *folder, const char *name, json_t *line)
{
    assert_non_null(line);
    assert_int_equal(json_line_append(path_in(folder, name), line), 0);
    json_decref(line);
}

static json_t *held_passes(const char *folder)
{
    json_t *cells = json_array();

    for (size_t i = 0; i < COUNT_OF(held); i++) {
        const struct twin *twin = &twins[held[i].twin];
        const char *id = twin_id(twin, held[i].concurrency, "memory");
        double pss = held[i].pss_mb * 1e6;

        json_array_append_new(cells, json_pack("{s:s, s:s, s:s, s:s?, s:i, s:i, s:I}", "id", id,
                                               "lane", twin->lane, "model", twin->model, "language",
                                               twin->language, "requests", held[i].concurrency,
                                               "concurrency", held[i].concurrency, "hold_ns",
                                               (json_int_t)5000000000));
        append(folder, "memory.jsonl",
               json_pack("{s:s, s:i, s:b, s:i, s:i, s:f, s:f, s:f, s:[]}", "cell", id, "in_flight",
                         held[i].concurrency, "confirmed", 1, "processes", held[i].processes,
                         "threads", held[i].threads, "pss_bytes", pss, "rss_bytes", 1.2 * pss,
                         "virtual_bytes", held[i].virtual_mb * 1e6, "problems"));
    }
    return cells;
}

void twins_fixture_write(const char *folder)
{
    json_t *cells = json_array(), *skipped = json_array();

    fixture_write(folder, 200);
    fixture_put(folder, "results.jsonl", "");
    fixture_put(folder, "memory.jsonl", "");
    for (size_t i = 0; i < COUNT_OF(twins); i++) {
        bool left_out = strcmp(twins[i].lane, "node-fetch") == 0;

        json_array_append_new(cells, planned_twin(&twins[i]));
        if (left_out)
            json_array_append_new(skipped,
                                  json_pack("{s:s, s:s}", "id", timed_id(&twins[i]), "reason",
                                            "not installed: apt-get install nodejs"));
        for (int round = 1; !left_out && round <= TWINS_ROUNDS; round++)
            append(folder, "results.jsonl", twin_sample(&twins[i], round));
    }
    fixture_set(folder, "id", json_string("20261122T200000Z-twins"));
    fixture_set(folder, "cells", cells);
    fixture_set(folder, "memory_cells", held_passes(folder));
    fixture_set(folder, "skipped", skipped);
}
