#include "report/comparison.h"

#include <math.h>
#include <stdlib.h>

#include "report/format.h"

static const struct comparison none = {.ratio = {.ratio = NAN,
                                                 .min = NAN,
                                                 .max = NAN,
                                                 .interval = {NAN, NAN},
                                                 .p = NAN,
                                                 .difference = DIFFERENCE_TOO_FEW}};

/* No execution can be below its floor: one that is above all that the other may plausibly take
 * settles it, however few its rounds are. */
static bool is_beyond(const struct cell *cell, const struct cell *other)
{
    return stats_has_interval(&other->wall_ns.interval) &&
           cell->floor_ns > other->wall_ns.interval.high;
}

static void judge_by_floor(struct comparison *comparison, const struct cell *a,
                           const struct cell *b)
{
    if (comparison->ratio.difference != DIFFERENCE_TOO_FEW || !group_is_ranked(a) ||
        !group_is_ranked(b))
        return;
    comparison->by_floor = is_beyond(a, b) || is_beyond(b, a);
    if (comparison->by_floor)
        comparison->ratio.difference = is_beyond(a, b) ? DIFFERENCE_MORE : DIFFERENCE_LESS;
}

static struct comparison compare(const struct run *run, const char *path, const struct cell *a,
                                 const struct cell *b, double tolerance)
{
    struct comparison comparison = none;
    size_t samples = json_array_size(run->samples), count;
    double *values = calloc(2 * samples + 2, sizeof(*values));

    if (values == NULL)
        return comparison;
    count = run_pairs(run, path, a, b, values, values + samples + 1);
    if (ratio_paired(values, values + samples + 1, count, tolerance, &comparison.ratio) < 0)
        comparison = none;
    free(values);
    return comparison;
}

struct comparison comparison_of(const struct run *run, const char *path, const struct cell *a,
                                const struct cell *b)
{
    return compare(run, path, a, b, 0);
}

struct comparison comparison_wall(const struct run *run, const struct cell *a, const struct cell *b)
{
    return comparison_wall_beyond(run, a, b, 0);
}

struct comparison comparison_wall_beyond(const struct run *run, const struct cell *a,
                                         const struct cell *b, double tolerance)
{
    struct comparison comparison = compare(run, "wall_ns", a, b, tolerance);

    judge_by_floor(&comparison, a, b);
    return comparison;
}

struct comparison comparison_pss(const struct run *run, const struct memory_cell *a,
                                 const struct memory_cell *b)
{
    struct comparison comparison = none;
    size_t passes = json_array_size(run->memory), count_a, count_b;
    double *values = calloc(2 * passes + 2, sizeof(*values));

    if (values == NULL)
        return comparison;
    count_a = run_memory_values(run, a, "pss_bytes", values);
    count_b = run_memory_values(run, b, "pss_bytes", values + passes + 1);
    if (ratio_independent(values, count_a, values + passes + 1, count_b, 0, &comparison.ratio) < 0)
        comparison = none;
    free(values);
    return comparison;
}

const char *comparison_wall_verdict(const struct comparison *comparison)
{
    if (!comparison->by_floor)
        return ratio_time_verdict(comparison->ratio.difference);
    return comparison->ratio.difference == DIFFERENCE_MORE ? "slower (by its floor)"
                                                           : "faster (by the other's floor)";
}

/* Around 1, where it matters on which side, with a digit more. */
static void write_ratio(FILE *out, double ratio)
{
    if (ratio > 0.9 && ratio < 1.1)
        fprintf(out, "%.3f", ratio);
    else
        format_ratio(out, ratio);
}

void comparison_format(FILE *out, const struct comparison *comparison)
{
    const struct ratio *ratio = &comparison->ratio;
    bool known = stats_has_interval(&ratio->interval);

    write_ratio(out, ratio->ratio);
    if (!known && ratio->count < 2)
        return;
    fputs(known ? " [" : " (", out);
    write_ratio(out, known ? ratio->interval.low : ratio->min);
    fputs(known ? ", " : " … ", out);
    write_ratio(out, known ? ratio->interval.high : ratio->max);
    fputs(known ? "]" : ")", out);
}
