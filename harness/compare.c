#include "harness/compare.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "common/stats.h"
#include "harness/reader.h"
#include "report/table.h"
#include "report/terminal.h"

static const char comparison_sql[] =
    "SELECT cell, metric, unit, a, b, ratio, ratio_low, ratio_high, mann_whitney_p, verdict "
    "FROM run_comparison";
static const char cells_sql[] =
    "SELECT a, b, rounds, ratio, low, high, p, verdict FROM cell_comparison";

static json_t *rows_of(struct dataset *dataset, const char *sql)
{
    struct error error;
    sqlite3_stmt *rows = dataset_query(dataset, sql, &error);
    json_t *json = rows != NULL ? table_json(rows) : NULL;

    sqlite3_finalize(rows);
    return json;
}

static int print_json(json_t *value, FILE *stream)
{
    int code = json_dumpf(value, stream, JSON_INDENT(2));

    fputc('\n', stream);
    json_decref(value);
    return code;
}

/* The comparison as one object: bench.comparison/1. */
static json_t *comparison_json(struct dataset *dataset)
{
    json_t *notes = rows_of(dataset, "SELECT note FROM run_notes"), *texts = json_array(), *note;
    json_t *counts = rows_of(dataset, "SELECT slower, faster, unclear, too_few, far, lost, missing "
                                      "FROM run_verdicts");
    json_t *ids = rows_of(dataset, "SELECT coalesce(id, '') id FROM runs ORDER BY run");
    json_t *json = json_pack("{s:s, s:O, s:O}", "schema", "bench.comparison/1", "a",
                             json_object_get(json_array_get(ids, 0), "id"), "b",
                             json_object_get(json_array_get(ids, 1), "id"));
    size_t i;

    json_array_foreach(notes, i, note)
    {
        json_array_append(texts, json_object_get(note, "note"));
    }
    json_object_update(json, json_array_get(counts, 0));
    json_object_set_new(json, "notes", texts);
    json_object_set_new(json, "rows", rows_of(dataset, comparison_sql));
    json_decref(notes);
    json_decref(counts);
    json_decref(ids);
    return json;
}

/* In the format of the options: as the template `name`, as what `sql` gives, or as `json`. */
static int print(struct dataset *dataset, const struct bench_options *options, const char *name,
                 const char *sql, json_t *(*json)(struct dataset *), FILE *stream,
                 struct error *error)
{
    sqlite3_stmt *rows;
    int code = 0;

    if (options->format == FORMAT_TEXT)
        return terminal_write(stream, dataset, name, error);
    if (options->format == FORMAT_JSON) {
        code = print_json(json(dataset), stream);
    } else if ((rows = dataset_query(dataset, sql, error)) != NULL) {
        code = table_write(stream, rows, TABLE_CSV);
        sqlite3_finalize(rows);
    }
    return code < 0 ? error_set(error, -EIO, "cannot print the comparison") : 0;
}

static enum bench_status judge_runs(struct dataset *dataset, struct error *error)
{
    if (dataset_number(dataset, "SELECT slower + far + missing + lost FROM run_verdicts", 0) > 0)
        return BENCH_INVALID;
    if (dataset_number(dataset, "SELECT faster + unclear FROM run_verdicts", 0) > 0)
        return BENCH_COMPLETE;
    error_set(error, 0,
              "no cell has the %d executions in both runs that a verdict takes; run the plan with "
              "--rounds %d or more",
              STATS_INTERVAL_MIN, STATS_INTERVAL_MIN);
    return BENCH_USAGE;
}

static enum bench_status judge_cells(struct dataset *dataset, struct error *error)
{
    double difference = dataset_number(
        dataset, "SELECT coalesce(difference, 2) FROM cell_comparison", DIFFERENCE_TOO_FEW);

    if (difference < 2)
        return difference > 0 ? BENCH_INVALID : BENCH_COMPLETE;
    error_set(error, 0, "a verdict takes %d rounds", STATS_INTERVAL_MIN);
    return BENCH_USAGE;
}

/* Loads one run, or two, which must be whole. */
static int load(struct dataset *dataset, const char *a, const char *b, double tolerance,
                struct error *error)
{
    int code = reader_open(dataset, a, b, error);

    if (code == 0)
        code = reader_check(dataset, error);
    return code == 0 && tolerance >= 0
               ? dataset_execute(dataset, "UPDATE tolerance SET share = ?", "d", tolerance)
               : code;
}

enum bench_status compare_runs(const char *a, const char *b, const struct bench_options *options,
                               FILE *stream, struct error *error)
{
    enum bench_status status = BENCH_USAGE;
    struct dataset dataset;
    int code = load(&dataset, a, b, options->tolerance, error);

    if (code == 0 && dataset_number(&dataset, "SELECT count(*) FROM run_pairs WHERE same", 0) < 1)
        code = error_set(error, -ENOENT, "the two runs have no cell in common");
    if (code == 0)
        code = print(&dataset, options, "compare", comparison_sql, comparison_json, stream, error);
    if (code == 0)
        status = judge_runs(&dataset, error);
    dataset_close(&dataset);
    return status;
}

static json_t *cells_json(struct dataset *dataset)
{
    return rows_of(dataset, cells_sql);
}

enum bench_status compare_cells(const char *run, const char *x, const char *y,
                                const struct bench_options *options, FILE *stream,
                                struct error *error)
{
    enum bench_status status = BENCH_USAGE;
    struct dataset dataset;
    int code = load(&dataset, run, NULL, options->tolerance, error);

    if (code == 0)
        code = dataset_execute(&dataset, "INSERT INTO chosen VALUES (?, ?)", "ss", x, y);
    if (code == 0 && dataset_number(&dataset, "SELECT count(*) FROM cell_comparison", 0) < 1)
        code = error_set(error, -ENOENT,
                         "no round of %.200s has executions of %.120s and %.120s that count", run,
                         x, y);
    if (code == 0)
        code = print(&dataset, options, "compare-cells", cells_sql, cells_json, stream, error);
    if (code == 0)
        status = judge_cells(&dataset, error);
    dataset_close(&dataset);
    return status;
}
