/* A sweep: wall time against concurrency where the requests grow with it, and below it the time
 * above the floor. */
#include <math.h>
#include <string.h>

#include "report/format.h"
#include "report/plots.h"

#define HEIGHT            1000
#define CONCURRENCIES_MIN 3

/* A logarithmic axis has no place for 0. */
static bool is_drawn(const struct cell *cell, double latency_ns)
{
    return cell->of.computing.work == WORK_IO && cell->of.latency_ns == latency_ns &&
           group_is_ranked(cell) && cell->of.concurrency >= 1 && cell->wall_ns.min > 0 &&
           cell->floor_ns > 0;
}

/* The cell of a lane with the least concurrency above `above`, or NULL. */
static const struct cell *next_of(const struct run *run, double latency_ns, const char *lane,
                                  double above)
{
    const struct cell *next = NULL;

    for (size_t i = 0; i < run->cell_count; i++) {
        const struct cell *cell = &run->cells[i];

        if (is_drawn(cell, latency_ns) && strcmp(cell->of.lane, lane) == 0 &&
            cell->of.concurrency > above &&
            (next == NULL || cell->of.concurrency < next->of.concurrency))
            next = cell;
    }
    return next;
}

static bool is_first_of_lane(const struct run *run, double latency_ns, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (is_drawn(&run->cells[i], latency_ns) &&
            strcmp(run->cells[i].of.lane, run->cells[index].of.lane) == 0)
            return false;
    return is_drawn(&run->cells[index], latency_ns);
}

static size_t concurrencies(const struct run *run, double latency_ns, const char *lane)
{
    const struct cell *cell = next_of(run, latency_ns, lane, 0);
    size_t count = 0;

    for (; cell != NULL; cell = next_of(run, latency_ns, lane, cell->of.concurrency))
        count++;
    return count;
}

/* Whether a latency's cells are a sweep: each lane has one cell at each concurrency, one lane has
 * several, and not all have the same requests (those plot_concurrency() draws). */
static bool is_sweep(const struct run *run, double latency_ns)
{
    const struct cell *first = NULL;
    bool several = false, requests_differ = false;

    for (size_t i = 0; i < run->cell_count; i++) {
        const struct cell *cell = &run->cells[i];

        if (!is_drawn(cell, latency_ns))
            continue;
        first = first != NULL ? first : cell;
        requests_differ = requests_differ || cell->of.requests != first->of.requests;
        several = several || concurrencies(run, latency_ns, cell->of.lane) >= CONCURRENCIES_MIN;
        if (next_of(run, latency_ns, cell->of.lane, cell->of.concurrency * 0.999) != cell)
            return false;
    }
    return several && requests_differ;
}

static double choose(const struct run *run)
{
    for (size_t i = 0; i < run->cell_count; i++)
        if (is_sweep(run, run->cells[i].of.latency_ns))
            return run->cells[i].of.latency_ns;
    return NAN;
}

/* One block of data for each lane. */
static void write_data(FILE *data, const struct run *run, double latency_ns, const char *lane)
{
    const struct cell *cell = next_of(run, latency_ns, lane, 0);

    for (; cell != NULL; cell = next_of(run, latency_ns, lane, cell->of.concurrency)) {
        const struct stats_summary *wall = &cell->wall_ns;

        fprintf(data, "%.10g %.10g %.10g %.10g %.10g %.10g\n", cell->of.concurrency, wall->median,
                wall->min, wall->max, cell->floor_ns, cell->of.requests);
    }
    fputs("\n\n", data);
}

struct axes {
    double least, most;                            /* concurrency */
    double low, high, overhead_low, overhead_high; /* ns */
};

static struct axes axes_of(const struct run *run, double latency_ns)
{
    struct axes axes = {INFINITY, 1, INFINITY, 0, INFINITY, 0};

    for (size_t i = 0; i < run->cell_count; i++) {
        const struct cell *cell = &run->cells[i];
        double least = cell->wall_ns.min - cell->floor_ns;

        if (!is_drawn(cell, latency_ns))
            continue;
        axes.least = fmin(axes.least, cell->of.concurrency);
        axes.most = fmax(axes.most, cell->of.concurrency);
        axes.low = fmin(axes.low, fmin(cell->floor_ns, cell->wall_ns.min));
        axes.high = fmax(axes.high, cell->wall_ns.max);
        axes.overhead_low = fmin(axes.overhead_low, least > 0 ? least : INFINITY);
        axes.overhead_high = fmax(axes.overhead_high, cell->wall_ns.max - cell->floor_ns);
    }
    return axes;
}

