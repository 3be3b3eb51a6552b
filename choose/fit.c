#include "choose/fit.h"

#include <errno.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/count.h"

#define SLICE_NS 6e6  /* of the scheduler, which looks at every tick of 4 ms */
#define PRIOR    1e-3 /* the pull towards where the search began: for what no cell tells */

#define SEARCHES_MAX 30
#define FARTHEST     8 /* on the logarithmic scale, of a search that goes astray */
#define FOLDS        5
#define CELLS_MIN    3 /* of a lane that make requests: fewer tell too little */

/* The cells of one lane; every FOLDS-th of them, from `fold` on, may be left out. */
#define SEARCHED 10

struct fit_job {
    struct lane_parameters *lane;
    struct fitted_cell **cells;
    size_t count, fold;
    double from[SEARCHED]; /* where the search began */
};

/* ---- What was measured ------------------------------------------------------------------- */

static void copy_text(char *to, size_t size, sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    snprintf(to, size, "%s", text != NULL ? text : "");
}

static void read_row(sqlite3_stmt *row, struct fitted_cell *cell)
{
    const char *work = (const char *)sqlite3_column_text(row, 8);
    const char *compute = (const char *)sqlite3_column_text(row, 9);
    const char *spec = (const char *)sqlite3_column_text(row, 18);
    struct error error;

    copy_text(cell->cell, sizeof(cell->cell), row, 0);
    copy_text(cell->lane, sizeof(cell->lane), row, 1);
    copy_text(cell->model, sizeof(cell->model), row, 2);
    copy_text(cell->language, sizeof(cell->language), row, 3);
    cell->load = (struct calls){
        .requests = (uint64_t)sqlite3_column_int64(row, 4),
        .concurrency = (uint64_t)sqlite3_column_int64(row, 5),
        .latency = {.a_ns = sqlite3_column_double(row, 6)},
        .own_ns = sqlite3_column_double(row, 7),
        .rate = sqlite3_column_double(row, 19),
        .waits = strcmp(work, "cpu") != 0,
        .fresh = sqlite3_column_int(row, 13),
    };
    if (spec != NULL && latency_parse(spec, &cell->load.latency, &error) < 0)
        cell->load.latency.kind = LATENCY_FIXED; /* its mean */
    cell->shape =
        shape_of(cell->model, cell->language, compute, (uint64_t)sqlite3_column_int64(row, 10),
                 (uint64_t)sqlite3_column_int64(row, 11),
                 sqlite3_column_int(row, 12) || strcmp(cell->language, "python") == 0,
                 (uint64_t)sqlite3_column_int64(row, 17));
    cell->wall_ns = sqlite3_column_double(row, 14);
    cell->start_ns = sqlite3_column_double(row, 15);
    cell->cpu_ns = sqlite3_column_double(row, 16);
    cell->p99_ns = sqlite3_column_double(row, 20);
    cell->run = sqlite3_column_int(row, 21);
}

/* Rounds of the chain that a core computes in a ns, by all calibrations. */
#define PACE "(SELECT avg(1.0 * rounds / cpu_ns) FROM calibrations WHERE block_bytes <= 32)"

/* Items of one CPU time have as many rounds as a run's calibration found. It is a little off each
 * time, but how many they are is known before anything is measured. */
static const char cells_sql[] =
    "WITH pace AS (SELECT run calibrated, cpu_ns of_ns, rounds / coalesce(%s, " PACE ") paced_ns"
    "    FROM calibrations WHERE block_bytes <= 32)"
    "SELECT cell, lane, follows, language, requests, concurrency, latency_ns,"
    "    coalesce(paced_ns, item_ns, 0), work, compute, workers, loops, gil,"
    "    median(connections) >= 0.99 * requests, median(wall_ns), median(start_ns),"
    "    median(cpu_ns), value, spec, coalesce(rate, 0), median(due_p99_ns), cells.run "
    "FROM cells LEFT JOIN pace ON calibrated = cells.run AND of_ns = item_ns"
    "    JOIN environment ON environment.run = cells.run AND what = 'cores' "
    "WHERE ranked AND follows IS NOT NULL AND requests > 0 AND concurrency > 0"
    "    AND work IN ('io', 'cpu', 'mixed', 'open')"
    "    AND blocks <= 32 AND client IS NOT 'raw' ORDER BY cells.run, n";

int fit_read(struct dataset *dataset, double pace, struct fitted_cell **cells, size_t *count,
             struct error *error)
{
    char known[32] = "NULL", *sql;
    sqlite3_stmt *row;
    int code;

