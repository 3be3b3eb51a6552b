/* Where plans and runs are found. */
#ifndef HARNESS_LIST_H
#define HARNESS_LIST_H

#include "common/error.h"

#include "harness/suite.h"

/* Calls add() for each plan of the suite, in the order of their names, with the path and the name
 * of its file. */
void list_plans(const struct suite *suite,
                void (*add)(void *user, const char *path, const char *name), void *user);

/* The folder of a run: `run` is its name in the results folder, a path, or NULL for the newest.
 * Puts it to `path` of PATH_MAX bytes. Returns 0, or -ENOENT with the reason in `error`. */
int list_find_run(const struct suite *suite, const char *run, char *path, struct error *error);

#endif
