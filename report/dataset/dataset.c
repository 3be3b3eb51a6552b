#include "report/dataset/dataset.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report/embedded.h"
#include "report/memory.h"

static int fail(struct dataset *dataset, struct error *error)
{
    int code = sqlite3_errcode(dataset->db) == SQLITE_NOMEM ? -ENOMEM : -EINVAL;

    return error_set(error, code, "%s", sqlite3_errmsg(dataset->db));
}

int dataset_run(struct dataset *dataset, const char *sql, struct error *error)
{
    char *text = dataset_ask(dataset, embedded_lists_sql, "s", sql);
    bool done = text != NULL && sqlite3_exec(dataset->db, text, NULL, NULL, NULL) == SQLITE_OK;

    free(text);
    return done ? 0 : fail(dataset, error);
}

int dataset_open(struct dataset *dataset, struct error *error)
{
    int status = 0;

    *dataset = (struct dataset){.db = NULL};
    if (sqlite3_open(":memory:", &dataset->db) != SQLITE_OK ||
        dataset_register_functions(dataset->db) != SQLITE_OK)
        status = error_set(error, -ENOMEM, "no memory for the dataset");
    if (status == 0)
        status = dataset_execute(dataset, "CREATE TABLE raw_words AS SELECT ? j", "s",
                                 embedded_words_json);
    if (status == 0)
        status = dataset_run(dataset, embedded_views_sql, error);
    if (status < 0)
        dataset_close(dataset);
    return status;
}

void dataset_close(struct dataset *dataset)
{
    sqlite3_close(dataset->db);
    dataset->db = NULL;
}

sqlite3_stmt *dataset_query(struct dataset *dataset, const char *sql, struct error *error)
{
    sqlite3_stmt *statement;

    if (sqlite3_prepare_v2(dataset->db, sql, -1, &statement, NULL) == SQLITE_OK)
        return statement;
    fail(dataset, error);
    return NULL;
}

double dataset_number(struct dataset *dataset, const char *sql, double otherwise)
{
    struct error error;
    sqlite3_stmt *statement = dataset_query(dataset, sql, &error);
    double value = otherwise;

    if (statement != NULL && sqlite3_step(statement) == SQLITE_ROW &&
        sqlite3_column_type(statement, 0) != SQLITE_NULL)
        value = sqlite3_column_double(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

/* NULL where it is no statement. */
static sqlite3_stmt *prepare(struct dataset *dataset, const char *sql, const char *types,
                             va_list values)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(dataset->db, sql, -1, &statement, NULL);

    for (int i = 1; code == SQLITE_OK && types[i - 1] != '\0'; i++)
        code = types[i - 1] == 'i'   ? sqlite3_bind_int(statement, i, va_arg(values, int))
               : types[i - 1] == 'd' ? sqlite3_bind_double(statement, i, va_arg(values, double))
                                     : sqlite3_bind_text(statement, i, va_arg(values, const char *),
                                                         -1, SQLITE_TRANSIENT);
    if (code == SQLITE_OK)
        return statement;
    sqlite3_finalize(statement);
    return NULL;
}

int dataset_execute(struct dataset *dataset, const char *sql, const char *types, ...)
{
    sqlite3_stmt *statement;
    va_list values;
    int code = SQLITE_ERROR;

    va_start(values, types);
    statement = prepare(dataset, sql, types, values);
    va_end(values);
    if (statement != NULL)
        code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? 0 : -EIO;
}

char *dataset_ask(struct dataset *dataset, const char *sql, const char *types, ...)
{
    sqlite3_stmt *statement;
    const char *text = NULL;
    va_list values;
    char *copy;

    va_start(values, types);
    statement = prepare(dataset, sql, types, values);
    va_end(values);
    if (statement != NULL && sqlite3_step(statement) == SQLITE_ROW)
        text = (const char *)sqlite3_column_text(statement, 0);
    copy = text != NULL ? memory_or_end(strdup(text)) : NULL;
    sqlite3_finalize(statement);
    return copy;
}

char *dataset_text(struct dataset *dataset, const char *sql)
{
    return dataset_ask(dataset, sql, "");
}

/* Views stand in the order of their definitions, in which each knows those before it only. */
int dataset_freeze(struct dataset *dataset, struct error *error)
{
    static const char next[] = "SELECT name FROM sqlite_schema WHERE type = 'view' "
                               "ORDER BY rowid LIMIT 1";
    char *name, *sql;
    int status = 0;

    while (status == 0 && (name = dataset_text(dataset, next)) != NULL) {
        sql = sqlite3_mprintf("CREATE TABLE frozen AS SELECT * FROM \"%w\"; DROP VIEW \"%w\";"
                              "CREATE TABLE \"%w\" AS SELECT * FROM frozen; DROP TABLE frozen",
                              name, name, name);
        status = sql != NULL ? dataset_run(dataset, sql, error) : -ENOMEM;
        if (status < 0)
            error_set(error, status, "view %s: %s", name, sqlite3_errmsg(dataset->db));
        sqlite3_free(sql);
        free(name);
    }
    return status;
}
