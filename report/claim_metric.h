/* What a claim is measured by: the metric, and the cells of the run that it selects. */
#ifndef REPORT_CLAIM_METRIC_H
#define REPORT_CLAIM_METRIC_H

#include <stdio.h>

#include "report/run_data.h"

enum judged { JUDGED_MEDIAN, JUDGED_MAX, JUDGED_MIN };

/* Measures a claim of the run as a whole: fills `measured` and returns true, or writes why there is
 * no such figure to `reason` (Markdown) and returns false. */
typedef bool run_measurer(const json_t *claim, const struct run *run,
                          struct stats_summary *measured, FILE *reason);

struct metric {
    const char *name;
    bool of_memory;
    bool is_ratio; /* of that of `select` to that of `to` */
    enum judged judged;
    size_t offset; /* of the summary in its cell */
    double scale;  /* what one of the unit in claims.json is in the summary's */
    void (*format)(FILE *out, double value);
    const char *suffix;
    const char *path;      /* of a ratio of cells: the figure in results.jsonl, compared by round */
    bool inverse;          /* the ratio is that of `to` to `select` */
    run_measurer *measure; /* of the run as a whole; NULL: it is of cells */
};

/* Which cells a claim is about; NULL and NAN: any. But what is special about a cell must be asked
 * for: work other than io, the simulated GIL, several loops, computing elsewhere than on the loop.
 */
struct selector {
    const char *lane;
    const struct language *language; /* C, if nothing else is asked for */
    double requests, concurrency, latency_ns;
    struct computing computing;
};

/* The metric that a claim names, or NULL where there is no such metric. */
const struct metric *metric_of(const json_t *claim);

/* Whether the metric is that of claims which no run measures. */
bool metric_is_none(const struct metric *metric);

/* The selector at `key` ("select", "to") of a claim; its texts are the claim's. */
struct selector selector_of(const json_t *claim, const char *key);

/* Lets the selector mean the work of `cell` where it does not say what it means: the other side of
 * a ratio has the same requests to make, as long to wait and as much to compute. */
void selector_take_work(struct selector *selector, const struct workload_cell *cell);

/* Whether the selector means this cell; with `any_latency` whatever its latency. */
bool selector_matches(const struct selector *selector, const struct workload_cell *cell,
                      bool any_latency);

/* The cells that a metric is about, cells or memory cells, as one sequence. */
size_t metric_cells(const struct run *run, const struct metric *metric);
const struct workload_cell *metric_cell(const struct run *run, const struct metric *metric,
                                        size_t i);

/* The metric's summary of a cell, or NULL where no valid execution gave it. That requests failed in
 * all executions is no reason not to count how many were verified. */
const struct stats_summary *metric_summary(const struct metric *metric,
                                           const struct workload_cell *cell);

/* The measured cell that decides, or NULL: the first that the selector means, or that with the most
 * extreme figure where this is what is judged. */
const struct workload_cell *metric_find(const struct run *run, const struct metric *metric,
                                        const struct selector *selector);

#endif
