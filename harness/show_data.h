/* The tables of `bench show` as data, for other programs. */
#ifndef HARNESS_SHOW_DATA_H
#define HARNESS_SHOW_DATA_H

#include <jansson.h>
#include <stdio.h>

#include "harness/bench_options.h"

/* Writes the tables "cells", "memory" and "remarks" of a run, or only the one named `table` (NULL:
 * all): as one JSON object, or as CSV with an empty line between tables. Returns 0, -EINVAL (no
 * such table) or -ENOMEM. */
int show_data(const json_t *run, const json_t *samples, const json_t *passes,
              enum bench_format format, const char *table, FILE *stream);

#endif
