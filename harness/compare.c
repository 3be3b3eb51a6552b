/* `bench compare`: two runs cell by cell, or two cells of one run. */
#include <errno.h>
#include <stdlib.h>

#include "common/json.h"
#include "common/ratio.h"
#include "harness/show.h"
#include "report/texts.h"

/* What stands before the rows in JSON; NULL: nothing. */
static json_t *head_of(struct dataset *dataset, const json_t *comparison)
{
    const char *sql = json_text_at(comparison, "head", NULL);
    char *head = sql != NULL ? dataset_text(dataset, sql) : NULL;
    json_t *object = head != NULL ? json_loads(head, 0, NULL) : NULL;

    free(head);
    return object;
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
    const char *name = options->cells ? "compare_cells" : "compare";
    json_t *comparison;
    const char *const *names = options->subjects;
    char a[PATH_MAX], b[PATH_MAX];
    enum bench_status status = BENCH_USAGE;
    struct dataset dataset;
    int code;

    if (suite_find_run(suite, names[0], a, error) < 0 ||
        (!options->cells && suite_find_run(suite, names[1], b, error) < 0))
        return status;
    comparison = show_queries(name);
    code = load(&dataset, a, options->cells ? NULL : b, options, error);
    if (code == 0 && dataset_number(&dataset, json_text_at(comparison, "pairs", ""), 0) < 1) {
        code = error_set(error, -ENOENT, "the two runs have no cell in common");
        if (options->cells)
            error_set(error, code,
                      "no round of %.200s has executions of %.120s and %.120s that count", a,
                      names[1], names[2]);
    }
    if (code == 0)
        code = show_print(&dataset, name, options, head_of(&dataset, comparison), error);
    if (code == 0 && options->junit != NULL)
        code = texts_save(options->junit, &dataset, "compare_junit", error);
    if (code == 0 && options->github != NULL)
        code = texts_save(options->github, &dataset, "compare_github", error);
    if (code == 0)
        status = (enum bench_status)dataset_number(&dataset, json_text_at(comparison, "status", ""),
                                                   BENCH_USAGE);
    if (code == 0 && status == BENCH_USAGE)
        error_set(error, 0, json_text_at(comparison, "too_few", ""), STATS_INTERVAL_MIN);
    json_decref(comparison);
    dataset_close(&dataset);
    return status;
}
