#include "harness/show.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/json.h"
#include "common/units.h"
#include "harness/cell_summary.h"
#include "harness/error.h"
#include "harness/show_data.h"
#include "harness/table.h"

#define OUTCOMES_SIZE 256

static void add_duration(struct table *table, double ns)
{
    char text[UNITS_TEXT_SIZE];

    table_add(table, "%s", ns >= 0 ? units_format_duration((uint64_t)ns, text) : "-");
}

static void add_bytes(struct table *table, double bytes)
{
    char text[UNITS_TEXT_SIZE];

    table_add(table, "%s", bytes >= 0 ? units_format_bytes((uint64_t)bytes, text) : "-");
}

static void add_number(struct table *table, double number)
{
    if (number >= 0)
        table_add(table, "%.0f", number);
    else
        table_add(table, "-");
}

static void add_walls(struct table *table, const struct cell_summary *summary)
{
    const struct stats_summary *wall = &summary->wall;
    char min[UNITS_TEXT_SIZE], max[UNITS_TEXT_SIZE];

    if (wall->count == 0) {
        table_add(table, "-");
        table_add(table, "-");
        table_add(table, " ");
        return;
    }
    add_duration(table, wall->median);
    if (stats_has_interval(&wall->interval))
        table_add(table, "%.1f %%", 100 * stats_half_width(wall));
    else
        table_add(table, "-");
    table_add(table, "%s … %s", units_format_duration((uint64_t)wall->min, min),
              units_format_duration((uint64_t)wall->max, max));
}

/* Only where requests are made is there a server that sees them in flight. */
static void add_peaks(struct table *table, const json_t *cell, const struct cell_summary *summary)
{
    if (summary->valid == 0 || strcmp(json_text_at(cell, "work", "io"), "cpu") == 0)
        table_add(table, "-");
    else if (summary->peak_max < 0)
        table_add(table, "?");
    else if (summary->peak_min < summary->peak_max)
        table_add(table, "%.0f…%.0f", summary->peak_min, summary->peak_max);
    else
        table_add(table, "%.0f", summary->peak_max);
}

static void add_outcome_text(struct table *table, const json_t *outcomes)
{
    char text[OUTCOMES_SIZE] = "";
    size_t length = 0;
    const char *name;
    json_t *count;

    json_object_foreach((json_t *)outcomes, name, count)
    {
        if (json_number_value(count) <= 0 || length >= sizeof(text))
            continue;
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s %.0f",
                                   length > 0 ? ", " : "", name, json_number_value(count));
    }
    table_add(table, "%s", length > 0 ? text : "-");
}

static void add_cell(struct table *table, const json_t *cell, const json_t *samples)
{
    struct cell_summary summary;

    if (cell_summarise(&summary, samples, json_text_at(cell, "id", "")) == 0) {
        table_add(table, "%s", json_text_at(cell, "id", "?"));
        if (summary.valid == summary.executions)
            table_add(table, "%zu", summary.valid);
        else
            table_add(table, "%zu of %zu", summary.valid, summary.executions);
        add_duration(table, json_number_at(cell, "floor_ns", -1));
        add_walls(table, &summary);
        add_number(table, json_number_at(cell, "concurrency", -1));
        add_peaks(table, cell, &summary);
        add_duration(table, summary.lateness_max);
        if (summary.noisy > 0)
            table_add(table, "%zu", summary.noisy);
        else
            table_add(table, "-");
        add_outcome_text(table, summary.outcomes);
    }
    cell_summary_free(&summary);
}

static void print_cells(const json_t *run, const json_t *samples, FILE *stream)
{
    static const char *const heads[] = {"<cell",    "n",          "floor",     "median wall",
                                        "± 95 %",   "<min … max", "asked",     "peak",
                                        "late p99", "noisy",      "<outcomes", NULL};
    struct table table;
    json_t *cell;
    size_t i;

    if (json_array_size(json_object_get(run, "cells")) == 0)
        return;
    table_init(&table, heads);
    json_array_foreach(json_object_get(run, "cells"), i, cell)
    {
        add_cell(&table, cell, samples);
    }
    table_print(&table, stream);
}

static bool is_of(const json_t *pass, const char *cell)
{
    return strcmp(json_text_at(pass, "cell", ""), cell) == 0;
}

/* How many passes of its cell have less memory than `pass`, of equal ones those before it. */
static size_t rank_of(const json_t *passes, size_t index)
{
    const json_t *pass = json_array_get(passes, index), *other;
    double pss = json_number_at(pass, "pss_bytes", -1);
    size_t rank = 0, i;

    json_array_foreach((json_t *)passes, i, other)
    {
        double others = json_number_at(other, "pss_bytes", -1);

        rank += is_of(other, json_text_at(pass, "cell", "")) &&
                (others < pss || (others == pss && i < index));
    }
    return rank;
}

/* One pass stands for all of its cell: the one in the middle by its PSS. NULL where `index` is not
 * the first of them. */
static const json_t *middle_of(const json_t *passes, size_t index, size_t *count)
{
    const char *cell = json_text_at(json_array_get(passes, index), "cell", "");
    size_t size = json_array_size(passes);

    *count = 0;
    for (size_t i = 0; i < size; i++) {
        if (!is_of(json_array_get(passes, i), cell))
            continue;
        if (i < index)
            return NULL;
        ++*count;
    }
    for (size_t i = index; i < size; i++)
        if (is_of(json_array_get(passes, i), cell) && rank_of(passes, i) == (*count - 1) / 2)
            return json_array_get(passes, i);
    return NULL;
}

