#include "harness/run/rounds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/stats.h"
#include "harness/machine/noise.h"

/* Fewer executions say nothing of what is usual. */
#define SWITCHES_EXECUTIONS_MIN 3
#define SWITCHES_FACTOR         4

struct rounds_cell {
    size_t executions;
    double *walls; /* of those that count */
    double *cpus;  /* user and system time, ns */
    double *switches;
    size_t count;
};

static struct rounds_cell *cell_of(const struct rounds *rounds, const struct cell *cell)
{
    return &rounds->cells[cell - rounds->plan->cells];
}

int rounds_init(struct rounds *rounds, const struct plan *plan)
{
    *rounds = (struct rounds){
        .plan = plan,
        .cells = calloc(plan->cell_count, sizeof(struct rounds_cell)),
    };
    return rounds->cells != NULL ? 0 : -ENOMEM;
}

void rounds_free(struct rounds *rounds)
{
    for (size_t i = 0; rounds->cells != NULL && i < rounds->plan->cell_count; i++) {
        free(rounds->cells[i].walls);
        free(rounds->cells[i].cpus);
        free(rounds->cells[i].switches);
    }
    free(rounds->cells);
    *rounds = (struct rounds){0};
}

static int append(double **values, size_t count, double value)
{
    double *larger = realloc(*values, (count + 1) * sizeof(*larger));

    if (larger == NULL)
        return -ENOMEM;
    larger[count] = value;
    *values = larger;
    return 0;
}

int rounds_add(struct rounds *rounds, const struct cell *cell, const json_t *sample)
{
    struct rounds_cell *of = cell_of(rounds, cell);
    double wall = json_number_at(sample, "wall_ns", -1);
    double cpu = json_number_at(sample, "user_ns", 0) + json_number_at(sample, "system_ns", 0);

    of->executions++;
    if (!json_is_true(json_object_get(sample, "valid")) || wall <= 0)
        return 0;
    if (append(&of->walls, of->count, wall) < 0 || append(&of->cpus, of->count, cpu) < 0 ||
        append(&of->switches, of->count, json_number_at(sample, "involuntary_switches", 0)) < 0)
        return -ENOMEM;
    of->count++;
    return 0;
}

json_t *rounds_judge_switches(const struct rounds *rounds, const struct cell *cell,
                              const json_t *figures)
{
    double switches = json_number_at(figures, "involuntary_switches", 0);
    const struct rounds_cell *of = cell_of(rounds, cell);
    struct stats_summary usual;

    if (of->count < SWITCHES_EXECUTIONS_MIN || stats_summarise(of->switches, of->count, &usual) < 0)
        return NULL;
    if (switches <= SWITCHES_FACTOR * usual.median + (double)cell->requests)
        return NULL;
    return json_sprintf("The processor was taken from it %.0f times; in the rounds before it was "
                        "%.0f times (median)",
                        switches, usual.median);
}

bool rounds_want(const struct rounds *rounds, const struct cell *cell)
{
    const struct rounds_cell *of = cell_of(rounds, cell);
    struct stats_summary summary;

    if (cell->memory || cell->capped || rounds->plan->until <= 0 || 2 * of->count < of->executions)
        return false;
    if (of->count == 0 || stats_summarise(of->walls, of->count, &summary) < 0)
        return of->executions == 0;
    return stats_half_width(&summary) > rounds->plan->until;
}

json_t *rounds_noise(const struct rounds *rounds, const struct cell *cell)
{
    const struct rounds_cell *of = cell_of(rounds, cell);
    json_t *sentences = json_array();
    json_t *spread = cell->memory ? NULL : noise_spread(of->walls, of->count);
    json_t *slow = cell->memory ? NULL : noise_cpu(of->cpus, of->count);

    if (spread != NULL)
        json_array_append_new(sentences, spread);
    if (slow != NULL)
        json_array_append_new(sentences, slow);
    return sentences;
}
