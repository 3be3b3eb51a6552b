/* Mixed work against its CPU share: items per second, as they are and as a share of the most that
 * the floor allows, and how late the heartbeat of the event loops is. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/format.h"
#include "report/mixed.h"
#include "report/plots.h"
#include "report/series.h"

#define HEIGHT     1400
#define SERIES_MAX 16

struct panel_range {
    double low, high;
};

struct figure {
    const struct mixed_points *points;
    const struct workload_cell *series[SERIES_MAX]; /* one cell of each */
    bool has_loop[SERIES_MAX];                      /* its heartbeat is known */
    size_t series_count;
    struct panel_range throughput, reached, lateness;
};

/* The fastest cell of a series at a CPU share, or NULL. */
static const struct cell *cell_of(const struct group *group, const struct workload_cell *series)
{
    for (size_t i = 0; i < group->count && group_is_ranked(group->cells[i]); i++)
        if (series_is_same(&group->cells[i]->of, series))
            return group->cells[i];
    return NULL;
}

static void find_series(struct figure *figure)
{
    for (size_t p = 0; p < figure->points->count; p++) {
        const struct group *group = figure->points->list[p].group;

        for (size_t i = 0; i < group->count && group_is_ranked(group->cells[i]); i++) {
            const struct workload_cell *cell = &group->cells[i]->of;
            bool known = false;

            for (size_t s = 0; s < figure->series_count; s++)
                known = known || series_is_same(figure->series[s], cell);
            if (!known && figure->series_count < SERIES_MAX)
                figure->series[figure->series_count++] = cell;
        }
    }
}

/* A logarithmic axis has no place for 0. */
static void write_number(FILE *data, double value, struct panel_range *range)
{
    if (!(value > 0 && isfinite(value))) {
        fputs(" NaN", data);
        return;
    }
    fprintf(data, " %.10g", value);
    range->low = fmin(range->low, value);
    range->high = fmax(range->high, value);
}

static double end_of(const struct stats_summary *summary, bool high)
{
    if (summary->count == 0)
        return NAN;
    if (stats_has_interval(&summary->interval))
        return high ? summary->interval.high : summary->interval.low;
    return high ? summary->max : summary->min;
}

static void write_row(struct figure *figure, size_t series, double share, const struct cell *cell,
                      FILE *data)
{
    const struct stats_summary *wall = &cell->wall_ns, *late = &cell->loop.lateness_p99_ns;
    double items = cell->of.requests * 1e9;

    fprintf(data, "%.10g", 100 * share);
    write_number(data, items / wall->median, &figure->throughput);
    write_number(data, items / end_of(wall, true), &figure->throughput);
    write_number(data, items / end_of(wall, false), &figure->throughput);
    write_number(data, late->count > 0 ? late->median : NAN, &figure->lateness);
    write_number(data, end_of(late, false), &figure->lateness);
    write_number(data, end_of(late, true), &figure->lateness);
    write_number(data, 100 * cell->floor_ns / wall->median, &figure->reached);
    write_number(data, 100 * cell->floor_ns / end_of(wall, true), &figure->reached);
    write_number(data, 100 * cell->floor_ns / end_of(wall, false), &figure->reached);
    fputc('\n', data);
    figure->has_loop[series] = figure->has_loop[series] || late->count > 0;
}

static void write_data(struct figure *figure, FILE *data)
{
    fputs("# CPU share in percent; items per second: median, low, high; lateness of the heartbeat "
          "at p99 in ns: median, low, high; items per second in percent of what the floor allows: "
          "median, low, high; a block for each line\n",
          data);
    for (size_t s = 0; s < figure->series_count; s++) {
        for (size_t p = 0; p < figure->points->count; p++) {
            const struct mixed_point *point = &figure->points->list[p];
            const struct cell *cell = cell_of(point->group, figure->series[s]);

            if (cell != NULL)
                write_row(figure, s, point->share, cell, data);
        }
        fputs("\n\n", data);
    }
}

/* "20 threads", "event loop, 2 processes compute": loops all have as many requests at once, which
 * the title tells. */
static void write_label(const struct workload_cell *cell, char *text)
{
    FILE *out;

    group_cell_label(cell, text);
    out = cell->model->unit == NULL ? fmemopen(text, LABEL_SIZE, "w") : NULL;
    if (out == NULL)
        return;
    fputs(group_lane_name(cell), out);
    computing_label(out, &cell->computing);
    fclose(out);
    text[LABEL_SIZE - 1] = '\0';
}

/* Says how many compute where they are as many at every share. */
static const char *label_of(const struct figure *figure, const struct workload_cell *series,
                            char *text)
{
    char other[LABEL_SIZE];

    write_label(series, text);
    for (size_t p = 0; p < figure->points->count; p++) {
        const struct cell *cell = cell_of(figure->points->list[p].group, series);

        if (cell == NULL)
            continue;
        write_label(&cell->of, other);
        if (strcmp(other, text) != 0)
            return series_label(series, text);
    }
    return text;
}

