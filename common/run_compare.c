#include "common/run_compare.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/json.h"

#define CELLS_MAX 10000
#define FAR       1.25

/* The samples of one figure of one cell. */
struct figures {
    double *values;
    size_t count;
};

static json_t *load(const char *folder, const char *name, char *error)
{
    char path[PATH_MAX];

    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path)) {
        snprintf(error, JSON_ERROR_SIZE, "%.200s…: the path is too long", folder);
        return NULL;
    }
    if (strcmp(name, "run.json") == 0)
        return json_file_load(path, error);
    return access(path, F_OK) < 0 ? json_array() : json_lines_load(path, error);
}

static int load_run(struct run_comparison *comparison, int side, const char *folder, char *error)
{
    comparison->run[side] = load(folder, "run.json", error);
    if (comparison->run[side] != NULL)
        comparison->samples[side] = load(folder, "results.jsonl", error);
    if (comparison->samples[side] != NULL)
        comparison->memory[side] = load(folder, "memory.jsonl", error);
    return comparison->memory[side] != NULL ? 0 : -EINVAL;
}

static bool counts(const json_t *sample, enum compared compared)
{
    if (compared == COMPARED_PSS)
        return json_is_true(json_at(sample, "confirmed")) &&
               json_array_size(json_at(sample, "problems")) == 0;
    return json_is_true(json_at(sample, "valid"));
}

static double value_of(const json_t *sample, enum compared compared)
{
    switch (compared) {
    case COMPARED_WALL:
        return json_number_at(sample, "wall_ns", NAN);
    case COMPARED_CPU:
        return json_number_at(sample, "user_ns", NAN) + json_number_at(sample, "system_ns", NAN);
    default:
        return json_number_at(sample, "pss_bytes", NAN);
    }
}

/* Ratios need figures above zero; all that a run measures are. Each is divided by `work`. */
static int gather(const json_t *samples, const char *cell, enum compared compared, double work,
                  struct figures *figures)
{
    size_t i;
    json_t *sample;

    *figures = (struct figures){calloc(json_array_size(samples) + 1, sizeof(double)), 0};
    if (figures->values == NULL)
        return -ENOMEM;
    json_array_foreach(samples, i, sample)
    {
        double value = value_of(sample, compared);

        if (strcmp(json_text_at(sample, "cell", ""), cell) == 0 && counts(sample, compared) &&
            isfinite(value) && value > 0)
            figures->values[figures->count++] = value / work;
    }
    return 0;
}

static int compare_figures(const struct figures *a, const struct figures *b, double tolerance,
                           struct run_row *row)
{
    int error = 0;

    if (a->count > 0)
        error = stats_summarise(a->values, a->count, &row->a);
    if (error == 0 && b->count > 0)
        error = stats_summarise(b->values, b->count, &row->b);
    if (error == 0)
        error = ratio_independent(b->values, b->count, a->values, a->count, tolerance, &row->ratio);
    return error == -EINVAL ? 0 : error; /* nothing to compare on one side: no verdict */
}

bool run_compare_is_far(const struct run_row *row)
{
    return row->ratio.difference == DIFFERENCE_TOO_FEW && row->a.count > 0 && row->b.count > 0 &&
           row->b.min > FAR * row->a.max;
}

static void count_verdict(struct run_comparison *comparison, const struct run_row *row)
{
    size_t *counters[] = {
        [DIFFERENCE_UNCLEAR] = &comparison->unclear,
        [DIFFERENCE_LESS] = &comparison->faster,
        [DIFFERENCE_MORE] = &comparison->slower,
        [DIFFERENCE_TOO_FEW] = &comparison->too_few,
    };

    if (row->compared == COMPARED_CPU)
        return;
    (*counters[row->ratio.difference])++;
    comparison->far += run_compare_is_far(row);
}

/* `work`: how much of it the second run did for one of the first. */
static int add_row(struct run_comparison *comparison, const char *cell, enum compared compared,
                   double work, double tolerance)
{
    json_t **samples = compared == COMPARED_PSS ? comparison->memory : comparison->samples;
    struct run_row *row = &comparison->rows[comparison->count];
    struct figures a = {NULL, 0}, b = {NULL, 0};
    int error;

    *row = (struct run_row){.cell = cell, .compared = compared};
    error = gather(samples[0], cell, compared, 1, &a);
    if (error == 0)
        error = gather(samples[1], cell, compared, work, &b);
    if (error == 0)
        error = compare_figures(&a, &b, tolerance, row);
    free(a.values);
    free(b.values);
    if (error == 0) {
        count_verdict(comparison, row);
        comparison->count++;
    }
    return error;
}

static const json_t *cell_named(const json_t *cells, const char *id)
{
    size_t i;
    json_t *cell;

    json_array_foreach(cells, i, cell)
    {
        if (strcmp(json_text_at(cell, "id", ""), id) == 0)
            return cell;
    }
    return NULL;
}

