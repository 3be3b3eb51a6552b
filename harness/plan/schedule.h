/* What is executed, and when: in each run the warm-ups, the rounds with their cells in random
 * order, the memory passes. It is a function of the plan and the seed alone, so that an order can
 * be had again; which cells take part in further rounds depends on the results as well. */
#ifndef HARNESS_PLAN_SCHEDULE_H
#define HARNESS_PLAN_SCHEDULE_H

#include <gsl/gsl_rng.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/plan/plan.h"

enum step_kind {
    STEP_WARM_UP, /* a short execution that is not counted: programs and libraries are then cached
                   */
    STEP_RUN_IN,  /* an execution of a short cell that is not counted, also for its records */
    STEP_TIMED,   /* an execution that counts */
    STEP_MEMORY,  /* a memory pass */
};

struct schedule_step {
    enum step_kind kind;
    const struct cell *cell;
    unsigned run;         /* from 1 */
    unsigned round;       /* from 1; 0 where the step belongs to none */
    unsigned order;       /* place in its round, from 1 */
    bool records;         /* the lane writes one row per request */
    uint64_t expected_ns; /* how long it will take; 0 where it is left out or done */
};

struct schedule {
    struct schedule_step *steps;
    size_t count;
    struct cell *warm_ups; /* cells of the warm-ups, which no plan lists */
    uint64_t patterns_ns;  /* how long the plan's patterns will take, which run after all steps */
    gsl_rng *random;       /* for the next round */
    const struct cell **shuffled;
};

/* Makes the schedule of `plan`, which must outlive it. `seed` is not 0. Free with schedule_free().
 * Returns 0 or -ENOMEM. */
int schedule_make(const struct plan *plan, uint32_t seed, struct schedule *schedule);
void schedule_free(struct schedule *schedule);

/* Inserts one more round before the step with index `at`, the first behind those of its run: of the
 * cells that take part, by their index in the plan. Its order depends on the seed and on how many
 * rounds were drawn before alone. Returns how many steps were inserted, or -ENOMEM. */
int schedule_extend(struct schedule *schedule, const struct plan *plan, size_t at,
                    const bool *takes_part);

/* How long the steps from `index` on, and then the patterns, will take. */
uint64_t schedule_left_ns(const struct schedule *schedule, size_t index);

/* From the step `index` on, each execution of the cell will take so long, 0 where it is left out.
 */
void schedule_expect(struct schedule *schedule, size_t index, const struct cell *cell,
                     uint64_t expected_ns);

#endif
