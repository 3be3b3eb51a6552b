/* Wall time against concurrency, for the requests that were run at most concurrencies. */
#include <math.h>
#include <string.h>

#include "report/format.h"
#include "report/plots.h"

#define HEIGHT 640

/* A logarithmic axis has no place for 0. */
static bool is_drawn(const struct cell *cell)
{
    return group_is_ranked(cell) && cell->of.concurrency >= 1 && cell->wall_ns.min > 0;
}

/* How many concurrencies a group has; a curve needs two. */
static size_t concurrencies(const struct group *group)
{
    size_t different = 0;

    for (size_t i = 0; i < group->count; i++) {
        bool first = is_drawn(group->cells[i]);

        for (size_t j = 0; first && j < i; j++)
            first = !is_drawn(group->cells[j]) ||
                    group->cells[j]->of.concurrency != group->cells[i]->of.concurrency;
        different += first;
    }
    return different;
}

static const struct group *choose(const struct groups *groups)
{
    const struct group *chosen = NULL;
    size_t most = 2;

    for (size_t i = 0; i < groups->count; i++) {
        size_t different = concurrencies(&groups->list[i]);

        if (different < most || !(groups->list[i].cells[0]->of.latency_ns > 0))
            continue;
        most = different;
        chosen = &groups->list[i];
    }
    return chosen;
}

/* One block of data for each lane, its points by concurrency. Returns the number of points. */
static size_t write_lane(FILE *data, const struct group *group, const char *lane)
{
    double done = 0;
    size_t points = 0;

    for (;;) {
        const struct cell *next = NULL;

        for (size_t i = 0; i < group->count; i++) {
            const struct cell *cell = group->cells[i];

            if (is_drawn(cell) && strcmp(cell->of.lane, lane) == 0 && cell->of.concurrency > done &&
                (next == NULL || cell->of.concurrency < next->of.concurrency))
                next = cell;
        }
        if (next == NULL)
            break;
        fprintf(data, "%.10g %.10g %.10g %.10g\n", next->of.concurrency, next->wall_ns.median,
                next->wall_ns.min, next->wall_ns.max);
        done = next->of.concurrency;
        points++;
    }
    fputs("\n\n", data);
    return points;
}

static bool is_first_of_lane(const struct group *group, size_t index)
{
    if (!is_drawn(group->cells[index]))
        return false;
    for (size_t i = 0; i < index; i++)
        if (is_drawn(group->cells[i]) &&
            strcmp(group->cells[i]->of.lane, group->cells[index]->of.lane) == 0)
            return false;
    return true;
}

static void write_curves(FILE *script, FILE *data, const struct group *group)
{
    int index = 0;

    fprintf(data, "# concurrency, then wall time in ns: median, min, max; a block for each lane\n");
    for (size_t i = 0; i < group->count; i++) {
        const struct workload_cell *cell = &group->cells[i]->of;

        if (!is_first_of_lane(group, i))
            continue;
        write_lane(data, group, cell->lane);
        /* Dotted, since between two points nothing was measured. */
        fprintf(script,
                ", \\\n     'concurrency.dat' index %d using 1:2 with lines lw 1.5 dt 3 lc rgb "
                "\"#%06X\" notitle, '' index %d using 1:2:3:4 with yerrorbars lw 2.5 pt %d "
                "ps 1.8*scale lc rgb \"#%06X\" title \"",
                index, cell->model->colour, index, cell->model->point, cell->model->colour);
        index++;
        plot_text(script, group_lane_name(cell));
        fputs("\"", script);
    }
    fputs("\n", script);
}

static void write_axes(FILE *script, const struct group *group)
{
    double low = INFINITY, high = 0, least = INFINITY, most = 1;

    for (size_t i = 0; i < group->count; i++) {
        const struct cell *cell = group->cells[i];

        if (!is_drawn(cell))
            continue;
        low = fmin(low, fmin(cell->wall_ns.min, cell->floor_ns > 0 ? cell->floor_ns : INFINITY));
        high = fmax(high, cell->wall_ns.max);
        least = fmin(least, cell->of.concurrency);
        most = fmax(most, cell->of.concurrency);
    }
    plot_concurrency_axes(script, least, most, low / 1.6, high * 1.6, format_duration);
    fputs("set xlabel \"most requests in flight at once, as asked (logarithmic)\"\n"
          "set ylabel \"wall time (logarithmic)\"\n"
          "set samples 2000\n",
          script);
}

static size_t count_lanes(const struct group *group)
{
    size_t count = 0;

    for (size_t i = 0; i < group->count; i++)
        count += is_first_of_lane(group, i);
    return count;
}

int plot_concurrency(const struct plot_source *source, FILE *script, FILE *data, char *title)
{
    const struct group *group = choose(source->groups);
    char label[LABEL_SIZE];
    int height = HEIGHT;

    if (group == NULL)
        return 0;
    snprintf(title, PLOT_TITLE_SIZE, "Wall time of %s against concurrency",
             group_label(group, label));
    fputs("set title \"", script);
    plot_text(script, title);
    fputs("\" offset 0,0.4\n", script);
    write_axes(script, group);
    height += plot_key(script, count_lanes(group) + 1, "top right");
    fprintf(script,
            "plot ceil(%.10g/(x < 1 ? 1 : x))*%.10g with lines lw 2 dt 2 lc rgb \"#777777\" "
            "title \"floor: the least time possible\"",
            group->cells[0]->of.requests, group->cells[0]->of.latency_ns);
    write_curves(script, data, group);
    return height;
}
