/* The machine's limits, checked and raised before a run comes up against them. */
#ifndef WORKLOAD_LIMITS_H
#define WORKLOAD_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

/* What a run takes of the machine beside what any program takes. */
struct needs {
    uint64_t descriptors; /* of its largest process */
    uint64_t tasks;       /* kernel tasks: threads and processes */
    uint64_t ports;       /* of connections to one address that are open at once */
    uint64_t waiting;     /* ports to that address that ended connections hold (common/limit.h) */
    uint64_t mappings;    /* memory mappings of its largest process */
    bool spreads;         /* it can spread over --processes and --addresses */
};

/* Raises the soft limits of this process as far as allowed, and checks that they carry what is
 * needed for `count` at a time, which `option` ("-c") asked for. Returns 0, or -EMFILE, -EAGAIN,
 * -EADDRNOTAVAIL or -ENOMEM with a text that names the limit, its value, what is needed and the
 * command that raises it. */
int limits_prepare(const struct needs *needs, const char *option, uint64_t count,
                   struct error *error);

#endif
