#include "report/speed_up.h"

#include <math.h>
#include <string.h>

/* Whether the cell follows the model of that lane of ours, in whatever language. */
static bool is_model(const struct workload_cell *cell, const char *lane)
{
    return cell->follows != NULL && strcmp(cell->follows->lane, lane) == 0;
}

double speed_up_workers(const struct workload_cell *cell)
{
    if (computing_is_offloaded(&cell->computing))
        return cell->computing.workers;
    if (cell->computing.loops > 1)
        return cell->computing.loops;
    if (is_model(cell, "async") && cell->language == language_of("go"))
        return NAN; /* goroutines run on as many cores as there are */
    if (is_model(cell, "sync") || is_model(cell, "async"))
        return 1;
    return fmin(cell->concurrency, cell->requests);
}

/* The sequential cell with the same work, in the same language and hashed in blocks as large. */
static const struct cell *find_base(const struct group *group, const struct cell *cell)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct cell *other = group->cells[i];

        if (is_model(&other->of, "sync") && group_is_ranked(other) &&
            other->of.language == cell->of.language &&
            computing_same_blocks(&other->of.computing, &cell->of.computing))
            return other;
    }
    return NULL;
}

struct speed_up speed_up_of(const struct run *run, const struct group *group,
                            const struct cell *cell)
{
    struct speed_up speed_up = {
        .base = find_base(group, cell),
        .times = {.ratio = {.ratio = NAN,
                            .min = NAN,
                            .max = NAN,
                            .interval = {NAN, NAN},
                            .difference = DIFFERENCE_TOO_FEW}},
        .workers = speed_up_workers(&cell->of),
    };

    if (speed_up.base != NULL && group_is_ranked(cell))
        speed_up.times = comparison_wall(run, speed_up.base, cell);
    speed_up.efficiency = speed_up.times.ratio.ratio / speed_up.workers;
    return speed_up;
}

const char *speed_up_verdict(const struct speed_up *speed_up)
{
    switch (speed_up->times.ratio.difference) {
    case DIFFERENCE_MORE:
        return ratio_time_verdict(DIFFERENCE_LESS); /* the sequential cell takes more */
    case DIFFERENCE_LESS:
        return ratio_time_verdict(DIFFERENCE_MORE);
    default:
        return ratio_time_verdict(speed_up->times.ratio.difference);
    }
}
