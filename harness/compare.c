#include "harness/compare.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/dataset.h"
#include "common/json.h"
#include "common/ratio.h"
#include "common/run_compare.h"
#include "common/units.h"
#include "harness/error.h"
#include "harness/table.h"

static void add_value(struct table *table, enum compared compared, const struct stats_summary *of)
{
    char text[UNITS_TEXT_SIZE];

    if (of->count == 0)
        table_add(table, "-");
    else if (compared == COMPARED_PSS)
        table_add(table, "%s", units_format_bytes((uint64_t)of->median, text));
    else
        table_add(table, "%s", units_format_duration((uint64_t)of->median, text));
}

static void add_ratio(struct table *table, const struct ratio *ratio)
{
    if (isfinite(ratio->ratio))
        table_add(table, "%.3f", ratio->ratio);
    else
        table_add(table, "-");
    if (stats_has_interval(&ratio->interval))
        table_add(table, "%.3f … %.3f", ratio->interval.low, ratio->interval.high);
    else
        table_add(table, "-");
}

/* Of the Mann-Whitney test; unknown where one side has nothing. */
static void add_p(struct table *table, const struct ratio *ratio)
{
    if (!isfinite(ratio->p))
        table_add(table, "-");
    else if (ratio->p < 0.001)
        table_add(table, "< 0.001");
    else
        table_add(table, "%.3f", ratio->p);
}

static void print_rows(const struct run_comparison *comparison, FILE *stream)
{
    static const char *const heads[] = {"<cell", "<what",     "n A", "n B",      "A", "B",
                                        "B / A", "<interval", "p",   "<verdict", NULL};
    struct table table;

    table_init(&table, heads);
    for (size_t i = 0; i < comparison->count; i++) {
        const struct run_row *row = &comparison->rows[i];

        table_add(&table, "%s", row->cell);
        table_add(&table, "%s", run_compare_name(row->compared));
        table_add(&table, "%zu", row->a.count);
        table_add(&table, "%zu", row->b.count);
        add_value(&table, row->compared, &row->a);
        add_value(&table, row->compared, &row->b);
        add_ratio(&table, &row->ratio);
        add_p(&table, &row->ratio);
        table_add(&table, "%s", run_compare_verdict(row));
    }
    table_print(&table, stream);
}

/* Cells that counted in A and do not in B. */
static size_t count_lost(const struct run_comparison *comparison)
{
    size_t lost = 0;

    for (size_t i = 0; i < comparison->count; i++)
        lost += comparison->rows[i].compared != COMPARED_CPU && comparison->rows[i].a.count > 0 &&
                comparison->rows[i].b.count == 0;
    return lost;
}

static void print_text(const struct run_comparison *comparison, FILE *stream)
{
    json_t *note;
    size_t i;

    fprintf(stream, "A: %s\nB: %s\n\n", json_text_at(comparison->run[0], "id", "?"),
            json_text_at(comparison->run[1], "id", "?"));
    print_rows(comparison, stream);
    fputc('\n', stream);
    json_array_foreach(comparison->notes, i, note)
    {
        fprintf(stream, "%s\n", json_string_value(note));
    }
    fprintf(stream,
            "%zu slower or larger, %zu faster or smaller, %zu without a clear difference, %zu with "
            "too few rounds for a verdict (%zu of them far slower or larger), %zu that no longer "
            "count, %zu missing\n",
            comparison->slower, comparison->faster, comparison->unclear, comparison->too_few,
            comparison->far, count_lost(comparison), comparison->missing);
}

static int print_json(json_t *value, FILE *stream)
{
    int code = json_dumpf(value, stream, JSON_INDENT(2) | JSON_ENCODE_ANY);

    fputc('\n', stream);
    json_decref(value);
    return code;
}

static int print_csv(const struct run_comparison *comparison, FILE *stream)
{
    struct dataset dataset;

    if (run_compare_dataset(comparison, &dataset) < 0)
        return -1;
    dataset_csv(stream, &dataset);
    dataset_free(&dataset);
    return 0;
}

static enum bench_status judge(const struct run_comparison *comparison, char *error)
{
    if (comparison->slower > 0 || comparison->far > 0 || comparison->missing > 0 ||
        count_lost(comparison) > 0)
        return BENCH_INVALID;
    if (comparison->faster > 0 || comparison->unclear > 0)
        return BENCH_COMPLETE;
    error_set(error, 0,
              "no cell has the %d executions in both runs that a verdict takes; run the plan with "
              "--rounds %d or more",
              STATS_INTERVAL_MIN, STATS_INTERVAL_MIN);
    return BENCH_USAGE;
}

enum bench_status compare_runs(const char *a, const char *b, const struct bench_options *options,
                               FILE *stream, char *error)
{
    struct run_comparison comparison;
    enum bench_status status;
    int code = 0;

    if (run_compare(a, b, options->tolerance, &comparison, error) < 0)
        return BENCH_USAGE;
    if (options->format == FORMAT_JSON)
        code = print_json(run_compare_json(&comparison), stream);
    else if (options->format == FORMAT_CSV)
        code = print_csv(&comparison, stream);
    else
        print_text(&comparison, stream);
    status = judge(&comparison, error);
    run_compare_free(&comparison);
    if (code < 0) {
        error_set(error, code, "cannot print the comparison");
        return BENCH_USAGE;
    }
    return status;
}

