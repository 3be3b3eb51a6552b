/* Memory over time: the passes of the concurrency at which most lanes were watched, from the start
 * of the lane to its end, and below it the requests in flight. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "report/format.h"
#include "report/plots.h"

#define HEIGHT 760

struct curves {
    const json_t **timelines; /* by the index of the memory cell; NULL: none */
    double concurrency;
    const char *path; /* of what is drawn: that of the memory cgroup, where all have it */
    double high_bytes, end_s, in_flight;
};

/* RSS, summed, counts the pages that processes share once for each, which for a process pool is
 * most of it; the memory cgroup counts them once. */
static const char *const paths[] = {"cgroup_bytes", "rss_bytes"};

/* How many moments of it can be drawn. */
static size_t drawn(const json_t *timeline, const char *path)
{
    size_t count = 0, i;
    json_t *moment;

    json_array_foreach(timeline, i, moment)
    {
        count += isfinite(run_number(moment, "t_ns")) && run_number(moment, path) > 0;
    }
    return count;
}

/* The timeline of the first pass of a cell that counts and has one. */
static const json_t *timeline_of(const struct run *run, const struct memory_cell *cell,
                                 const char *path)
{
    size_t i;
    json_t *pass;

    json_array_foreach(run->memory, i, pass)
    {
        const json_t *timeline = json_at(pass, "samples");

        if (strcmp(json_text_at(pass, "cell", ""), cell->of.id) == 0 && run_pass_counts(pass) &&
            drawn(timeline, path) > 1)
            return timeline;
    }
    return NULL;
}

static size_t curves_at(const struct curves *curves, const struct run *run, double concurrency)
{
    size_t count = 0;

    for (size_t i = 0; i < run->memory_count; i++)
        count += curves->timelines[i] != NULL && run->memory_cells[i].of.concurrency == concurrency;
    return count;
}

/* Most lanes, then most requests in flight; NAN where no pass was watched. */
static double choose(const struct curves *curves, const struct run *run)
{
    double chosen = NAN;
    size_t most = 1;

    for (size_t i = 0; i < run->memory_count; i++) {
        double concurrency = run->memory_cells[i].of.concurrency;
        size_t count = curves_at(curves, run, concurrency);

        if (count < most || (count == most && concurrency < chosen))
            continue;
        most = count;
        chosen = concurrency;
    }
    return chosen;
}

static bool is_drawn(const struct curves *curves, const struct run *run, size_t index)
{
    return curves->timelines[index] != NULL &&
           run->memory_cells[index].of.concurrency == curves->concurrency;
}

static void write_data(struct curves *curves, const json_t *timeline, FILE *data)
{
    size_t i;
    json_t *moment;

    json_array_foreach(timeline, i, moment)
    {
        double time = run_number(moment, "t_ns") / 1e9, bytes = run_number(moment, curves->path);
        double in_flight = run_number(moment, "in_flight");

        if (!isfinite(time) || !(bytes > 0))
            continue;
        fprintf(data, "%.6g %.10g ", time, bytes);
        fprintf(data, isfinite(in_flight) ? "%.10g\n" : "NaN\n", in_flight);
        curves->end_s = fmax(curves->end_s, time);
        curves->high_bytes = fmax(curves->high_bytes, bytes);
        curves->in_flight = fmax(curves->in_flight, isfinite(in_flight) ? in_flight : 0);
    }
    fputs("\n\n", data);
}

/* One panel: a curve for each lane from the column of the data. */
static void write_panel(const struct curves *curves, const struct run *run, int column,
                        FILE *script)
{
    int index = 0;

    for (size_t i = 0; i < run->memory_count; i++) {
        const struct workload_cell *cell = &run->memory_cells[i].of;
        char label[LABEL_SIZE];

        if (!is_drawn(curves, run, i))
            continue;
        fprintf(script,
                "%s 'memory-time.dat' index %d using 1:%d with lines lw 2.5 lc rgb \"#%06X\" "
                "title \"",
                index > 0 ? ", \\\n    " : "plot", index, column, cell->model->colour);
        plot_text(script, group_cell_label(cell, label));
        fputs("\"", script);
        index++;
    }
    fputs("\n", script);
}

