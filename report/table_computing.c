/* Tables of work that computes: speed-up, and mixed work with the health of the loop. */
#include <math.h>

#include "report/format.h"
#include "report/markdown.h"
#include "report/mixed.h"
#include "report/speed_up.h"
#include "report/table_parts.h"
#include "report/tables.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Model, valid executions, floor, wall time with its spread. */
static void first_columns(FILE *out, const struct cell *cell)
{
    table_label(out, &cell->of);
    fputs(" | ", out);
    table_valid(out, &cell->of, cell->wall_ns.outliers);
    fputs(" | ", out);
    format_duration(out, cell->floor_ns);
    fprintf(out, " | %s", cell->ranked ? "**" : "");
    table_median(out, &cell->wall_ns, format_duration);
    fprintf(out, "%s | ", cell->ranked ? "**" : cell->wall_ns.count > 0 ? " (not ranked)" : "");
    table_spread(out, &cell->wall_ns, 0, format_duration);
    fputs(" | ", out);
}

static void speed_up_columns(FILE *out, const struct speed_up *speed_up, const struct cell *cell)
{
    if (speed_up->base == cell) {
        fputs("1 |  | ", out);
    } else {
        comparison_format(out, &speed_up->times);
        fprintf(out, " | %s | ",
                speed_up->base != NULL && group_is_ranked(cell) ? speed_up_verdict(speed_up)
                                                                : FORMAT_UNKNOWN);
    }
    format_share(out, speed_up->base == cell ? 1 : speed_up->efficiency);
}

static void cpu_row(FILE *out, const struct run *run, const struct group *group,
                    const struct cell *cell)
{
    struct speed_up speed_up = speed_up_of(run, group, cell);

    fputs("| ", out);
    first_columns(out, cell);
    format_count(out, speed_up.workers);
    fputs(" | ", out);
    speed_up_columns(out, &speed_up, cell);
    fputs(" | ", out);
    table_median(out, &cell->cpu_ns, format_duration);
    fputs(" | ", out);
    table_median(out, &cell->loop.lateness_p99_ns, format_duration);
    fputs(" |\n", out);
}

void table_cpu(FILE *out, const struct run *run, const struct group *group)
{
    static const char *const names[] = {
        "Model (lane)",
        "Valid>",
        "Floor>",
        "Wall, median>",
        "95 % [interval] or min … max>",
        "Workers>",
        "Speed-up>",
        "Verdict",
        "Efficiency>",
        "CPU time>",
        "Heartbeat late, p99>",
    };

    markdown_table_head(out, names, COUNT_OF(names));
    for (size_t i = 0; i < group->count; i++)
        cpu_row(out, run, group, group->cells[i]);
}

/* How late the heartbeat was, and what held it up. */
static void loop_columns(FILE *out, const struct loop_health *loop)
{
    const struct stats_summary *lateness[] = {&loop->lateness_p50_ns, &loop->lateness_p99_ns,
                                              &loop->lateness_max_ns};

    for (size_t i = 0; i < COUNT_OF(lateness); i++) {
        table_median(out, lateness[i], format_duration);
        fputs(" | ", out);
    }
    format_duration(out, loop->longest_block_ns.count > 0 ? loop->longest_block_ns.max : NAN);
    if (loop->longest_block_ns.count > 0 && loop->longest_block != NULL) {
        fputs(": ", out);
        markdown_text(out, loop->longest_block);
    }
}

/* Against the single loop, where the cell is another and both can be compared. */
static void verdict_columns(FILE *out, const struct run *run, const struct cell *cell,
                            const struct cell *loop)
{
    struct comparison times;

    if (loop == NULL || cell == loop || !group_is_ranked(cell)) {
        fputs(cell == loop ? "1 |  " : FORMAT_UNKNOWN " | " FORMAT_UNKNOWN, out);
        return;
    }
    times = comparison_wall(run, cell, loop);
    comparison_format(out, &times);
    fprintf(out, " | %s", comparison_wall_verdict(&times));
}

static void mixed_row(FILE *out, const struct run *run, const struct cell *cell,
                      const struct cell *loop)
{
    fputs("| ", out);
    first_columns(out, cell);
    format_rate(out, mixed_throughput(cell));
    fputs(" | ", out);
    verdict_columns(out, run, cell, loop);
    fputs(" | ", out);
    table_median(out, &cell->cpu_ns, format_duration);
    fputs(" | ", out);
    loop_columns(out, &cell->loop);
    fputs(" |\n", out);
}

void table_mixed(FILE *out, const struct run *run, const struct group *group)
{
    static const char *const names[] = {
        "Model (lane)",
        "Valid>",
        "Floor>",
        "Wall, median>",
        "95 % [interval] or min … max>",
        "Items/s>",
        "Wall, times that of the single loop>",
        "Verdict",
        "CPU time>",
        "Heartbeat late, p50>",
        "p99>",
        "max>",
        "Longest block of the loop",
    };
    const struct cell *loop = mixed_single_loop(group);

    markdown_table_head(out, names, COUNT_OF(names));
    for (size_t i = 0; i < group->count; i++)
        mixed_row(out, run, group->cells[i], loop);
}
