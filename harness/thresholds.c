#include "harness/thresholds.h"

#include <errno.h>
#include <stdlib.h>

#include "harness/show.h"
#include "report/embedded.h"
#include "report/table.h"

/* The views that thresholds.sql reads, as JSON; NULL without memory. */
static char *figures_of(struct dataset *dataset, struct error *error)
{
    json_t *all = json_object();
    sqlite3_stmt *timed = dataset_query(dataset, "SELECT * FROM cells ORDER BY n", error);
    sqlite3_stmt *memory = dataset_query(dataset, "SELECT * FROM memory_cells ORDER BY n", error);
    char *text;

    json_object_set_new(all, "cells", table_json(timed));
    json_object_set_new(all, "memory_cells", table_json(memory));
    text = json_dumps(all, 0);
    json_decref(all);
    sqlite3_finalize(timed);
    sqlite3_finalize(memory);
    return text;
}

static int judge(struct dataset *dataset, const char *said, const char *figures,
                 struct error *error)
{
    sqlite3_stmt *rows = dataset_query(dataset, embedded_thresholds_sql, error);
    int count = rows != NULL ? 0 : -EINVAL, code;

    sqlite3_bind_text(rows, 1, said, -1, SQLITE_STATIC);
    sqlite3_bind_text(rows, 2, figures, -1, SQLITE_STATIC);
    while (count >= 0 && sqlite3_step(rows) == SQLITE_ROW) {
        error_set(error, -EINVAL, "%s", (const char *)sqlite3_column_text(rows, 3));
        count = sqlite3_column_int(rows, 2) ? -EINVAL : count + 1;
        if (count > 0)
            error_print("bench", error);
    }
    code = sqlite3_finalize(rows); /* also of the last step */
    if (count >= 0 && code != SQLITE_OK)
        count = error_set(error, -EIO, "--fail-if: %s", sqlite3_errstr(code));
    return count;
}

int thresholds_judge(const json_t *said, const char *folder, struct error *error)
{
    struct dataset dataset;
    int code = show_open(&dataset, folder, NULL, error);
    char *thresholds = json_dumps(said, 0), *figures = NULL;

    if (code == 0 && folder != NULL)
        figures = figures_of(&dataset, error);
    if (code == 0 && (thresholds == NULL || (folder != NULL && figures == NULL)))
        code = error_set(error, -ENOMEM, "--fail-if: no memory");
    if (code == 0)
        code = judge(&dataset, thresholds, figures, error);
    free(thresholds);
    free(figures);
    dataset_close(&dataset);
    return code;
}
