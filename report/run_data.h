/* What a run folder holds, loaded and gathered by cell. Nothing in the folder is trusted: values of
 * the wrong type, negative or beyond reason count as missing (NAN), lines that are not JSON are
 * left out and listed as faults. Texts are borrowed from the JSON and must be escaped where they
 * are shown. Everything belongs to the run and lives until run_free(). */
#ifndef REPORT_RUN_DATA_H
#define REPORT_RUN_DATA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/stats.h"
#include "report/computing.h"
#include "report/models.h"

/* What cells and memory cells have in common. */
struct workload_cell {
    const char *id;
    const char *lane; /* short name: "async" */
    const struct model *model;
    const struct model *follows;     /* which of the four the lane follows; NULL: not known */
    const struct language *language; /* NULL: one that the report knows not */
    double requests, concurrency;
    double latency_ns; /* of a memory cell: its hold_ns; NAN: it makes no request */
    struct computing computing;
    const char *skipped; /* why this machine could not run it, or NULL */
    const char *problem; /* the first that made an execution invalid, or NULL */
    size_t executions;   /* as recorded */
    size_t valid;        /* those that count */
    size_t noisy;        /* of these, those that something on the machine may have disturbed */
};

/* How a cell's event loop fared, where it has one: how late its heartbeats were, each figure the
 * median over the executions; count 0: there is none. */
struct loop_health {
    struct stats_summary lateness_p50_ns, lateness_p99_ns, lateness_max_ns;
    struct stats_summary longest_block_ns;
    const char *longest_block; /* what blocked the loop for longest, or NULL */
};

/* One lane with one set of parameters. The figures are of the valid executions; where there is none
 * they are of all, and the cell is not ranked. */
struct cell {
    struct workload_cell of;
    double floor_ns;
    double rounds; /* as planned */
    bool ranked;
    struct stats_summary wall_ns;  /* count 0: nothing was measured */
    struct stats_summary own_ns;   /* of the model alone, as the lane itself says */
    struct stats_summary start_ns; /* the rest of the wall time: start, imports, exit */
    struct stats_summary cpu_ns;   /* user and system time */
    struct stats_summary rss_bytes;
    struct stats_summary lateness_p99_ns;
    struct stats_summary in_flight_peak; /* as the server saw it */
    struct stats_summary verified;
    struct loop_health loop;
};

/* One lane held at a concurrency while its memory is read. */
struct memory_cell {
    struct workload_cell of;
    bool ranked;
    struct stats_summary pss_bytes, rss_bytes, hwm_bytes, virtual_bytes, page_table_bytes;
    struct stats_summary pss_anon_bytes, cgroup_anon_bytes; /* heap and stacks, by both methods */
    struct stats_summary kernel_bytes, cgroup_bytes, cgroup_peak_bytes;
    struct stats_summary cgroup_user_bytes; /* without the kernel's share: the second method */
    struct stats_summary in_flight, in_flight_peak, processes, threads;
};

/* Memory cells that are compared with one another. */
struct memory_cells {
    struct memory_cell *list;
    size_t count;
};

struct run {
    const char *folder;
    json_t *run;      /* run.json */
    json_t *samples;  /* results.jsonl, an array of objects */
    json_t *memory;   /* memory.jsonl, likewise */
    json_t *patterns; /* patterns.jsonl, likewise; empty where it was not run */
    json_t *faults;   /* texts: what in the folder could not be read */
    struct cell *cells;
    size_t cell_count;
    struct memory_cell *memory_cells; /* of requests in flight */
    size_t memory_count;
    struct memory_cells tasks; /* of sleeping tasks; behind the others in memory_cells */
};

/* Loads the run folder at `folder` (borrowed). Returns 0 and fills *run, to be freed with
 * run_free(); or a negative errno with the reason in `error` of JSON_ERROR_SIZE bytes where the
 * folder is none or its run.json cannot be read. What else is missing or broken is no error but in
 * run->faults. */
int run_load(struct run *run, const char *folder, char *error);
void run_free(struct run *run);

/* A number of untrusted JSON at a dotted path; NAN where it is missing, negative or beyond 1e18. */
double run_number(const json_t *value, const char *path);

/* Reads a regular file of at most `size_max` bytes (never a pipe or a device, which could block).
 * Returns as file_read(). */
char *run_file_read(const char *path, size_t size_max, size_t *size);

/* The smallest number of rounds of `requests`, `concurrency` at a time, times `latency_ns`. */
double run_floor_ns(double requests, double concurrency, double latency_ns);

/* The figures at `path` ("wall_ns") of two cells in the rounds in which both have an execution that
 * counts and where they are above 0, round by round, in arrays of at least run->samples values
 * each. Returns how many rounds these are. */
size_t run_pairs(const struct run *run, const char *path, const struct cell *a,
                 const struct cell *b, double *values_a, double *values_b);

/* The figures at `path` of the passes of a memory cell that count, in an array of at least
 * run->memory values. Returns how many there are. */
size_t run_memory_values(const struct run *run, const struct memory_cell *cell, const char *path,
                         double *values);

/* Whether an execution counts: it is valid and has a wall time. Likewise a memory pass: confirmed
 * by the server, without problems, with a PSS. */
bool run_sample_counts(const json_t *sample);
bool run_pass_counts(const json_t *pass);

/* The memory cell of `lane` at `concurrency` in flight that was measured, or NULL. */
const struct memory_cell *run_memory(const struct run *run, const char *lane, double concurrency);

#endif
