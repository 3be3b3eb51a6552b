/* How well an event loop kept up: what its heartbeats saw, as a model reports it. */
#ifndef WORKLOAD_LOOP_HEALTH_H
#define WORKLOAD_LOOP_HEALTH_H

#include <stdint.h>

struct loop_health {
    uint64_t heartbeat_ns; /* a heartbeat is due every so often; 0: the model has no loop */
    uint64_t heartbeats;   /* that were due; of all loops together */
    uint64_t lateness_p50_ns, lateness_p90_ns, lateness_p99_ns, lateness_max_ns;
    uint64_t longest_block_ns;
    char longest_block[48]; /* what blocked: "computing item 17"; "": not known */
};

#endif
