#include "choose/check.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "choose/candidates.h"
#include "choose/fit.h"
#include "common/count.h"
#include "common/json.h"
#include "report/table.h"

static const char schema[] = "CREATE TABLE residuals (cell, what, predicted, error, measured);"
                             "CREATE TABLE advice (cell, chosen_ns, best_ns)";

static const char residuals_sql[] =
    "SELECT cell, what, iif(what = 'wall', duration(measured), bytes(measured)) \"measured>\","
    " iif(what = 'wall', duration(predicted), bytes(predicted)) || ' ± ' ||"
    " iif(what = 'wall', duration(error), bytes(error)) \"predicted>\","
    " printf('%+.1f %%', 100 * (predicted / measured - 1)) \"off>\","
    " iif(abs(predicted - measured) <= error, '', 'outside') \"its error\""
    " FROM residuals ORDER BY what DESC, abs(predicted / measured - 1) DESC";

static const char summary_sql[] =
    "SELECT what, count(*) \"cells>\", share(avg(abs(predicted / measured - 1) <= 0.05)) "
    " \"within 5 %>\", share(avg(abs(predicted / measured - 1) <= 0.1)) \"within 10 %>\","
    " share(avg(abs(predicted - measured) <= error)) \"within their errors>\""
    " FROM residuals GROUP BY what UNION ALL"
    " SELECT 'recommendation', count(*), share(avg(chosen_ns <= 1.05 * best_ns)),"
    " share(avg(chosen_ns <= 1.1 * best_ns)), '' FROM advice";

static const char advice_sql[] =
    "SELECT cell \"not the best recommended\", duration(chosen_ns) \"took>\","
    " duration(best_ns) \"best>\" FROM advice WHERE chosen_ns > 1.05 * best_ns";

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
            code = dataset_execute(dataset, "INSERT INTO residuals VALUES (?, 'memory', ?, ?, ?)",
                                   "sddd", (const char *)sqlite3_column_text(row, 0), bytes,
                                   bytes * lane->memory_bytes.error, sqlite3_column_double(row, 3));
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
            code = dataset_execute(dataset, "INSERT INTO residuals VALUES (?, 'wall', ?, ?, ?)",
                                   "sddd", cells[i].cell, p->wall_ns, p->wall_error_ns,
                                   cells[i].wall_ns);
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

int check(struct dataset *dataset, const struct parameters *parameters, struct error *error)
{
    const char *const tables[] = {residuals_sql, advice_sql, summary_sql};
    struct fitted_cell *cells;
    struct candidate *predicted;
    size_t count;
    int code =
        fit_read(dataset, json_number_at(parameters->about, "pace", NAN), &cells, &count, error);

    predicted = calloc(count + 1, sizeof(*predicted));
    if (code == 0)
        code = dataset_run(dataset, schema, error);
    if (code == 0)
        code = predicted != NULL ? check_cells(dataset, parameters, cells, predicted, count)
                                 : error_set(error, -ENOMEM, "no memory");
    if (code == 0)
        code = check_memory(dataset, parameters, error);
    for (size_t i = 0; i < COUNT_OF(tables) && code == 0; i++) {
        sqlite3_stmt *rows = dataset_query(dataset, tables[i], error);

        code = rows == NULL || table_write(stdout, rows, TABLE_TERMINAL) < 0 ? -EINVAL : 0;
        puts("");
        sqlite3_finalize(rows);
    }
    free(predicted);
    free(cells);
    return code;
}
