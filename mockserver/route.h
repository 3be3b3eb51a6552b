/* From a request's method and target to what is asked: which endpoint, for which id, with which
 * overrides. Knows nothing of sockets or clocks. */
#ifndef MOCKSERVER_ROUTE_H
#define MOCKSERVER_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/latency.h"
#include "mockserver/faults.h"

enum endpoint {
    ENDPOINT_NONE, /* nothing there, or a request that was refused */
    ENDPOINT_USER,
    ENDPOINT_ORDERS,
    ENDPOINT_PREFERENCES,
    ENDPOINT_PROFILE,
    ENDPOINT_ANALYTICS,
    ENDPOINT_HEALTH, /* from here on: for the operator */
    ENDPOINT_STATS,
    ENDPOINT_RESET,
    ENDPOINT_METRICS,
};

struct route {
    enum endpoint endpoint;
    uint16_t status;     /* of the answer: 200, 202, that of ?status=, or 400, 404, 405 */
    const char *problem; /* for 400, 404 and 405: cause and remedy, static */
    const char *allow;   /* for 405: the methods that are allowed, static */
    uint64_t id;
    uint64_t attempt;          /* of ?attempt=, else 0 */
    struct distribution delay; /* of ?delay=, where has_delay */
    bool has_delay;
    bool has_status;    /* ?status= */
    bool has_fault;     /* ?fault= */
    enum fault fault;   /* of ?fault=, where has_fault */
    uint32_t drip_rate; /* of ?rate=, in bytes a second, or 0 */
};

/* Finds what `target` (`size` bytes; a path or an absolute URL, possibly percent-encoded) asks for
 * with the method `method` (of enum http_method). Fills *route in any case. */
void route_find(unsigned method, const char *target, size_t size, struct route *route);

/* Whether the endpoint is one for the operator: answered at once, and not counted. */
bool route_is_control(enum endpoint endpoint);

#endif
