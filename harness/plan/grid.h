/* The entries of a plan's cells: a list in place of a lane, a number of requests, a concurrency and
 * so on stands for one cell with each of its values, and several lists for every combination. */
#ifndef HARNESS_PLAN_GRID_H
#define HARNESS_PLAN_GRID_H

#include "harness/plan/fields.h"
#include "harness/plan/plan.h"

#define PLAN_ROUNDS_MAX   1000U
#define PLAN_CELLS_MAX    10000U
#define PLAN_URL_MAX      200U
#define PLAN_REQUESTS_MAX 10000000U
#define PLAN_UNTIL_MAX    1.0
#define PLAN_BUDGET_MAX   (7 * 24 * 3600 * NS_PER_S)
#define PLAN_LATENESS_MAX 100.0            /* times the latency */
#define PLAN_LATENCY_MAX  (600 * NS_PER_S) /* the floor of any cell then fits 64 bits */

/* Reads `cells` and `memory` of the plan's source into plan->cells; errors go to `fields`. */
void grid_read(struct plan *plan, struct fields *fields);

#endif
