/* Speed-up against workers: the ideal line, the machine's cores, a line for each way to compute. */
#include <math.h>
#include <stdlib.h>

#include "report/plots.h"
#include "report/series.h"
#include "report/speed_up.h"

#define HEIGHT      800
#define DODGE       0.055 /* of a worker: what points that belong to no line are drawn apart */
#define SHIFTED_MAX 16    /* workers; those of more are drawn apart from one another all the same */

struct figure {
    const struct run *run;
    const struct group *group;
    FILE *script, *data;
    double cores, workers_max, highest;
    int series;
    int single_points[SHIFTED_MAX + 1]; /* by workers: series that have that point only */
};

/* The speed-up of a cell where it has one and is not itself what others are held against. */
static bool find(const struct figure *figure, const struct cell *cell, struct speed_up *speed_up)
{
    *speed_up = speed_up_of(figure->run, figure->group, cell);
    return speed_up->base != NULL && speed_up->base != cell && speed_up->workers >= 1 &&
           isfinite(speed_up->times.ratio.ratio);
}

static bool is_first(const struct figure *figure, size_t index)
{
    struct speed_up speed_up;

    for (size_t i = 0; i < index; i++)
        if (series_is_same(&figure->group->cells[i]->of, &figure->group->cells[index]->of) &&
            find(figure, figure->group->cells[i], &speed_up))
            return false;
    return find(figure, figure->group->cells[index], &speed_up);
}

/* The cell of that series with the fewest workers above `above`; of equals the first, the fastest.
 */
static const struct cell *next_of(const struct figure *figure, const struct workload_cell *series,
                                  double above)
{
    const struct cell *next = NULL;
    struct speed_up speed_up;
    double fewest = INFINITY;

    for (size_t i = 0; i < figure->group->count; i++) {
        const struct cell *cell = figure->group->cells[i];

        if (!series_is_same(series, &cell->of) || !find(figure, cell, &speed_up) ||
            speed_up.workers <= above || speed_up.workers >= fewest)
            continue;
        next = cell;
        fewest = speed_up.workers;
    }
    return next;
}

/* Returns how many points the series has. */
static size_t write_points(struct figure *figure, const struct workload_cell *series)
{
    const struct cell *cell = next_of(figure, series, 0);
    size_t points = 0;

    while (cell != NULL) {
        struct speed_up speed_up;
        const struct ratio *ratio = &speed_up.times.ratio;
        bool known;

        find(figure, cell, &speed_up);
        known = stats_has_interval(&ratio->interval);
        fprintf(figure->data, "%.10g %.10g %.10g %.10g\n", speed_up.workers, ratio->ratio,
                known ? ratio->interval.low : ratio->min,
                known ? ratio->interval.high : ratio->max);
        figure->workers_max = fmax(figure->workers_max, speed_up.workers);
        figure->highest = fmax(figure->highest, known ? ratio->interval.high : ratio->max);
        cell = next_of(figure, series, speed_up.workers);
        points++;
    }
    fputs("\n\n", figure->data);
    return points;
}

static void write_line(struct figure *figure, const struct workload_cell *series)
{
    size_t workers = (size_t)fmin(speed_up_workers(series), SHIFTED_MAX);
    bool single = write_points(figure, series) == 1;
    double shift = single ? DODGE * ++figure->single_points[workers] : 0;
    char label[LABEL_SIZE];

    fprintf(figure->script,
            ", \\\n     'speed-up.dat' index %d using ($1+%.4g):2:3:4 with yerrorlines ",
            figure->series++, shift);
    series_write_style(figure->script, series);
    fputs(" title \"", figure->script);
    plot_text(figure->script, series_label(series, label));
    fputs("\"", figure->script);
}

static void write_lines(struct figure *figure)
{
    for (size_t i = 0; i < figure->group->count; i++)
        if (is_first(figure, i))
            write_line(figure, &figure->group->cells[i]->of);
    fputs("\n", figure->script);
}

static double right_end(const struct figure *figure)
{
    return fmax(figure->workers_max, figure->cores) + 0.5;
}

static void write_axes(FILE *script, const struct figure *figure)
{
    double ideal = figure->cores >= 1 ? fmin(figure->cores, right_end(figure)) : 1;

    fprintf(script, "set xrange [0.5:%.10g]\nset yrange [0:%.10g]\nset xtics 1\n",
            right_end(figure), fmax(1.25 * figure->highest, 1.1 * ideal));
    fputs(
        "set xlabel \"threads, processes or loops that may compute at the same time\"\n"
        "set ylabel \"times as fast as one after another\"\n"
        "set tmargin at screen 0.9\nset bmargin at screen 0.33\n"
        "set key at screen 0.54, screen 0.20 top center horizontal Left reverse samplen 2 spacing "
        "1.3 maxcols 2 font \",\".(format eq \"svg\" ? \"16\" : \"12.5\") textcolor rgb "
        "\"#222222\"\n",
        script);
    if (!(figure->cores >= 1))
        return;
    fprintf(script,
            "set arrow 1 from %.10g, graph 0 to %.10g, graph 1 nohead lw 2 dt 3 lc rgb "
            "\"#555555\"\n",
            figure->cores, figure->cores);
    fprintf(script,
            "set label 1 \"%.0f core%s of this machine\" at %.10g, graph 0.05 left offset 0.8,0 "
            "textcolor rgb \"#555555\"\n",
            figure->cores, figure->cores > 1 ? "s" : "", figure->cores);
}

/* The group in which most can be held against a sequential cell. */
static const struct group *choose(const struct plot_source *source)
{
    const struct group *chosen = NULL;
    size_t most = 0;

    for (size_t i = 0; i < source->cpu->count; i++) {
        struct figure figure = {.run = source->run, .group = &source->cpu->list[i]};
        struct speed_up speed_up;
        size_t count = 0;

        for (size_t j = 0; j < figure.group->count; j++)
            count += find(&figure, figure.group->cells[j], &speed_up);
        if (count <= most)
            continue;
        most = count;
        chosen = figure.group;
    }
    return chosen;
}

/* The lines come first, since the axes depend on them. */
static void draw(struct figure *figure, FILE *script)
{
    char *lines = NULL;
    size_t length;

    figure->script = open_memstream(&lines, &length);
    if (figure->script == NULL)
        return;
    write_lines(figure);
    fclose(figure->script);
    write_axes(script, figure);
    fprintf(script,
            "plot (x < 1 ? 1/0 : %.10g > 0 && x > %.10g ? %.10g : x) with lines lw 2 dt 2 "
            "lc rgb \"#777777\" title \"ideal: every worker has a core\"%s",
            figure->cores >= 1 ? figure->cores : 0, figure->cores, figure->cores, lines);
    free(lines);
}

int plot_speed_up(const struct plot_source *source, FILE *script, FILE *data, char *title)
{
    struct figure figure = {
        .run = source->run,
        .group = choose(source),
        .data = data,
        .cores = run_number(source->run->run, "environment.cores"),
    };
    char label[LABEL_SIZE];

    if (figure.group == NULL)
        return 0;
    snprintf(title, PLOT_TITLE_SIZE, "Speed-up of computing against workers: %s",
             group_label(figure.group, label));
    fputs("set title \"", script);
    plot_text(script, title);
    fputs("\" offset 0,0.4\nset samples 1001\n", script);
    fputs("# workers, speed-up against the sequential lane, low, high; a block for each line\n",
          data);
    draw(&figure, script);
    return HEIGHT;
}
