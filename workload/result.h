/* The result of a run, computed from the records: as JSON (schemas/lane-result.json) and as a
 * summary for people. */
#ifndef WORKLOAD_RESULT_H
#define WORKLOAD_RESULT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/histogram.h"
#include "workload/accounts.h"
#include "workload/options.h"
#include "workload/recorder.h"

#define LATENCY_PARTS 20

struct latency {
    uint64_t count;
    uint64_t p50_ns, p90_ns, p99_ns, max_ns;
    uint64_t twentieths_ns[LATENCY_PARTS]; /* one, two … twenty of twenty took at most this */
};

/* How an open load was met. */
struct met {
    struct latency latency; /* from when a request was due, of those that ended ok */
    uint64_t queue_peak;    /* most requests due and not yet started */
    double growth; /* of what that latency is beyond the server's, for each unit of time in which
                      requests are due; NAN: it cannot be told */
};

/* Who answers fewer than 99 of 100 requests that are due does not keep up. */
#define KEEPS_UP_GROWTH 0.01

struct result {
    const struct options *options;
    const struct recorder *recorder;
    uint64_t started_ns; /* of CLOCK_REALTIME */
    uint64_t wall_ns;    /* of the model alone */
    uint64_t floor_ns;
    bool floor_known;
    struct accounts accounts;
    uint64_t outcomes[OUTCOME_COUNT];
    uint64_t verified;
    uint64_t in_flight_peak;
    uint64_t resends;           /* of all requests */
    struct latency latency;     /* from start to end, of the requests that ended ok, */
    struct histogram histogram; /* … and all of them, to be added to those of other lanes */
    struct met met;             /* all 0 where the load is closed */
    bool valid;                 /* every item ended once, and ok */
    bool interrupted;
    const char *error;  /* NULL, or why the model could not run */
    struct error limit; /* the limit that this or a connection came up against, or empty */
};

/* Fills everything that follows from the records and from the operating system's accounts; the
 * caller has set options, recorder, started_ns, wall_ns, interrupted and error, and every
 * request has ended. Returns 0 or -ENOMEM. */
int result_complete(struct result *result);

/* A new reference, or NULL. */
json_t *result_to_json(const struct result *result);

/* Writes the summary to stdout. */
void result_print(const struct result *result);

#endif
