#include <gsl/gsl_multifit_nlinear.h>
#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "choose/predict.h"
#include "common/count.h"
#include "common/json.h"
#include "report/memory.h"

#define SEARCHES_MAX 30
#define FARTHEST     8 /* on the logarithmic scale, of a search that goes astray */
#define FOLDS        5
#define SUM_OFF_MIN  0.03 /* no sum is more certain than that */

/* To where the search began, for what no cell tells: the less the more exactly cells are met. */
static const double pulls[FIGURES] = {
    [FIGURE_CPU] = 1e-4, [FIGURE_WALL] = 1e-2, [FIGURE_MEMORY] = 1e-6};

/* A figure of a lane, whose cells are those where it was measured; every FOLDS-th of them, from
 * `fold` on, is left out. */
struct job {
    enum figure figure;
    struct parameters *lane;
    size_t searched[PARAMETERS_COUNT], parameters; /* the places of those that are searched for */
    struct parameters from;                        /* where the search began */
    struct cell *cells;
    size_t count, fold;
};

/* How far off a cell is, in yardsticks of `of`. */
static double off(const struct job *job, const struct cell *cell, double predicted, double of)
{
    return (predicted - cell->took[job->figure]) / predict_yardstick(job->figure, of, cell);
}

/* Of each cell, and how far each parameter is from where the search began. `logs` are the
 * logarithms of how many times as large it is. */
static int residuals(const gsl_vector *logs, void *user, gsl_vector *all)
{
    struct job *job = user;

    for (size_t i = 0; i < job->parameters; i++) {
        double log = gsl_vector_get(logs, i);

        PARAMETER(job->lane, job->searched[i]) =
            PARAMETER(&job->from, job->searched[i]) * exp(fmax(-FARTHEST, fmin(FARTHEST, log)));
        gsl_vector_set(all, job->count + i, sqrt(pulls[job->figure]) * log);
    }
    for (size_t i = 0; i < job->count; i++) {
        struct cell *cell = &job->cells[i];
        bool seen = i % FOLDS != job->fold;
        double value = seen ? predict(job->figure, job->lane, cell) : 0;

        if (isnan(value))
            return GSL_EDOM;
        value = off(job, cell, value, cell->took[job->figure]);
        gsl_vector_set(all, i, !seen ? 0 : job->figure == FIGURE_WALL ? asinh(value) : value);
    }
    return GSL_SUCCESS;
}

/* By Levenberg and Marquardt, from the parameters that the lane has. Returns whether all
 * predictions are numbers. */
static bool search(struct job *job)
{
    gsl_multifit_nlinear_parameters how = gsl_multifit_nlinear_default_parameters();
    gsl_multifit_nlinear_fdf system = {
        .f = residuals, .n = job->count + job->parameters, .p = job->parameters, .params = job};
    gsl_multifit_nlinear_workspace *space;
    gsl_vector *logs = gsl_vector_calloc(system.p);
    bool done = false;
    int info;

    how.h_df = 0.02; /* a simulation has small steps */
    space = gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &how, system.n, system.p);
    job->from = *job->lane;
    if (gsl_multifit_nlinear_init(logs, &system, space) == GSL_SUCCESS) {
        gsl_multifit_nlinear_driver(SEARCHES_MAX, 1e-3, 0, 1e-4, NULL, NULL, &info, space);
        done = residuals(gsl_multifit_nlinear_position(space), job,
                         gsl_multifit_nlinear_residual(space)) == GSL_SUCCESS;
    }
    gsl_multifit_nlinear_free(space);
    gsl_vector_free(logs);
    return done;
}

/* What 9 of 10 further ones will not exceed: at the place 0.9 (n + 1) of conformal prediction, or
 * between the two beside it; half as much again as the largest where they are too few. */
static double nine_of_ten(double *offs, size_t count)
{
    double place = 0.9 * (double)(count + 1);

    gsl_sort(offs, 1, count);
    if (place > (double)count)
        return 1.5 * offs[count - 1];
    return gsl_stats_quantile_from_sorted_data(offs, 1, count,
                                               (place - 1) / (double)(count > 1 ? count - 1 : 1));
}

/* Fits the figure, and then predicts each cell by a fit that has not seen it (cross-validation);
 * those at the ends of the range by all. Returns as search(). */
