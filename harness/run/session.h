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
#include "harness/run/run_folder.h"
#include "harness/suite.h"
#include "report/dataset/dataset.h"

/* What the rounds have brought so far, and whether further ones are needed: of each cell the wall
 * times of the executions that count, and how often the processor was taken from it. */
struct rounds {
    struct dataset executions; /* with what rounds.sql adds */
    double until;              /* of the plan */
};

/* Free with rounds_free(). Returns 0 or -ENOMEM. */
int rounds_init(struct rounds *rounds, const struct plan *plan);
void rounds_free(struct rounds *rounds);

/* Takes an execution of `cell`, a line of bench.sample/1. Returns 0 or -EIO. */
int rounds_add(struct rounds *rounds, const struct cell *cell, const json_t *sample);

/* Whether the involuntary context switches in the figures of an execution are far more than the
 * cell had before: a new sentence, or NULL. How many are usual depends on the model alone
 * (sched_yield() counts as one, and libcurl's locks call it), so that only a comparison says
 * something: with three executions at least. */
json_t *rounds_judge_switches(struct rounds *rounds, const struct cell *cell,
                              const json_t *figures);

/* Whether the interval of the cell's median is still wider than the plan's `until` asks, and may
 * become narrower: the cell has no number of rounds of its own, and most of its executions count.
 */
bool rounds_want(struct rounds *rounds, const struct cell *cell);

/* What is to be said of the cell as a whole: a new array of sentences, or NULL without memory. */
json_t *rounds_noise(struct rounds *rounds, const struct cell *cell);

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
    struct cluster cluster;
    char mounted[PATH_MAX]; /* where the mock file system is, or empty */
    struct run_folder folder;
    json_t *document;         /* run.json */
    json_t *samples, *passes; /* what earlier sessions have measured, or NULL */
    bool *skipped;            /* by the index of the cell in the plan */
    json_t *left_out;         /* array of {id, reason}: the same cells, `skipped` of run.json */
    unsigned run;             /* that goes on; 0: none has begun in this session */
    unsigned begun;           /* the last run that has a line of an earlier session; 0: none has */
    bool rounds_over;         /* no further execution of the run is timed */
    size_t warmed, cold; /* warm-ups of a server of the user's own, and those that failed … */
    char reason[300];    /* … for this reason; empty: for several */
    size_t invalid;      /* executions that do not count */
    uint64_t started_ns; /* this session */
    uint64_t steal_ns;   /* at its start */
};

/* Where --hosts is said: checks that it can be done here, and leaves out the cells that are not for
 * several hosts. Returns 0, or a negative errno with the reason in `error`. */
int session_prepare_hosts(struct session *session, struct error *error);

/* Takes the calibrations of the plan that an earlier session noted in run.json, and finds the
 * others. Returns 0, or a negative errno with the reason in `error` (-EINTR: asked to stop). */
int session_calibrate(struct session *session, struct error *error);

/* What run.json says of a run that has not begun: a new reference, or NULL without memory. Takes
 * over `environment`. */
json_t *session_document(const struct session *session, json_t *environment);

/* Makes run.json of a new run, with status "running", or notes in that of a run that goes on what
 * has changed, and writes it. Returns 0 or a negative errno with the reason in `error`. */
int session_begin(struct session *session, struct error *error);

/* Writes what is known at the end of a session, also of one that failed with `code`, to run.json
 * and hyperfine.json. Returns 0 or a negative errno with the reason in `error`. */
int session_end(struct session *session, int code, struct error *error);

/* Writes hyperfine.json from results.jsonl: hyperfine's own export format, with one result for each
 * cell and the times of all its executions that count; cells without any are left out. Returns 0,
 * or a negative errno with the reason in `error`. */
int session_export(const struct session *session, struct error *error);

/* Notes the versions of libraries that only the lanes know. */
void session_learn_versions(struct session *session, const json_t *lane);

/* A line of an execution that is timed (bench.sample/1), or measured for its memory
 * (bench.memory/1): a new reference, or NULL without memory. `started_at` is before it. */
json_t *session_line(const struct schedule_step *step, const struct execution *execution,
                     const char *started_at);

/* Runs all steps, one after the other: those of the schedule, further rounds where the plan asks
 * for them, without those that an earlier session has done. Returns 0, or a negative errno with the
 * reason in `error` (-EINTR: asked to stop). */
int session_run_steps(struct session *session, struct error *error);

/* Checks that there are the patterns that the plan names. Returns 0, or a negative errno with the
 * reason in `error`. */
int session_check_patterns(const struct session *session, struct error *error);

/* Runs the patterns of the plan, where it has some and no earlier session has run them. Returns 0,
 * or a negative errno with the reason in `error` (-EINTR: asked to stop). */
int session_run_patterns(struct session *session, struct error *error);

/* Whether a step is left out: its cell is, or every cell of the lane that it would run in. */
bool session_leaves_out(const struct session *session, const struct schedule_step *step);

/* Whether a lane has no cell that is not left out. */
bool session_leaves_lane_out(const struct session *session, const struct lane *lane);

/* Leaves a cell out from now on. */
void session_skip(struct session *session, const struct cell *cell, const char *reason);

/* Opens the folder of a run at `path` and takes over its plan, its seed and its lines; a last line
 * that was cut off is removed. Reads and writes nothing through links, and runs nothing. Returns 0;
 * or a negative errno with the reason in `error` (-EBUSY: it still goes on; -EALREADY: it is
 * complete; -EPERM: its plan is none of the suite's, and is not trusted). */
int session_reopen(struct session *session, const char *path, struct error *error);

/* Leaves out the cells that the run has left out so far. session->skipped is there. */
void session_skip_again(struct session *session);

#endif
