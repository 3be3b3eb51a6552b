/* When a claim counts as reproduced, and how its figures are written. */
#ifndef REPORT_CLAIMS_CRITERION_H
#define REPORT_CLAIMS_CRITERION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "common/stats.h"

enum rule { RULE_NONE, RULE_WITHIN_PERCENT, RULE_FACTOR, RULE_AT_MOST, RULE_AT_LEAST };

/* Of several executions their median decides, or the one that is farthest from what is claimed. */
enum judged { JUDGED_MEDIAN, JUDGED_MOST, JUDGED_LEAST };

struct criterion {
    const struct unit *unit;
    enum judged judged;
    enum rule rule;
    double limit;   /* of the rule */
    double article; /* the article's figure; NAN: it gives none */
};

/* Reads `unit`, `judged`, `criterion` and `article.value` of a claim. Returns NULL, or what is
 * wrong with them. */
const char *criterion_read(struct criterion *criterion, const json_t *claim);

/* What is judged, in the unit of the claim; `value` is as it was measured. */
double criterion_in_unit(const struct criterion *criterion, double value);

/* The figure that decides. */
double criterion_deciding(const struct criterion *criterion, const struct stats_summary *measured);

bool criterion_is_met(const struct criterion *criterion, const struct stats_summary *measured);

/* Whether the interval, or what the few executions came to, reaches across the limit, so that
 * another run may come to another verdict. */
bool criterion_is_close(const struct criterion *criterion, const struct stats_summary *measured);

/* The key of the sentences that fit the outcome: "reproduced", "higher" or "lower". */
const char *criterion_outcome(const struct criterion *criterion,
                              const struct stats_summary *measured);

/* Writes "±15 %", "at most 5 s", "within a factor of 2"; nothing where there is no rule. */
void criterion_write(FILE *out, const struct criterion *criterion);

/* Writes the median with its 95 % [interval], or with (min … max) where there is none; the extreme
 * where that is what decides. */
void criterion_write_measured(FILE *out, const struct criterion *criterion,
                              const struct stats_summary *measured);

#endif
