/* The thresholds of `bench run --fail-if`: texts like "p99 > 300ms", of which each cell is to reach
 * none. thresholds.sql reads and judges them. */
#ifndef HARNESS_THRESHOLDS_H
#define HARNESS_THRESHOLDS_H

#include <jansson.h>

#include "common/error.h"

/* Says on stderr what the cells of the run in `folder` have reached of these, an array of texts.
 * Returns how much that is, or a negative errno with the reason in *error. `folder` NULL: -EINVAL
 * where they cannot be read, else 0. */
int thresholds_judge(const json_t *said, const char *folder, struct error *error);

#endif
