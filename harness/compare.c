#include "harness/compare.h"

#include <errno.h>
#include <stdlib.h>

#include "common/ratio.h"
#include "harness/show.h"
#include "report/texts.h"

static const struct show_table comparison = {
    "rows",
    "SELECT cell, metric, unit, a, b, ratio, ratio_low, ratio_high, mann_whitney_p, verdict "
    "FROM run_comparison"};
static const struct show_table cells = {
    "rows", "SELECT a, b, rounds, ratio, low, high, p, verdict FROM cell_comparison"};

/* What the comparison as one object has before its rows. */
static const char head_sql[] =
    "SELECT json_object('schema', 'bench.comparison/1', 'a', (SELECT coalesce(id, '') FROM runs "
    "WHERE run = 1), 'b', (SELECT coalesce(id, '') FROM runs WHERE run = 2), 'slower', slower, "
    "'faster', faster, 'unclear', unclear, 'too_few', too_few, 'far', far, 'lost', lost, "
    "'missing', missing, 'notes', (SELECT json_group_array(note) FROM run_notes)) "
    "FROM run_verdicts";

/* In the format of the options: as the template `name`, or as what `table` gives, which of two runs
 * is a part of an object. */
static int print(struct dataset *dataset, const struct bench_options *options, const char *name,
                 const struct show_table *table, FILE *stream, struct error *error)
{
    char *head = table == &comparison ? dataset_text(dataset, head_sql) : NULL;
    json_t *object = head != NULL ? json_loads(head, 0, NULL) : NULL;

    free(head);
    if (options->format != FORMAT_TEXT)
        return show_tables(dataset, table, 1, options->format, object, stream, error);
    json_decref(object);
    return texts_show(stream, dataset, name, error);
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
    int code = show_open(dataset, a, b, error);

    if (code == 0)
        code = show_check(dataset, error);
    if (code == 0 && tolerance >= 0 &&
        dataset_execute(dataset, "UPDATE tolerance SET share = ?", "d", tolerance) < 0)
        code = error_set(error, -ENOMEM, "no memory for the tolerance");
    return code;
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
        code = print(&dataset, options, "compare", &comparison, stream, error);
    if (code == 0)
        status = judge_runs(&dataset, error);
    dataset_close(&dataset);
    return status;
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
        code = print(&dataset, options, "compare_cells", &cells, stream, error);
    if (code == 0)
        status = judge_cells(&dataset, error);
    dataset_close(&dataset);
    return status;
}
