#include "report/tasks_section.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/format.h"
#include "report/markdown.h"
#include "report/slope.h"
#include "report/table_parts.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* What is known of one kind of task. */
struct kind {
    const struct workload_cell *cell;
    struct slope pss, kernel, virtual;
    bool has_pss, has_kernel, has_virtual;
};

bool tasks_section_is_all(const struct run *run)
{
    return run->tasks.count > 0 && run->cell_count == 0 && run->memory_count == 0;
}

/* What is not known comes last. */
static int compare(const void *a, const void *b)
{
    const struct kind *left = a, *right = b;

    if (left->has_pss != right->has_pss)
        return right->has_pss - left->has_pss;
    return left->has_pss ? (left->pss.fit.slope > right->pss.fit.slope) -
                               (left->pss.fit.slope < right->pss.fit.slope)
                         : 0;
}

/* All kinds, the cheapest first, to be freed; NULL without memory. */
static struct kind *kinds_of(const struct run *run, size_t *count)
{
    const struct memory_cells *tasks = &run->tasks;
    struct kind *kinds = calloc(tasks->count + 1, sizeof(*kinds));

    *count = 0;
    for (size_t i = 0; kinds != NULL && i < tasks->count; i++) {
        struct kind *kind = &kinds[*count];

        if (!slope_is_first_of_lane(tasks, i))
            continue;
        kind->cell = &tasks->list[i].of;
        kind->has_pss = slope_of(run, tasks, i, SLOPE_PSS, &kind->pss);
        kind->has_kernel = slope_of(run, tasks, i, SLOPE_KERNEL, &kind->kernel);
        kind->has_virtual = slope_of(run, tasks, i, SLOPE_VIRTUAL, &kind->virtual);
        (*count)++;
    }
    if (kinds != NULL)
        qsort(kinds, *count, sizeof(*kinds), compare);
    return kinds;
}

static void write_kind(FILE *out, const struct workload_cell *cell)
{
    markdown_text(out, cell->lane);
    fprintf(out, " (%s)", cell->language != NULL ? cell->language->name : "another language");
}

static void write_slope(FILE *out, const struct slope *slope, bool known)
{
    fputs(" | ", out);
    format_bytes(out, known ? slope->fit.slope : NAN);
}

/* Through two points a line fits always, also where there are several passes at each. */
static bool has_interval(const struct kind *kind)
{
    return kind->has_pss && kind->pss.concurrencies >= SLOPE_CONCURRENCIES_MIN &&
           stats_has_interval(&kind->pss.fit.slope_interval);
}

/* Where the interval includes 0, the run cannot tell what a task costs. */
static bool is_clear(const struct kind *kind)
{
    return has_interval(kind) ? kind->pss.fit.slope_interval.low > 0
                              : kind->has_pss && kind->pss.fit.slope > 0;
}

static void slope_row(FILE *out, const struct kind *kind)
{
    const struct stats_interval *interval = &kind->pss.fit.slope_interval;

    fputs("| ", out);
    write_kind(out, kind->cell);
    fprintf(out, " | %zu | %zu | **", kind->pss.concurrencies, kind->pss.fit.count);
    format_bytes(out, kind->has_pss ? kind->pss.fit.slope : NAN);
    fputs("** | ", out);
    if (has_interval(kind)) {
        fputc('[', out);
        format_bytes(out, interval->low);
        fputs(", ", out);
        format_bytes(out, interval->high);
        fputc(']', out);
    } else {
        fputs(FORMAT_UNKNOWN, out);
    }
    write_slope(out, &kind->kernel, kind->has_kernel);
    fputs(" | ", out);
    format_bytes(out, kind->has_pss && kind->has_kernel
                          ? kind->pss.fit.slope + kind->kernel.fit.slope
                          : NAN);
    write_slope(out, &kind->virtual, kind->has_virtual);
    fputs(" | ", out);
    format_bytes(out, kind->has_pss ? kind->pss.fit.intercept : NAN);
    if (kind->has_pss && kind->pss.concurrencies >= SLOPE_CONCURRENCIES_MIN)
        fprintf(out, " | %.4f |\n", kind->pss.fit.r_squared);
    else
        fputs(" | " FORMAT_UNKNOWN " |\n", out);
}

static void write_slopes(FILE *out, const struct run *run)
{
    static const char *const names[] = {"Kind (language)", "Numbers of tasks>",
                                        "Passes>",         "Bytes per task (PSS)>",
                                        "95 % interval>",  "The kernel's share>",
                                        "Together>",       "Virtual>",
                                        "Base (fitted)>",  "R²>"};
    size_t count;
    struct kind *kinds = kinds_of(run, &count);

    markdown_table_head(out, names, COUNT_OF(names));
    for (size_t i = 0; kinds != NULL && i < count; i++)
        slope_row(out, &kinds[i]);
    free(kinds);
    fputs(
        "\nThe slope of a line by least squares through all passes of a kind, with its 95 % "
        "interval "
        "by Student's t; the largest numbers weigh most. Through two numbers of tasks a line fits "
        "always, so that there is no interval. "
        "\"Base\" is where the line begins: the program without a task, interpreter and imports "
        "included.\n",
        out);
}

