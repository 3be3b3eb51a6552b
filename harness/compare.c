/* `bench compare`: two runs cell by cell, or two cells of one run. */
#include <errno.h>
#include <stdlib.h>

#include "common/ratio.h"
#include "harness/show.h"
#include "report/texts.h"

/* What is compared, by queries on the dataset. */
struct comparison {
    const char *text; /* the template */
    struct show_table table;
    const char *head;    /* what it has as one object before its rows, or NULL */
    const char *pairs;   /* how many there are to be compared */
    const char *status;  /* the exit status */
    const char *too_few; /* of executions for a verdict: how many it takes */
};

static const struct comparison of_runs = {
    .text = "compare",
    .table = {"rows", "SELECT cell, metric, unit, a, b, ratio, ratio_low, ratio_high, "
                      "mann_whitney_p, holm_p, verdict FROM run_comparison"},
    .head = "SELECT json_object('schema', 'bench.comparison/1', 'a', (SELECT coalesce(id, '') FROM "
            "runs WHERE run = 1), 'b', (SELECT coalesce(id, '') FROM runs WHERE run = 2), "
            "'slower', slower, 'faster', faster, 'unclear', unclear, 'perhaps', perhaps, "
            "'too_few', too_few, 'far', far, 'lost', lost, 'missing', missing, 'notes', (SELECT "
            "json_group_array(note) FROM run_notes)) FROM run_verdicts",
    .pairs = "SELECT count(*) FROM run_pairs WHERE same",
    .status = "SELECT CASE WHEN slower + far + missing + lost > 0 THEN 1 "
              "WHEN faster + unclear > 0 THEN 0 END FROM run_verdicts",
    .too_few = "no cell has the %1$d executions in both runs that a verdict takes; run the plan "
               "with --rounds %1$d or more",
};

static const struct comparison of_cells = {
    .text = "compare_cells",
    .table = {"rows", "SELECT a, b, rounds, ratio, low, high, p, verdict FROM cell_comparison"},
    .pairs = "SELECT count(*) FROM cell_comparison",
    .status = "SELECT CASE WHEN difference < 2 THEN difference > 0 END FROM cell_comparison",
    .too_few = "a verdict takes %d rounds",
};

/* In the format of the options. */
static int print(struct dataset *dataset, const struct comparison *comparison,
                 enum bench_format format, struct error *error)
{
    char *head;
    json_t *object;

    if (format == FORMAT_TEXT)
        return texts_show(stdout, dataset, comparison->text, error);
    head = comparison->head != NULL ? dataset_text(dataset, comparison->head) : NULL;
    object = head != NULL ? json_loads(head, 0, NULL) : NULL;
    free(head);
    return show_tables(dataset, &comparison->table, 1, format, object, error);
}

/* Loads one run, or two, which must be whole, and what the options say of them. */
static int load(struct dataset *dataset, const char *a, const char *b,
                const struct bench_options *options, struct error *error)
{
    int code = show_open(dataset, a, b, error);

    if (code == 0)
        code = show_check(dataset, error);
    if (code == 0 && options->tolerance >= 0)
        code = dataset_execute(dataset, "UPDATE tolerance SET share = ?", "d", options->tolerance);
    if (code == 0 && options->cells)
        code = dataset_execute(dataset, "INSERT INTO chosen VALUES (?, ?)", "ss",
                               options->subjects[1], options->subjects[2]);
    return code == -EIO ? error_set(error, code, "no memory for a comparison") : code;
}

enum bench_status bench_compare(const struct bench_options *options, const struct suite *suite,
                                struct error *error)
{
    const struct comparison *comparison = options->cells ? &of_cells : &of_runs;
    const char *const *names = options->subjects;
    char a[PATH_MAX], b[PATH_MAX];
    enum bench_status status = BENCH_USAGE;
    struct dataset dataset;
    int code;

    if (suite_find_run(suite, names[0], a, error) < 0 ||
        (!options->cells && suite_find_run(suite, names[1], b, error) < 0))
        return status;
    code = load(&dataset, a, options->cells ? NULL : b, options, error);
    if (code == 0 && dataset_number(&dataset, comparison->pairs, 0) < 1) {
        code = error_set(error, -ENOENT, "the two runs have no cell in common");
        if (options->cells)
            error_set(error, code,
                      "no round of %.200s has executions of %.120s and %.120s that count", a,
                      names[1], names[2]);
    }
    if (code == 0)
        code = print(&dataset, comparison, options->format, error);
    if (code == 0)
        status = (enum bench_status)dataset_number(&dataset, comparison->status, BENCH_USAGE);
    if (code == 0 && status == BENCH_USAGE)
        error_set(error, 0, comparison->too_few, STATS_INTERVAL_MIN);
    dataset_close(&dataset);
    return status;
}
