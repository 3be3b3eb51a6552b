#include "report/problems.h"

#include <math.h>
#include <string.h>

#include "common/json.h"
#include "report/format.h"
#include "report/markdown.h"

#define LISTED_MAX 100 /* of each kind: a run with more has one problem, a hundred times */

static size_t write_faults(FILE *out, const json_t *faults)
{
    size_t i;
    json_t *fault;

    json_array_foreach(faults, i, fault)
    {
        fputs("- The run folder: ", out);
        markdown_text(out, json_string_value(fault));
        fputc('\n', out);
    }
    return json_array_size(faults);
}

static size_t write_plots(FILE *out, const struct plots *plots)
{
    size_t written = 0;

    for (size_t i = 0; i < PLOT_COUNT; i++) {
        if (plots->list[i].state != PLOT_FAILED)
            continue;
        fprintf(out, "- The plot %s is missing: ", plots->list[i].name);
        markdown_text(out, plots->list[i].error);
        fputc('\n', out);
        written++;
    }
    return written;
}

static void write_texts(FILE *out, const json_t *texts)
{
    size_t i;
    json_t *text;

    if (json_array_size(texts) == 0)
        fputs(" it is marked as invalid, or lacks its figures", out);
    json_array_foreach(texts, i, text)
    {
        fputs(i > 0 ? "; " : " ", out);
        markdown_text(out, json_string_value(text));
    }
}

/* Executions that are marked as invalid, or that have something to tell. */
static size_t write_executions(FILE *out, const json_t *samples, const char *what,
                               const char *valid)
{
    size_t written = 0, i;
    json_t *sample;

    json_array_foreach(samples, i, sample)
    {
        const json_t *problems = json_at(sample, "problems");

        if (json_is_true(json_at(sample, valid)) && json_array_size(problems) == 0)
            continue;
        if (written++ >= LISTED_MAX)
            continue;
        fputs("- ", out);
        markdown_text(out, json_text_at(sample, "cell", NULL));
        fputs(what, out);
        if (isfinite(run_number(sample, "round")))
            fprintf(out, " %.0f", run_number(sample, "round"));
        fputc(':', out);
        write_texts(out, problems);
        fputc('\n', out);
    }
    if (written > LISTED_MAX)
        fprintf(out, "- … and %zu more\n", written - LISTED_MAX);
    return written;
}

static size_t write_skipped(FILE *out, const struct run *run)
{
    size_t i;
    json_t *skipped;

    json_array_foreach(json_at(run->run, "skipped"), i, skipped)
    {
        fputs("- ", out);
        markdown_text(out, json_text_at(skipped, "id", NULL));
        fputs(" was left out: ", out);
        markdown_text(out, json_text_at(skipped, "reason", "no reason is given"));
        fputc('\n', out);
    }
    return json_array_size(json_at(run->run, "skipped"));
}

static size_t write_unfinished(FILE *out, const struct run *run)
{
    size_t written = 0;

    for (size_t i = 0; i < run->cell_count; i++) {
        const struct cell *cell = &run->cells[i];

        if (cell->of.skipped != NULL || !(cell->rounds > (double)cell->of.executions))
            continue;
        fputs("- ", out);
        markdown_text(out, cell->of.id);
        fprintf(out, " was executed %zu times of %.0f\n", cell->of.executions, cell->rounds);
        written++;
    }
    for (size_t i = 0; i < run->memory_count; i++) {
        const struct workload_cell *cell = &run->memory_cells[i].of;

        if (cell->skipped != NULL || cell->executions > 0)
            continue;
        fputs("- ", out);
        markdown_text(out, cell->id);
        fputs(": its memory pass was not run\n", out);
        written++;
    }
    return written;
}

void problems_write(FILE *out, const struct run *run, const struct plots *plots)
{
    size_t written = write_faults(out, run->faults);

    written += write_plots(out, plots);
    written += write_executions(out, run->samples, ", round", "valid");
    written += write_executions(out, run->memory, ", memory pass", "confirmed");
    written += write_skipped(out, run);
    written += write_unfinished(out, run);
    if (written == 0)
        fputs("None: every planned execution was made and counts.\n", out);
}

static void write_execution(FILE *out, const json_t *sample)
{
    fputs("- ", out);
    markdown_text(out, json_text_at(sample, "cell", NULL));
    if (isfinite(run_number(sample, "round")))
        fprintf(out, ", round %.0f", run_number(sample, "round"));
    fputc(':', out);
}

static size_t write_noisy(FILE *out, const json_t *samples, bool (*counts)(const json_t *))
{
    size_t written = 0, i;
    json_t *sample;

    json_array_foreach(samples, i, sample)
    {
        const json_t *noise = json_at(sample, "noise");

        if (json_array_size(noise) == 0 || !counts(sample) || written++ >= LISTED_MAX)
            continue;
        write_execution(out, sample);
        write_texts(out, noise);
        fputc('\n', out);
    }
    if (written > LISTED_MAX)
        fprintf(out, "- … and %zu more\n", written - LISTED_MAX);
    return written;
}

static size_t write_noisy_cells(FILE *out, const json_t *cells)
{
    size_t written = 0, i;
    json_t *cell;

    json_array_foreach(cells, i, cell)
    {
        if (json_array_size(json_at(cell, "noise")) == 0 || written++ >= LISTED_MAX)
            continue;
        fputs("- ", out);
        markdown_text(out, json_text_at(cell, "id", NULL));
        fputs(", all rounds:", out);
        write_texts(out, json_at(cell, "noise"));
        fputc('\n', out);
    }
    return written;
}

static size_t write_outliers_of(FILE *out, const struct run *run, const struct cell *cell)
{
    size_t written = 0, i;
    json_t *sample;

    json_array_foreach(run->samples, i, sample)
    {
        double wall_ns = run_number(sample, "wall_ns");

        if (strcmp(json_text_at(sample, "cell", ""), cell->of.id) != 0 ||
            !run_sample_counts(sample) || !stats_is_outlier(&cell->wall_ns, wall_ns) ||
            written++ >= LISTED_MAX)
            continue;
        write_execution(out, sample);
        fputs(" outlier, ", out);
        format_duration(out, wall_ns);
        fputs(" against a median of ", out);
        format_duration(out, cell->wall_ns.median);
        fputs("; it counts\n", out);
    }
    return written;
}

void problems_write_noise(FILE *out, const struct run *run)
{
    size_t written = write_noisy_cells(out, json_at(run->run, "cells"));

    written += write_noisy(out, run->samples, run_sample_counts);
    written += write_noisy(out, run->memory, run_pass_counts);
    for (size_t i = 0; i < run->cell_count; i++)
        if (run->cells[i].ranked && run->cells[i].wall_ns.outliers > 0)
            written += write_outliers_of(out, run, &run->cells[i]);
    if (written == 0)
        fputs("None: no execution that counts is marked as noisy or is an outlier.\n", out);
}
