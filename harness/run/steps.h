/* The steps of a run, one after the other: those of the schedule, further rounds where the plan
 * asks for them, and without those that an earlier session of the same run has done. */
#ifndef HARNESS_RUN_STEPS_H
#define HARNESS_RUN_STEPS_H

#include <limits.h>

#include "harness/bench_options.h"
#include "harness/run/execute.h"
#include "harness/plan/plan.h"
#include "harness/run/rounds.h"
#include "harness/run/run_folder.h"
#include "harness/plan/schedule.h"
#include "harness/suite.h"

/* A run while it goes on. */
struct run {
    const struct bench_options *options;
    const struct suite *suite;
    char server_program[PATH_MAX];
    char plan_file[PATH_MAX];
    struct plan plan;
    uint32_t seed;
    struct schedule schedule;
    struct rounds rounds;
    struct bench bench;
    struct run_folder folder;
    json_t *document;         /* run.json */
    json_t *samples, *passes; /* what earlier sessions have measured, or NULL */
    bool *skipped;            /* by the index of the cell in the plan */
    json_t *missing;          /* array of {id, reason}: cells whose lanes cannot start here */
    bool rounds_over;         /* no further execution is timed */
    size_t invalid;           /* executions that do not count */
    uint64_t started_ns;      /* this session */
    uint64_t steal_ns;        /* at its start */
};

/* Runs them all. Returns 0, or a negative errno with the reason in `error` of ERROR_SIZE bytes
 * (-EINTR: asked to stop). */
int steps_run(struct run *run, char *error);

/* Whether it is left out: its cell is, or every cell of the lane that it would run in. */
bool steps_left_out(const struct run *run, const struct step *step);

/* Whether a lane has no cell that is not left out. */
bool steps_lane_left_out(const struct run *run, const struct lane *lane);

#endif
