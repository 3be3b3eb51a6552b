#include "report/computing_section.h"

#include <math.h>

#include "common/json.h"
#include "report/format.h"
#include "report/markdown.h"
#include "report/mixed.h"
#include "report/series.h"
#include "report/speed_up.h"
#include "report/tables.h"

/* A machine that is slow while it calibrates makes items too small. No correct lane can be faster
 * than a floor; where one is, that was so. */
static void write_cells_below_floor(FILE *out, const struct run *run)
{
    size_t below = 0;

    for (size_t i = 0; i < run->cell_count; i++)
        below += run->cells[i].ranked && run->cells[i].of.computing.cpu_ns > 0 &&
                 run->cells[i].wall_ns.min < run->cells[i].floor_ns;
    if (below > 0)
        fprintf(out,
                "In %zu of the cells that compute, an execution took less than its floor: the "
                "machine computed faster then than while it calibrated. Comparisons stand, since "
                "all compute the same rounds; these floors are too high.\n\n",
                below);
}

/* What an item is, from the calibrations of the run. */
static void write_calibrations(FILE *out, const struct run *run)
{
    static const char *const names[] = {"CPU time of an item>", "Rounds>", "Bytes hashed in each>",
                                        "Time of an item when checked>"};
    const json_t *calibrations = json_at(run->run, "calibrations");
    size_t i;
    json_t *calibration;

    if (json_array_size(calibrations) == 0)
        return;
    fputs(
        "### An item\n\nAn item is a chain of SHA-256, each hash of the one before, with a result "
        "that is verified. Its rounds were calibrated at the start of the run and are the same "
        "for every model.\n\n",
        out);
    markdown_table_head(out, names, sizeof(names) / sizeof(names[0]));
    json_array_foreach(calibrations, i, calibration)
    {
        fputs("| ", out);
        format_short(out, run_number(calibration, "cpu_ns"), format_duration);
        fputs(" | ", out);
        format_count(out, run_number(calibration, "rounds"));
        fputs(" | ", out);
        format_count(out, run_number(calibration, "block_bytes"));
        fputs(" | ", out);
        format_duration(out, run_number(calibration, "measured_ns"));
        fputs(" |\n", out);
    }
    fputc('\n', out);
    write_cells_below_floor(out, run);
}

void computing_section_write_cpu(FILE *out, const struct plot_source *source,
                                 const struct plots *plots)
{
    char label[LABEL_SIZE];

    if (source->cpu->count == 0)
        return;
    fputs("## Work for the CPU\n\n", out);
    plots_show(out, plots, "speed-up");
    for (size_t i = 0; i < source->cpu->count; i++) {
        fprintf(out, "### %s\n\n", group_label(&source->cpu->list[i], label));
        table_cpu(out, source->run, &source->cpu->list[i]);
        fputc('\n', out);
    }
    fputs("**Speed-up** is the wall time of the sequential lane divided by that of the model, the "
          "median of the ratios within each round, with its 95 % interval. **Workers** may compute "
          "at the same time; **efficiency** is the speed-up for each of them. **Floor** is the "
          "CPU time of all items on all cores that there are workers for. With the **simulated "
          "GIL** one thread computes at a time and hands over every 5 ms, as in CPython.\n\n",
          out);
    write_calibrations(out, source->run);
}

static bool is_first_of_series(const struct group *group, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (series_is_same(&group->cells[i]->of, &group->cells[index]->of))
            return false;
    return true;
}

/* "2 threads 1.96 times as fast, 2 processes 1.94": each way at its fastest. */
static void answer_group(FILE *out, const struct run *run, const struct group *group)
{
    char label[LABEL_SIZE];
    size_t written = 0, too_few = 0;

    for (size_t i = 0; i < group->count && group_is_ranked(group->cells[i]); i++) {
        struct speed_up speed_up = speed_up_of(run, group, group->cells[i]);

        if (!is_first_of_series(group, i) || !isfinite(speed_up.times.ratio.ratio) ||
            speed_up.base == group->cells[i])
            continue;
        if (written++ == 0)
            fprintf(out, "- **%s,** against one after another: ", group_label(group, label));
        else
            fputs("; ", out);
        markdown_text(out, group_cell_label(&group->cells[i]->of, label));
        fputc(' ', out);
        format_ratio(out, speed_up.times.ratio.ratio);
        fputs(written == 1 ? " times as fast" : "", out);
        if (speed_up.times.ratio.difference == DIFFERENCE_UNCLEAR)
            fputs(" (no clear difference)", out);
        too_few += speed_up.times.ratio.difference == DIFFERENCE_TOO_FEW;
    }
    fputs(too_few > 0 ? " (too few rounds for a verdict)" : "", out);
    fputs(written > 0 ? ".\n" : "", out);
}

/* Returns whether there was anything to write. */
static bool write_points(FILE *out, const struct plot_source *source, const char *head)
{
    struct mixed_points points;
    bool any;

    if (mixed_points_make(&points, source->run, source->mixed) < 0)
        return false;
    any = points.count > 0;
    if (any)
        fputs(head, out);
    mixed_points_write(out, &points);
    mixed_points_free(&points);
    return any;
}

void computing_section_answer(FILE *out, const struct plot_source *source)
{
    for (size_t i = 0; i < source->cpu->count; i++)
        answer_group(out, source->run, &source->cpu->list[i]);
    if (write_points(out, source, "- **Waiting, then computing:** "))
        fputc('\n', out);
}

void computing_section_write_mixed(FILE *out, const struct plot_source *source,
                                   const struct plots *plots)
{
    char label[LABEL_SIZE];

    if (source->mixed->count == 0)
        return;
    fputs("## Mixed work: waiting, then computing\n\n", out);
    if (write_points(out, source, ""))
        fputs("\n\n", out);
    plots_show(out, plots, "mixed");
    for (size_t i = 0; i < source->mixed->count; i++) {
        fprintf(out, "### %s (CPU share ", group_label(&source->mixed->list[i], label));
        format_share(out, mixed_share(&source->mixed->list[i].cells[0]->of));
        fputs(")\n\n", out);
        table_mixed(out, source->run, &source->mixed->list[i]);
        fputc('\n', out);
    }
    fputs("**CPU share** is the CPU time of an item as a share of its CPU time and its latency. "
          "The **heartbeat** of an event loop is due every 10 ms; beats that a block swallowed "
          "count as late by the rest of it. Its percentiles are medians over the executions, the "
          "**longest block** is of the worst, with what the loop was doing.\n\n",
          out);
    if (source->cpu->count == 0)
        write_calibrations(out, source->run);
}