/* Cells of one name can come of different plans. */
static bool same_parameters(const json_t *a, const json_t *b)
{
    static const char *const keys[] = {"requests", "concurrency", "latency_ns", "hold_ns"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (json_number_at(a, keys[i], -1) != json_number_at(b, keys[i], -1))
            return false;
    return true;
}

static void note(struct run_comparison *comparison, const char *what, const char *text)
{
    json_array_append_new(comparison->notes, json_sprintf("%s: %s", what, text));
}

/* Whether nothing but the computing takes time in the cell. */
static bool is_cpu(const json_t *cell)
{
    return strcmp(json_text_at(cell, "work", "io"), "cpu") == 0;
}

/* The rounds that an item of `cell` takes in a run, or 0. */
static double rounds_of(const json_t *run, const json_t *cell)
{
    static const char *const keys[] = {"cpu_ns", "block_bytes"};
    json_t *calibration;
    size_t i;

    json_array_foreach(json_object_get(run, "calibrations"), i, calibration)
    {
        bool same = true;

        for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
            same = same &&
                   json_number_at(calibration, keys[k], -1) == json_number_at(cell, keys[k], -2);
        if (same)
            return json_number_at(calibration, "rounds", 0);
    }
    return 0;
}

/* How much the second run computed in a cell for one of the first: each run is calibrated anew. */
static double work_ratio(const struct run_comparison *comparison, const json_t *cell)
{
    double a = rounds_of(comparison->run[0], cell), b = rounds_of(comparison->run[1], cell);

    return a > 0 && b > 0 ? b / a : 1;
}

static int add_times(struct run_comparison *comparison, const json_t *cell, double tolerance)
{
    const char *id = json_text_at(cell, "id", "");
    double work = is_cpu(cell) ? work_ratio(comparison, cell) : 1;
    int error = add_row(comparison, id, COMPARED_WALL, work, tolerance);

    return error == 0 ? add_row(comparison, id, COMPARED_CPU, work, tolerance) : error;
}

/* Whether A has anything of a cell that counts. */
static bool has_counted(const struct run_comparison *comparison, const char *list, const char *cell)
{
    bool memory = strcmp(list, "memory_cells") == 0;
    const json_t *samples = memory ? comparison->memory[0] : comparison->samples[0];
    size_t i;
    json_t *sample;

    json_array_foreach(samples, i, sample)
    {
        if (strcmp(json_text_at(sample, "cell", ""), cell) == 0 &&
            counts(sample, memory ? COMPARED_PSS : COMPARED_WALL))
            return true;
    }
    return false;
}

static int add_cell(struct run_comparison *comparison, const json_t *cell, const char *list,
                    double tolerance)
{
    const char *id = json_text_at(cell, "id", "");
    const json_t *other = cell_named(json_at(comparison->run[1], list), id);

    if (other == NULL || !same_parameters(cell, other)) {
        comparison->missing += has_counted(comparison, list, id);
        note(comparison, id,
             other == NULL ? "only the first run has this cell"
                           : "the runs gave this cell different parameters");
        return 0;
    }
    if (strcmp(list, "memory_cells") == 0)
        return add_row(comparison, id, COMPARED_PSS, 1, tolerance);
    return add_times(comparison, cell, tolerance);
}

static int add_cells(struct run_comparison *comparison, const char *list, double tolerance)
{
    const json_t *cells = json_at(comparison->run[0], list);
    size_t i;
    json_t *cell;
    int error = 0;

    json_array_foreach(cells, i, cell)
    {
        if (error == 0 && i < CELLS_MAX)
            error = add_cell(comparison, cell, list, tolerance);
    }
    json_array_foreach(json_at(comparison->run[1], list), i, cell)
    {
        const char *id = json_text_at(cell, "id", "");

        if (cell_named(cells, id) == NULL)
            note(comparison, id, "only the second run has this cell");
    }
    return error;
}

/* What should be the same for a difference to be that of the programs. */
static void note_machines(struct run_comparison *comparison)
{
    static const char *const paths[] = {
        "environment.cpu_model",      "environment.kernel",
        "environment.virtualisation", "environment.versions.libcurl",
        "environment.versions.libuv", "environment.versions.compiler",
        "environment.versions.suite", "environment.git.revision",
    };

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        const char *a = json_text_at(comparison->run[0], paths[i], "unknown");
        const char *b = json_text_at(comparison->run[1], paths[i], "unknown");

        if (strcmp(a, b) != 0)
            json_array_append_new(
                comparison->notes,
                json_sprintf("%s differs: %s, then %s", paths[i] + strlen("environment."), a, b));
    }
    if (json_number_at(comparison->run[0], "environment.cores", 0) !=
        json_number_at(comparison->run[1], "environment.cores", 0))
        note(comparison, "cores", "the machines have different numbers of them");
}

