/* What a run has shown of each lane: the parameters of the predictor, and how far off it was. They
 * are fitted by fit.c, kept as JSON (choose.parameters/1), and read by `choose` and the explorer.
 */
#ifndef CHOOSE_PARAMETERS_H
#define CHOOSE_PARAMETERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "choose/simulate.h"
#include "common/error.h"

#define PARAMETERS_NAME_SIZE 64

/* A sum of what is always there, what each of the C adds, and what each of the N adds. An estimate
 * is off by a share of itself, in 9 of 10 cases by less than `error`. */
struct parts {
    double base, slot, item, error;
};

struct lane_parameters {
    char lane[PARAMETERS_NAME_SIZE], model[PARAMETERS_NAME_SIZE], language[PARAMETERS_NAME_SIZE];
    struct costs costs;
    double compute;            /* an item of 1 ns in C takes this */
    bool computed;             /* while it is fitted: it was measured */
    double wall_error;         /* of the yardstick of wall_yardstick_ns() */
    double cells;              /* that were fitted */
    double requests;           /* those of them that made requests */
    double concurrency;        /* the largest of them */
    struct parts cpu_ns;       /* what an item computes comes to it */
    struct parts memory_bytes; /* base NAN: not measured */
};

struct parameters {
    json_t *about; /* run, started_at, cpu_model, cores, kernel */
    struct lane_parameters *lanes;
    size_t count;
};

/* Reads a file of parameters; NULL: those that are built in. Returns 0, to be freed, or a negative
 * errno with the reason in *error. */
int parameters_read(const char *path, struct parameters *parameters, struct error *error);

/* A new reference, or NULL: no memory. */
json_t *parameters_to_json(const struct parameters *parameters);

void parameters_free(struct parameters *parameters);

/* NULL: there is no lane of that name. */
const struct lane_parameters *parameters_of(const struct parameters *parameters, const char *lane);

/* What is needed for `slots` and `items`. */
double parts_sum(const struct parts *parts, double slots, double items);

#endif