    if (pace > 0)
        snprintf(known, sizeof(known), "%.17g", pace);
    sql = sqlite3_mprintf(cells_sql, known);
    row = sql != NULL ? dataset_query(dataset, sql, error) : NULL;
    code = row != NULL ? 0 : -EINVAL;
    sqlite3_free(sql);
    *cells = NULL;
    *count = 0;
    while (code == 0 && sqlite3_step(row) == SQLITE_ROW) {
        struct fitted_cell *more = realloc(*cells, (*count + 1) * sizeof(**cells));

        if (more == NULL) {
            code = error_set(error, -ENOMEM, "no memory");
            break;
        }
        *cells = more;
        memset(&more[*count], 0, sizeof(*more));
        read_row(row, &more[(*count)++]);
    }
    sqlite3_finalize(row);
    return code;
}

/* ---- Costs ------------------------------------------------------------------------------- */

/* What is searched for. How long a program takes to start and to exit is measured as such, and a
 * slice is the kernel's. */
static const size_t searched[SEARCHED] = {
    offsetof(struct lane_parameters, compute),       offsetof(struct lane_parameters, costs.slot),
    offsetof(struct lane_parameters, costs.connect), offsetof(struct lane_parameters, costs.before),
    offsetof(struct lane_parameters, costs.after),   offsetof(struct lane_parameters, costs.crowd),
    offsetof(struct lane_parameters, costs.throng),  offsetof(struct lane_parameters, costs.serve),
    offsetof(struct lane_parameters, costs.hand),    offsetof(struct lane_parameters, costs.jostle),
};

static double *cost(struct lane_parameters *lane, size_t i)
{
    return (void *)((char *)lane + searched[i]);
}

/* Of how much each cell is off, in yardsticks, and how far each cost is from where the search
 * began. `logs` are the logarithms of costs[i] / usual[i]. */
static int residuals(const gsl_vector *logs, void *user, gsl_vector *off)
{
    struct fit_job *job = user;

    for (size_t i = 0; i < SEARCHED; i++) {
        *cost(job->lane, i) =
            job->from[i] * exp(fmax(-FARTHEST, fmin(FARTHEST, gsl_vector_get(logs, i))));
        gsl_vector_set(off, job->count + i, sqrt(PRIOR) * gsl_vector_get(logs, i));
    }
    for (size_t i = 0; i < job->count; i++) {
        struct fitted_cell *cell = job->cells[i];

        gsl_vector_set(off, i, 0);
        if (i % FOLDS == job->fold)
            continue;
        if (predict_wall(job->lane, &cell->load, &cell->shape, &cell->predicted) < 0)
            return GSL_ENOMEM;
        gsl_vector_set(off, i,
                       (cell->predicted.wall_ns - cell->wall_ns) /
                           predict_yardstick_ns(cell->wall_ns, cell->waiting_ns));
    }
    return GSL_SUCCESS;
}

/* By Levenberg and Marquardt, from the costs that the lane has. Returns 0 or -ENOMEM. */
static int search(struct fit_job *job)
{
    gsl_multifit_nlinear_parameters how = gsl_multifit_nlinear_default_parameters();
    gsl_multifit_nlinear_fdf system = {
        .f = residuals, .n = job->count + SEARCHED, .p = SEARCHED, .params = job};
    gsl_multifit_nlinear_workspace *space;
    gsl_vector *logs = gsl_vector_calloc(SEARCHED);
    int code = -ENOMEM, info;

    how.h_df = 0.02; /* a simulation has small steps */
    space = gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &how, system.n, system.p);
    for (size_t i = 0; i < SEARCHED; i++)
        job->from[i] = *cost(job->lane, i);
    if (space != NULL && logs != NULL) {
        gsl_multifit_nlinear_init(logs, &system, space);
        gsl_multifit_nlinear_driver(SEARCHES_MAX, 1e-3, 0, 1e-4, NULL, NULL, &info, space);
        code = residuals(gsl_multifit_nlinear_position(space), job,
                         gsl_multifit_nlinear_residual(space)) == GSL_SUCCESS
                   ? 0
                   : -ENOMEM;
    }
    if (space != NULL)
        gsl_multifit_nlinear_free(space);
    if (logs != NULL)
        gsl_vector_free(logs);
    return code;
}

/* ---- How far off ------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* What 9 of 10 further ones will not exceed, of `off` errors of cells that were not fitted; by the
 * rank of conformal prediction. Half as much again as the largest where they are too few. */
static double nine_of_ten(double *off, size_t count)
{
    size_t rank = (size_t)ceil(0.9 * (double)(count + 1));

    if (count == 0)
        return INFINITY;
    qsort(off, count, sizeof(*off), compare);
    return rank <= count ? off[rank - 1] : 1.5 * off[count - 1];
}

