/* A run while it goes on: the state that its parts share, and what they do. Of a run that was
 * interrupted or killed each `bench resume` is a session of its own; all that it needs is in the
 * folder: the plan as it was read, the seed, and what was measured, line by line. */
#ifndef HARNESS_RUN_SESSION_H
#define HARNESS_RUN_SESSION_H

#include <limits.h>

#include "common/error.h"
#include "harness/bench_options.h"
#include "harness/plan/plan.h"
#include "harness/plan/schedule.h"
#include "harness/run/execute.h"
#include "harness/run/rounds.h"
#include "harness/run/run_folder.h"
#include "harness/suite.h"

struct session {
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

/* Runs all steps, one after the other: those of the schedule, further rounds where the plan asks
 * for them, without those that an earlier session has done. Returns 0, or a negative errno with the
 * reason in `error` (-EINTR: asked to stop). */
int session_run_steps(struct session *session, struct error *error);

/* Runs the patterns of the plan, where it has some and no earlier session has run them. Returns 0,
 * or a negative errno with the reason in `error` (-EINTR: asked to stop). */
int session_run_patterns(struct session *session, struct error *error);

/* Whether a step is left out: its cell is, or every cell of the lane that it would run in. */
bool session_leaves_out(const struct session *session, const struct schedule_step *step);

/* Whether a lane has no cell that is not left out. */
bool session_leaves_lane_out(const struct session *session, const struct lane *lane);

/* Leaves a cell out from now on. */
void session_skip(struct session *session, const struct cell *cell);

/* Opens the folder of a run at `path` and takes over its plan, its seed and its lines; a last line
 * that was cut off is removed. Returns 0; or a negative errno with the reason in `error` (-EBUSY:
 * it still goes on; -EALREADY: it is complete). */
int session_reopen(struct session *session, const char *path, struct error *error);

/* Notes in run.json that the run goes on, and what has changed. Takes over `environment`. */
void session_note_resumed(struct session *session, json_t *environment);

/* Leaves out the cells that the run has left out so far. session->skipped is there. */
void session_skip_again(struct session *session);

#endif
