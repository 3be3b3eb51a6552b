#include "report/twins_section.h"

#include <math.h>

#include "report/comparison.h"
#include "report/explanation.h"
#include "report/format.h"
#include "report/groups.h"
#include "report/markdown.h"
#include "report/memory_figures.h"
#include "report/outcomes.h"
#include "report/table_parts.h"
#include "report/twins.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* The model stands in the first of its rows only. */
static void write_lane(FILE *out, const struct twins *twins, size_t index)
{
    const struct workload_cell *cell = twins->list[index];
    char label[LABEL_SIZE];

    fputs("| ", out);
    if (twins_begins_model(twins, index))
        fputs(cell->follows != NULL ? cell->follows->name : "another model", out);
    fputs(" | ", out);
    markdown_text(out, twins_label(cell, label));
    fputs(" | ", out);
}

static void write_ratio(FILE *out, const struct comparison *comparison, const char *verdict)
{
    fputs(" | ", out);
    comparison_format(out, comparison);
    fprintf(out, "%s%s | ", isfinite(comparison->ratio.ratio) ? ", " : "",
            isfinite(comparison->ratio.ratio) ? verdict : "");
}

/* The row of the C lane itself has no ratio; nor has one that does not count, or whose C does not.
 */
static void write_wall_ratio(FILE *out, const struct run *run, const struct cell *cell,
                             const struct workload_cell *original)
{
    const struct cell *c = (const struct cell *)original;
    struct comparison comparison;

    if (c == NULL || !group_is_ranked(cell) || !group_is_ranked(c)) {
        fprintf(out, " | %s | ", cell->of.language == language_of(NULL) ? "" : FORMAT_UNKNOWN);
        return;
    }
    comparison = comparison_wall(run, cell, c);
    write_ratio(out, &comparison, comparison_wall_verdict(&comparison));
}

static void wall_row(FILE *out, const struct run *run, const struct twins *twins, size_t index)
{
    const struct cell *cell = (const struct cell *)twins->list[index];
    bool known = cell->wall_ns.count > 0;

    write_lane(out, twins, index);
    format_count(out, table_asked(&cell->of));
    fputs(" | ", out);
    table_valid(out, &cell->of, cell->wall_ns.outliers);
    fprintf(out, " | %s", cell->ranked ? "**" : "");
    table_median(out, &cell->wall_ns, format_duration);
    fputs(cell->ranked ? "**" : known ? " (not ranked)" : "", out);
    if (cell->wall_ns.count > 1) {
        fputc(' ', out);
        table_spread(out, &cell->wall_ns, 0, format_duration);
    }
    write_wall_ratio(out, run, cell, twins_original(twins, index));
    table_median(out, &cell->start_ns, format_duration);
    fputs(" | ", out);
    table_median(out, &cell->cpu_ns, format_duration);
    fputs(" | ", out);
    format_duration(out, cell->cpu_ns.count > 0 ? cell->cpu_ns.median / cell->of.requests : NAN);
    fputs(" | ", out);
    table_median(out, &cell->rss_bytes, format_bytes);
    fputs(" | ", out);
    table_median(out, &cell->in_flight_peak, format_count);
    fputs(" | ", out);
    outcomes_write(out, run, &cell->of);
    fputs(" |\n", out);
}

static void write_heading(FILE *out, const struct workload_cell *cell)
{
    char label[LABEL_SIZE];

    fprintf(out, "### %s, by language\n\n", twins_work_label(cell, label));
}

static void write_skipped(FILE *out, const struct twins *twins, size_t start, size_t end)
{
    bool any = false;
    char label[LABEL_SIZE];

    for (size_t i = start; i < end; i++) {
        const struct workload_cell *cell = twins->list[i];
        const char *why = cell->skipped != NULL ? cell->skipped : cell->problem;

        if (why == NULL || cell->valid > 0)
            continue;
        fputs(any ? "- " : "\n- ", out);
        any = true;
        markdown_text(out, twins_label(cell, label));
        fputs(", ", out);
        format_count(out, table_asked(cell));
        fputs(cell->skipped != NULL ? " at once, was left out: " : " at once, does not count: ",
              out);
        markdown_text(out, why);
        fputc('\n', out);
    }
}

typedef void row_writer(FILE *out, const struct run *run, const struct twins *twins, size_t index);

/* The rows of the work that begins at `start`. Returns where it ends. */
static size_t write_rows(FILE *out, const struct run *run, const struct twins *twins, size_t start,
                         row_writer *write)
{
    size_t end = start;

    do
        write(out, run, twins, end++);
    while (end < twins->count && !twins_begins_work(twins, end));
    write_skipped(out, twins, start, end);
    fputc('\n', out);
    return end;
}

