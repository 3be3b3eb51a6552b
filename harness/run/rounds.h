/* What the rounds have brought so far, and whether further ones are needed: of each cell the wall
 * times of the executions that count, and how often the processor was taken from it. */
#ifndef HARNESS_RUN_ROUNDS_H
#define HARNESS_RUN_ROUNDS_H

#include <jansson.h>
#include <stdbool.h>

#include "harness/plan/plan.h"
#include "report/dataset/dataset.h"

struct rounds {
    struct dataset executions; /* with what rounds.sql adds */
    double until;              /* of the plan */
};

/* Free with rounds_free(). Returns 0 or -ENOMEM. */
int rounds_init(struct rounds *rounds, const struct plan *plan);
void rounds_free(struct rounds *rounds);

/* Takes an execution of `cell`, a line of bench.sample/1. Returns 0 or -EIO. */
int rounds_add(struct rounds *rounds, const struct cell *cell, const json_t *sample);

/* Whether the involuntary context switches in the figures of an execution are far more than the
 * cell had before: a new sentence, or NULL. How many are usual depends on the model alone
 * (sched_yield() counts as one, and libcurl's locks call it), so that only a comparison says
 * something: with three executions at least. */
json_t *rounds_judge_switches(struct rounds *rounds, const struct cell *cell,
                              const json_t *figures);

/* Whether the interval of the cell's median is still wider than the plan's `until` asks, and may
 * become narrower: the cell has no number of rounds of its own, and most of its executions count.
 */
bool rounds_want(struct rounds *rounds, const struct cell *cell);

/* What is to be said of the cell as a whole: a new array of sentences, or NULL without memory. */
json_t *rounds_noise(struct rounds *rounds, const struct cell *cell);

#endif
