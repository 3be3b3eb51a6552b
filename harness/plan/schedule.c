/* Short cells are run in: each is executed once in full before the rounds, and not counted, since
 * the first round is slower where nothing ran before it for a while. Records: a lane writes them
 * when all its requests have ended, and the wall time of its process includes that, about a
 * millisecond per thousand requests. Of a short cell they are those of that execution. Where a cell
 * takes long, its first round carries that cost, which is then below a thousandth. */
#include "harness/plan/schedule.h"

#include <errno.h>
#include <gsl/gsl_randist.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

#define RUN_IN_BELOW_NS    (2 * NS_PER_S)
#define WARM_UP_REQUESTS   10
#define WARM_UP_LIMIT_NS   (10 * NS_PER_S)
#define WARM_UP_LATENCY_NS NS_PER_MS

/* What an execution costs beyond its floor, until it is known better. */
#define OVERHEAD_NS             (100 * NS_PER_MS)
#define OVERHEAD_PER_REQUEST_NS (60 * NS_PER_US)
#define OVERHEAD_PER_TASK_NS    (10 * NS_PER_US)  /* that sleeps */
#define OVERHEAD_IN_PYTHON_NS   (600 * NS_PER_US) /* of a request */

/* What has few rounds by the plan takes long all the same. */
static bool is_run_in(const struct cell *cell)
{
    return !cell->memory && cell_floor_ns(cell) < RUN_IN_BELOW_NS &&
           (cell->records || !cell->capped);
}

/* What a pattern takes in both languages: on average, but for what is far from it. */
static uint64_t pattern_ns(const char *name)
{
    if (strcmp(name, "all") == 0)
        return 90 * NS_PER_S;
    return (strcmp(name, "task-bomb") == 0 ? 38 : 2) * NS_PER_S;
}

/* How long a step is expected to take, before anything was measured. */
static uint64_t estimate_ns(const struct cell *cell)
{
    uint64_t each_ns = strcmp(cell->lane->language, "python") == 0 ? OVERHEAD_IN_PYTHON_NS
                                                                   : OVERHEAD_PER_REQUEST_NS;

    if (cell->work.kind == CELL_SLEEP)
        each_ns = OVERHEAD_PER_TASK_NS;
    return cell_expected_ns(cell) + OVERHEAD_NS + each_ns * cell->requests;
}

static void add_step(struct schedule *schedule, unsigned run, struct schedule_step step)
{
    step.run = run;
    step.expected_ns = estimate_ns(step.cell);
    schedule->steps[schedule->count++] = step;
}

/* A lane is run in with the work of its first cell: it may do no other. */
static void add_warm_ups(const struct plan *plan, struct schedule *schedule, unsigned run)
{
    for (size_t i = 0; i < plan->lane_count; i++) {
        const struct cell *first = plan_first_cell(plan, &plan->lanes[i]);
        struct cell *cell = &schedule->warm_ups[i];

        if (first == NULL)
            continue;
        *cell = (struct cell){
            .plan = plan,
            .lane = &plan->lanes[i],
            .requests = WARM_UP_REQUESTS,
            .concurrency = strcmp(plan->lanes[i].model, "sync") == 0 ? 1 : WARM_UP_REQUESTS,
            .work = first->work,
            .latency_ns = WARM_UP_LATENCY_NS,
            .limit_ns = WARM_UP_LIMIT_NS,
        };
        snprintf(cell->id, sizeof(cell->id), "%s", plan->lanes[i].name);
        add_step(schedule, run, (struct schedule_step){.kind = STEP_WARM_UP, .cell = cell});
    }
    for (size_t i = 0; i < plan->cell_count; i++) {
        const struct cell *cell = &plan->cells[i];

        if (is_run_in(cell))
            add_step(schedule, run,
                     (struct schedule_step){
                         .kind = STEP_RUN_IN, .cell = cell, .records = cell->records && run == 1});
    }
}

/* Another execution of a cell is expected to take as long as the one before. */
static uint64_t expect_again(const struct schedule *schedule, size_t index)
{
    const struct schedule_step *steps = schedule->steps;

    for (size_t i = index; i-- > 0;)
        if (steps[i].cell == steps[index].cell)
            return steps[i].expected_ns;
    return estimate_ns(steps[index].cell);
}

/* Inserts a round before the step `at`, with room behind the last step for all cells: of
 * those that take part, by their index in the plan (NULL: that have as many rounds). All cells are
 * shuffled in every round, also those that take no part in it, so that the order of a round does
 * not depend on how many rounds the others have. Returns how many steps it has. */
