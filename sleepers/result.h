/* The result of a run: as JSON (schemas/lane-result.json) and as a summary for people. */
#ifndef SLEEPERS_RESULT_H
#define SLEEPERS_RESULT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "sleepers/sleepers.h"
#include "workload/accounts.h"

struct sleepers_result {
    const struct task_kind *kind;
    const struct sleepers *sleepers; /* all tasks have ended */
    uint64_t wall_ns;                /* of the kind alone */
    struct accounts accounts;
    const char *error; /* NULL, or why not all could be started */
};

/* Whether every task slept its full time. */
bool sleepers_result_valid(const struct sleepers_result *result);

/* A new reference, or NULL. */
json_t *sleepers_result_to_json(const struct sleepers_result *result);

/* Writes the summary to stdout. */
void sleepers_result_print(const struct sleepers_result *result);

#endif
