/* Tables of memory: what each lane holds, by both methods, and what one more request costs. */
#include <math.h>

#include "report/format.h"
#include "report/markdown.h"
#include "report/memory_figures.h"
#include "report/slope.h"
#include "report/table_parts.h"
#include "report/tables.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static void write_in_flight(FILE *out, const struct memory_cell *cell)
{
    format_count(out, table_asked(&cell->of));
    fputs(" / ", out);
    table_median(out, &cell->in_flight, format_count);
}

static void memory_row(FILE *out, const struct run *run, const struct memory_cell *cell)
{
    struct memory_figures figures = memory_figures_of(run, cell);
    const double sizes[] = {figures.base_bytes, figures.increase_bytes, figures.per_request_bytes,
                            figures.kernel_bytes, figures.virtual_bytes};

    fputs("| ", out);
    table_label(out, &cell->of);
    fputs(" | ", out);
    table_valid(out, &cell->of, cell->pss_bytes.outliers);
    fputs(" | ", out);
    write_in_flight(out, cell);
    fprintf(out, " | %s", cell->ranked ? "**" : "");
    table_median(out, &cell->pss_bytes, format_bytes);
    fprintf(out, "%s | ", cell->ranked ? "**" : cell->pss_bytes.count > 0 ? " (not ranked)" : "");
    if (cell->pss_bytes.count > 1)
        table_spread(out, &cell->pss_bytes, 0, format_bytes);
    else
        fputs(FORMAT_UNKNOWN, out);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        fputs(" | ", out);
        format_bytes(out, sizes[i]);
    }
    fputs(" | ", out);
    table_median(out, &cell->processes, format_count);
    fputs(" | ", out);
    table_median(out, &cell->threads, format_count);
    fputs(" |\n", out);
}

void table_memory(FILE *out, const struct run *run)
{
    static const char *const names[] = {
        "Model (lane)",
        "Valid>",
        "In flight: asked / confirmed>",
        "PSS>",
        "95 % [interval] or min … max>",
        "Base: one request>",
        "Increase: heap and stacks>",
        "Each further request>",
        "Kernel>",
        "Virtual>",
        "Processes>",
        "Threads>",
    };

    if (run->memory_count == 0) {
        fputs("The plan has no memory passes.\n", out);
        return;
    }
    markdown_table_head(out, names, COUNT_OF(names));
    for (size_t i = 0; i < run->memory_count; i++)
        memory_row(out, run, &run->memory_cells[i]);
}

static void write_difference(FILE *out, const struct methods_difference *difference)
{
    fputs(" | ", out);
    format_change(out, difference->share);
    fputs(difference->marked ? " ⚠" : "", out);
}

static void methods_row(FILE *out, const struct run *run, const struct memory_cell *cell)
{
    struct memory_figures figures = memory_figures_of(run, cell);
    const struct stats_summary *sizes[] = {&cell->kernel_bytes, &cell->cgroup_peak_bytes,
                                           &cell->page_table_bytes, &cell->rss_bytes,
                                           &cell->hwm_bytes};

    fputs("| ", out);
    table_label(out, &cell->of);
    fputs(" | ", out);
    write_in_flight(out, cell);
    fputs(" | ", out);
    table_median(out, &cell->pss_anon_bytes, format_bytes);
    fputs(" | ", out);
    table_median(out, &cell->cgroup_anon_bytes, format_bytes);
    write_difference(out, &figures.anonymous);
    fputs(" | ", out);
    table_median(out, &cell->pss_bytes, format_bytes);
    fputs(" | ", out);
    table_median(out, &cell->cgroup_user_bytes, format_bytes);
    write_difference(out, &figures.all);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        fputs(" | ", out);
        table_median(out, sizes[i], format_bytes);
    }
    fputs(" |\n", out);
}

void table_methods(FILE *out, const struct run *run)
{
    static const char *const names[] = {
        "Model (lane)",
        "In flight: asked / confirmed>",
        "Heap and stacks: PSS>",
        "memory cgroup>",
        "Difference>",
        "All: PSS>",
        "memory cgroup without kernel>",
        "Difference>",
        "Kernel>",
        "Memory cgroup, peak>",
        "Page tables>",
        "RSS, sum>",
        "RSS, highest>",
    };

    markdown_table_head(out, names, COUNT_OF(names));
    for (size_t i = 0; i < run->memory_count; i++)
        methods_row(out, run, &run->memory_cells[i]);
}

struct slopes_table {
    FILE *out;
    size_t rows;
};

static void slope_row(void *context, const struct slope *slope)
{
    static const char *const names[] = {"Model (lane)",   "What",
                                        "Concurrencies>", "Passes>",
                                        "Base (fitted)>", "Slope: bytes per request in flight>",
                                        "95 % interval>", "R²>"};
    struct slopes_table *table = context;
    FILE *out = table->out;

    if (table->rows++ == 0)
        markdown_table_head(out, names, COUNT_OF(names));
    fputs("| ", out);
    markdown_text(out, group_lane_name(&slope->cell->of));
    fputs(" (", out);
    markdown_text(out, slope->cell->of.lane);
    fprintf(out, ") | %s | %zu | %zu | ", slope->what, slope->concurrencies, slope->fit.count);
    format_bytes(out, slope->fit.intercept);
    fputs(" | ", out);
    format_bytes(out, slope->fit.slope);
    fputs(" | [", out);
    format_bytes(out, slope->fit.slope_interval.low);
    fputs(", ", out);
    format_bytes(out, slope->fit.slope_interval.high);
    fprintf(out, "] | %.4f |\n", slope->fit.r_squared);
}

size_t table_slopes(FILE *out, const struct run *run)
{
    struct slopes_table table = {out, 0};
    const struct memory_cells cells = {run->memory_cells, run->memory_count};

    slope_each(run, &cells, slope_row, &table);
    return table.rows;
}
