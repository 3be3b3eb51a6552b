/* run.db: the dataset as a file that any reader of SQLite understands. */
#include <errno.h>
#include <string.h>

#include "common/file.h"
#include "report/dataset/dataset.h"

/* What a column holds, as the table `documentation` or its rows say: blobs that are summaries,
 * other blobs (figures whose parts other columns name), or plain values. */
enum content { VALUES, SUMMARIES, OTHERS };

static enum content content_of(struct dataset *dataset, const char *table, const char *column)
{
    char *sql = sqlite3_mprintf(
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM documentation WHERE view = %Q AND instr(' ' || "
        "summaries || ' ', ' %q ')) THEN 1 WHEN EXISTS (SELECT 1 FROM \"%w\" WHERE typeof(\"%w\") "
        "= "
        "'blob') THEN 2 ELSE 0 END",
        table, column, table, column);
    enum content content = (enum content)dataset_number(dataset, sql, 0);

    sqlite3_free(sql);
    return content;
}

static void select_column(sqlite3_str *sql, const char *column, enum content content)
{
    const char *comma = sqlite3_str_length(sql) > 0 ? ", " : "";
    char name[DATASET_NAME_SIZE];

    if (content == VALUES)
        sqlite3_str_appendf(sql, "%s\"%w\"", comma, column);
    for (size_t i = 0; content == SUMMARIES && i < DATASET_PARTS; i++) {
        const char *function = dataset_part(i, column, name);

        if (i == 0)
            sqlite3_str_appendf(sql, "%scoalesce(%s(\"%w\"), 0) \"%w\"", comma, function, column,
                                name);
        else
            sqlite3_str_appendf(sql, ", %s(\"%w\") \"%w\"", function, column, name);
    }
}

/* The columns of a table as a SELECT names them; to be freed with sqlite3_free(). */
static char *columns_of(struct dataset *dataset, const char *table, struct error *error)
{
    sqlite3_stmt *columns = dataset_query(dataset, "SELECT name FROM pragma_table_info(?)", error);
    sqlite3_str *sql = sqlite3_str_new(dataset->db);

    sqlite3_bind_text(columns, 1, table, -1, SQLITE_STATIC);
    while (sqlite3_step(columns) == SQLITE_ROW) {
        const char *column = (const char *)sqlite3_column_text(columns, 0);

        select_column(sql, column, content_of(dataset, table, column));
    }
    sqlite3_finalize(columns);
    return sqlite3_str_finish(sql);
}

static int save_table(struct dataset *dataset, const char *table, struct error *error)
{
    char *columns = columns_of(dataset, table, error);
    char *sql = columns != NULL ? sqlite3_mprintf("CREATE TABLE saved.\"%w\" AS SELECT %s FROM "
                                                  "main.\"%w\"",
                                                  table, columns, table)
                                : NULL;
    int code = sql != NULL ? dataset_execute(dataset, sql, "") : -ENOMEM;

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