static size_t insert_round(const struct plan *plan, struct schedule *schedule, size_t at,
                           unsigned run, unsigned round, const bool *takes_part)
{
    struct schedule_step *steps = schedule->steps;
    size_t after = schedule->count - at, added = 0;

    memmove(steps + at + plan->cell_count, steps + at, after * sizeof(*steps));
    gsl_ran_shuffle(schedule->random, schedule->shuffled, plan->cell_count,
                    sizeof(*schedule->shuffled));
    for (size_t i = 0; i < plan->cell_count; i++) {
        const struct cell *cell = schedule->shuffled[i];
        struct schedule_step *step = &steps[at + added];

        if (takes_part != NULL ? !takes_part[cell - plan->cells]
                               : cell->memory || cell->rounds < round)
            continue;
        *step = (struct schedule_step){
            .kind = STEP_TIMED,
            .cell = cell,
            .run = run,
            .round = round,
            .order = (unsigned)++added,
            .records = run == 1 && round == 1 && cell->records && !is_run_in(cell),
        };
        step->expected_ns =
            takes_part != NULL ? expect_again(schedule, at + added - 1) : estimate_ns(cell);
    }
    memmove(steps + at + added, steps + at + plan->cell_count, after * sizeof(*steps));
    schedule->count += added;
    return added;
}

/* Round by round, so that what drifts hits all cells; in the order of the plan, since the memory of
 * a process does not depend on what ran before it. */
static void add_memory(const struct plan *plan, struct schedule *schedule, unsigned run)
{
    for (unsigned round = 1; round <= plan->memory_rounds; round++)
        for (size_t i = 0; i < plan->cell_count; i++)
            if (plan->cells[i].memory && plan->cells[i].rounds >= round)
                add_step(schedule, run,
                         (struct schedule_step){
                             .kind = STEP_MEMORY, .cell = &plan->cells[i], .round = round});
}

static void fill(const struct plan *plan, struct schedule *schedule)
{
    for (size_t i = 0; i < plan->cell_count; i++)
        schedule->shuffled[i] = &plan->cells[i];
    for (unsigned run = 1; run <= plan->runs; run++) {
        add_warm_ups(plan, schedule, run);
        for (unsigned round = 1; round <= plan->rounds; round++)
            insert_round(plan, schedule, schedule->count, run, round, NULL);
        add_memory(plan, schedule, run);
    }
}

int schedule_make(const struct plan *plan, uint32_t seed, struct schedule *schedule)
{
    size_t steps_max = plan->runs * (plan->lane_count +
                                     plan->cell_count * (plan->rounds + plan->memory_rounds + 2));

    *schedule = (struct schedule){
        .steps = calloc(steps_max, sizeof(struct schedule_step)),
        .warm_ups = calloc(plan->lane_count, sizeof(struct cell)),
        .shuffled = calloc(plan->cell_count, sizeof(struct cell *)),
        .random = gsl_rng_alloc(gsl_rng_mt19937),
    };
    if (schedule->shuffled == NULL || schedule->random == NULL || schedule->steps == NULL ||
        schedule->warm_ups == NULL) {
        schedule_free(schedule);
        return -ENOMEM;
    }
    for (size_t i = 0; i < json_array_size(plan->patterns); i++)
        schedule->patterns_ns += pattern_ns(json_string_value(json_array_get(plan->patterns, i)));
    gsl_rng_set(schedule->random, seed);
    fill(plan, schedule);
    return 0;
}

int schedule_extend(struct schedule *schedule, const struct plan *plan, size_t at,
                    const bool *takes_part)
{
    struct schedule_step *steps =
        realloc(schedule->steps, (schedule->count + plan->cell_count) * sizeof(*steps));

    if (steps == NULL)
        return -ENOMEM;
    schedule->steps = steps;
    return (int)insert_round(plan, schedule, at, steps[at - 1].run, steps[at - 1].round + 1,
                             takes_part);
}

void schedule_free(struct schedule *schedule)
{
    if (schedule->random != NULL)
        gsl_rng_free(schedule->random);
    free(schedule->shuffled);
    free(schedule->steps);
    free(schedule->warm_ups);
    *schedule = (struct schedule){0};
}

uint64_t schedule_left_ns(const struct schedule *schedule, size_t index)
{
    uint64_t left_ns = schedule->patterns_ns;

    for (size_t i = index; i < schedule->count; i++)
        left_ns += schedule->steps[i].expected_ns;
    return left_ns;
}

void schedule_expect(struct schedule *schedule, size_t index, const struct cell *cell,
                     uint64_t expected_ns)
{
    for (size_t i = index; i < schedule->count; i++)
        if (schedule->steps[i].cell == cell)
            schedule->steps[i].expected_ns = expected_ns;
}
