#include "harness/plan/cell.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/cores.h"
#include "common/count.h"
#include "common/units.h"

#define CALLERS_DEFAULT 4 /* threads of libuv's pool */

const char *const cell_work_names[] = {"io",   "cpu",       "mixed", "sleep",
                                       "file", "websocket", "sql",   NULL};

bool cell_work_requests(const struct cell_work *work)
{
    return work->kind != CELL_CPU && work->kind != CELL_SLEEP;
}

bool cell_work_computes(const struct cell_work *work)
{
    return work->kind == CELL_CPU || work->kind == CELL_MIXED;
}

bool cell_work_pools(const struct cell_work *work)
{
    return work->compute != NULL && strcmp(work->compute, "loop") != 0;
}

const char *cell_work_items(const struct cell_work *work)
{
    static const char *const names[] = {"requests", "items",      "requests", "tasks",
                                        "files",    "WebSockets", "queries"}; /* by kind */

    return names[work->kind];
}

bool cell_follows(const struct cell *cell, const char *model)
{
    return strcmp(cell->lane->model, model) == 0;
}

bool cell_is_a_loop(const struct cell *cell)
{
    return cell_follows(cell, "async") || cell_follows(cell, "co");
}

uint64_t cell_callers(const struct cell *cell)
{
    const struct cell_work *work = &cell->work;
    const char *blocking = work->blocking;

    if (blocking == NULL && work->kind == CELL_FILE && cell_is_a_loop(cell))
        blocking = "threads";
    if (blocking == NULL || strcmp(blocking, "uring") == 0)
        return 0;
    if (strcmp(blocking, "loop") == 0)
        return work->loops > 0 ? work->loops : 1;
    return work->workers > 0 ? work->workers : CALLERS_DEFAULT;
}

/* What the work adds to the name, "-cpu20ms-threads-w2": nothing for what is not said. */
static void write_work(FILE *name, const struct cell_work *work)
{
    char cpu[UNITS_TEXT_SIZE];

    if (work->kind >= CELL_SLEEP)
        fprintf(name, "-%s", cell_work_names[work->kind]);
    if (work->blocking != NULL)
        fprintf(name, "-%s", work->blocking);
    if (cell_work_computes(work))
        fprintf(name, "-cpu%s", units_exact_duration(work->cpu_ns, cpu));
    if (cell_work_pools(work))
        fprintf(name, "-%s", work->compute);
    if (work->workers > 0)
        fprintf(name, "-w%" PRIu64, work->workers);
    if (work->loops > 1)
        fprintf(name, "-l%" PRIu64, work->loops);
    if (work->processes > 1)
        fprintf(name, "-p%" PRIu64, work->processes);
    if (work->gil)
        fputs("-gil", name);
    if (cell_work_computes(work) && work->block_bytes != BLOCK_BYTES_DEFAULT) {
        bool binary = work->block_bytes % 1024 == 0; /* "64k" for 65536 */

        fprintf(name, "-b%" PRIu64 "%s", binary ? work->block_bytes / 1024 : work->block_bytes,
                binary ? "k" : "");
    }
}

/* Names are those of files, too: "-lognormal-median-200ms-p99-800ms". */
static void write_spec(FILE *name, const char *spec)
{
    fputc('-', name);
    for (; *spec != '\0'; spec++)
        fputc(strchr(":=,", *spec) == NULL ? *spec : '-', name);
}

int cell_name(struct cell *cell)
{
    char time[UNITS_TEXT_SIZE];
    FILE *name = fmemopen(cell->id, sizeof(cell->id), "w");
    bool fits;

    if (name == NULL)
        return -errno;
    fprintf(name, "%s-n%" PRIu64 "-c%" PRIu64, cell->lane->name, cell->requests, cell->concurrency);
    if (cell->memory)
        fputs("-memory", name);
    else if (cell_draws(cell))
        write_spec(name, cell->latency.spec);
    else if (cell_work_requests(&cell->work))
        fprintf(name, "-%s", units_exact_duration(cell->latency_ns, time));
    write_work(name, &cell->work);
    if (cell->rate > 0)
        fprintf(name, "-r%" PRIu64, cell->rate);
    if (cell->arrivals != NULL && strcmp(cell->arrivals, "constant") != 0)
        fprintf(name, "-%s", cell->arrivals);
    if (cell->client != NULL)
        fprintf(name, "-%s", cell->client);
    if (cell->connections != NULL)
        fprintf(name, "-%s", cell->connections);
    fits = fflush(name) == 0 && ftell(name) < CELL_ID_SIZE;
    return fclose(name) == 0 && fits ? 0 : -ENAMETOOLONG;
}

