/* Memory against concurrency, for lanes that were measured at several. */
#include <math.h>
#include <string.h>

#include "report/format.h"
#include "report/plots.h"

#define HEIGHT            640
#define CONCURRENCIES_MIN 3 /* of one lane at least: two points are no curve */

static bool is_drawn(const struct memory_cell *cell)
{
    return cell->ranked && cell->of.concurrency >= 1 && cell->pss_bytes.count > 0 &&
           cell->pss_bytes.min > 0;
}

/* The cell of a lane with the least concurrency above `above`, or NULL. */
static const struct memory_cell *next_of(const struct memory_cells *cells, const char *lane,
                                         double above)
{
    const struct memory_cell *next = NULL;

    for (size_t i = 0; i < cells->count; i++) {
        const struct memory_cell *cell = &cells->list[i];

        if (is_drawn(cell) && strcmp(cell->of.lane, lane) == 0 && cell->of.concurrency > above &&
            (next == NULL || cell->of.concurrency < next->of.concurrency))
            next = cell;
    }
    return next;
}

static size_t concurrencies(const struct memory_cells *cells, const char *lane)
{
    const struct memory_cell *cell = next_of(cells, lane, 0);
    size_t count = 0;

    for (; cell != NULL; cell = next_of(cells, lane, cell->of.concurrency))
        count++;
    return count;
}

static bool is_first_of_lane(const struct memory_cells *cells, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(cells->list[i].of.lane, cells->list[index].of.lane) == 0)
            return false;
    return concurrencies(cells, cells->list[index].of.lane) > 0;
}

static size_t count_lanes(const struct memory_cells *cells)
{
    size_t count = 0;

    for (size_t i = 0; i < cells->count; i++)
        count += is_first_of_lane(cells, i);
    return count;
}

static size_t most_concurrencies(const struct memory_cells *cells)
{
    size_t most = 0;

    for (size_t i = 0; i < cells->count; i++) {
        size_t count = concurrencies(cells, cells->list[i].of.lane);

        most = count > most ? count : most;
    }
    return most;
}

static void write_axes(FILE *script, const struct memory_cells *cells, const char *what)
{
    double low = INFINITY, high = 0, least = INFINITY, most = 1;

    for (size_t i = 0; i < cells->count; i++) {
        const struct memory_cell *cell = &cells->list[i];

        if (!is_drawn(cell))
            continue;
        low = fmin(low, cell->pss_bytes.min);
        high = fmax(high, cell->pss_bytes.max);
        if (cell->kernel_bytes.count > 0)
            high = fmax(high, cell->pss_bytes.median + cell->kernel_bytes.median);
        least = fmin(least, cell->of.concurrency);
        most = fmax(most, cell->of.concurrency);
    }
    plot_concurrency_axes(script, least, most, low / 1.6, high * 1.6, format_bytes);
    fprintf(script, "set xlabel \"%s (logarithmic)\"\n", what);
    fputs("set ylabel \"memory of the whole process tree (logarithmic)\"\n", script);
}

/* One block of data for each lane. */
static void write_lane(FILE *data, const struct memory_cells *cells, const char *lane)
{
    const struct memory_cell *cell = next_of(cells, lane, 0);

    for (; cell != NULL; cell = next_of(cells, lane, cell->of.concurrency)) {
        const struct stats_summary *pss = &cell->pss_bytes;

        fprintf(data, "%.10g %.10g %.10g %.10g ", cell->of.concurrency, pss->median, pss->min,
                pss->max);
        if (cell->kernel_bytes.count > 0)
            fprintf(data, "%.10g\n", pss->median + cell->kernel_bytes.median);
        else
            fputs("NaN\n", data);
    }
    fputs("\n\n", data);
}

static void write_curves(FILE *script, FILE *data, const struct memory_cells *cells,
                         const char *name)
{
    int index = 0;

    fputs("# concurrency, PSS in bytes: median, min, max; PSS and kernel; a block for each lane\n",
          data);
    for (size_t i = 0; i < cells->count; i++) {
        const struct workload_cell *cell = &cells->list[i].of;

        if (!is_first_of_lane(cells, i))
            continue;
        write_lane(data, cells, cell->lane);
        fprintf(script,
                "%s '%s.dat' index %d using 1:2:3:4 with yerrorlines lw 2.5 pt %d "
                "ps 1.8*scale lc rgb \"#%06X\" title \"",
                index > 0 ? ", \\\n    " : "plot", name, index, cell->model->point,
                cell->model->colour);
        plot_text(script, group_lane_name(cell));
        fprintf(script,
                "\", \\\n     '' index %d using 1:5 with lines lw 2 dt 2 lc rgb \"#%06X\" "
                "notitle",
                index, cell->model->colour);
        index++;
    }
    fputs("\n", script);
}

/* Returns the height of the picture, 0 where no lane has a curve. */
static int draw(const struct memory_cells *cells, const char *name, const char *what,
                const char *title, FILE *script, FILE *data)
{
    int height = HEIGHT;

    if (most_concurrencies(cells) < CONCURRENCIES_MIN)
        return 0;
    fputs("set title \"", script);
    plot_text(script, title);
    fputs("\" offset 0,0.4\n", script);
    write_axes(script, cells, what);
    height += plot_key(script, count_lanes(cells), "top left");
    write_curves(script, data, cells, name);
    return height;
}

int plot_memory_concurrency(const struct plot_source *source, FILE *script, FILE *data, char *title)
{
    const struct memory_cells cells = {source->run->memory_cells, source->run->memory_count};

    snprintf(title, PLOT_TITLE_SIZE,
             "Memory (PSS) against requests in flight; dashed: with what the kernel holds");
    return draw(&cells, "memory-concurrency", "requests in flight at once", title, script, data);
}

int plot_tasks(const struct plot_source *source, FILE *script, FILE *data, char *title)
{
    snprintf(title, PLOT_TITLE_SIZE,
             "Memory (PSS) against sleeping tasks; dashed: with what the kernel holds");
    return draw(&source->run->tasks, "tasks", "tasks that sleep at once", title, script, data);
}