/* Cross-validation: each cell is predicted by a fit that has not seen it. */
static int validate(struct fit_job *job, double *off)
{
    struct lane_parameters *lane = job->lane, whole = *lane;
    int code = 0;

    for (job->fold = 0; job->fold < FOLDS && code == 0; job->fold++) {
        if (job->fold < job->count)
            code = search(job);
        for (size_t i = job->fold; i < job->count && code == 0; i += FOLDS) {
            struct fitted_cell *cell = job->cells[i];

            code = predict_wall(lane, &cell->load, &cell->shape, &cell->predicted);
            off[i] = fabs(cell->predicted.wall_ns - cell->wall_ns) /
                     predict_yardstick_ns(cell->predicted.wall_ns, cell->waiting_ns);
        }
        *lane = whole;
    }
    job->fold = FOLDS;
    lane->wall_error = nine_of_ten(off, job->count);
    return code;
}

/* ---- Sums of parts ----------------------------------------------------------------------- */

struct part_row {
    double factors[3]; /* 1, of each slot, of each item */
    double value;
};

/* The parts, none of them negative, that come nearest to all rows but one, by shares of each. */
static void fit_parts(const struct part_row *rows, size_t count, size_t without, double *parts)
{
    for (size_t sweep = 0; sweep < 3000; sweep++) {
        size_t part = sweep % 3;
        double above = 0, below = 0;

        for (size_t i = 0; i < count; i++) {
            const double *x = rows[i].factors, y = rows[i].value;
            double rest = y - parts[0] * x[0] - parts[1] * x[1] - parts[2] * x[2];

            if (i == without)
                continue;
            above += (rest + parts[part] * x[part]) * x[part] / (y * y);
            below += x[part] * x[part] / (y * y);
        }
        parts[part] = below > 0 ? fmax(0, above / below) : 0;
    }
}

/* Likewise with how far off it is: of what stands between others if it is left out, and of the
 * ends of the range with all. Returns 0 or -ENOMEM. */
static int fit_sum(const struct part_row *rows, size_t count, struct parts *sum)
{
    double *off = calloc(count + 1, sizeof(*off)), parts[3] = {0};
    double low = INFINITY, high = 0;

    if (off == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        low = fmin(low, rows[i].value);
        high = fmax(high, rows[i].value);
    }
    for (size_t i = 0; i < count; i++) {
        const double *x = rows[i].factors;
        bool end = rows[i].value <= low || rows[i].value >= high;

        fit_parts(rows, count, end ? SIZE_MAX : i, parts);
        off[i] = fabs((parts[0] * x[0] + parts[1] * x[1] + parts[2] * x[2]) / rows[i].value - 1);
    }
    fit_parts(rows, count, SIZE_MAX, parts);
    *sum = (struct parts){parts[0], parts[1], parts[2], fmax(0.02, nine_of_ten(off, count))};
    free(off);
    return 0;
}

static int fit_cpu(const struct fit_job *job)
{
    struct part_row *rows = calloc(job->count, sizeof(*rows));
    size_t count = 0;
    int code;

    if (rows == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < job->count; i++) {
        const struct calls *load = &job->cells[i]->load;
        double items = (double)load->requests;

        if (load->waits && load->own_ns == 0)
            rows[count++] = (struct part_row){
                {1, fmin((double)load->concurrency, items), items},
                job->cells[i]->cpu_ns,
            };
    }
    code = fit_sum(rows, count, &job->lane->cpu_ns);
    free(rows);
    return code;
}

/* With one C alone nothing is known of others; a lane that has no other C needs no more. */
static int fit_memory(struct dataset *dataset, struct lane_parameters *lane, struct error *error)
{
    sqlite3_stmt *row = dataset_query(dataset, FIT_MEMORY_CELLS, error);
    struct part_row rows[64];
    size_t count = 0;
    bool several = false;

    if (row == NULL)
        return -EINVAL;
    while (count < COUNT_OF(rows) && sqlite3_step(row) == SQLITE_ROW)
        if (strcmp((const char *)sqlite3_column_text(row, 1), lane->lane) == 0) {
            rows[count++] = (struct part_row){{1, sqlite3_column_double(row, 2), 0},
                                              sqlite3_column_double(row, 3)};
            several |= rows[count - 1].factors[1] != rows[0].factors[1];
        }
    sqlite3_finalize(row);
    lane->memory_bytes = (struct parts){NAN, 0, 0, 0};
    if (!several && lane->concurrency > 1)
        return 0;
    return count > 0 ? fit_sum(rows, count, &lane->memory_bytes) : 0;
}

double fit_memory_at(struct dataset *dataset, const char *lane, uint64_t in_flight)
{
    char *sql = sqlite3_mprintf("SELECT " FIT_MEMORY " FROM memory_cells WHERE lane = %Q AND ranked"
                                " AND asked = %llu",
                                lane, (unsigned long long)in_flight);
    double bytes = sql != NULL ? dataset_number(dataset, sql, NAN) : NAN;

    sqlite3_free(sql);
    return bytes;
}

