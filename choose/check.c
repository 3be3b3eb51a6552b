#include "choose/check.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "choose/candidates.h"
#include "choose/fit.h"
#include "common/count.h"
#include "common/json.h"
#include "report/table.h"

extern const char choose_choosing_sql[];

static const char from_sql[] =
    "INSERT INTO predicted_from SELECT ?, EXISTS (SELECT 1 FROM runs WHERE run = 1"
    " AND instr(json_extract(?, '$.runs'), id))";

static int check_memory(struct dataset *dataset, const struct parameters *parameters,
                        struct error *error)
{
    sqlite3_stmt *row = dataset_query(dataset, FIT_MEMORY_CELLS, error);
    int code = row != NULL ? 0 : -EINVAL;

    while (code == 0 && sqlite3_step(row) == SQLITE_ROW) {
        const struct lane_parameters *lane =
            parameters_of(parameters, (const char *)sqlite3_column_text(row, 1));
        double bytes =
            lane != NULL ? parts_sum(&lane->memory_bytes, sqlite3_column_double(row, 2), 0) : 0;

        if (bytes > 0)
            code = dataset_execute(
                dataset, "INSERT INTO residuals VALUES (?, ?, ?, 'memory', ?, ?, ?)", "issddd",
                sqlite3_column_int(row, 4), (const char *)sqlite3_column_text(row, 0), lane->lane,
                bytes, bytes * lane->memory_bytes.error, sqlite3_column_double(row, 3));
    }
    sqlite3_finalize(row);
    return code;
}

/* Whether two are the same work, so that one of them may be recommended for it. */
static bool is_same_work(const struct fitted_cell *a, const struct fitted_cell *b)
{
    return a->load.requests == b->load.requests && a->load.concurrency == b->load.concurrency &&
           memcmp(&a->load.latency, &b->load.latency, sizeof(a->load.latency)) == 0 &&
           (a->load.own_ns > 0) == (b->load.own_ns > 0) && a->load.own_ns <= 1.5 * b->load.own_ns &&
           b->load.own_ns <= 1.5 * a->load.own_ns && strcmp(a->language, b->language) == 0 &&
           a->load.waits && b->load.waits && a->load.rate <= 0 && b->load.rate <= 0;
}

/* What would be recommended for the work of cells[first], of those that were measured. */
static int check_advice(struct dataset *dataset, const struct fitted_cell *cells,
                        const struct candidate *predicted, size_t first, size_t count)
{
    struct candidates all = {.all = calloc(count, sizeof(*all.all))};
    struct question q = {.load = cells[first].load};
    double best_ns = cells[first].wall_ns, chosen_ns;
    double *walls_ns = calloc(count, sizeof(*walls_ns));
    int code = all.all != NULL && walls_ns != NULL ? 0 : -ENOMEM;

    for (size_t i = first; i < count && code == 0; i++) {
        if (predicted[i].lane == NULL || !is_same_work(&cells[first], &cells[i]))
            continue;
        walls_ns[all.possible] = cells[i].wall_ns;
        all.all[all.possible++] = predicted[i];
        best_ns = cells[i].wall_ns < best_ns ? cells[i].wall_ns : best_ns;
    }
    if (code == 0 && all.possible > 1) {
        chosen_ns = walls_ns[candidates_pick(&all, &q)];
        code = dataset_execute(dataset, "INSERT INTO advice VALUES (?, ?, ?)", "sdd",
                               cells[first].cell, chosen_ns, best_ns);
    }
    free(walls_ns);
    free(all.all);
    return code;
}

static int check_cells(struct dataset *dataset, const struct parameters *parameters,
                       const struct fitted_cell *cells, struct candidate *predicted, size_t count)
{
    int code = 0;

    for (size_t i = 0; i < count && code == 0; i++) {
        const struct lane_parameters *lane = parameters_of(parameters, cells[i].lane);
        struct prediction *p = &predicted[i].predicted;

        if (lane == NULL || cells[i].load.rate > 0)
            continue;
        predicted[i].lane = lane;
        predicted[i].simplicity = candidates_simplicity(lane->model, cells[i].shape);
        code = predict(lane, &cells[i].load, &cells[i].shape, p);
        if (code == 0)
            code =
                dataset_execute(dataset, "INSERT INTO residuals VALUES (?, ?, ?, 'wall', ?, ?, ?)",
                                "issddd", cells[i].run, cells[i].cell, lane->lane, p->wall_ns,
                                p->wall_error_ns, cells[i].wall_ns);
    }
    for (size_t i = 0; i < count && code == 0; i++) {
        size_t first = 0;

        while (!is_same_work(&cells[first], &cells[i]) && first < i)
            first++;
        if (first == i)
            code = check_advice(dataset, cells, predicted, i, count);
    }
    return code;
}

int residuals_make(struct dataset *dataset, const struct parameters *parameters,
                   struct error *error)
{
    struct fitted_cell *cells;
    struct candidate *predicted;
    size_t count;
    char *about = json_dumps(parameters->about, JSON_COMPACT);
    int code =
        fit_read(dataset, json_number_at(parameters->about, "pace", NAN), &cells, &count, error);

    predicted = calloc(count + 1, sizeof(*predicted));
    if (code == 0)
        code = dataset_run(dataset, choose_choosing_sql, error);
    if (code == 0)
        code = about != NULL && predicted != NULL
                   ? check_cells(dataset, parameters, cells, predicted, count)
                   : error_set(error, -ENOMEM, "no memory");
    if (code == 0)
        code = check_memory(dataset, parameters, error);
    if (code == 0)
        code = dataset_execute(dataset, from_sql, "ss", about, about);
    free(about);
    free(predicted);
    free(cells);
    return code;
}

int residuals_print(struct dataset *dataset, struct error *error)
{
    static const char *const tables[] = {"residual_list", "advice_missed", "residual_summary"};
    int code = 0;

    for (size_t i = 0; i < COUNT_OF(tables) && code == 0; i++) {
        char sql[64];
        sqlite3_stmt *rows;

        snprintf(sql, sizeof(sql), "SELECT * FROM %s", tables[i]);
        rows = dataset_query(dataset, sql, error);
        code = rows == NULL || table_write(stdout, rows, TABLE_TERMINAL) < 0 ? -EINVAL : 0;
        puts("");
        sqlite3_finalize(rows);
    }
    return code;
}
