#include "report/memory_figures.h"

#include <math.h>

static double median(const struct stats_summary *summary)
{
    return summary->count > 0 ? summary->median : NAN;
}

static struct methods_difference difference(double cgroup, double pss)
{
    double share = pss > 0 ? (cgroup - pss) / pss : NAN;

    return (struct methods_difference){
        .share = share,
        .marked = fabs(share) > METHODS_DIFFERENCE_MAX &&
                  fabs(cgroup - pss) > METHODS_DIFFERENCE_MIN_BYTES,
    };
}

/* How much of other programs' libraries is in PSS changes with what else runs at that moment; heap
 * and stacks are the lane's alone. */
static double increase_of(const struct memory_cell *cell, const struct memory_cell *base)
{
    double anonymous = median(&cell->pss_anon_bytes) - median(&base->pss_anon_bytes);

    return isfinite(anonymous) ? anonymous : median(&cell->pss_bytes) - median(&base->pss_bytes);
}

struct memory_figures memory_figures_of(const struct run *run, const struct memory_cell *cell)
{
    const struct memory_cell *base = run_memory(run, cell->of.lane, 1);
    double more = median(&cell->in_flight) - 1;
    double increase = base != NULL && more > 0 ? increase_of(cell, base) : NAN;

    return (struct memory_figures){
        .base_bytes = base != NULL ? median(&base->pss_bytes) : NAN,
        .increase_bytes = increase,
        .per_request_bytes = increase / more,
        .kernel_bytes = median(&cell->kernel_bytes),
        .virtual_bytes = median(&cell->virtual_bytes),
        .anonymous = difference(median(&cell->cgroup_anon_bytes), median(&cell->pss_anon_bytes)),
        .all = difference(median(&cell->cgroup_user_bytes), median(&cell->pss_bytes)),
    };
}
