/* Where the parts of the suite are, seen from the executable that runs. */
#ifndef HARNESS_SUITE_H
#define HARNESS_SUITE_H

#include <limits.h>

#include "common/error.h"

#define SUITE_PLANS "harness/plans" /* below the folder of the sources */

struct suite {
    char programs[PATH_MAX]; /* folder of this executable: its lanes, mock server and report */
    char root[PATH_MAX];     /* folder of the sources, or installed; empty: not found */
    char results[PATH_MAX];  /* folder of the runs */
};

/* Finds it all. The sources are above the executable (build/bench) or above the working folder.
 * `results` (NULL: the folder results/ of the sources, or of the working folder where the suite is
 * installed) is where runs are. Returns 0 or a negative errno. */
int suite_find(struct suite *suite, const char *results);

/* The path of a program beside this one. Returns `path`, of PATH_MAX bytes. */
const char *suite_program(const struct suite *suite, const char *name, char *path);

/* The file of a plan: `plan` is its name, or a path (with a slash, or ending in ".json"). Returns
 * `path`, of PATH_MAX bytes; whether the file exists is for the reader to find out. */
const char *suite_plan(const struct suite *suite, const char *plan, char *path);

/* Call add() for each plan of the suite and for each run of the results folder (what is called like
 * one, and has a run.json), in the order of their names, with the path and the name of its file. */
typedef void suite_entry(void *user, const char *path, const char *name);
void suite_each_plan(const struct suite *suite, suite_entry *add, void *user);
void suite_each_run(const struct suite *suite, suite_entry *add, void *user);

/* The folder of a run: `run` is its name in the results folder, a path, or NULL for the newest.
 * Puts it to `path` of PATH_MAX bytes. Returns 0, or -ENOENT with the reason in `error`. */
int suite_find_run(const struct suite *suite, const char *run, char *path, struct error *error);

#endif
