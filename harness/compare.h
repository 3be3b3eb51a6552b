/* `bench compare`: two runs cell by cell, or two cells of one run. */
#ifndef HARNESS_COMPARE_H
#define HARNESS_COMPARE_H

#include <stdio.h>

#include "common/error.h"

#include "harness/bench_options.h"

/* Prints how the run in the folder `b` compares with the earlier one in `a`, in the format and with
 * the tolerance of the options. Returns BENCH_COMPLETE where nothing became slower or larger,
 * BENCH_INVALID where something did or no longer counts, BENCH_USAGE with the reason in *error
 * where they cannot be compared or no cell has enough rounds for a verdict. */
enum bench_status compare_runs(const char *a, const char *b, const struct bench_options *options,
                               FILE *stream, struct error *error);

/* Likewise the cell `y` with the cell `x` of the run in the folder `run`: paired, round by round.
 */
enum bench_status compare_cells(const char *run, const char *x, const char *y,
                                const struct bench_options *options, FILE *stream,
                                struct error *error);

#endif