static void write_why(FILE *out, const struct workload_cell *cell)
{
    if (cell->skipped != NULL)
        markdown_text(out, cell->skipped);
    else if (cell->valid == 0 && cell->problem != NULL)
        markdown_text(out, cell->problem);
}

static void pass_row(FILE *out, const struct memory_cell *cell)
{
    bool known = cell->pss_bytes.count > 0 && cell->of.requests > 0;

    fputs("| ", out);
    write_kind(out, &cell->of);
    fputs(" | ", out);
    format_count(out, cell->of.requests);
    fputs(" | ", out);
    table_valid(out, &cell->of, cell->pss_bytes.outliers);
    fputs(" | ", out);
    table_median(out, &cell->pss_bytes, format_bytes);
    fputs(known && !cell->ranked ? " (not ranked) | " : " | ", out);
    format_bytes(out, known ? cell->pss_bytes.median / cell->of.requests : NAN);
    fputs(" | ", out);
    table_median(out, &cell->kernel_bytes, format_bytes);
    fputs(" | ", out);
    table_median(out, &cell->virtual_bytes, format_bytes);
    fputs(" | ", out);
    table_median(out, &cell->threads, format_count);
    fputs(" | ", out);
    write_why(out, &cell->of);
    fputs(" |\n", out);
}

/* The passes of the lane of the cell at `first`, with more and more tasks. */
static void lane_rows(FILE *out, const struct memory_cells *tasks, size_t first)
{
    double done = 0;

    for (;;) {
        const struct memory_cell *next = NULL;

        for (size_t i = first; i < tasks->count; i++) {
            const struct memory_cell *cell = &tasks->list[i];

            if (strcmp(cell->of.lane, tasks->list[first].of.lane) == 0 &&
                cell->of.requests > done && (next == NULL || cell->of.requests < next->of.requests))
                next = cell;
        }
        if (next == NULL)
            return;
        pass_row(out, next);
        done = next->of.requests;
    }
}

static void write_passes(FILE *out, const struct memory_cells *tasks)
{
    static const char *const names[] = {
        "Kind (language)", "Tasks>",   "Valid>",   "PSS>",   "PSS, divided by the tasks>",
        "Kernel>",         "Virtual>", "Threads>", "Remark",
    };

    fputs("\n### All passes\n\n", out);
    markdown_table_head(out, names, COUNT_OF(names));
    for (size_t i = 0; i < tasks->count; i++)
        if (slope_is_first_of_lane(tasks, i))
            lane_rows(out, tasks, i);
}

void tasks_section_write(FILE *out, const struct run *run, const struct plots *plots)
{
    if (run->tasks.count == 0)
        return;
    fputs("## Sleeping tasks\n\n"
          "Each task sleeps once, all at the same time; when all of them sleep, the memory of the "
          "whole process tree is read. No request is made.\n\n",
          out);
    plots_show(out, plots, "task-bytes");
    write_slopes(out, run);
    fputc('\n', out);
    plots_show(out, plots, "tasks");
    write_passes(out, &run->tasks);
    fputs(
        "\n**What this says:** how much memory a program needs for each task, coroutine, "
        "goroutine, "
        "promise or thread that exists and waits. PSS holds what the program itself touched; what "
        "the kernel keeps (a thread's kernel stack and its structures, page tables) stands apart, "
        "where a memory cgroup could tell. **What it does not say:** what a task costs that does "
        "something. A real one holds a connection, buffers and the state of its client, and a "
        "deeper stack: those are in the memory of requests in flight. Nor does it say how long "
        "starting or waking takes, or what a garbage collector adds once tasks come and go.\n\n",
        out);
}

void tasks_section_answer(FILE *out, const struct run *run)
{
    size_t count, written = 0;
    struct kind *kinds = kinds_of(run, &count);

    for (size_t i = 0; kinds != NULL && i < count; i++) {
        if (!is_clear(&kinds[i]))
            continue;
        fputs(written++ == 0 ? "- **Memory of one more sleeping task:** " : ", ", out);
        write_kind(out, kinds[i].cell);
        fputc(' ', out);
        format_bytes(out, kinds[i].pss.fit.slope);
    }
    fputs(written > 0 ? ".\n" : "", out);
    free(kinds);
}
