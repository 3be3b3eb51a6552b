/* What else the machine did while a lane ran. An execution that was disturbed counts and is shown,
 * but it is marked, with the reasons. The thresholds and their reasons are in noise.c. */
#ifndef HARNESS_MACHINE_NOISE_H
#define HARNESS_MACHINE_NOISE_H

#include <jansson.h>
#include <stdint.h>

#include "harness/machine/environment.h"
#include "harness/machine/kernel_counts.h"
#include "harness/process/process.h"

/* The state of the machine, before an execution or after it. */
struct noise {
    struct environment_load load;
    struct environment_cpu cpu;
    struct kernel_counts kernel;
    uint64_t own_ns; /* CPU time of the harness */
    uint64_t at_ns;  /* clock_ns() */
};

/* What an execution did itself. */
struct noise_execution {
    struct process_usage usage; /* of hyperfine with the lane */
    uint64_t server_ns;         /* CPU time of the server */
};

struct noise noise_take(void);

/* Judges an execution by the states before and after it. Returns a new array of sentences, empty
 * where nothing disturbed it; NULL without memory. */
json_t *noise_judge(const struct noise *before, const struct noise *after,
                    const struct noise_execution *execution);

#endif
