/* A load: how many requests there are, how many of them may wait at once, how long each waits and
 * when each is due; and the best that any client can make of it.
 *
 * Without a rate a load is closed: a request is made as soon as one of C places is free. With one
 * it is open, as users are: a request is due at its time, whether or not there is a place. */
#ifndef COMMON_LOAD_H
#define COMMON_LOAD_H

#include "common/latency.h"

enum arrivals {
    ARRIVALS_CONSTANT, /* evenly spaced, the first at once */
    ARRIVALS_POISSON,  /* the times between them are exponential, and independent of each other */
};

struct load {
    uint64_t requests;           /* N >= 1 */
    uint64_t first_id;           /* of the ids, which delays depend on; due times do not */
    uint64_t concurrency;        /* C >= 1 */
    struct distribution latency; /* how long each waits, … */
    uint64_t own_ns;             /* … and holds its place beyond that */
    uint64_t seed;               /* of what is drawn; the server's */
    uint64_t rate;               /* due in each second; 0: all are due at once */
    enum arrivals arrivals;
};

struct load_bounds {
    uint64_t floor_ns; /* the wall time where each takes its place in the order of the ids */
    uint64_t least_ns; /* what nobody can undercut, in whatever order */
    uint64_t mean_ns;  /* of the very delays, without own_ns */
};

/* When request `id` is due, in ns from the start on; `before_ns` is that of the one before, 0 for
 * the first. */
uint64_t load_due_ns(const struct load *load, uint64_t id, uint64_t before_ns);

/* Schedules the very delays that the server will draw on C places (list scheduling): each request
 * begins when it is due and a place is free. Who starts later or waits longer cannot end earlier.
 * Returns 0 or -ENOMEM. */
int load_schedule(const struct load *load, struct load_bounds *bounds);

#endif
