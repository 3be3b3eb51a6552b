#include "report/claim_share.h"

#include <math.h>

#include "report/groups.h"
#include "report/mixed.h"

/* Below the smallest share that was measured there is 0, at which nothing computes. */
static double last_share(const struct mixed_points *points)
{
    for (size_t i = points->count; i-- > 0;)
        if (points->list[i].times.ratio.difference != DIFFERENCE_MORE)
            return points->list[i].share;
    return 0;
}

static bool lacks_rounds(const struct mixed_points *points)
{
    for (size_t i = 0; i < points->count; i++)
        if (points->list[i].times.ratio.difference == DIFFERENCE_TOO_FEW)
            return true;
    return false;
}

bool claim_share_measure(const json_t *claim, const struct run *run, struct stats_summary *measured,
                         FILE *reason)
{
    struct groups mixed;
    struct mixed_points points = {.count = 0};
    bool known = false;

    (void)claim;
    if (groups_arrange(&mixed, run, WORK_MIXED) < 0)
        return false;
    if (mixed_points_make(&points, run, &mixed) == 0) {
        known = points.count > 1 && !lacks_rounds(&points);
        if (points.count < 2)
            fputs("No cells of this plan measure it.", reason);
        else if (!known)
            fputs("There are too few rounds for a verdict at each CPU share.", reason);
        else
            *measured = (struct stats_summary){.count = 1,
                                               .min = last_share(&points),
                                               .median = last_share(&points),
                                               .max = last_share(&points),
                                               .interval = {NAN, NAN}};
    }
    mixed_points_free(&points);
    groups_free(&mixed);
    return known;
}