static void write_walls(FILE *out, const struct run *run)
{
    static const char *const names[] = {"Model",
                                        "Lane (language)",
                                        "At once>",
                                        "Valid>",
                                        "Wall, median and 95 % [interval] or min … max>",
                                        "Times that of C, verdict>",
                                        "Start, imports, exit>",
                                        "CPU time>",
                                        "for each>",
                                        "Max RSS>",
                                        "Seen in flight>",
                                        "Failures"};
    struct twins twins;
    size_t end;

    if (twins_of_cells(&twins, run) < 0)
        return;
    for (size_t start = 0; start < twins.count; start = end) {
        write_heading(out, twins.list[start]);
        markdown_table_head(out, names, COUNT_OF(names));
        end = write_rows(out, run, &twins, start, wall_row);
    }
    twins_free(&twins);
}

static void write_memory_ratio(FILE *out, const struct run *run, const struct memory_cell *cell,
                               const struct workload_cell *original)
{
    const struct memory_cell *c = (const struct memory_cell *)original;
    struct comparison comparison;

    if (c == NULL || !cell->ranked || !c->ranked) {
        fprintf(out, " | %s | ", cell->of.language == language_of(NULL) ? "" : FORMAT_UNKNOWN);
        return;
    }
    comparison = comparison_pss(run, cell, c);
    write_ratio(out, &comparison, ratio_size_verdict(comparison.ratio.difference));
}

static void memory_row(FILE *out, const struct run *run, const struct twins *twins, size_t index)
{
    const struct memory_cell *cell = (const struct memory_cell *)twins->list[index];
    struct memory_figures figures = memory_figures_of(run, cell);

    write_lane(out, twins, index);
    format_count(out, table_asked(&cell->of));
    fputs(" / ", out);
    table_median(out, &cell->in_flight, format_count);
    fprintf(out, " | %s", cell->ranked ? "**" : "");
    table_median(out, &cell->pss_bytes, format_bytes);
    fprintf(out, "%s", cell->ranked ? "**" : cell->pss_bytes.count > 0 ? " (not ranked)" : "");
    write_memory_ratio(out, run, cell, twins_original(twins, index));
    format_bytes(out, figures.base_bytes);
    fputs(" | ", out);
    format_bytes(out, figures.per_request_bytes);
    fputs(" | ", out);
    table_median(out, &cell->rss_bytes, format_bytes);
    fputs(" | ", out);
    table_median(out, &cell->virtual_bytes, format_bytes);
    fputs(" | ", out);
    table_median(out, &cell->kernel_bytes, format_bytes);
    fputs(" | ", out);
    table_median(out, &cell->processes, format_count);
    fputs(" | ", out);
    table_median(out, &cell->threads, format_count);
    fputs(" |\n", out);
}

static void write_memory(FILE *out, const struct run *run, const struct plots *plots)
{
    static const char *const names[] = {"Model",
                                        "Lane (language)",
                                        "In flight: asked / confirmed>",
                                        "PSS>",
                                        "Times that of C, verdict>",
                                        "Base: one request>",
                                        "Each further request>",
                                        "RSS, sum>",
                                        "Virtual>",
                                        "Kernel>",
                                        "Processes>",
                                        "Threads>"};
    struct twins twins;
    size_t end;

    if (twins_of_memory(&twins, run) < 0)
        return;
    for (size_t start = 0; start < twins.count; start = end) {
        fputs("### Memory with ", out);
        format_count(out, table_asked(twins.list[start]));
        fputs(" requests in flight, by language\n\n", out);
        if (start == 0)
            plots_show(out, plots, "twins-memory");
        markdown_table_head(out, names, COUNT_OF(names));
        end = write_rows(out, run, &twins, start, memory_row);
    }
    twins_free(&twins);
}

void twins_section_write(FILE *out, const struct plot_source *source, const struct plots *plots)
{
    const struct run *run = source->run;

    if (!twins_in(run))
        return;
    fputs(
        "## C and its twins\n\n"
        "The same workload against the same server, written in other languages with the libraries "
        "that people use there. Each row is held against the C lane that follows the same model "
        "with as many at once, round by round. Compared are whole processes: \"start, imports, "
        "exit\" is what lies before and after the lane's own measurement, an interpreter's start "
        "included. \"For each\" is the CPU time divided by the requests or items. What failed is "
        "shown, with its outcomes, and not ranked.\n\n",
        out);
    plots_show(out, plots, "twins");
    write_walls(out, run);
    write_memory(out, run, plots);
    explanations_write(out, source->claims, run);
}
