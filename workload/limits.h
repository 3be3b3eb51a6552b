/* The machine's limits, checked and raised before a model runs into them. */
#ifndef WORKLOAD_LIMITS_H
#define WORKLOAD_LIMITS_H

#include <stddef.h>
#include <stdint.h>

#include "workload/workload.h"

/* What is needed whatever the concurrency: loops with their threads, workers that compute. */
struct limits_extra {
    uint64_t descriptors, tasks;
};

/* Raises the soft limits of this process as far as allowed, and checks that they carry `extra` and
 * `concurrency` items, which `option` ("-c") asked for, of the model `m` at a time. Returns 0, or
 * -EMFILE, -EAGAIN or -ENOMEM with a text in `why` that names the limit, its value, what is needed
 * and the command that raises it.
 */
int limits_prepare(const struct model *m, struct limits_extra extra, const char *option,
                   uint64_t concurrency, char *why, size_t why_size);

#endif
