/* What a cell needs of the machine's limits, by the model of its lane, before it is tried. The
 * lanes check the same when they start (workload/limits.c) and have the last word. */
#ifndef HARNESS_MACHINE_NEEDS_H
#define HARNESS_MACHINE_NEEDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "harness/plan/cell.h"

/* Whether the limits in `environment` (of run.json) allow the cell. Where they do not, writes what
 * is missing and the command that raises it to `why` of `size` bytes. */
bool needs_met(const struct cell *cell, const json_t *environment, char *why, size_t size);

#endif
