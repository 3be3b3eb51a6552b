/* The result of a run: as JSON (schemas/lane-result.json) and as a summary for people. */
#ifndef SLEEPERS_RESULT_H
#define SLEEPERS_RESULT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "sleepers/options.h"
#include "sleepers/sleepers.h"
#include "workload/accounts.h"

struct result {
    const struct options *options;
    const struct sleepers *sleepers; /* all tasks have ended */
    uint64_t wall_ns;                /* of the kind alone */
    struct accounts accounts;
    const char *error; /* NULL, or why not all could be started */
};

/* Whether every task slept its full time. */
bool result_is_valid(const struct result *result);

/* A new reference, or NULL. */
json_t *result_to_json(const struct result *result);

/* Writes the summary to stdout. */
void result_print(const struct result *result);

#endif
