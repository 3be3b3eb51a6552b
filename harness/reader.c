#include "harness/reader.h"

#include <errno.h>
#include <stdlib.h>

#include "report/table.h"

static int load(struct dataset *dataset, const char *folder, struct error *error)
{
    struct error reason;
    int code = dataset_load(dataset, folder, false, &reason);

    return code < 0 ? error_set(error, code, "%.300s/%.200s", folder, reason.text) : 0;
}

int reader_open(struct dataset *dataset, const char *a, const char *b, struct error *error)
{
    int code = dataset_open(dataset, error);

    if (code == 0)
        code = load(dataset, a, error);
    if (code == 0 && b != NULL)
        code = load(dataset, b, error);
    return code;
}

/* A file that is not there is no fault: a run may have been killed before its first execution. */
int reader_check(struct dataset *dataset, struct error *error)
{
    char *fault = dataset_text(dataset, "SELECT folder || '/' || fault FROM faults JOIN runs "
                                        "USING (run) WHERE fault LIKE '%, line %' LIMIT 1");
    int code = fault != NULL ? error_set(error, -EINVAL, "%s", fault) : 0;

    free(fault);
    return code;
}

int reader_print(struct dataset *dataset, const struct reader_table *tables, size_t count,
                 enum bench_format format, json_t *object, FILE *stream, struct error *error)
{
    json_t *all = object;
    int code = 0;

    for (size_t i = 0; i < count && code == 0; i++) {
        sqlite3_stmt *rows = dataset_query(dataset, tables[i].sql, error);

        if (rows == NULL)
            code = -EINVAL;
        else if (format == FORMAT_CSV)
            code = fputs(i > 0 ? "\r\n" : "", stream) < 0 ? -EIO
                                                          : table_write(stream, rows, TABLE_CSV);
        else if (object == NULL)
            all = table_json(rows);
        else
            json_object_set_new(object, tables[i].name, table_json(rows));
        sqlite3_finalize(rows);
        code = code < 0 ? error_set(error, code, "cannot print %s", tables[i].name) : 0;
    }
    if (code == 0 && format == FORMAT_JSON) {
        json_dumpf(all, stream, JSON_INDENT(2));
        fputc('\n', stream);
    }
    json_decref(all);
    return code;
}
