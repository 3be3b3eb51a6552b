/* All tables of a report as data: tables.json, and a CSV file for each. */
#include "report/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "common/json.h"
#include "common/path.h"

/* Of one run a table is without the column `run`. */
static const char exports[] =
    "SELECT name, optional, printf('SELECT %s FROM \"%w\"', (SELECT group_concat('\"' || c.name || "
    "'\"') FROM pragma_table_info(e.name) c WHERE c.name <> 'run' OR (SELECT count(*) FROM runs) > "
    "1), name) FROM exports e";
enum { NAME, OPTIONAL, QUERY };

static int write_table(struct dataset *dataset, int folder, sqlite3_stmt *export, json_t *all,
                       struct error *error)
{
    const char *name = (const char *)sqlite3_column_text(export, NAME);
    const char *sql = (const char *)sqlite3_column_text(export, QUERY);
    char file[64];
    sqlite3_stmt *rows = dataset_query(dataset, sql, error);
    json_t *json = rows != NULL ? table_json(rows) : NULL;
    int status = 0;

    if (rows == NULL)
        return -EINVAL;
    snprintf(file, sizeof(file), "%s.csv", name);
    if (json == NULL) {
        status = -ENOMEM;
    } else if (sqlite3_column_int(export, OPTIONAL) && json_array_size(json) == 0) {
        unlinkat(folder, file, 0);
    } else {
        json_object_set(all, name, json);
        sqlite3_reset(rows);
        status = table_save(folder, file, rows);
    }
    json_decref(json);
    if (sqlite3_finalize(rows) != SQLITE_OK && status >= 0)
        return error_set(error, -EIO, "%s: %s", name, sqlite3_errmsg(dataset->db));
    return status < 0 ? error_set(error, status, "tables/%s: %s", file, strerror(-status)) : 0;
}

static int write_all(struct dataset *dataset, const char *folder, json_t *all, struct error *error)
{
    char path[PATH_MAX];
    int tables = file_open_folder(path_join(path, folder, "tables")), status = 0;
    sqlite3_stmt *listed;

    if (tables < 0)
        return error_set(error, tables, "tables/: %s", strerror(-tables));
    listed = dataset_query(dataset, exports, error);
    if (listed == NULL)
        status = -EINVAL;
    while (status == 0 && sqlite3_step(listed) == SQLITE_ROW)
        status = write_table(dataset, tables, listed, all, error);
    sqlite3_finalize(listed);
    close(tables);
    return status;
}

int tables_write(struct dataset *dataset, const char *folder, struct error *error)
{
    char path[PATH_MAX];
    char *id = dataset_text(dataset, "SELECT id FROM runs");
    json_t *all = json_object();
    json_t *json = json_pack("{s:s, s:s, s:o}", "schema", "report.tables/3", "run",
                             id != NULL ? id : "", "tables", all);
    int status = write_all(dataset, folder, all, error);

    if (status == 0) {
        status = json_file_write(path_join(path, folder, "tables.json"), json);
        if (status < 0)
            error_set(error, status, "tables.json: %s", strerror(-status));
    }
    json_decref(json);
    free(id);
    return status;
}