/* ---- The whole --------------------------------------------------------------------------- */

static int fit_lane(struct dataset *dataset, struct fit_job *job, struct error *error)
{
    double *off = calloc(job->count, sizeof(*off));
    struct lane_parameters *lane = job->lane;
    int code = off != NULL ? 0 : -ENOMEM;

    for (size_t i = 0; i < job->count && code == 0; i++) {
        struct fitted_cell *cell = job->cells[i];

        code = predict_waiting(&cell->load, &cell->shape, &cell->waiting_ns);
        lane->concurrency = fmax(lane->concurrency, (double)cell->load.concurrency);
    }
    lane->cells = (double)job->count;
    job->fold = FOLDS;
    if (code == 0)
        code = search(job);
    if (code == 0)
        code = validate(job, off);
    if (code == 0)
        code = fit_cpu(job);
    free(off);
    return code < 0 ? error_set(error, code, "no memory") : fit_memory(dataset, lane, error);
}

/* Starts a lane with what its first cell says, and costs of the usual size. */
static struct lane_parameters start_of(const struct fitted_cell *cell)
{
    struct lane_parameters lane = {
        .compute = 1,
        .costs = {cell->start_ns, 2e4, 5e4, 2e4, 2e4, 1, 1, 4e4, 2e4, 1e3, SLICE_NS},
    };

    snprintf(lane.lane, sizeof(lane.lane), "%s", cell->lane);
    snprintf(lane.model, sizeof(lane.model), "%s", cell->model);
    snprintf(lane.language, sizeof(lane.language), "%s", cell->language);
    return lane;
}

/* Fits the lane of cells[first], unless there are too few cells of it. */
static int fit_from(struct dataset *dataset, struct fitted_cell *cells, size_t first, size_t count,
                    struct parameters *parameters, struct error *error)
{
    struct lane_parameters *lane = &parameters->lanes[parameters->count];
    struct fit_job job = {.lane = lane, .cells = calloc(count, sizeof(*job.cells))};
    bool enough;
    int code;

    if (job.cells == NULL)
        return error_set(error, -ENOMEM, "no memory");
    *lane = start_of(&cells[first]);
    for (size_t i = first; i < count; i++)
        if (strcmp(cells[i].lane, lane->lane) == 0 && cells[i].load.rate <= 0) {
            lane->requests += cells[i].load.waits;
            lane->computed |= cells[i].load.own_ns > 0;
            job.cells[job.count++] = &cells[i];
        }
    enough = lane->requests >= CELLS_MIN;
    code = enough ? fit_lane(dataset, &job, error) : 0;
    parameters->count += code == 0 && enough;
    free(job.cells);
    return code;
}

/* Which runs on which machine: the first one's. */
static const char about_sql[] =
    "SELECT json_object('runs', (SELECT group_concat(id, ', ') FROM runs), 'started_at',"
    "    (SELECT min(started_at) FROM runs), 'cpu_model', max(iif(what = 'cpu_model', value, "
    "NULL)),"
    "    'cores', max(iif(what = 'cores', value, NULL)), 'kernel',"
    "    max(iif(what = 'kernel', value, NULL)), 'pace', " PACE ") FROM environment WHERE run = 1";

/* A lane that never computed does it like another one of its language. */
static void borrow_compute(struct parameters *parameters)
{
    for (size_t i = 0; i < parameters->count; i++)
        for (size_t j = 0; j < parameters->count && !parameters->lanes[i].computed; j++)
            if (parameters->lanes[j].computed &&
                strcmp(parameters->lanes[i].language, parameters->lanes[j].language) == 0) {
                parameters->lanes[i].compute = parameters->lanes[j].compute;
                break;
            }
}

int fit(struct dataset *dataset, struct parameters *parameters, struct error *error)
{
    struct fitted_cell *cells;
    size_t count;
    int code = fit_read(dataset, NAN, &cells, &count, error);
    char *about = dataset_text(dataset, about_sql);

    *parameters = (struct parameters){.lanes = calloc(count + 1, sizeof(*parameters->lanes))};
    parameters->about = about != NULL ? json_loads(about, 0, NULL) : NULL;
    free(about);
    if (code == 0 && (parameters->lanes == NULL || parameters->about == NULL))
        code = error_set(error, -ENOMEM, "no memory");
    for (size_t i = 0; i < count && code == 0; i++) {
        size_t first = 0;

        while (strcmp(cells[first].lane, cells[i].lane) != 0)
            first++;
        if (first == i)
            code = fit_from(dataset, cells, i, count, parameters, error);
    }
    borrow_compute(parameters);
    free(cells);
    return code;
}
