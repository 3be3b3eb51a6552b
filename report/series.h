/* Lines of a plot whose points are cells that compute in the same way: their name, and how they are
 * drawn. */
#ifndef REPORT_SERIES_H
#define REPORT_SERIES_H

#include <stdbool.h>
#include <stdio.h>

#include "report/groups.h"
#include "report/run_data.h"

struct series_style {
    unsigned colour; /* 0xRRGGBB */
    int point, dash; /* gnuplot's types */
};

/* The style of a cell's series: the model's, but where it computes in another way than the model by
 * itself. */
struct series_style series_style_of(const struct workload_cell *cell);

/* Whether two cells differ in how many compute, at most. */
bool series_is_same(const struct workload_cell *a, const struct workload_cell *b);

/* Writes the name of a cell's series, without how many compute, to `text` of LABEL_SIZE bytes and
 * returns it: "thread pool, simulated GIL". Plain text with names of the run: escape it. */
const char *series_label(const struct workload_cell *cell, char *text);

/* Writes gnuplot's words that draw a line with points in that style: "lw 2.5 pt 7 …". */
void series_write_style(FILE *script, const struct workload_cell *cell);

#endif