/* One panel: a curve for each lane, by `columns` of the data. */
static void write_panel(FILE *script, const struct run *run, double latency_ns, const char *columns,
                        bool with_floor)
{
    int index = 0;

    for (size_t i = 0; i < run->cell_count; i++) {
        const struct workload_cell *cell = &run->cells[i].of;

        if (!is_first_of_lane(run, latency_ns, i))
            continue;
        fprintf(script,
                "%s 'sweep.dat' index %d using %s with yerrorlines lw 2.5 pt %d ps 1.8*scale "
                "lc rgb \"#%06X\" title \"",
                index > 0 ? ", \\\n    " : "plot", index, columns, cell->model->point,
                cell->model->colour);
        plot_text(script, group_lane_name(cell));
        fputs("\"", script);
        if (with_floor)
            fprintf(script,
                    ", \\\n     '' index %d using 1:5 with lines lw 2 dt 2 lc rgb \"#777777\" %s",
                    index, index == 0 ? "title \"floor: the least time possible\"" : "notitle");
        index++;
    }
    fputs("\n", script);
}

static size_t count_lanes(const struct run *run, double latency_ns)
{
    size_t count = 0;

    for (size_t i = 0; i < run->cell_count; i++)
        count += is_first_of_lane(run, latency_ns, i);
    return count;
}

/* Returns the height of the picture. */
static int write_script(FILE *script, const struct run *run, double latency_ns, const char *title)
{
    struct axes axes = axes_of(run, latency_ns);
    int below = plot_key_below_panels(script, count_lanes(run, latency_ns) + 1, HEIGHT,
                                      "top left Left reverse samplen 2 textcolor rgb \"#222222\"");
    double height = HEIGHT + below;

    fputs("set multiplot layout 2,1 title \"", script);
    plot_text(script, title);
    fprintf(script, "\\n\" margins 0.13,0.97,%.4f,%.4f spacing 0.1,0.07\n",
            (0.09 * HEIGHT + below) / height, 1 - 0.09 * HEIGHT / height);
    plot_concurrency_axes(script, axes.least, axes.most, axes.low / 1.6, axes.high * 3,
                          format_duration);
    fputs("unset xlabel\nset ylabel \"wall time (logarithmic)\"\n", script);
    write_panel(script, run, latency_ns, "1:2:3:4", true);
    fprintf(script, "unset key\nset yrange [%.10g:%.10g]\n", axes.overhead_low / 1.6,
            axes.overhead_high * 1.6);
    plot_log_tics(script, "y", axes.overhead_low / 1.6, axes.overhead_high * 1.6, format_duration);
    fputs("set xlabel \"most requests in flight at once, as asked (logarithmic)\"\n"
          "set ylabel \"above the floor (logarithmic)\"\n",
          script);
    write_panel(script, run, latency_ns, "1:($2-$5):($3-$5):($4-$5)", false);
    fputs("unset multiplot\n", script);
    return (int)height;
}

int plot_sweep(const struct plot_source *source, FILE *script, FILE *data, char *title)
{
    const struct run *run = source->run;
    double latency_ns = choose(run);
    char latency[LABEL_SIZE] = "";
    FILE *stream = isfinite(latency_ns) ? fmemopen(latency, sizeof(latency) - 1, "w") : NULL;

    if (stream == NULL)
        return 0;
    format_short(stream, latency_ns, format_duration);
    fclose(stream);
    if (!(axes_of(run, latency_ns).overhead_high > 0))
        return 0;
    snprintf(title, PLOT_TITLE_SIZE,
             "Wall time against concurrency, with requests that grow with it (%s each)", latency);
    fputs("# concurrency, wall time in ns: median, min, max; floor; requests; a block for each "
          "lane\n",
          data);
    for (size_t i = 0; i < run->cell_count; i++)
        if (is_first_of_lane(run, latency_ns, i))
            write_data(data, run, latency_ns, run->cells[i].of.lane);
    return write_script(script, run, latency_ns, title);
}
