/* The command line of bench. */
#ifndef HARNESS_BENCH_OPTIONS_H
#define HARNESS_BENCH_OPTIONS_H

#include <stdbool.h>

#include "harness/plan/plan.h"

enum bench_status {
    BENCH_COMPLETE = 0,
    BENCH_INVALID = 1, /* executions failed or do not count, or the report could not be made */
    BENCH_USAGE = 2,   /* the command line or the plan is wrong */
    BENCH_MACHINE = 3, /* something is missing on this machine, or its limits forbid it */
    BENCH_INTERRUPTED = 130,
};

enum bench_command {
    COMMAND_RUN,
    COMMAND_RESUME,
    COMMAND_LIST,
    COMMAND_SHOW,
    COMMAND_COMPARE,
    COMMAND_DOCTOR
};

enum bench_format { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV };

struct bench_options {
    enum bench_command command;
    const char *subjects[3]; /* plan, runs, or a run and two cells; NULL: not named */
    const char *results;     /* folder of the runs; NULL: the suite's own */
    struct plan plan;        /* seed, rounds, until, budget and URL in place of the plan's; or 0 */
    enum bench_format format;
    const char *table; /* the only one to be shown, or NULL */
    double tolerance;  /* of compare: differences within this share are none; < 0: the report's */
    bool cells;        /* compare two cells of a run */
    bool no_report;
    bool quiet;
};

/* Reads the command line. Ends the program with BENCH_USAGE and a message where it is wrong, with 0
 * after --help or --version. */
struct bench_options bench_options_parse(int argc, char **argv);

#endif
