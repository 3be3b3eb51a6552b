/* A plan: what is to be measured, read from a JSON file (bench.plan/1, described in
 * harness/plans/README.md) and checked whole before anything starts. */
#ifndef HARNESS_PLAN_PLAN_H
#define HARNESS_PLAN_PLAN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "harness/plan/cell.h"

#define PLAN_ROUNDS_MAX 1000U
#define PLAN_RUNS_MAX   100U

struct plan {
    json_t *source; /* the file as it was read; the texts of the others are its */
    const char *schema;
    const char *name;
    const char *description;
    const json_t *server_arguments; /* array, or NULL */
    const char *server_url;         /* of requests to a server that is not ours; or NULL */
    const json_t *request_options;  /* array of what lanes are told of their requests, or NULL */
    struct lane *lanes;
    size_t lane_count;
    struct cell *cells;               /* those to be timed, then the memory passes */
    size_t cell_count;                /* of both kinds */
    struct calibration *calibrations; /* one for each CPU time and block that the cells have */
    size_t calibration_count;
    uint64_t seed;          /* 0: the plan has none */
    uint64_t rounds;        /* of the cells that have no number of their own */
    uint64_t rounds_max;    /* with further rounds */
    uint64_t runs;          /* of all of it */
    uint64_t memory_rounds; /* of the memory passes that have no number of their own */
    uint64_t hold_ns;       /* of the memory passes that have none of their own */
    double until;       /* further rounds are made until medians are known to this share; 0: none */
    uint64_t budget_ns; /* no round is started that would end later; 0: no limit */
    double lateness;    /* default of the cells */
    const json_t *patterns; /* array of their names, or NULL */
};

/* Reads a plan. The default lanes are the programs "lane-…" in the folder `programs`. Free with
 * plan_free(). Returns 0, or -EINVAL with file, key and reason in `error`. */
int plan_load(const char *path, const char *programs, struct plan *plan, struct error *error);
void plan_free(struct plan *plan);

/* Likewise, from what was read of the file at `path` once. Takes over `source`. Errors name the
 * line in the `text` of the file, or none (NULL). */
int plan_read(json_t *source, const char *text, const char *path, const char *programs,
              struct plan *plan, struct error *error);

/* The cell of that id, or NULL. */
const struct cell *plan_cell(const struct plan *plan, const char *id);

/* The first cell of a lane, or NULL where no cell has it. */
const struct cell *plan_first_cell(const struct plan *plan, const struct lane *lane);

/* Limits every cell to `rounds` rounds at most, and lets those that have as many as the plan has
 * take part in all `rounds`. */
void plan_set_rounds(struct plan *plan, uint64_t rounds);

/* Strict reading of JSON written by people: an error names the file, the line and the key
 * ("plan.json:7: cells[2].latency: must be …"). The first error is kept, and all others are
 * ignored, so that who reads checks once at the end (reader.c). */

/* Reading, at one place. */
struct reader {
    const char *file;
    const char *text;    /* of the file, so that errors name lines, or NULL */
    struct error *error; /* empty as long as all is well */
    char path[192];      /* where the value is, "cells[2].latency"; "": all of the file */
};

/* At a member or an element of what `parent` is at. */
struct reader reader_member(const struct reader *parent, const char *key);
struct reader reader_element(const struct reader *parent, size_t index);

/* Reports what is wrong there: "FILE:LINE: PATH: ...". */
void reader_report(const struct reader *at, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reports that the value there is wrong or missing (NULL): it must be what is `expected`. */
void reader_fail(const struct reader *at, const json_t *value, const char *expected);

bool reader_failed(const struct reader *at);

/* ---- What a plan tells its mock server, as far as cells depend on it (server.c) ---- */

/* The seed of what the server draws, by its `arguments` (an array of texts, or NULL). */
uint64_t server_seed(const json_t *arguments);

/* Reports where the server is told another latency than a cell has, which would go before it; and
 * where latencies are drawn by a server that is not ours, of which nobody knows how it draws. */
void server_check_latency(const struct plan *plan, const struct reader *reader);

#endif
