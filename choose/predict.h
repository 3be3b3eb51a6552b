/* What a lane takes for a load, by its parameters. */
#ifndef CHOOSE_PREDICT_H
#define CHOOSE_PREDICT_H

#include "choose/parameters.h"

struct prediction {
    double wall_ns, wall_error_ns; /* in 9 of 10 cases it is off by less */
    double waiting_ns;             /* the least time for the same load without any cost or work */
    double computing_ns;           /* what the items alone keep those busy who compute */
    double p99_ns, p99_error_ns;
    bool keeps_up; /* with a rate */
    double cpu_ns, cpu_error_ns;
    double memory_bytes, memory_error_bytes; /* NAN: not measured */
};

/* Who begins, finishes and computes: `compute` is "threads", "processes" or NULL, in `workers`;
 * loops 0 is one. With `lock` one item is computed at a time, as the interpreter wants it. */
struct shape shape_of(const char *model, const char *language, const char *compute,
                      uint64_t workers, uint64_t loops, bool lock, uint64_t cores);

/* The same load with what the lane makes of an item that computes, through the simulation. Returns
 * 0, or -ENOMEM. */
int predict_wall(const struct lane_parameters *lane, const struct calls *load,
                 const struct shape *shape, struct simulated *simulated);

/* The least time: nothing but the waits costs anything. Returns 0, or -ENOMEM. */
int predict_waiting(const struct calls *load, const struct shape *shape, double *waiting_ns);

/* What errors of a wall time are counted in: mostly a share of what is added to the waits, which
 * are exact. */
double predict_yardstick_ns(double wall_ns, double waiting_ns);

/* Everything. Returns 0, or -ENOMEM. */
int predict(const struct lane_parameters *lane, const struct calls *load, const struct shape *shape,
            struct prediction *prediction);

#endif
