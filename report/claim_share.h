/* Up to which CPU share the single event loop is the best choice, as a claim's measure. */
#ifndef REPORT_CLAIM_SHARE_H
#define REPORT_CLAIM_SHARE_H

#include "report/claim_metric.h"

/* The largest CPU share of mixed work at which nothing is clearly faster than the single loop; not
 * measured where a share lacks the rounds for its verdict. A run_measurer. */
bool claim_share_measure(const json_t *claim, const struct run *run, struct stats_summary *measured,
                         FILE *reason);

#endif
