#include "report/slope.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"

static const struct {
    const char *what, *key, *path;
} kinds[] = {
    [SLOPE_ANONYMOUS] = {"heap and stacks", "anonymous", "pss_anon_bytes"},
    [SLOPE_PSS] = {"PSS", "pss", "pss_bytes"},
    [SLOPE_CGROUP] = {"memory cgroup, with the kernel's share", "cgroup", "cgroup.usage_bytes"},
    [SLOPE_KERNEL] = {"kernel's share", "kernel", "cgroup.kernel_bytes"},
    [SLOPE_VIRTUAL] = {"virtual", "virtual", "virtual_bytes"},
};

struct points {
    double *x, *y;
    size_t count, room;
};

bool slope_is_first_of_lane(const struct memory_cells *cells, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(cells->list[i].of.lane, cells->list[index].of.lane) == 0)
            return false;
    return true;
}

static void add_passes(struct points *points, const struct run *run, const char *id,
                       const char *path)
{
    size_t i;
    json_t *pass;

    json_array_foreach(run->memory, i, pass)
    {
        double x = run_number(pass, "in_flight"), y = run_number(pass, path);

        if (strcmp(json_text_at(pass, "cell", ""), id) != 0 || !run_pass_counts(pass) ||
            !isfinite(x) || !isfinite(y) || points->count == points->room)
            continue;
        points->x[points->count] = x;
        points->y[points->count++] = y;
    }
}

static void gather(struct points *points, const struct run *run, const struct memory_cells *cells,
                   const char *lane, const char *path)
{
    for (size_t i = 0; i < cells->count; i++)
        if (strcmp(cells->list[i].of.lane, lane) == 0)
            add_passes(points, run, cells->list[i].of.id, path);
}

static size_t count_different(const struct points *points)
{
    double *sorted = malloc((points->count + 1) * sizeof(*sorted));
    size_t different = points->count > 0;

    if (sorted == NULL)
        return 0;
    memcpy(sorted, points->x, points->count * sizeof(*sorted));
    gsl_sort(sorted, 1, points->count);
    for (size_t i = 1; i < points->count; i++)
        different += sorted[i] > sorted[i - 1];
    free(sorted);
    return different;
}

bool slope_of(const struct run *run, const struct memory_cells *cells, size_t index,
              enum slope_kind kind, struct slope *slope)
{
    size_t room = json_array_size(run->memory) + 1;
    struct points points = {calloc(room, sizeof(double)), calloc(room, sizeof(double)), 0, room};
    bool known = false;

    *slope = (struct slope){
        .cell = &cells->list[index], .what = kinds[kind].what, .key = kinds[kind].key};
    if (points.x != NULL && points.y != NULL) {
        gather(&points, run, cells, slope->cell->of.lane, kinds[kind].path);
        slope->concurrencies = count_different(&points);
        known = slope->concurrencies >= 2 &&
                line_fit(points.x, points.y, points.count, &slope->fit) == 0;
    }
    free(points.x);
    free(points.y);
    return known;
}

void slope_each(const struct run *run, const struct memory_cells *cells,
                void (*take)(void *context, const struct slope *slope), void *context)
{
    struct slope slope;

    for (size_t i = 0; i < cells->count; i++)
        for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++)
            if (slope_is_first_of_lane(cells, i) &&
                slope_of(run, cells, i, (enum slope_kind)kind, &slope) &&
                slope.concurrencies >= SLOPE_CONCURRENCIES_MIN)
                take(context, &slope);
}
