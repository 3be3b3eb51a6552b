/* How two cells of one run compare. Nothing is called faster or smaller without it. */
#ifndef REPORT_COMPARISON_H
#define REPORT_COMPARISON_H

#include <stdbool.h>
#include <stdio.h>

#include "common/ratio.h"
#include "report/groups.h"
#include "report/run_data.h"

struct comparison {
    struct ratio ratio; /* of the first to the second */
    bool by_floor; /* too few rounds, but the floor of one is above the interval of the other */
};

/* Wall times, paired by round. */
struct comparison comparison_wall(const struct run *run, const struct cell *a,
                                  const struct cell *b);

/* Likewise; a difference within `tolerance` (0.02 is 2 %) is none. */
struct comparison comparison_wall_beyond(const struct run *run, const struct cell *a,
                                         const struct cell *b, double tolerance);

/* A figure of the executions, by its path in their JSON; likewise. */
struct comparison comparison_of(const struct run *run, const char *path, const struct cell *a,
                                const struct cell *b);

/* PSS, of independent passes. */
struct comparison comparison_pss(const struct run *run, const struct memory_cell *a,
                                 const struct memory_cell *b);

/* The verdict in words: "slower", "no clear difference", … */
const char *comparison_wall_verdict(const struct comparison *comparison);

/* Writes "2.31 [2.28, 2.35]": the ratio with its interval, or with the range of the rounds' ratios
 * "2.31 (2.28 … 2.35)" where there is none; a dash where nothing can be compared. */
void comparison_format(FILE *out, const struct comparison *comparison);

#endif
