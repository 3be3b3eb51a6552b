/* `bench run`: one execution of a plan, from its file to the run folder and the report. */
#ifndef HARNESS_RUN_RUN_H
#define HARNESS_RUN_RUN_H

#include "harness/bench_options.h"
#include "harness/suite.h"

/* Runs the plan. Says on stderr what goes wrong. Returns the exit status of the program. */
enum bench_status run_plan(const struct bench_options *options, const struct suite *suite);

/* Goes on with the run in the folder at `path`. Otherwise as run_plan(). */
enum bench_status run_resume(const struct bench_options *options, const struct suite *suite,
                             const char *path);

#endif
