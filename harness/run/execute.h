/* One execution of a cell under hyperfine, which takes the wall time of the whole process. */
#ifndef HARNESS_RUN_EXECUTE_H
#define HARNESS_RUN_EXECUTE_H

#include <limits.h>
#include <stdint.h>

#include "common/error.h"
#include "harness/run/observation.h"
#include "harness/run/progress.h"

/* What an execution works with. */
struct bench {
    struct mock server;
    struct lane_output output; /* of the lane */
    struct lane_output export; /* of hyperfine */
    struct progress progress;
    char launcher[PATH_MAX], hosts[PATH_MAX]; /* of a lane on several hosts; empty: none */
};

/* What came of a cell that ran once, timed or for its memory. */
struct execution {
    struct observation seen;
    json_t *figures; /* object: what was measured, as the lines of the run folder have it */
    json_t *noise;   /* array of sentences: what disturbed it, or speaks against the figures */
};

/* Runs `cell` once and times it: `wall_ns`, `user_ns`, `system_ns` and `involuntary_switches`, null
 * where it had to be ended. The records of the requests go to `records_path` (NULL: none). What
 * goes wrong in the lane is in the observation; an execution that takes far too long is ended.
 * Returns 0; or a negative errno with the reason in `error` where the run cannot go on (-EINTR:
 * asked to stop). Free with execution_free() in any case. */
int execution_run(struct execution *execution, struct bench *bench, const struct cell *cell,
                  const char *records_path, struct error *error);
void execution_free(struct execution *execution);

/* Notes how the process of a cell ended, by what process_wait() returned at last: too late, without
 * its keeper (then what is left of it, which falls to the harness as the next subreaper, is ended),
 * or with processes left behind. Returns -EINTR where the harness is asked to stop, or 0. */
int execution_judge_end(struct observation *seen, const struct bench *bench,
                        const struct process *process, int state, uint64_t limit_ns);

/* The longest that a request may take: what the cell says, or the lanes' default. */
uint64_t execution_timeout_ns(const struct cell *cell);

/* How long an execution may take at most: what the cell says, or three times what it takes without
 * any speed-up, twice the longest time of a request and ten seconds. */
uint64_t execution_limit_ns(const struct cell *cell);

#endif
