#include "report/mixed.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/format.h"
#include "report/markdown.h"

#define TRIFLE 0.02 /* nobody changes the model for less of the time, however certain it is */

double mixed_share(const struct workload_cell *cell)
{
    double total_ns = cell->computing.cpu_ns + cell->latency_ns;

    return total_ns > 0 ? cell->computing.cpu_ns / total_ns : NAN;
}

double mixed_throughput(const struct cell *cell)
{
    return group_is_ranked(cell) && cell->wall_ns.median > 0
               ? cell->of.requests / (cell->wall_ns.median / 1e9)
               : NAN;
}

static bool is_single_loop(const struct workload_cell *cell)
{
    return strcmp(cell->lane, "async") == 0 && !computing_is_offloaded(&cell->computing) &&
           !(cell->computing.loops > 1);
}

/* The first of a group is the fastest. */
static const struct cell *fastest(const struct group *group, bool single_loop)
{
    for (size_t i = 0; i < group->count && group_is_ranked(group->cells[i]); i++)
        if (is_single_loop(&group->cells[i]->of) == single_loop)
            return group->cells[i];
    return NULL;
}

const struct cell *mixed_single_loop(const struct group *group)
{
    return fastest(group, true);
}

static size_t count_of(const struct groups *groups, double requests)
{
    size_t count = 0;

    for (size_t i = 0; i < groups->count; i++) {
        const struct group *group = &groups->list[i];

        count += group->cells[0]->of.requests == requests && fastest(group, true) != NULL &&
                 fastest(group, false) != NULL;
    }
    return count;
}

static double choose_requests(const struct groups *groups)
{
    double chosen = NAN;
    size_t most = 0;

    for (size_t i = 0; i < groups->count; i++) {
        double requests = groups->list[i].cells[0]->of.requests;

        if (count_of(groups, requests) <= most)
            continue;
        most = count_of(groups, requests);
        chosen = requests;
    }
    return chosen;
}

static int by_share(const void *a, const void *b)
{
    double left = ((const struct mixed_point *)a)->share;
    double right = ((const struct mixed_point *)b)->share;

    return (left > right) - (left < right);
}

static bool is_beaten(const struct mixed_point *point)
{
    return point->times.ratio.difference == DIFFERENCE_MORE;
}

static void find_crossing(struct mixed_points *points)
{
    points->crossing = points->count;
    while (points->crossing > 0 && is_beaten(&points->list[points->crossing - 1]))
        points->crossing--;
}

int mixed_points_make(struct mixed_points *points, const struct run *run,
                      const struct groups *groups)
{
    double requests = choose_requests(groups);

    *points = (struct mixed_points){.list = calloc(groups->count + 1, sizeof(*points->list))};
    if (points->list == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < groups->count; i++) {
        const struct group *group = &groups->list[i];
        struct mixed_point point = {.share = mixed_share(&group->cells[0]->of),
                                    .group = group,
                                    .loop = fastest(group, true),
                                    .best = fastest(group, false)};

        if (group->cells[0]->of.requests != requests || isnan(point.share) || point.loop == NULL ||
            point.best == NULL)
            continue;
        point.times = comparison_wall_beyond(run, point.loop, point.best, TRIFLE);
        points->list[points->count++] = point;
    }
    qsort(points->list, points->count, sizeof(*points->list), by_share);
    find_crossing(points);
    return 0;
}

void mixed_points_free(struct mixed_points *points)
{
    free(points->list);
    *points = (struct mixed_points){.count = 0};
}

static size_t count_if(const struct mixed_points *points, enum difference difference, size_t end)
{
    size_t count = 0;

    for (size_t i = 0; i < end; i++)
        count += points->list[i].times.ratio.difference == difference;
    return count;
}

static void write_label(FILE *out, const struct cell *cell)
{
    char label[LABEL_SIZE];

    markdown_text(out, group_cell_label(&cell->of, label));
}

/* "2 processes: 3.91 times the items per second [3.85, 3.97]" of one share. */
static void write_point(FILE *out, const struct mixed_point *point)
{
    write_label(out, point->best);
    fputs(" (", out);
    format_rate(out, mixed_throughput(point->best));
    fputs(" items/s against ", out);
    format_rate(out, mixed_throughput(point->loop));
    fputs(", ", out);
    comparison_format(out, &point->times);
    fputs(" times as fast)", out);
}

static void write_share(FILE *out, const struct mixed_points *points, size_t index)
{
    format_share(out, points->list[index].share);
}

static void write_crossing(FILE *out, const struct mixed_points *points)
{
    size_t crossing = points->crossing, beaten = count_if(points, DIFFERENCE_MORE, crossing);

    if (crossing == 0) {
        fputs("Already at the smallest CPU share measured, ", out);
    } else {
        fputs("Up to a CPU share of ", out);
        write_share(out, points, crossing - 1);
        if (beaten > 0)
            fprintf(out, " others are clearly faster than the single loop at %zu of %zu shares",
                    beaten, crossing);
        else
            fputs(" none is clearly faster than the single loop", out);
        fputs(". **From ", out);
    }
    write_share(out, points, crossing);
    fputs(crossing == 0 ? ", **the single loop is not the best choice**"
                        : " on the single loop is no longer the best choice**",
          out);
    fputs(" with ", out);
    format_count(out, points->list[crossing].loop->of.concurrency);
    fputs(" at once; the fastest there is ", out);
    write_point(out, &points->list[crossing]);
    fputs(". ", out);
}

static void write_no_crossing(FILE *out, const struct mixed_points *points)
{
    size_t last = points->count - 1;
    size_t beaten = count_if(points, DIFFERENCE_MORE, points->count);

    fputs("Between CPU shares of ", out);
    write_share(out, points, 0);
    fputs(" and ", out);
    write_share(out, points, last);
    if (beaten == 0)
        fputs(" none is clearly faster than the single loop. ", out);
    else
        fprintf(out,
                " others are clearly faster than the single loop at %zu of %zu, but not from one "
                "share on. ",
                beaten, points->count);
    fputs("At the largest, the fastest of the others is ", out);
    write_point(out, &points->list[last]);
    fputs(". ", out);
}

void mixed_points_write(FILE *out, const struct mixed_points *points)
{
    size_t too_few = count_if(points, DIFFERENCE_TOO_FEW, points->count);
    size_t won = count_if(points, DIFFERENCE_LESS, points->count);
    size_t unclear = count_if(points, DIFFERENCE_UNCLEAR, points->count);

    if (points->count == 0)
        return;
    if (too_few == points->count) {
        fputs("There are too few rounds to say up to which CPU share the single loop is the best "
              "choice. ",
              out);
        return;
    }
    if (points->crossing < points->count)
        write_crossing(out, points);
    else
        write_no_crossing(out, points);
    if (won > 0)
        fprintf(out, "At %zu of %zu shares the single loop is clearly the fastest. ", won,
                points->count);
    if (unclear > 0)
        fprintf(out, "At %zu of %zu shares there is no clear difference from the fastest. ",
                unclear, points->count);
    if (too_few > 0)
        fprintf(out, "At %zu of %zu shares there are too few rounds for a verdict. ", too_few,
                points->count);
    fputs("(Less than 1.02 times as fast counts as no difference here.) ", out);
}
