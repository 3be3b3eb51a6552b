/* `bench show`: the figures of a run in the terminal, from its folder alone. */
#ifndef HARNESS_SHOW_H
#define HARNESS_SHOW_H

#include <stdio.h>

#include "common/error.h"

#include "harness/bench_options.h"

/* Prints the tables of the run in the folder at `path`, whatever state the run is in, in the format
 * of the options. Returns 0, or
 * a negative errno with the reason in *error. */
int show_run(const char *path, const struct bench_options *options, FILE *stream,
             struct error *error);

#endif
