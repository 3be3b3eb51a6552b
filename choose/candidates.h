/* The ways to do a piece of work, each with what it is predicted to cost, and which of them is to
 * be taken. */
#ifndef CHOOSE_CANDIDATES_H
#define CHOOSE_CANDIDATES_H

#include "choose/predict.h"

/* What is asked. 0 stands for no limit, but of `cores`. */
struct question {
    struct calls load; /* its concurrency does not count */
    const char *latency_text, *language;
    uint64_t in_flight, memory_bytes, cores, descriptors, tasks, ports;
    bool blocks; /* the client library has no calls that do not block */
    bool lock;   /* the interpreter lets one thread compute at a time */
};

struct candidate {
    const struct lane_parameters *lane;
    const char *name;    /* "event loop, 2 loops" */
    const char *compute; /* "threads", "processes", or NULL: where the requests are made */
    uint64_t loops, concurrency;
    int simplicity; /* 0: the simplest */
    struct prediction predicted;
    char impossible[160]; /* why; empty: it is possible */
    char limit[80];       /* what allows no larger C; empty: nothing that matters */
    bool equal;           /* no clear difference from the fastest */
    bool open;            /* the errors leave it open whether it is slower than that */
};

struct candidates {
    struct candidate *all; /* the possible ones first, the fastest first */
    size_t count, possible;
    size_t chosen; /* the simplest of those with no clear difference from the first */
};

/* Finds and predicts them. Returns 0, to be freed; or a negative errno with the reason in *error:
 * -ENOENT where there is no lane of that language. */
int candidates_find(const struct parameters *parameters, const struct question *question,
                    struct candidates *candidates, struct error *error);
void candidates_free(struct candidates *candidates);

/* How simple a program of that model and shape is: 0 is the simplest. */
int candidates_simplicity(const char *model, struct shape shape);

/* The place of the simplest of those with no clear difference from the fastest. */
size_t candidates_pick(const struct candidates *candidates, const struct question *question);

/* Who does the work of it. */
struct shape candidate_shape(const struct candidate *candidate, const struct question *question);

/* What an item is to compute, in terms of C, so that it takes in the candidate's language what was
 * asked. */
double candidate_own_ns(const struct candidate *candidate, const struct calls *load);

/* The CPU time of an item from which on (`up`), or below which, another one would be chosen: *other
 * is its place. Returns NAN where there is none. */
double candidates_crossing(const struct candidates *candidates, const struct question *question,
                           bool up, size_t *other);

#endif
