#include "harness/show.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/embedded.h"
#include "report/table.h"
#include "report/texts.h"

int show_open(struct dataset *dataset, const char *a, const char *b, struct error *error)
{
    const char *folders[] = {a, b, NULL};
    int code = dataset_open(dataset, error);
    struct error reason;

    for (size_t i = 0; code == 0 && folders[i] != NULL; i++) {
        code = dataset_load(dataset, folders[i], false, &reason);
        if (code < 0)
            error_set(error, code, "%.300s/%.200s", folders[i], reason.text);
    }
    return code;
}

/* A file that is not there is no fault: a run may have been killed before its first execution. */
int show_check(struct dataset *dataset, struct error *error)
{
    char *fault =
        dataset_text(dataset, "SELECT folder || '/' || fault FROM faults JOIN runs "
                              "USING (run) WHERE fault LIKE '%, line %' OR (fault NOT LIKE "
                              "'run.json:%' AND fault NOT LIKE '%: No such file or "
                              "directory') LIMIT 1");
    int code = fault != NULL ? error_set(error, -EINVAL, "%s", fault) : 0;

    free(fault);
    return code;
}

json_t *show_queries(const char *command)
{
    json_t *all = json_loads(embedded_queries_json, 0, NULL);
    json_t *queries = json_incref(json_object_get(all, command));

    json_decref(all);
    return queries;
}

int show_tables(struct dataset *dataset, const json_t *queries, const char *only,
                enum bench_format format, json_t *object, struct error *error)
{
    json_t *all = object, *sql;
    const char *name, *between = "";
    int code = 0;

    json_object_foreach(json_object_get(queries, "tables"), name, sql)
    {
        sqlite3_stmt *rows;

        if (code < 0 || (only != NULL && strcmp(name, only) != 0))
            continue;
        rows = dataset_query(dataset, json_string_value(sql), error);

        if (rows == NULL)
            code = -EINVAL;
        else if (format == FORMAT_CSV)
            code = fputs(between, stdout) < 0 ? -EIO : table_write(stdout, rows, TABLE_CSV);
        else if (object == NULL)
            all = table_json(rows);
        else
            json_object_set_new(object, name, table_json(rows));
        sqlite3_finalize(rows);
        code = code < 0 ? error_set(error, code, "cannot print %s", name) : 0;
        between = "\r\n";
    }
    if (code == 0 && format == FORMAT_JSON) {
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(all);
    return code;
}

/* All tables, or the one that the options name. */
static int write_data(struct dataset *dataset, const struct bench_options *options,
                      struct error *error)
{
    json_t *queries = show_queries("show");
    int code;

    if (options->table != NULL &&
        json_object_get(json_object_get(queries, "tables"), options->table) == NULL)
        code = error_set(error, -EINVAL, "there is no table %.100s: cells, memory, remarks",
                         options->table);
    else
        code = show_tables(dataset, queries, options->table, options->format, json_object(), error);
    json_decref(queries);
    return code;
}

int show_run(const char *path, const struct bench_options *options, struct error *error)
{
    struct dataset dataset;
    int code = show_open(&dataset, path, NULL, error);

    if (code == 0 && options->format == FORMAT_TEXT)
        code = texts_show(stdout, &dataset, "show", error);
    else if (code == 0)
        code = write_data(&dataset, options, error);
    if (code == 0)
        code = show_check(&dataset, error);
    dataset_close(&dataset);
    return code;
}

enum bench_status bench_show(const struct bench_options *options, const struct suite *suite,
                             struct error *error)
{
    char path[PATH_MAX];
    bool shown = suite_find_run(suite, options->subjects[0], path, error) == 0 &&
                 show_run(path, options, error) == 0;

    return shown ? BENCH_COMPLETE : BENCH_USAGE;
}
