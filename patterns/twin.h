/* The patterns in Python: patterns/python/SOURCE.py beside SOURCE.c. */
#ifndef PATTERNS_TWIN_H
#define PATTERNS_TWIN_H

#include "patterns/pattern.h"

/* Finds `name` ("patterns/python/main.py", "mockserver") in the folder of this program or above it:
 * so it is for what was built and for what was installed. Returns `path` of PATH_MAX bytes, or
 * NULL.
 */
const char *source_find(const char *name, char *path);

/* Why no twin can run here with the interpreter `python` (a path, or a name in PATH) and what to
 * do, as static text; NULL: they can. */
const char *twin_missing(const char *python);

/* Runs the twin against the server of the context, and notes what it found there. Returns 0 or a
 * negative errno: it ended without a result; or its status as waitpid() gives it, where it failed.
 */
int twin_run(struct context *context);

#endif
