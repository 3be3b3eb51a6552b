/* Tables of wall times: the cells of a group, and how they compare. */
#include <math.h>

#include "report/comparison.h"
#include "report/format.h"
#include "report/markdown.h"
#include "report/records.h"
#include "report/table_parts.h"
#include "report/tables.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static bool has_fewer(const struct cell *cell)
{
    return cell->in_flight_peak.count > 0 && cell->in_flight_peak.max < table_asked(&cell->of);
}

static bool has_more(const struct cell *cell)
{
    return cell->in_flight_peak.count > 0 && cell->in_flight_peak.max > table_asked(&cell->of);
}

static void wall_columns(FILE *out, const struct cell *cell)
{
    double overhead_ns = cell->wall_ns.count > 0 ? cell->wall_ns.median - cell->floor_ns : NAN;

    format_duration(out, cell->floor_ns);
    fprintf(out, " | %s", cell->ranked ? "**" : "");
    table_median(out, &cell->wall_ns, format_duration);
    fprintf(out, "%s | ", cell->ranked ? "**" : cell->wall_ns.count > 0 ? " (not ranked)" : "");
    table_spread(out, &cell->wall_ns, 0, format_duration);
    fputs(" | ", out);
    format_duration(out, cell->wall_ns.count > 1 ? cell->wall_ns.mad : NAN);
    fputs(" | ", out);
    format_duration(out, overhead_ns);
    fputs(" | ", out);
    table_spread(out, &cell->wall_ns, cell->floor_ns, format_duration);
    fputs(" | ", out);
    format_change(out, cell->floor_ns > 0 ? overhead_ns / cell->floor_ns : NAN);
}

static void wall_row(FILE *out, const struct cell *cell, int footnote)
{
    fputs("| ", out);
    table_label(out, &cell->of);
    fputs(" | ", out);
    table_valid(out, &cell->of, cell->wall_ns.outliers);
    fputs(" | ", out);
    wall_columns(out, cell);
    fputs(" | ", out);
    format_count(out, table_asked(&cell->of));
    fputs(" / ", out);
    if (cell->in_flight_peak.min < cell->in_flight_peak.max)
        table_range(out, &cell->in_flight_peak, format_count);
    else
        table_median(out, &cell->in_flight_peak, format_count);
    if (footnote > 0)
        fprintf(out, " (%d)", footnote);
    fputs(" | ", out);
    table_median(out, &cell->cpu_ns, format_duration);
    fputs(" | ", out);
    table_median(out, &cell->rss_bytes, format_bytes);
    fputs(" | ", out);
    format_duration(out, cell->lateness_p99_ns.count > 0 ? cell->lateness_p99_ns.max : NAN);
    fputs(" |\n", out);
}

/* Why fewer were in flight, from the records of the cell where they tell. */
static void footnote(FILE *out, const struct run *run, const struct cell *cell, int number)
{
    struct records records;
    double connected = NAN, answered = NAN;

    fprintf(out, "%d. ", number);
    if (has_more(cell)) {
        fputs("The server saw more requests at once than were asked for: this lane does not keep "
              "its limit.\n",
              out);
        return;
    }
    fputs("The server saw fewer requests at one moment than were allowed: the first were answered "
          "before the last had arrived.",
          out);
    if (records_load(&records, run->folder, cell->of.id) == 0) {
        connected = records_connected_after(&records, (size_t)table_asked(&cell->of)) * 1e9;
        answered = records_first_answer(&records) * 1e9;
        records_free(&records);
    }
    if (connected > answered) {
        fputs(" In the execution whose requests were recorded ", out);
        format_count(out, table_asked(&cell->of));
        fputs(" connections stood after ", out);
        format_duration(out, connected);
        fputs(", the first answer came after ", out);
        format_duration(out, answered);
        fputc('.', out);
    }
    fputc('\n', out);
}

void table_wall(FILE *out, const struct run *run, const struct group *group)
{
    static const char *const names[] = {
        "Model (lane)",
        "Valid>",
        "Floor>",
        "Wall, median>",
        "95 % [interval] or min … max>",
        "MAD>",
        "Above the floor>",
        "95 % [interval] or min … max>",
        "in %>",
        "In flight: asked / seen by the server>",
        "CPU time>",
        "Max RSS>",
        "Lateness p99>",
    };
    int note = 0, number = 0;

    markdown_table_head(out, names, COUNT_OF(names));
    for (size_t i = 0; i < group->count; i++) {
        const struct cell *cell = group->cells[i];

        wall_row(out, cell, has_fewer(cell) || has_more(cell) ? ++note : 0);
    }
    if (note > 0)
        fputc('\n', out);
    for (size_t i = 0; i < group->count; i++)
        if (has_fewer(group->cells[i]) || has_more(group->cells[i]))
            footnote(out, run, group->cells[i], ++number);
}

static size_t ranked(const struct group *group)
{
    size_t count = 0;

    while (count < group->count && group_is_ranked(group->cells[count]))
        count++;
    return count;
}

static void comparison_columns(FILE *out, const struct comparison *comparison)
{
    fputs(" | ", out);
    comparison_format(out, comparison);
    fprintf(out, " | %s", comparison_wall_verdict(comparison));
}

void table_comparison(FILE *out, const struct run *run, const struct group *group)
{
    static const char *const names[] = {"Model (lane)",
                                        "Rounds in common>",
                                        "Wall, times that of the first>",
                                        "Verdict",
                                        "times that of the row above>",
                                        "Verdict"};
    size_t count = ranked(group);

    if (count < 2)
        return;
    fputs("How they compare, round by round:\n\n", out);
    markdown_table_head(out, names, COUNT_OF(names));
    fputs("| ", out);
    table_label(out, &group->cells[0]->of);
    fputs(" |  | 1 |  |  |  |\n", out);
    for (size_t i = 1; i < count; i++) {
        struct comparison first = comparison_wall(run, group->cells[i], group->cells[0]);
        struct comparison above = comparison_wall(run, group->cells[i], group->cells[i - 1]);

        fputs("| ", out);
        table_label(out, &group->cells[i]->of);
        fprintf(out, " | %zu", first.ratio.count);
        comparison_columns(out, &first);
        if (i > 1)
            comparison_columns(out, &above);
        else
            fputs(" |  | ", out);
        fputs(" |\n", out);
    }
}
