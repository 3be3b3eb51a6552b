/* How a cell computes: what run.json says of cells whose work is `cpu` or `mixed`. */
#ifndef REPORT_COMPUTING_H
#define REPORT_COMPUTING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

enum work {
    WORK_IO,    /* requests that wait; cells that say nothing of their work */
    WORK_CPU,   /* items that compute, without a request */
    WORK_MIXED, /* requests, each answer followed by a computation */
    WORK_OTHER, /* what the report knows no tables for */
};

struct computing {
    enum work work;
    double cpu_ns;       /* CPU time of one item, 0 where it only waits; NAN: unknown */
    double block_bytes;  /* hashed at a time; NAN: the default */
    const char *compute; /* where an event loop has it done: "loop", "threads", "processes" */
    double workers;      /* of that pool; NAN: none, or as many as the lane chooses */
    double loops;        /* event loops, each with a thread; NAN: one */
    bool gil;            /* one thread computes at a time */
};

/* Reads the members of a cell in run.json. `compute` is the JSON's text. */
struct computing computing_of(const json_t *cell);

/* Whether an event loop has items computed elsewhere. */
bool computing_is_offloaded(const struct computing *computing);

/* Whether both hash as many bytes at a time. */
bool computing_same_blocks(const struct computing *a, const struct computing *b);

/* Whether both have it done in the same place: on the loop, or by the same kind of pool. */
bool computing_same_place(const struct computing *a, const struct computing *b);

/* Whether both compute in the same way: all but the work and the CPU time. */
bool computing_same_way(const struct computing *a, const struct computing *b);

/* Whether a cell is one that `asked` means: what is missing there may be anything, but work other
 * than io, a GIL, several loops and computing elsewhere than on the loop must be asked for. */
bool computing_is_meant(const struct computing *asked, const struct computing *cell);

/* Writes what is to be said beside the name of the model: ", GIL simulated", ", 2 processes
 * compute"; nothing of a model as it is. */
void computing_label(FILE *out, const struct computing *computing);

#endif
