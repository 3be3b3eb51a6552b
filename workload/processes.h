/* The event loops of a run in several processes, as servers prefork: each process has the whole
 * limit of descriptors to itself, and connects to an address of its own where there are several.
 * Queue and records are in one mapping that they share, so that the result is one. */
#ifndef WORKLOAD_PROCESSES_H
#define WORKLOAD_PROCESSES_H

#include "workload/recorder.h"
#include "workload/workload.h"

#define PROCESSES_HOST_SIZE (sizeof(((struct addresses *)NULL)->network) + 4)

/* Runs loops_run() in w->processes forked processes (1: in this one), each with a share of the
 * slots. Where one cannot be started, or its model fails, the others stop: fewer than asked for
 * would be another measurement. What one that was killed had in flight stays pending, and the
 * others go on. Returns 0 or a negative error of any of them; r->loop tells how all loops did. */
int processes_run(const struct workload *w, struct recorder *r);

/* Writes the address that the process `index` connects to, where there are addresses. */
void processes_host(const struct workload *w, uint64_t index, char host[PROCESSES_HOST_SIZE]);

/* The URL of the process `index`, where there are addresses: w->url with that of the process in the
 * place of its host. To be freed with curl_free(); NULL: no memory. */
char *processes_url(const struct workload *w, uint64_t index);

#endif
