/* A discrete-event simulation of the models: N calls, at most C at a time, each of which is begun,
 * waits, and is finished, on so many cores. What each step costs is given; how costs, waits and
 * cores work together is computed here. choose/model.js does the same, event by event. */
#ifndef CHOOSE_SIMULATE_H
#define CHOOSE_SIMULATE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/latency.h"

/* What is to be done: the load. */
struct calls {
    uint64_t requests, concurrency;
    struct distribution latency; /* drawn as the mock server draws, with the seed 1 */
    double own_ns;               /* what an item computes */
    double rate;                 /* items that are due each second; 0: each as soon as possible */
    bool fresh;                  /* each request on a connection of its own */
    bool waits;                  /* items make a request; else they only compute */
};

/* Who does it: `width` items are begun and finished at a time. */
struct shape {
    uint64_t width;
    uint64_t beside; /* so many are computed at a time elsewhere; 0: where they are finished */
    bool crowded;    /* the server, on the same machine, has no core of its own */
    bool in_turns; /* items that compute share the cores in turns: they are threads or processes */
};

/* The figures that are predicted. Some have parameters of their own, which are fitted to it. */
enum figure { FIGURE_CPU, FIGURE_WALL, FIGURE_MEMORY, FIGURE_P99, FIGURES, NO_FIGURE = FIGURES };

/* What a run has shown of a lane: of each parameter its name in JSON, the figure to which it is
 * fitted, where the search for it begins, and how strongly it is held there: firmly where the CPU
 * time has told what it costs, and otherwise in case that no cell tells. */
#define PARAMETERS(X)                                                                              \
    X(start_ns, NO_FIGURE, 5e6, 0)        /* of the program, with its exit: measured as such */    \
    X(slot_ns, FIGURE_WALL, 2e4, 0.1)     /* each of the C threads or places is made */            \
    X(connect_ns, FIGURE_WALL, 5e4, 0.1)  /* a connection is made and closed */                    \
    X(before_ns, FIGURE_WALL, 2e4, 0.1)   /* a request, until it waits */                          \
    X(after_ns, FIGURE_WALL, 2e4, 0.1)    /* its answer */                                         \
    X(crowd_ns, FIGURE_WALL, 1, 0.01)     /* a request, for each connection that is kept, … */     \
    X(throng_ns, FIGURE_WALL, 1, 0.01)    /* … or each other one that is made for one request */   \
    X(serve_ns, FIGURE_WALL, 2e4, 0.01)   /* a request, by the server, one after the other */      \
    X(accept_ns, FIGURE_WALL, 2e4, 0.01)  /* … and a connection */                                 \
    X(hand_ns, FIGURE_WALL, 2e4, 0.01)    /* an item that computes: caches, turns, to a pool */    \
    X(jostle_ns, FIGURE_WALL, 1e5, 0.01)  /* an answer is late, times √ of those in flight */      \
    X(compute, FIGURE_CPU, 1, 1e-6)       /* an item of 1 ns in C takes this */                    \
    X(slice_ns, NO_FIGURE, 6e6, 0)        /* of the scheduler, at ticks of 4 ms */                 \
    X(wall_error, NO_FIGURE, 0, 0)        /* in 9 of 10 cases it is off by less, in yardsticks */  \
    X(cpu_base_ns, FIGURE_CPU, 5e6, 1e-6)                                                          \
    X(cpu_slot_ns, FIGURE_CPU, 5e4, 1e-6)                                                          \
    X(cpu_item_ns, FIGURE_CPU, 5e4, 1e-6)                                                          \
    X(cpu_error, NO_FIGURE, 0, 0)                                                                  \
    X(memory_base_bytes, FIGURE_MEMORY, 5e6, 1e-6)                                                 \
    X(memory_slot_bytes, FIGURE_MEMORY, 1e4, 1e-6)                                                 \
    X(memory_error, NO_FIGURE, 0, 0)                                                               \
    X(concurrency, NO_FIGURE, 1, 0) /* the largest that was measured */

#define PARAMETERS_MEMBER(name, figure, usual, pull) double name;
struct parameters {
    PARAMETERS(PARAMETERS_MEMBER)
};

struct simulated {
    double wall_ns;
    double p50_ns, p99_ns; /* of an item: from when it was due, or could be begun, to its end */
    double growth_ns;      /* how much longer the last tenth took than the one in the middle */
};

/* Returns 0, or -ENOMEM. */
int simulate(const struct calls *calls, const struct shape *shape,
             const struct parameters *costs, struct simulated *simulated);

#endif
