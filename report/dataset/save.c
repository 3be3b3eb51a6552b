/* run.db: the dataset as a file that any reader of SQLite understands. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

int dataset_save(struct dataset *dataset, const char *path, struct error *error)
{
    char *temporary = sqlite3_mprintf("%s.%d.new", path, (int)getpid());
    int code = -ENOMEM;

    if (temporary == NULL)
        return error_set(error, code, "no memory");
    code = dataset_execute(dataset, "ATTACH ? AS saved", "s", temporary);
    if (code < 0) {
        error_set(error, code, "%s", sqlite3_errmsg(dataset->db));
        goto out;
    }
    sqlite3_exec(dataset->db, "PRAGMA saved.journal_mode = OFF; BEGIN", NULL, NULL, NULL);
    code = save_tables(dataset, error);
    if (code == 0 && dataset_execute(dataset, "COMMIT", "") < 0)
        code = error_set(error, -EIO, "%s", sqlite3_errmsg(dataset->db));
    if (code < 0)
        sqlite3_exec(dataset->db, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_exec(dataset->db, "DETACH saved", NULL, NULL, NULL);
    if (code == 0 && rename(temporary, path) < 0)
        code = error_set(error, -errno, "%s", strerror(errno));
out:
    if (code < 0)
        unlink(temporary);
    sqlite3_free(temporary);
    return code;
}