static void write_panel(FILE *script, const struct figure *figure, const char *columns,
                        bool loops_only)
{
    const char *comma = "plot ";
    char label[LABEL_SIZE];

    for (size_t s = 0; s < figure->series_count; s++) {
        if (loops_only && !figure->has_loop[s])
            continue;
        fprintf(script, "%s'mixed.dat' index %zu using %s with yerrorlines ", comma, s, columns);
        series_write_style(script, figure->series[s]);
        fputs(" title \"", script);
        plot_text(script, label_of(figure, figure->series[s], label));
        fputs("\"", script);
        comma = ", \\\n     ";
    }
    fputs("\n", script);
}

/* A line at the share from which on another is clearly faster, and what it means, where there is
 * room for it. */
static void write_crossing(FILE *script, const struct mixed_points *points)
{
    double share;

    if (points->crossing == points->count)
        return;
    share = 100 * points->list[points->crossing].share;
    fprintf(script,
            "set arrow 1 from %.10g, graph 0 to %.10g, graph 1 nohead lw 2 dt 3 lc rgb "
            "\"#555555\"\n",
            share, share);
    fprintf(
        script,
        "set label 1 \"from here on another\\nis clearly faster\" at %.10g, graph 0.13 %s offset "
        "%.1f,0 textcolor rgb \"#555555\"\n",
        share, share < 50 ? "left" : "right", share < 50 ? 0.8 : -0.8);
}

/* Small shares decide, large ones are there as well: the root gives both room. */
static void write_share_axis(FILE *script, const struct mixed_points *points)
{
    fputs("set nonlinear x via sqrt(x) inverse x*x\nset xrange [0:102]\nset xtics (", script);
    for (size_t i = 0; i < points->count; i++)
        fprintf(script, "%s\"%.3g\" %.10g", i > 0 ? ", " : "", 100 * points->list[i].share,
                100 * points->list[i].share);
    fputs(")\nset xlabel \"CPU share of an item in % (root scale)\"\n", script);
}

static void write_axis(FILE *script, struct panel_range range, void (*format)(FILE *, double))
{
    fprintf(script, "set yrange [%.10g:%.10g]\n", range.low / 1.6, range.high * 1.6);
    plot_log_tics(script, "y", range.low / 1.6, range.high * 1.6, format);
}

static void write_script(FILE *script, const struct figure *figure, const char *title)
{
    fputs("set multiplot layout 3,1 title \"", script);
    plot_text(script, title);
    fputs("\\n\" margins 0.12,0.97,0.165,0.945 spacing 0.1,0.065\n"
          "set key at screen 0.54, screen 0.095 top center horizontal Left "
          "reverse samplen 2 spacing 1.3 maxcols 2 font \",\".(format eq \"svg\" ? \"16\" : "
          "\"12.5\") "
          "textcolor rgb \"#222222\"\n"
          "set ylabel \"items per second (logarithmic)\"\nset logscale y 10\n",
          script);
    write_share_axis(script, figure->points);
    write_crossing(script, figure->points);
    write_axis(script, figure->throughput, format_count);
    write_panel(script, figure, "1:2:3:4", false);
    fputs("unset key\nunset label 1\n", script);
    if (figure->reached.high > 0) {
        fprintf(script,
                "set ylabel \"of what the floor allows (%%)\"\nunset logscale y\nset yrange "
                "[0:%.10g]\nset ytics autofreq\n",
                fmax(1.05 * figure->reached.high, 105));
        write_panel(script, figure, "1:8:9:10", false);
    }
    if (figure->lateness.high > 0) {
        fputs("set ylabel \"heartbeat late, p99 (logarithmic)\"\nset logscale y 10\n", script);
        write_axis(script, figure->lateness, format_duration);
        write_panel(script, figure, "1:5:6:7", true);
    }
    fputs("unset multiplot\n", script);
}

int plot_mixed(const struct plot_source *source, FILE *script, FILE *data, char *title)
{
    struct mixed_points points;
    struct figure figure = {.points = &points,
                            .throughput = {INFINITY, 0},
                            .reached = {INFINITY, 0},
                            .lateness = {INFINITY, 0}};
    int height = 0;

    if (mixed_points_make(&points, source->run, source->mixed) < 0)
        return 0;
    if (points.count > 1) {
        find_series(&figure);
        write_data(&figure, data);
        snprintf(title, PLOT_TITLE_SIZE,
                 "Mixed work against its CPU share, %.0f requests at once: items per second, and "
                 "how late the loop is",
                 points.list[0].loop->of.concurrency);
        write_script(script, &figure, title);
        height = HEIGHT;
    }
    mixed_points_free(&points);
    return height;
}
