/* A plot of rows on one logarithmic axis: each a line from where it had to start (the floor, the
 * memory of one request) to what was measured, with its range and the article's figure. */
#ifndef REPORT_PLOT_ROWS_H
#define REPORT_PLOT_ROWS_H

#include <stdbool.h>
#include <stdio.h>

#include "report/groups.h"

struct plot_row {
    bool is_heading;
    char label[LABEL_SIZE];
    double low;             /* where the line starts; NAN: there is none */
    double value, min, max; /* what was measured */
    double extra;           /* a second figure of the row; NAN: none */
    double article;         /* NAN: none */
    bool ranked;            /* else drawn hollow and grey */
    const struct model *model;
};

#define PLOT_MEDIAN_WITH_RANGE "median, with its range"

struct plot_rows {
    const char *name;       /* of the plot: "wall" */
    const char *axis;       /* "Wall time (log scale)" */
    const char *value_name; /* what `value` with its whisker means, for the key */
    const char *low_name;   /* likewise `low`; NULL: the plot has none */
    const char *extra_name; /* NULL: the plot has none */
    void (*format)(FILE *, double);
    struct plot_row *rows;
    size_t count;
};

/* Writes the data and the body of the script. Returns the height in pixels, 0 without rows. */
int plot_rows_write(const struct plot_rows *plot, const char *title, FILE *script, FILE *data);

#endif