static bool fit_figure(struct job *job, double low, double high, double *error)
{
    double *offs = memory_or_end(calloc(job->count, sizeof(*offs)));
    bool fits = search(job);
    struct parameters whole = *job->lane, without;

    for (job->fold = 0; job->fold < FOLDS && job->fold < job->count && fits; job->fold++) {
        fits = search(job);
        without = *job->lane;
        *job->lane = whole;
        for (size_t i = job->fold; i < job->count && fits; i += FOLDS) {
            struct cell *cell = &job->cells[i];
            double took = cell->took[job->figure];
            bool end = took <= low || took >= high;
            double value = predict(job->figure, end ? &whole : &without, cell);

            offs[i] = fabs(off(job, cell, value, value));
            fits = isfinite(offs[i]);
        }
    }
    if (fits)
        *error = fmax(nine_of_ten(offs, job->count), job->figure == FIGURE_WALL ? 0 : SUM_OFF_MIN);
    free(offs);
    return fits;
}

/* Fits a figure to those cells that have it, which it copies to job->cells. One C alone tells
 * nothing of others: then the parameters are NAN. Returns as search(). */
static bool fit_to(struct job *job, const struct cell *cells, size_t count, double *error)
{
    double low = INFINITY, high = 0;
    bool several = job->lane->concurrency <= 1;

    job->fold = FOLDS;
    for (size_t i = 0; i < PARAMETERS_COUNT; i++)
        if (parameter_table[i].figure == job->figure)
            job->searched[job->parameters++] = i;
    for (size_t i = 0; i < count; i++)
        if (isfinite(cells[i].took[job->figure])) {
            job->cells[job->count++] = cells[i];
            several |= cells[i].calls.concurrency != job->cells[0].calls.concurrency;
            low = fmin(low, cells[i].took[job->figure]);
            high = fmax(high, cells[i].took[job->figure]);
        }
    if (several && job->count > 0)
        return fit_figure(job, low, high, error);
    for (size_t k = 0; k < job->parameters; k++)
        PARAMETER(job->lane, job->searched[k]) = NAN;
    return true;
}

void fitted(sqlite3_context *context, int count, sqlite3_value **values)
{
    json_t *lane = sql_json(values[0]), *said = sql_json(values[1]);
    size_t cell_count = json_array_size(said);
    struct cell *cells = memory_or_end(calloc(2 * cell_count + 1, sizeof(*cells)));
    struct parameters parameters = {.start_ns = 0};
    double *const errors[] = {&parameters.cpu_error, &parameters.wall_error,
                              &parameters.memory_error};
    /* How often a core wakes depends on what a call costs, and what an item computes on CPU time.
     */
    static const enum figure order[] = {FIGURE_CPU, FIGURE_WALL, FIGURE_CPU, FIGURE_MEMORY};
    bool done = count == 2;

    for (size_t i = 0; i < PARAMETERS_COUNT; i++)
        PARAMETER(&parameters, i) =
            json_number_at(lane, parameter_table[i].name, parameter_table[i].usual);
    for (size_t i = 0; i < cell_count && done; i++)
        cell_read(lane, json_array_get(said, i), &cells[i]);
    for (size_t i = 0; i < COUNT_OF(order) && done; i++) {
        struct job job = {.figure = order[i], .lane = &parameters, .cells = cells + cell_count};

        for (size_t k = 0; k < cell_count && done; k++)
            predict_simulated(&parameters, &cells[k]);
        done = done && fit_to(&job, cells, cell_count, errors[order[i]]);
        if (i == 0) { /* where the search for the costs begins */
            parameters.slot_ns = parameters.connect_ns = parameters.cpu_slot_ns / 2;
            parameters.before_ns = parameters.after_ns = parameters.cpu_item_ns / 2;
        }
    }
    for (size_t i = 0; i < PARAMETERS_COUNT; i++) /* what is not known is no number of JSON */
        json_object_set_new(lane, parameter_table[i].name, json_real(PARAMETER(&parameters, i)));
    sql_give(context, done ? json_incref(lane) : NULL, "a prediction is no number");
    json_decref(lane);
    json_decref(said);
    free(cells);
}
