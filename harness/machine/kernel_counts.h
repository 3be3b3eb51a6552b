/* What the kernel counts that tells of the set-up, and not of a model: connections that the queue
 * of a listener had no place for, segments that were sent again, periods in which the quota of the
 * cgroup was used up. */
#ifndef HARNESS_MACHINE_KERNEL_COUNTS_H
#define HARNESS_MACHINE_KERNEL_COUNTS_H

#include <jansson.h>
#include <stdint.h>

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

#endif