/* Wall times of two cells in the rounds in which both count. */
struct pairs {
    double *x, *y;
    size_t count;
};

static double wall_in_round(const json_t *samples, const char *cell, double round)
{
    json_t *sample;
    size_t i;

    json_array_foreach((json_t *)samples, i, sample)
    {
        if (strcmp(json_text_at(sample, "cell", ""), cell) == 0 &&
            json_number_at(sample, "round", 0) == round &&
            json_is_true(json_object_get(sample, "valid")))
            return json_number_at(sample, "wall_ns", -1);
    }
    return -1;
}

static int collect_pairs(const json_t *samples, const char *x, const char *y, struct pairs *pairs)
{
    size_t most = json_array_size(samples), i;
    json_t *sample;

    *pairs = (struct pairs){.x = calloc(most + 1, sizeof(double)),
                            .y = calloc(most + 1, sizeof(double))};
    if (pairs->x == NULL || pairs->y == NULL)
        return -1;
    json_array_foreach((json_t *)samples, i, sample)
    {
        double round = json_number_at(sample, "round", 0), wall_x, wall_y;

        if (strcmp(json_text_at(sample, "cell", ""), x) != 0)
            continue;
        wall_x = wall_in_round(samples, x, round);
        wall_y = wall_in_round(samples, y, round);
        if (wall_x > 0 && wall_y > 0) {
            pairs->x[pairs->count] = wall_x;
            pairs->y[pairs->count++] = wall_y;
        }
    }
    return 0;
}

static void pairs_free(struct pairs *pairs)
{
    free(pairs->x);
    free(pairs->y);
}

static void fill_pair(struct dataset *dataset, const char *x, const char *y,
                      const struct ratio *ratio)
{
    dataset_row(dataset);
    dataset_text(dataset, x);
    dataset_text(dataset, y);
    dataset_number(dataset, (double)ratio->count);
    dataset_number(dataset, ratio->ratio);
    dataset_number(dataset, ratio->interval.low);
    dataset_number(dataset, ratio->interval.high);
    dataset_number(dataset, ratio->p);
    dataset_text(dataset, ratio_time_verdict(ratio->difference));
}

static void print_pair(const char *x, const char *y, const struct ratio *ratio, FILE *stream)
{
    fprintf(stream, "%s takes %.3f times the wall time of %s", y, ratio->ratio, x);
    if (stats_has_interval(&ratio->interval))
        fprintf(stream, " (95 %%: %.3f … %.3f)", ratio->interval.low, ratio->interval.high);
    fprintf(stream, " in %zu rounds: %s\n", ratio->count, ratio_time_verdict(ratio->difference));
}

static void print_ratio(const char *x, const char *y, const struct ratio *ratio,
                        enum bench_format format, FILE *stream)
{
    static const char *const columns[] = {"a",    "b", "rounds",  "ratio", "low",
                                          "high", "p", "verdict", NULL};
    struct dataset dataset;

    if (format == FORMAT_TEXT) {
        print_pair(x, y, ratio, stream);
        return;
    }
    if (dataset_init(&dataset, "comparison", columns) < 0)
        return;
    fill_pair(&dataset, x, y, ratio);
    if (format == FORMAT_CSV)
        dataset_csv(stream, &dataset);
    else
        print_json(dataset_json(&dataset), stream);
    dataset_free(&dataset);
}

enum bench_status compare_cells(const char *run, const char *x, const char *y,
                                const struct bench_options *options, FILE *stream, char *error)
{
    char path[PATH_MAX];
    json_t *samples;
    struct pairs pairs;
    struct ratio ratio;
    int code;

    snprintf(path, sizeof(path), "%.3800s/results.jsonl", run);
    samples = json_lines_load(path, error);
    if (samples == NULL)
        return BENCH_USAGE;
    code = collect_pairs(samples, x, y, &pairs);
    if (code == 0 && pairs.count == 0)
        code = error_set(error, -1,
                         "no round of %.500s has executions of %.160s and %.160s that "
                         "count",
                         run, x, y);
    if (code == 0)
        code = ratio_paired(pairs.y, pairs.x, pairs.count, options->tolerance, &ratio);
    json_decref(samples);
    pairs_free(&pairs);
    if (code < 0)
        return BENCH_USAGE;
    print_ratio(x, y, &ratio, options->format, stream);
    if (ratio.difference == DIFFERENCE_TOO_FEW) {
        error_set(error, 0, "a verdict takes %d rounds", STATS_INTERVAL_MIN);
        return BENCH_USAGE;
    }
    return ratio.difference == DIFFERENCE_MORE ? BENCH_INVALID : BENCH_COMPLETE;
}
