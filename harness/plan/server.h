/* What a plan tells its mock server, as far as cells depend on it. */
#ifndef HARNESS_PLAN_SERVER_H
#define HARNESS_PLAN_SERVER_H

#include "harness/plan/plan.h"
#include "harness/plan/reader.h"

/* The seed of what the server draws, by its `arguments` (an array of texts, or NULL). */
uint64_t server_seed(const json_t *arguments);

/* Reports where the server is told another latency than a cell has, which would go before it; and
 * where latencies are drawn by a server that is not ours, of which nobody knows how it draws. */
void server_check_latency(const struct plan *plan, const struct reader *reader);

#endif
