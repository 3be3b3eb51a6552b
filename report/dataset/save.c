/* run.db: the dataset as a file that any reader of SQLite understands. */
#include <errno.h>
#include <string.h>

#include "common/file.h"
#include "report/dataset/dataset.h"

/* Whether any row has a blob there. */
static bool has_blobs(struct dataset *dataset, const char *table, const char *column)
{
    char *sql = sqlite3_mprintf("SELECT 1 FROM \"%w\" WHERE typeof(\"%w\") = 'blob' LIMIT 1", table,
                                column);
    bool has = dataset_number(dataset, sql, 0) > 0;

    sqlite3_free(sql);
    return has;
}

/* The columns of a table as a SELECT names them, to be freed with sqlite3_free(): values, summaries
 * by their parts, and no other figures, whose parts other columns name. */
static char *columns_of(struct dataset *dataset, const char *table, struct error *error)
{
    sqlite3_stmt *columns =
        dataset_query(dataset,
                      "SELECT name, instr(' ' || summaries || ' ', ' ' || name || ' ') > 0 FROM "
                      "pragma_table_info(?1) LEFT JOIN documentation ON view = ?1",
                      error);
    sqlite3_str *sql = sqlite3_str_new(dataset->db);
    char name[DATASET_NAME_SIZE];

    sqlite3_bind_text(columns, 1, table, -1, SQLITE_STATIC);
    while (sqlite3_step(columns) == SQLITE_ROW) {
        const char *column = (const char *)sqlite3_column_text(columns, 0);
        bool summary = sqlite3_column_int(columns, 1) > 0;

        for (size_t i = 0; summary && i < DATASET_PARTS; i++) {
            const char *function = dataset_part(i, column, name);

            sqlite3_str_appendf(sql,
                                i == 0 ? ", coalesce(%s(\"%w\"), 0) \"%w\"" : ", %s(\"%w\") \"%w\"",
                                function, column, name);
        }
        if (!summary && !has_blobs(dataset, table, column))
            sqlite3_str_appendf(sql, ", \"%w\"", column);
    }
    sqlite3_finalize(columns);
    return sqlite3_str_finish(sql);
}

/* The columns begin with a comma. */
static int save_table(struct dataset *dataset, const char *table, struct error *error)
{
    char *columns = columns_of(dataset, table, error), *sql = NULL;
    int code = -ENOMEM;

    if (columns != NULL)
        sql = sqlite3_mprintf("CREATE TABLE saved.\"%w\" AS SELECT %s FROM main.\"%w\"", table,
                              columns + 1, table);
    if (sql != NULL)
        code = dataset_execute(dataset, sql, "");
    sqlite3_free(sql);
    sqlite3_free(columns);
    return code < 0 ? error_set(error, code, "%s: %s", table, sqlite3_errmsg(dataset->db)) : 0;
}

static int save_tables(struct dataset *dataset, struct error *error)
{
    sqlite3_stmt *tables =
        dataset_query(dataset,
                      "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE "
                      "'raw!_%' ESCAPE '!' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY rowid",
                      error);
    int code = tables != NULL ? 0 : -EINVAL;

    while (code == 0 && sqlite3_step(tables) == SQLITE_ROW)
        code = save_table(dataset, (const char *)sqlite3_column_text(tables, 0), error);
    sqlite3_finalize(tables);
    return code;
}

/* The database is made in memory: no file that stands beside it, such as a journal, is ever read.
 */
int dataset_save(struct dataset *dataset, const char *path, struct error *error)
{
    unsigned char *file;
    sqlite3_int64 size;
    int code = dataset_execute(dataset, "ATTACH ':memory:' AS saved", "");

    if (code < 0)
        return error_set(error, code, "%s", sqlite3_errmsg(dataset->db));
    code = save_tables(dataset, error);
    if (code == 0) {
        file = sqlite3_serialize(dataset->db, "saved", &size, 0);
        code = file != NULL ? file_replace(path, file, (size_t)size) : -ENOMEM;
        if (code < 0)
            error_set(error, code, "%s", strerror(-code));
        sqlite3_free(file);
    }
    dataset_execute(dataset, "DETACH saved", "");
    return code;
}
