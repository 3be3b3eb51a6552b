/* Predictions held against a measurement. */
#ifndef CHOOSE_VERIFY_H
#define CHOOSE_VERIFY_H

#include "choose/candidates.h"

enum status { STATUS_ANSWERED, STATUS_MISSED, STATUS_USAGE, STATUS_IMPOSSIBLE };

/* Measures the fastest three and the chosen one with the real lanes and server, as a run of its
 * own, and prints what was predicted beside what came out. Returns STATUS_ANSWERED or
 * STATUS_MISSED; STATUS_IMPOSSIBLE with the reason in *error where it cannot be measured. */
enum status verify(const struct candidates *candidates, const struct question *question,
                   struct error *error);

#endif
