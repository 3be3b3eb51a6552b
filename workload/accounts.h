/* What a run has cost, by the operating system's accounts. */
#ifndef WORKLOAD_ACCOUNTS_H
#define WORKLOAD_ACCOUNTS_H

#include <stdint.h>

struct accounts {
    uint64_t user_cpu_ns; /* these two: of this process and of its children that were waited for */
    uint64_t system_cpu_ns;
    uint64_t max_rss_bytes; /* of the largest single process */
};

/* The accounts up to now. */
struct accounts accounts_take(void);

#endif
