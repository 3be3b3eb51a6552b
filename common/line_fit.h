/* A straight line through points, with what is known of its slope: "bytes per request in flight".
 */
#ifndef COMMON_LINE_FIT_H
#define COMMON_LINE_FIT_H

#include <stddef.h>

#include "common/stats.h"

struct line_fit {
    size_t count;
    double intercept;
    double slope;
    struct stats_interval slope_interval; /* 95 %, by Student's t; NAN with only two points */
    double r_squared;                     /* 1: the points lie on the line */
};

/* Fits y = intercept + slope * x by least squares. Returns 0, or -EINVAL (fewer than two different
 * x, or a value that is not finite). */
int line_fit(const double *x, const double *y, size_t count, struct line_fit *fit);

#endif
