/* A plan: what is to be measured, read from a JSON file (bench.plan/1, described in
 * harness/plans/README.md) and checked whole before anything starts. */
#ifndef HARNESS_PLAN_PLAN_H
#define HARNESS_PLAN_PLAN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/plan/cell.h"

struct plan {
    json_t *source; /* the file as it was read; the texts of the others are its */
    const char *name;
    const char *description;
    const json_t *server_arguments; /* array, or NULL */
    const char *server_url; /* of requests to a server that is not ours, with {id}; or NULL */
    struct lane *lanes;
    size_t lane_count;
    struct cell *cells;               /* those to be timed, then the memory passes */
    size_t cell_count;                /* of both kinds */
    struct calibration *calibrations; /* one for each CPU time and block that the cells have */
    size_t calibration_count;
    uint32_t seed;          /* 0: the plan has none */
    unsigned rounds;        /* of the cells that have no number of their own */
    unsigned rounds_max;    /* with further rounds */
    unsigned memory_rounds; /* of the memory passes that have no number of their own */
    double until;       /* further rounds are made until medians are known to this share; 0: none */
    uint64_t budget_ns; /* no round is started that would end later; 0: no limit */
    double lateness;    /* default of the cells */
};

/* Reads a plan. The default lanes are the programs "lane-…" in the folder `programs`. Free with
 * plan_free(). Returns 0, or -EINVAL with file, key and reason in `error` of ERROR_SIZE bytes. */
int plan_load(const char *path, const char *programs, struct plan *plan, char *error);
void plan_free(struct plan *plan);

/* Likewise, from what was read of the file at `path` once. Takes over `source`. */
int plan_read(json_t *source, const char *path, const char *programs, struct plan *plan,
              char *error);

/* Whether `text` can be the URL of a server that is not ours: http, with {id}, not too long. */
bool plan_is_url(const char *text);

/* Limits every cell to `rounds` rounds at most, and lets those that have as many as the plan has
 * take part in all `rounds`. */
void plan_set_rounds(struct plan *plan, unsigned rounds);

#endif
