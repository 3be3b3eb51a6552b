/* What follows from the memory passes of a lane: base and increase, and whether the two methods
 * agree. */
#ifndef REPORT_MEMORY_FIGURES_H
#define REPORT_MEMORY_FIGURES_H

#include "report/run_data.h"

/* Beyond both, a difference between the methods is marked. The kernel's own accounting of a cgroup
 * is in batches, so that less than a megabyte says nothing. */
#define METHODS_DIFFERENCE_MAX       0.1
#define METHODS_DIFFERENCE_MIN_BYTES 1e6

/* By how much the memory cgroup is above PSS. */
struct methods_difference {
    double share; /* of PSS; NAN where one of them is not known */
    bool marked;
};

/* Medians; NAN where the run cannot tell. */
struct memory_figures {
    double base_bytes;        /* PSS of the same lane with one request */
    double increase_bytes;    /* of heap and stacks above it; of all PSS where that is not known */
    double per_request_bytes; /* the increase for each further request */
    double kernel_bytes;      /* the kernel's share, as the memory cgroup tells it */
    double virtual_bytes;
    struct methods_difference anonymous; /* of heap and stacks, which both count in full */
    struct methods_difference all;       /* of the cgroup without kernel and all of PSS */
};

struct memory_figures memory_figures_of(const struct run *run, const struct memory_cell *cell);

#endif
