/* Memory of each sleeping task, by slope: one row for each kind, the least first. */
#include <math.h>
#include <stdlib.h>

#include "report/format.h"
#include "report/plot_rows.h"
#include "report/plots.h"
#include "report/slope.h"

static struct plot_row row_of(const struct run *run, size_t index, const struct slope *slope)
{
    const struct line_fit *fit = &slope->fit;
    bool known_interval =
        slope->concurrencies >= SLOPE_CONCURRENCIES_MIN && stats_has_interval(&fit->slope_interval);
    struct slope kernel;
    bool known = slope_of(run, &run->tasks, index, SLOPE_KERNEL, &kernel);
    struct plot_row row = {
        .low = NAN,
        .value = fit->slope,
        .min = known_interval ? fit->slope_interval.low : fit->slope,
        .max = known_interval ? fit->slope_interval.high : fit->slope,
        .extra = known ? fit->slope + kernel.fit.slope : NAN,
        .article = NAN,
        .ranked = true,
        .model = slope->cell->of.model,
    };

    snprintf(row.label, sizeof(row.label), "%.*s", (int)format_cut(slope->cell->of.lane, 32),
             slope->cell->of.lane);
    return row;
}

static int compare(const void *a, const void *b)
{
    double left = ((const struct plot_row *)a)->value, right = ((const struct plot_row *)b)->value;

    return (left > right) - (left < right);
}

int plot_task_bytes(const struct plot_source *source, FILE *script, FILE *data, char *title)
{
    const struct memory_cells *tasks = &source->run->tasks;
    struct plot_rows plot = {
        .name = "task-bytes",
        .axis = "memory of one more sleeping task (logarithmic)",
        .value_name = "PSS, with its 95 % interval",
        .extra_name = "with the kernel's share",
        .format = format_bytes,
        .rows = calloc(tasks->count + 1, sizeof(*plot.rows)),
    };
    struct slope slope;
    int height = 0;

    for (size_t i = 0; plot.rows != NULL && i < tasks->count; i++)
        if (slope_is_first_of_lane(tasks, i) &&
            slope_of(source->run, tasks, i, SLOPE_PSS, &slope) && slope.fit.slope > 0)
            plot.rows[plot.count++] = row_of(source->run, i, &slope);
    if (plot.count > 0) {
        qsort(plot.rows, plot.count, sizeof(*plot.rows), compare);
        snprintf(title, PLOT_TITLE_SIZE, "Memory of one more sleeping task, by kind");
        height = plot_rows_write(&plot, title, script, data);
    }
    free(plot.rows);
    return height;
}
