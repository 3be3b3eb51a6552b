/* The command line of bench. */
#ifndef HARNESS_BENCH_OPTIONS_H
#define HARNESS_BENCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

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
    const char *subject;   /* plan or run; NULL: none is named */
    const char *others[2]; /* of compare: the second run, or the two cells */
    const char *results;   /* folder of the runs; NULL: the suite's own */
    uint32_t seed;         /* 0: as the plan says, or a new one */
    unsigned rounds;       /* 0: as the plan says */
    double until;          /* a share; 0: as the plan says */
    uint64_t budget_ns;    /* 0: as the plan says */
    enum bench_format format;
    const char *table; /* the only one to be shown, or NULL */
    double tolerance;  /* of compare: differences within this share are none */
    bool cells;        /* compare two cells of a run */
    const char *url;   /* of a server that is not ours, or NULL: as the plan says */
    bool no_report;
    bool quiet;
};

/* Reads the command line. Ends the program with BENCH_USAGE and a message where it is wrong, with 0
 * after --help or --version. */
struct bench_options bench_options_parse(int argc, char **argv);

#endif
