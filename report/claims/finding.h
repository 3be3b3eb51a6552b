/* What the rows of a claim's query say: a figure, or why there is none. */
#ifndef REPORT_CLAIMS_FINDING_H
#define REPORT_CLAIMS_FINDING_H

#include "report/claims/query.h"

struct finding {
    struct stats_summary summary; /* of what was measured; count 0: nothing was */
    char cell[128];               /* that measured it; "": the query names none */
    char why[1024];               /* it is not measured, in Markdown */
    bool absent;                  /* not measured, and no cell of the run is the reason */
    json_t *figures; /* of the row that measures it, as texts by their columns; owned */
};

/* Steps to the first row with a figure in its column `measured`: a summary, a ratio or a number.
 * Of rows with a column `latency_ns` those count that have `latency_ns` there (NAN: any). Returns
 * 0, with `figures` to be given back by json_decref(), or -EINVAL with the reason in *error: the
 * query cannot be run. */
int finding_look(struct finding *finding, struct query *query, double latency_ns,
                 struct error *error);

#endif
