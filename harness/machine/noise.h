/* What else the machine did while a lane ran. An execution that was disturbed counts and is shown,
 * but it is marked, with the reasons. The thresholds and their reasons are in noise.c. */
#ifndef HARNESS_MACHINE_NOISE_H
#define HARNESS_MACHINE_NOISE_H

#include <jansson.h>
#include <stdint.h>

#include "harness/machine/environment.h"
#include "common/process/process.h"

/* What the kernel counts that tells of the set-up, and not of a model: connections that the queue
 * of a listener had no place for, segments that were sent again, periods in which the quota of the
 * cgroup was used up. */
#define KERNEL_COUNTS 6

/* Since the machine, the network namespace, or the cgroup began; 0 where the kernel does not say.
 */
struct kernel_counts {
    uint64_t of[KERNEL_COUNTS];
};
struct kernel_counts kernel_counts_take(void);

/* `kernel` of bench.sample/1: what was counted between the two. A new reference. */
json_t *kernel_counts_between(const struct kernel_counts *before,
                              const struct kernel_counts *after);

/* Adds a sentence to the array for each of these counts, of kernel_counts_between(), that disturbs
 * an execution. */
void kernel_counts_judge(const json_t *counted, json_t *sentences);

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
