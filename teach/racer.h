/* A program that is run and watched: a lane with a mock server of its own, so that what that counts
 * is this lane's alone; or another program of the suite, such as patterns.
 *
 * What is known of one is an object: what the plan says of it; its `name`, `n`, `c` and `least_ns`
 * (the floor; each 0 where it is not known); whether it is `thin`, so that it takes -n, -c and a
 * URL, and need not write a result; and `own`, a path in place of its command's first word. Once it
 * runs, its `state` ("running", "ended"), `elapsed_ns`, and what its server last said (`seen`). In
 * the end the `document` that it came to, or the `fault` why it could not be started. */
#ifndef TEACH_RACER_H
#define TEACH_RACER_H

#include <jansson.h>
#include <stdbool.h>

#include "common/error.h"
#include "harness/suite.h"

/* What is known of the `runs` of a plan (teach/README.md), `own` (NULL: none) and thin or not. A
 * new reference. */
json_t *racers_of(const json_t *plan, const char *own, bool thin);

/* Runs them, all at once or one after the other, and calls show(user, racers) while they run and at
 * the end. That one cannot run, or fails, is no error. Returns 0, or a negative errno with the
 * reason in *error (-EINTR: asked to stop); then none runs any more. */
int racers_run(json_t *racers, bool at_once, const struct suite *suite,
               void (*show)(void *user, json_t *racers), void *user, struct error *error);

#endif
