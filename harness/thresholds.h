/* The thresholds of `bench run --fail-if`: texts like "p99 > 300ms", which no cell is to be
 * beyond. thresholds.sql reads and judges them. */
#ifndef HARNESS_THRESHOLDS_H
#define HARNESS_THRESHOLDS_H

#include <jansson.h>

#include "common/error.h"

/* Says on stderr which cells of the run in `folder` are beyond these, an array of texts, or that no
 * cell has such a figure. Returns how many lines that took, or a negative errno with the reason in
 * *error. `folder` NULL: -EINVAL where they cannot be read, else 0. */
int thresholds_judge(const json_t *said, const char *folder, struct error *error);

#endif
