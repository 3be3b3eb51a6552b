/* The figures of the article's patterns (patterns.jsonl) as measures of claims. */
#ifndef REPORT_CLAIM_PATTERN_H
#define REPORT_CLAIM_PATTERN_H

#include "report/claim_metric.h"

/* The figure that `select` names (`pattern`, `figure`, and `n` where that matters), or its ratio to
 * the figure of the same pattern that `to` names; of all lines that the pattern has. A
 * run_measurer. */
bool claim_pattern_measure(const json_t *claim, const struct run *run,
                           struct stats_summary *measured, FILE *reason);

/* Writes the figure `name` ("took_ns"), or the pattern's `n`, of the pattern that the claim
 * selects, with its unit. Returns false where the run has no such figure. */
bool claim_pattern_write(FILE *out, const char *name, const json_t *claim, const struct run *run);

#endif