/* Read once: a plan asks for every cell. */
static const struct cores *machine(void)
{
    static struct cores cores;

    if (cores.usable == 0)
        cores = cores_read("");
    return &cores;
}

uint64_t cell_cores(void)
{
    return machine()->usable;
}

bool cell_draws(const struct cell *cell)
{
    return cell->latency.distribution.kind != LATENCY_FIXED;
}

/* Where there is no memory to schedule a load, nothing is known of it. */
static struct load_bounds bounds_of(const struct cell *cell)
{
    struct load load = {
        .requests = cell->requests,
        .concurrency = cell->concurrency,
        .latency = cell->latency.distribution,
        .own_ns = cell->work.cpu_ns,
        .seed = cell->seed,
        .rate = cell->rate,
        .arrivals = cell->arrivals != NULL && strcmp(cell->arrivals, "poisson") == 0
                        ? ARRIVALS_POISSON
                        : ARRIVALS_CONSTANT,
    };
    struct load_bounds bounds = {0};

    if (!cell_draws(cell))
        load.latency.a_ns = cell->work.kind == CELL_CPU ? 0 : (double)cell->latency_ns;
    load_schedule(&load, &bounds);
    return bounds;
}

void cell_average(struct cell *cell)
{
    if (cell_draws(cell))
        cell->latency_ns = bounds_of(cell).mean_ns;
    else
        cell->latency_ns = (uint64_t)cell->latency.distribution.a_ns;
}

/* The wall time where `parallel` items are computed at once, and all else takes `others_ns`. */
static uint64_t time_with(const struct cell *cell, uint64_t parallel, uint64_t others_ns)
{
    uint64_t computed_ns = cores_least_ns(machine(), cell->requests,
                                          least(parallel, cell->concurrency), cell->work.cpu_ns);

    return others_ns > computed_ns ? others_ns : computed_ns;
}

uint64_t cell_floor_ns(const struct cell *cell)
{
    return time_with(cell, cell->concurrency, bounds_of(cell).floor_ns);
}

/* Beside a busy neighbour on the same core a calibration finds little more than half the rounds. */
#define CALIBRATED_TOO_SLOWLY 2 /* the part of an item's CPU time that may be too much */

uint64_t cell_least_ns(const struct cell *cell)
{
    struct cell faster = *cell;

    faster.work.cpu_ns -= faster.work.cpu_ns / CALIBRATED_TOO_SLOWLY;
    return time_with(&faster, faster.concurrency, bounds_of(&faster).least_ns);
}

uint64_t cell_serial_ns(const struct cell *cell)
{
    return time_with(cell, 1, bounds_of(cell).floor_ns);
}

uint64_t cell_expected_ns(const struct cell *cell)
{
    const struct cell_work *work = &cell->work;
    uint64_t threads = work->loops > 0 ? work->loops : 1, callers = cell_callers(cell);
    struct cell blocked = *cell;

    if (callers > 0 && callers < cell->concurrency) {
        blocked.concurrency = callers;
        return bounds_of(&blocked).floor_ns;
    }
    if (cell_work_pools(work))
        threads = work->workers > 0 ? work->workers : cell_cores();
    else if (!cell_is_a_loop(cell))
        threads = cell->concurrency;
    return time_with(cell, work->gil ? 1 : threads, bounds_of(cell).floor_ns);
}

uint64_t cell_processes(const struct cell *cell)
{
    return cell->work.processes > 0 ? cell->work.processes : 1;
}

uint64_t cell_in_flight(const struct cell *cell)
{
    return least(cell->requests, cell->concurrency);
}
