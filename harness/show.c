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

/* A table for people as Markdown or AsciiDoc has it: the text COMMAND_NAME. */
static int print_text(struct dataset *dataset, const char *command, const char *name,
                      enum bench_format format, struct error *error)
{
    char text[64];

    snprintf(text, sizeof(text), "%s_%s", command, name);
    return texts_show(stdout, dataset, text,
                      format == FORMAT_ASCIIDOC ? TABLE_ASCIIDOC : TABLE_MARKED, error);
}

/* A table for programs: as CSV, or into *all. */
static int print_rows(struct dataset *dataset, const char *name, const char *sql,
                      enum bench_format format, json_t **all, struct error *error)
{
    sqlite3_stmt *rows = dataset_query(dataset, sql, error);
    int code = rows != NULL ? 0 : -EINVAL;

    if (rows != NULL && format == FORMAT_CSV)
        code = table_write(stdout, rows, TABLE_CSV);
    else if (rows != NULL && *all == NULL)
        *all = table_json(rows);
    else if (rows != NULL)
        json_object_set_new(*all, name, table_json(rows));
    sqlite3_finalize(rows);
    return code < 0 ? error_set(error, code, "cannot print %s", name) : 0;
}

int show_print(struct dataset *dataset, const char *command, const struct bench_options *options,
               json_t *object, struct error *error)
{
    json_t *queries = show_queries(command), *all = object, *sql;
    const char *name, *between = "";
    enum bench_format format = options->format;
    int code =
        format == FORMAT_TEXT ? texts_show(stdout, dataset, command, TABLE_TERMINAL, error) : 0;

    json_object_foreach(json_object_get(queries, "tables"), name, sql)
    {
        if (code < 0 || format == FORMAT_TEXT ||
            (options->table != NULL && strcmp(name, options->table) != 0))
            continue;
        fputs(between, stdout);
        code = format >= FORMAT_MARKDOWN
                   ? print_text(dataset, command, name, format, error)
                   : print_rows(dataset, name, json_string_value(sql), format, &all, error);
        between = format == FORMAT_CSV ? "\r\n" : "";
    }
    if (code == 0 && format == FORMAT_JSON) {
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(all);
    json_decref(queries);
    return code;
}

/* Whether there is the table that the options name. */
static int check_table(const char *table, struct error *error)
{
    json_t *queries = show_queries("show");
    bool known = json_object_get(json_object_get(queries, "tables"), table) != NULL;

    json_decref(queries);
    return known ? 0
                 : error_set(error, -EINVAL, "there is no table %.100s: cells, memory, remarks",
                             table);
}

int show_run(const char *path, const struct bench_options *options, struct error *error)
{
    struct dataset dataset;
    int code = show_open(&dataset, path, NULL, error);

    if (code == 0 && options->table != NULL)
        code = check_table(options->table, error);
    if (code == 0)
        code = show_print(&dataset, "show", options, json_object(), error);
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
