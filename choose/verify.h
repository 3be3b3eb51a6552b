/* Predictions held against a measurement. */
#ifndef CHOOSE_VERIFY_H
#define CHOOSE_VERIFY_H

#include <limits.h>

#include "choose/candidates.h"

enum status { STATUS_ANSWERED, STATUS_MISSED, STATUS_USAGE, STATUS_IMPOSSIBLE };

/* The folder above that of this program, where the suite is: in `path`, which it returns. */
const char *verify_root(char path[PATH_MAX]);

/* Measures the fastest three and the chosen one with the real lanes and server, as a run of its
 * own, and prints what was predicted beside what came out. Returns STATUS_ANSWERED or
 * STATUS_MISSED; STATUS_IMPOSSIBLE with the reason in *error where it cannot be measured. */
enum status verify(const struct candidates *candidates, const struct question *question,
                   struct error *error);

#endif
