/* What must be there before a plan can run: found out before anything is measured. */
#ifndef HARNESS_RUN_PREFLIGHT_H
#define HARNESS_RUN_PREFLIGHT_H

#include "harness/plan/plan.h"

/* Checks that hyperfine is installed and new enough, and that the mock server at `server` and the
 * lanes that the plan uses can be executed, but for those that name packages. Returns 0, or a
 * negative errno with what is missing and the command that repairs it in `error` of ERROR_SIZE
 * bytes. */
int preflight_check(const struct plan *plan, const char *server, char *error);

#endif