static void note_calibrations(struct run_comparison *comparison)
{
    json_t *one;
    size_t i;

    json_array_foreach(json_object_get(comparison->run[0], "calibrations"), i, one)
    {
        double ratio = work_ratio(comparison, one);

        if (ratio != 1)
            json_array_append_new(
                comparison->notes,
                json_sprintf("calibration of %g ms: an item of the second run has %.2f %% %s "
                             "rounds; times of work cpu are converted, those of mixed work are not",
                             json_number_at(one, "cpu_ns", 0) / 1e6, 100 * fabs(ratio - 1),
                             ratio > 1 ? "more" : "fewer"));
    }
}

static int compare(struct run_comparison *comparison, double tolerance, char *error)
{
    size_t cells = 2 * json_array_size(json_at(comparison->run[0], "cells")) +
                   json_array_size(json_at(comparison->run[0], "memory_cells"));
    int code = -ENOMEM;

    comparison->rows =
        calloc((cells < 3 * CELLS_MAX ? cells : 3 * CELLS_MAX) + 1, sizeof(*comparison->rows));
    comparison->notes = json_array();
    if (comparison->rows != NULL && comparison->notes != NULL)
        code = add_cells(comparison, "cells", tolerance);
    if (code == 0)
        code = add_cells(comparison, "memory_cells", tolerance);
    if (code < 0) {
        snprintf(error, JSON_ERROR_SIZE, "%s", strerror(-code));
        return code;
    }
    note_machines(comparison);
    note_calibrations(comparison);
    if (comparison->count > 0)
        return 0;
    snprintf(error, JSON_ERROR_SIZE, "the two runs have no cell in common");
    return -ENOENT;
}

int run_compare(const char *a, const char *b, double tolerance, struct run_comparison *comparison,
                char *error)
{
    int code;

    *comparison = (struct run_comparison){.rows = NULL};
    code = load_run(comparison, 0, a, error);
    if (code == 0)
        code = load_run(comparison, 1, b, error);
    if (code == 0)
        code = compare(comparison, tolerance, error);
    if (code < 0)
        run_compare_free(comparison);
    return code;
}

void run_compare_free(struct run_comparison *comparison)
{
    for (int side = 0; side < 2; side++) {
        json_decref(comparison->run[side]);
        json_decref(comparison->samples[side]);
        json_decref(comparison->memory[side]);
    }
    json_decref(comparison->notes);
    free(comparison->rows);
    *comparison = (struct run_comparison){.rows = NULL};
}

const char *run_compare_name(enum compared compared)
{
    static const char *const names[] = {"wall", "cpu", "pss"};

    return names[compared];
}

const char *run_compare_verdict(const struct run_row *row)
{
    bool in_rounds = row->compared == COMPARED_CPU && row->ratio.difference == DIFFERENCE_TOO_FEW;

    if (row->compared != COMPARED_CPU && run_compare_is_far(row))
        return row->compared == COMPARED_PSS ? "far more, in too few passes"
                                             : "far slower, in too few rounds";
    if (row->compared == COMPARED_WALL || in_rounds)
        return ratio_time_verdict(row->ratio.difference);
    return ratio_size_verdict(row->ratio.difference);
}

int run_compare_dataset(const struct run_comparison *comparison, struct dataset *dataset)
{
    static const char *const columns[] = {
        "cell",  "metric",    "unit",       DATASET_SUMMARY("a", ""), DATASET_SUMMARY("b", ""),
        "ratio", "ratio_low", "ratio_high", "mann_whitney_p",         "verdict",
        NULL,
    };

    if (dataset_init(dataset, "comparison", columns) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < comparison->count; i++) {
        const struct run_row *row = &comparison->rows[i];

        dataset_row(dataset);
        dataset_text(dataset, row->cell);
        dataset_text(dataset, run_compare_name(row->compared));
        dataset_text(dataset, row->compared == COMPARED_PSS ? "bytes" : "ns");
        dataset_summary(dataset, &row->a);
        dataset_summary(dataset, &row->b);
        dataset_number(dataset, row->ratio.ratio);
        dataset_number(dataset, row->ratio.interval.low);
        dataset_number(dataset, row->ratio.interval.high);
        dataset_number(dataset, row->ratio.p);
        dataset_text(dataset, run_compare_verdict(row));
    }
    return 0;
}

json_t *run_compare_json(const struct run_comparison *comparison)
{
    struct dataset dataset;
    json_t *json;

    if (run_compare_dataset(comparison, &dataset) < 0)
        return NULL;
    json = json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:O, s:o}", "schema",
                     "bench.comparison/1", "a", json_text_at(comparison->run[0], "id", ""), "b",
                     json_text_at(comparison->run[1], "id", ""), "slower",
                     (json_int_t)comparison->slower, "faster", (json_int_t)comparison->faster,
                     "unclear", (json_int_t)comparison->unclear, "too_few",
                     (json_int_t)comparison->too_few, "far", (json_int_t)comparison->far, "missing",
                     (json_int_t)comparison->missing, "notes", comparison->notes, "rows",
                     dataset_json(&dataset));
    dataset_free(&dataset);
    return json;
}
