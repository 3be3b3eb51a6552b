/* Going on with a run that was interrupted or killed. All that is needed is in its folder: the plan
 * as it was read, the seed, and what was measured, line by line. */
#ifndef HARNESS_RUN_RESUME_H
#define HARNESS_RUN_RESUME_H

#include "harness/run/steps.h"

/* Opens the folder of a run at `path` and takes over its plan, its seed and its lines; a last line
 * that was cut off is removed. Returns 0; or a negative errno with the reason in `error` of
 * ERROR_SIZE bytes (-EBUSY: it still goes on; -EALREADY: it is complete). */
int resume_open(struct run *run, const char *path, char *error);

/* Notes in run.json that the run goes on, and with what. Takes over `environment`. */
void resume_note(struct run *run, json_t *environment);

/* Leaves out the cells that the run has left out so far. run->skipped is there. */
void resume_skipped(struct run *run);

#endif
