/* How long a request has to wait: a pure function of the seed, the request's id and its attempt,
 * so that every client meets the same delays in whatever order its requests arrive. */
#ifndef COMMON_LATENCY_H
#define COMMON_LATENCY_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

#define LATENCY_POINTS_MAX 16
#define LATENCY_HELP                                                                               \
    "200ms | uniform:100ms..300ms | normal:200ms,20ms (mean, standard deviation) | "               \
    "lognormal:median=200ms,p99=800ms | pareto:min=50ms,shape=1.5,max=2s | "                       \
    "percentiles:p50=90ms,p90=200ms,p99=800ms,max=2s"

enum latency_kind {
    LATENCY_FIXED,
    LATENCY_UNIFORM,
    LATENCY_NORMAL,
    LATENCY_LOGNORMAL,
    LATENCY_PARETO,
    LATENCY_PERCENTILES,
};

/* A point of a distribution: a share of all delays, 0 to 1, does not exceed `ns`. */
struct latency_point {
    double share;
    double ns;
};

struct distribution {
    enum latency_kind kind;
    double a_ns;  /* fixed: the delay; uniform, pareto: least; normal: mean; lognormal: median */
    double b_ns;  /* uniform, pareto: greatest; normal: standard deviation; lognormal: p99 */
    double shape; /* pareto */
    struct latency_point points[LATENCY_POINTS_MAX]; /* percentiles: ascending, from 0 to 1 */
};

/* Reads a SPEC of one of the forms of LATENCY_HELP. Returns 0, or -EINVAL with cause and remedy in
 * `error`. */
int latency_parse(const char *spec, struct distribution *latency, struct error *error);

/* The delay of one attempt at request `id`, in nanoseconds. A normal distribution that reaches
 * below zero gives zero there; a Pareto distribution gives `max` for what lies beyond. */
uint64_t latency_delay_ns(const struct distribution *latency, uint64_t seed, uint64_t id,
                          uint64_t attempt);

#endif