static void print_memory(const json_t *passes, FILE *stream)
{
    static const char *const heads[] = {"<memory pass", "n",       "asked",       "in flight",
                                        "processes",    "threads", "PSS",         "anon",
                                        "peak RSS",     "virtual", "page tables", "cgroup peak",
                                        "anon",         "kernel",  NULL};
    struct table table;

    if (json_array_size(passes) == 0)
        return;
    table_init(&table, heads);
    for (size_t i = 0; i < json_array_size(passes); i++) {
        size_t count;
        const json_t *pass = middle_of(passes, i, &count);
        bool confirmed = json_is_true(json_object_get(pass, "confirmed"));

        if (pass == NULL)
            continue;
        table_add(&table, "%s", json_text_at(pass, "cell", "?"));
        table_add(&table, "%zu", count);
        add_number(&table, json_number_at(pass, "concurrency", -1));
        table_add(&table, "%.0f%s", json_number_at(pass, "in_flight", 0),
                  confirmed ? "" : " (not confirmed)");
        add_number(&table, json_number_at(pass, "processes", -1));
        add_number(&table, json_number_at(pass, "threads", -1));
        add_bytes(&table, json_number_at(pass, "pss_bytes", -1));
        add_bytes(&table, json_number_at(pass, "pss_anon_bytes", -1));
        add_bytes(&table, json_number_at(pass, "hwm_bytes", -1));
        add_bytes(&table, json_number_at(pass, "virtual_bytes", -1));
        add_bytes(&table, json_number_at(pass, "page_table_bytes", -1));
        add_bytes(&table, json_number_at(pass, "cgroup.peak_bytes", -1));
        add_bytes(&table, json_number_at(pass, "cgroup.anon_bytes", -1));
        add_bytes(&table, json_number_at(pass, "cgroup.kernel_bytes", -1));
    }
    fputc('\n', stream);
    table_print(&table, stream);
}

/* The sentences under `key` of each line. */
static void print_remarks(const json_t *lines, const char *key, FILE *stream)
{
    json_t *line, *problem;
    size_t i, k;

    json_array_foreach((json_t *)lines, i, line)
    {
        json_array_foreach(json_object_get(line, key), k, problem)
        {
            double round = json_number_at(line, "round", 0);

            fprintf(stream, "%s", json_text_at(line, "cell", "?"));
            if (round > 0)
                fprintf(stream, ", round %.0f", round);
            fprintf(stream, ": %s\n", json_is_string(problem) ? json_string_value(problem) : "?");
        }
    }
}

static void print_skipped(const json_t *run, FILE *stream)
{
    json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(run, "skipped"), i, cell)
    {
        fprintf(stream, "%s: left out: %s\n", json_text_at(cell, "id", "?"),
                json_text_at(cell, "reason", "?"));
    }
}

/* Why the rounds ended, and what is to be said of cells as a whole. */
static void print_rounds(const json_t *run, FILE *stream)
{
    const char *ended = json_text_at(run, "rounds_ended", NULL);
    json_t *cell, *noise;
    size_t i, k;

    if (ended != NULL)
        fprintf(stream, "%s.\n", ended);
    json_array_foreach(json_object_get(run, "cells"), i, cell)
    {
        json_array_foreach(json_object_get(cell, "noise"), k, noise)
        {
            fprintf(stream, "%s: %s\n", json_text_at(cell, "id", "?"), json_string_value(noise));
        }
    }
}

/* A file of lines that need not be there: an empty array then. NULL on error. */
static json_t *load_lines(const char *folder, const char *name, char *error)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%.3800s/%s", folder, name);
    return access(path, F_OK) < 0 ? json_array() : json_lines_load(path, error);
}

static void print_all(const json_t *run, const json_t *samples, const json_t *passes, FILE *stream)
{
    fprintf(stream, "%s: %s, started %s, seed %.0f\n\n", json_text_at(run, "id", "?"),
            json_text_at(run, "status", "?"), json_text_at(run, "started_at", "?"),
            json_number_at(run, "seed", 0));
    print_cells(run, samples, stream);
    print_memory(passes, stream);
    fputc('\n', stream);
    print_rounds(run, stream);
    print_skipped(run, stream);
    print_remarks(samples, "problems", stream);
    print_remarks(passes, "problems", stream);
    print_remarks(passes, "noise", stream);
}

static int print(const json_t *run, const json_t *samples, const json_t *passes,
                 const struct bench_options *options, FILE *stream, char *error)
{
    int code = 0;

    if (options->format != FORMAT_TEXT)
        code = show_data(run, samples, passes, options->format, options->table, stream);
    else
        print_all(run, samples, passes, stream);
    if (code == -EINVAL)
        return error_set(error, code, "there is no table %.100s: cells, memory, remarks",
                         options->table);
    return code < 0 ? error_set(error, code, "no memory for a table") : 0;
}

int show_run(const char *path, const struct bench_options *options, FILE *stream, char *error)
{
    char file[PATH_MAX];
    json_t *run, *samples = NULL, *passes = NULL;
    int code = -EINVAL;

    snprintf(file, sizeof(file), "%.3800s/run.json", path);
    run = json_file_load(file, error);
    if (run != NULL)
        samples = load_lines(path, "results.jsonl", error);
    if (samples != NULL)
        passes = load_lines(path, "memory.jsonl", error);
    if (passes != NULL)
        code = print(run, samples, passes, options, stream, error);
    json_decref(run);
    json_decref(samples);
    json_decref(passes);
    return code;
}
