/* What must be there before a plan can run, and which of its cells the machine allows: found out
 * before anything is measured. The suite's own programs are there once it is built; lanes in other
 * languages take packages that need not be installed. */
#ifndef HARNESS_RUN_READY_H
#define HARNESS_RUN_READY_H

#include <jansson.h>
#include <stdbool.h>

#include "common/error.h"
#include "harness/plan/plan.h"

/* Checks that hyperfine can do what it is needed for. Returns 0, or a negative errno with what is
 * the matter in `error`, which names hyperfine (-EINTR: asked to stop, and names nothing). */
int ready_hyperfine(struct error *error);

/* Likewise, and that the mock server at `server` and the lanes that the plan uses can be executed,
 * but for those that name packages. Returns 0, or a negative errno with what is missing and the
 * command that repairs it in `error` (-EINTR: asked to stop). */
int ready_check(const struct plan *plan, const char *server, struct error *error);

/* Asks a lane that names packages for its version, which takes an interpreter and libraries; a lane
 * without packages is ready. Returns 1 where it can start, with the first line that it prints in
 * `text`; 0 where it cannot, with the command that installs it; -EINTR where the harness is asked
 * to stop. */
int ready_lane(const struct lane *lane, struct error *text);

/* Whether the limits in `environment` (of run.json) allow the cell, by the model of its lane. Where
 * they do not, says what is missing and the command that raises it in `why`. The lanes check the
 * same when they start (workload/limits.c) and have the last word. */
bool ready_cell(const struct cell *cell, const json_t *environment, struct error *why);

#endif
