/* The command line of bench, and its commands. */
#ifndef HARNESS_BENCH_OPTIONS_H
#define HARNESS_BENCH_OPTIONS_H

#include <stdbool.h>

#include "common/error.h"
#include "harness/plan/plan.h"
#include "harness/suite.h"

enum bench_status {
    BENCH_COMPLETE = 0,
    BENCH_INVALID = 1, /* executions failed or do not count, every warm-up failed, a cell is beyond
                          a threshold, or the report could not be made */
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
    COMMAND_HISTORY,
    COMMAND_DOCTOR
};

enum bench_format { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV, FORMAT_MARKDOWN, FORMAT_ASCIIDOC };
#define FORMATS (FORMAT_ASCIIDOC + 1)

struct bench_options {
    enum bench_command command;
    const char *subjects[3]; /* plan, runs, or a run and two cells; NULL: not named */
    const char *results;     /* folder of the runs; NULL: the suite's own */
    json_t *cell_of_run;     /* the only cell, in place of a plan; or NULL */
    json_t *fail_if;         /* array of thresholds, or NULL */
    struct plan plan;        /* seed, rounds, runs, until, budget, URL and options of requests: not
                                the plan's; or 0 */
    enum bench_format format;
    const char *table;          /* the only one to be shown, or NULL */
    const char *cell, *figure;  /* of history: the only ones, or NULL */
    const char *junit, *github; /* files that compare writes, or NULL */
    double tolerance; /* of compare: differences within this share are none; < 0: the report's */
    const char *hosts, *listen; /* hostfile, and where the server listens for them; or NULL */
    bool cells;                 /* compare two cells of a run */
    bool trust;                 /* resume a plan that is none of the suite's */
    bool no_report;
    bool quiet;
};

/* Reads the command line. Ends the program with BENCH_USAGE and a message where it is wrong, with 0
 * after --help or --version. */
struct bench_options bench_options_parse(int argc, char **argv);

/* What a command does, each in a file of its name. It prints to stdout, and on stderr what goes
 * wrong meanwhile. Returns the exit status of the program; what is still to be said is in *error.
 *
 * list: the plans of the suite, and the runs in its results folder.
 * show: the tables of a run, whatever state it is in, from its folder alone.
 * compare: two runs cell by cell, or two cells of one run paired, round by round. BENCH_COMPLETE
 *     where nothing became slower or larger, BENCH_INVALID where something did or no longer
 *     counts, BENCH_USAGE where they cannot be compared or no cell has enough rounds for a verdict.
 * history: a figure of the cells over the runs of a folder, and where it changed.
 * run, resume: one execution of a plan, from its file or folder to the report.
 * doctor: what of this machine matters to a measurement, with a verdict on each item and the
 *     command that repairs it, and which plans can run here. BENCH_MACHINE where there is a
 *     problem. */
typedef enum bench_status bench_action(const struct bench_options *options,
                                       const struct suite *suite, struct error *error);
bench_action bench_list, bench_show, bench_compare, bench_history, bench_run, bench_doctor;

#endif
