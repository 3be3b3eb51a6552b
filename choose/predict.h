/* What a lane takes for some calls, by its parameters; and the parameters, fitted to what it took.
 * Both are functions of SQL (predict.c, fit.c), with which choosing.sql does all the rest:
 *
 *   predicted(lane, calls)  the figures of calls, with how far off each may be
 *   fitted(lane, cells)     a lane, with the parameters that fit an array of cells best
 *
 * All of them are JSON: a lane as in reference.json, calls and cells as in choosing.sql. */
#ifndef CHOOSE_PREDICT_H
#define CHOOSE_PREDICT_H

#include <jansson.h>

#include "choose/simulate.h"
#include "report/dataset/dataset.h"

#define PARAMETERS_COUNT (sizeof(struct parameters) / sizeof(double))

/* By their places in struct parameters. */
struct parameter {
    const char *name;
    enum figure figure;
    double usual, pull;
};
extern const struct parameter parameter_table[PARAMETERS_COUNT];

static inline double *parameter_at(struct parameters *parameters, size_t i)
{
    return (double *)parameters + i;
}

/* Calls, and what they took. */
struct cell {
    struct calls calls;
    struct shape shape;
    double waiting_ns; /* the least time: nothing but the waits costs anything */
    double took[FIGURES]; /* NAN: not measured */
};

/* Reads the calls of a lane. Returns 0; -EINVAL: such a latency there is not; or -ENOMEM. */
int cell_read(const json_t *lane, const json_t *calls, struct cell *cell);

/* One of the figures; NAN without memory. */
double predict(enum figure figure, const struct parameters *parameters, const struct cell *cell);

/* What errors of a figure are counted in: of a wall time mostly a share of what is added to the
 * waits, which are exact. */
double predict_yardstick(enum figure figure, double value, double waiting_ns);

/* A new reference; NULL: it is none. */
json_t *sql_json(sqlite3_value *value);

/* Takes what a function gives; where it is NULL the query fails with this reason. */
void sql_give(sqlite3_context *context, json_t *said, const char *otherwise);

void fitted(sqlite3_context *context, int count, sqlite3_value **values);

/* Adds both, and the tables of choosing.sql, to a frozen dataset: by the parameters in the file
 * `path`, or NULL: those that are built in. The question is as choosing.sql says, or NULL: nothing
 * is asked. Returns 0, or a negative errno with the reason in *error. */
int choose_open(struct dataset *dataset, const char *path, const json_t *question,
                struct error *error);

#endif
