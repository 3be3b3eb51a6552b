/* What the executions of one cell come to: the figures of `bench show`. */
#ifndef HARNESS_CELL_SUMMARY_H
#define HARNESS_CELL_SUMMARY_H

#include <jansson.h>
#include <stddef.h>

#include "common/stats.h"

struct cell_summary {
    size_t executions;
    size_t valid;
    size_t noisy;              /* of the valid ones */
    double *walls;             /* of the valid ones, in ns */
    struct stats_summary wall; /* count 0: nothing counts */
    double peak_min, peak_max; /* in flight, as the server saw it; -1: unknown */
    double lateness_max;       /* of the p99s; -1: unknown */
    json_t *outcomes;          /* sums by name */
};

/* Summarises the samples of the cell `id`. Free with cell_summary_free() in any case. Returns 0 or
 * -ENOMEM. */
int cell_summarise(struct cell_summary *summary, const json_t *samples, const char *id);
void cell_summary_free(struct cell_summary *summary);

#endif
