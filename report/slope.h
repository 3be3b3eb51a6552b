/* What one more request in flight costs: the slope of a line through the memory passes of a lane at
 * several concurrencies. */
#ifndef REPORT_SLOPE_H
#define REPORT_SLOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/line_fit.h"
#include "report/run_data.h"

#define SLOPE_CONCURRENCIES_MIN 3 /* a line through two points fits always, and proves nothing */

/* What is measured of memory, each a figure of a pass. */
enum slope_kind { SLOPE_ANONYMOUS, SLOPE_PSS, SLOPE_CGROUP, SLOPE_KERNEL, SLOPE_VIRTUAL };

struct slope {
    const struct memory_cell *cell; /* the first of its lane */
    const char *what;               /* "PSS" */
    const char *key;                /* "pss" */
    size_t concurrencies;
    struct line_fit fit; /* bytes by requests in flight, as the server confirmed them */
};

/* Whether the cell at `index` is the first of its lane. */
bool slope_is_first_of_lane(const struct memory_cells *cells, size_t index);

/* Fills *slope for the lane of the cell at `index`. Returns whether the run can tell it: two
 * concurrencies will do, but their line has no interval and fits always. */
bool slope_of(const struct run *run, const struct memory_cells *cells, size_t index,
              enum slope_kind kind, struct slope *slope);

/* Calls `take` with each slope of SLOPE_CONCURRENCIES_MIN or more concurrencies: for each lane, for
 * each kind of memory. */
void slope_each(const struct run *run, const struct memory_cells *cells,
                void (*take)(void *context, const struct slope *slope), void *context);

#endif
