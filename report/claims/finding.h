/* What the rows of a claim's query say: a figure, or why there is none. */
#ifndef REPORT_CLAIMS_FINDING_H
#define REPORT_CLAIMS_FINDING_H

#include <stdio.h>

#include "report/claims/query.h"

struct finding {
    bool measured;                /* the query stands at the row that measures it */
    struct stats_summary summary; /* of what was measured, as the dataset has it */
    bool absent;                  /* not measured, and no cell of the run is the reason */
};

/* Steps to the first row with a figure in its column `measured`: a summary, a ratio or a number.
 * Of rows with a column `latency_ns` those count that have `latency_ns` there (NAN: any). Where
 * there is no such row, its reason is written to `why`, in Markdown. Returns 0, or -EINVAL with the
 * reason in *error: the query is none. */
int finding_look(struct finding *finding, struct query *query, double latency_ns, FILE *why,
                 struct error *error);

#endif