static size_t count_curves(const struct curves *curves, const struct run *run)
{
    size_t count = 0;

    for (size_t i = 0; i < run->memory_count; i++)
        count += is_drawn(curves, run, i);
    return count;
}

static void write_script(const struct curves *curves, const struct run *run, const char *title,
                         FILE *script)
{
    double step = curves->high_bytes / 5, unit = pow(10, floor(log10(step))), room;

    /* The key stands above the curves, two names in a row. */
    room =
        fmax(1.25, 1 / (1 - fmin(0.7, 0.02 + 0.085 * ceil((double)count_curves(curves, run) / 2))));
    step = ceil(step / unit) * unit;
    fputs("set multiplot layout 2,1 title \"", script);
    plot_text(script, title);
    fputs("\\n\" margins 0.13,0.97,0.1,0.9 spacing 0.1,0.09\n", script);
    fprintf(script, "set xrange [0:%.10g]\nset yrange [0:%.10g]\nset ytics (", curves->end_s * 1.02,
            curves->high_bytes * room);
    for (int i = 0; i * step <= curves->high_bytes * room; i++) {
        fprintf(script, "%s\"", i > 0 ? ", " : "");
        format_short(script, i * step, format_bytes);
        fprintf(script, "\" %.10g", i * step);
    }
    fputs(")\nunset xlabel\nset ylabel \"memory\" offset 1,0\n"
          "set key top center horizontal Left reverse samplen 2 "
          "textcolor rgb \"#222222\"\n",
          script);
    write_panel(curves, run, 2, script);
    fprintf(script,
            "unset key\nset yrange [0:%.10g]\nset ytics autofreq\nset ylabel \"in flight\" "
            "offset 1,0\nset xlabel \"time since the lane was started (s)\" offset 0,0.5\n",
            fmax(1, curves->in_flight) * 1.15);
    write_panel(curves, run, 3, script);
    fputs("unset multiplot\n", script);
}

/* Finds the timelines that have figures at `path`, and the concurrency to draw. Returns how many
 * curves that gives. */
static size_t find(struct curves *curves, const struct run *run, const char *path)
{
    curves->path = path;
    for (size_t i = 0; i < run->memory_count; i++)
        curves->timelines[i] = timeline_of(run, &run->memory_cells[i], path);
    curves->concurrency = choose(curves, run);
    return isfinite(curves->concurrency) ? curves_at(curves, run, curves->concurrency) : 0;
}

static void write_title(const struct curves *curves, char *title)
{
    char count[LABEL_SIZE] = "";
    FILE *stream = fmemopen(count, sizeof(count) - 1, "w");

    if (stream != NULL) {
        format_count(stream, curves->concurrency);
        fclose(stream);
    }
    snprintf(title, PLOT_TITLE_SIZE, "Memory over time with up to %s requests in flight (%s)",
             count, curves->path == paths[0] ? "memory cgroup, kernel included" : "RSS, summed");
}

int plot_memory_time(const struct plot_source *source, FILE *script, FILE *data, char *title)
{
    const struct run *run = source->run;
    struct curves curves = {.timelines = calloc(run->memory_count + 1, sizeof(*curves.timelines))};
    size_t count;

    if (curves.timelines == NULL)
        return 0;
    count = find(&curves, run, paths[1]);
    if (find(&curves, run, paths[0]) < count)
        count = find(&curves, run, paths[1]);
    if (count > 0) {
        write_title(&curves, title);
        fputs("# s since the start of the lane, bytes, requests in flight; a block for each lane\n",
              data);
        for (size_t i = 0; i < run->memory_count; i++)
            if (is_drawn(&curves, run, i))
                write_data(&curves, curves.timelines[i], data);
        write_script(&curves, run, title, script);
    }
    free(curves.timelines);
    return count > 0 && curves.end_s > 0 ? HEIGHT : 0;
}
