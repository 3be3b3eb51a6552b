/* What the kernel counts that tells of the set-up, and not of a model: connections that the queue
 * of a listener had no place for, segments that were sent again, periods in which the quota of the
 * cgroup was used up. */
#ifndef HARNESS_MACHINE_KERNEL_COUNTS_H
#define HARNESS_MACHINE_KERNEL_COUNTS_H

#include <jansson.h>
#include <stdint.h>

struct kernel_counts {
    uint64_t listen_overflows, listen_drops; /* of the network namespace, as all of TCP */
    uint64_t syn_retransmits, retransmits;
    uint64_t throttled_periods, throttled_ns; /* of the cgroups of this process */
};

/* Since the machine, the namespace, or the cgroup began. What the kernel does not say is 0. */
struct kernel_counts kernel_counts_take(void);

/* `kernel` of bench.sample/1: what was counted between the two. A new reference. */
json_t *kernel_counts_between(const struct kernel_counts *before,
                              const struct kernel_counts *after);

/* Adds a sentence to the array for what disturbed an execution between the two. */
void kernel_counts_judge(const struct kernel_counts *before, const struct kernel_counts *after,
                         json_t *sentences);

#endif
