/* A discrete-event simulation of the models: N items, at most C at a time, each of which is begun,
 * waits, and is finished, on so many cores. What each step costs is given; how costs, waits and
 * cores work together is computed here. choose/explorer.js does the same, event by event. */
#ifndef CHOOSE_SIMULATE_H
#define CHOOSE_SIMULATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/latency.h"

/* What is to be done: the load. */
struct calls {
    uint64_t requests, concurrency;
    struct distribution latency; /* drawn as the mock server draws, with the seed 1 */
    const double *measured_ns;   /* waits in its place, one after the other, or NULL */
    size_t measured;             /* how many; they are taken again from the first */
    double own_ns;               /* what an item computes */
    double rate;                 /* items that are due each second; 0: each as soon as possible */
    bool fresh;                  /* each request on a connection of its own */
    bool waits;                  /* items make a request; else they only compute */
};

/* Who does it: `width` items are begun and finished at a time. */
struct shape {
    uint64_t width;
    uint64_t beside; /* so many are computed at a time elsewhere; 0: where they are finished */
    bool handed;     /* to a pool, and back */
    bool crowded;    /* the server, on the same machine, takes its part of their cores */
    bool in_turns; /* items that compute share the cores in turns: they are threads or processes */
};

/* What each step takes, in ns. */
struct costs {
    double start;   /* of the program, with its exit */
    double slot;    /* each of the C threads, processes or places is made, one after the other */
    double connect; /* a connection is made and closed */
    double before;  /* a request, until it waits */
    double after;   /* its answer */
    double crowd;   /* of each request for every connection that is kept open, … */
    double throng;  /* … or for every other one that is made for one request */
    double serve;   /* a request, by the server, where it has no core of its own */
    double hand;    /* an item to a pool, and back */
    double jostle;  /* an answer comes so much later for each other call in flight */
    double slice;   /* no cost: so long an item is computed before others have their turn */
};

struct simulated {
    double wall_ns;
    double p50_ns, p99_ns; /* of an item: from when it was due, or could be begun, to its end */
    double growth_ns;      /* how much longer the last tenth took than the one in the middle */
};

/* Returns 0, or -ENOMEM. */
int simulate(const struct calls *load, const struct shape *shape, const struct costs *costs,
             struct simulated *simulated);

#endif
