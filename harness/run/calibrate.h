/* Calibration: how many rounds of the chain of hashes take a given CPU time on this machine. It is
 * found once a run, and every lane then computes that many. */
#ifndef HARNESS_RUN_CALIBRATE_H
#define HARNESS_RUN_CALIBRATE_H

#include <jansson.h>

#include "harness/run/lane_output.h"
#include "harness/plan/plan.h"

/* Takes the calibrations of `plan` that an earlier session of the run noted in `document`
 * (run.json), and finds the others with the lane at `program`, whose result goes to `output`.
 * Returns 0, or a negative errno with the reason in `error` (-EINTR: asked to
 * stop). */
int calibrate(struct plan *plan, const json_t *document, const char *program,
              const struct lane_output *output, struct error *error);

/* run.json's `calibrations` of the plan: a new reference. */
json_t *calibrate_describe(const struct plan *plan);

#endif
