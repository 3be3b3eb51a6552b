/* `bench history`: a figure of the cells over the runs of a folder, and where it changed. */
#include <errno.h>

#include "harness/show.h"
#include "report/embedded.h"

/* What cannot be read is left out, and said. */
static void add_run(void *dataset, const char *folder, const char *name)
{
    struct error reason;

    if (dataset_load(dataset, folder, false, &reason) < 0)
        fprintf(stderr, "bench: %s is left out: %s\n", name, reason.text);
}

/* The runs of `suite`, and of their history what the options ask for. */
static int load(struct dataset *dataset, const struct suite *suite,
                const struct bench_options *options, struct error *error)
{
    suite_each_run(suite, add_run, dataset);
    if (sqlite3_exec(dataset->db, embedded_history_sql, NULL, NULL, NULL) != SQLITE_OK)
        return error_set(error, -EINVAL, "history.sql: %s", sqlite3_errmsg(dataset->db));
    dataset_execute(dataset, "INSERT INTO history_wanted VALUES (?, ?)", "ss", options->cell,
                    options->figure);
    if (dataset_number(dataset, "SELECT count(*) FROM history", 0) < 1)
        return error_set(error, -ENOENT, "no run in %.250s has %s%.100s%s%.20s that counts",
                         suite->results, options->cell != NULL ? "a cell " : "a cell",
                         options->cell != NULL ? options->cell : "",
                         options->figure != NULL ? " with a figure " : "",
                         options->figure != NULL ? options->figure : "");
    return 0;
}

enum bench_status bench_history(const struct bench_options *options, const struct suite *suite,
                                struct error *error)
{
    struct suite here = *suite;
    struct dataset dataset;
    int code = dataset_open(&dataset, error);

    if (options->subjects[0] != NULL)
        snprintf(here.results, sizeof(here.results), "%s", options->subjects[0]);
    if (code == 0)
        code = load(&dataset, &here, options, error);
    if (code == 0)
        code = show_print(&dataset, "history", options, NULL, error);
    dataset_close(&dataset);
    return code == 0 ? BENCH_COMPLETE : BENCH_USAGE;
}
