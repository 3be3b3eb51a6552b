/* From CPU time to rounds of the hash chain, and to what they come to: once, before the run. */
#ifndef COMPUTE_CALIBRATION_H
#define COMPUTE_CALIBRATION_H

#include "workload/workload.h"

/* Completes what the command line left open: the rounds, from the CPU time, by measuring this
 * thread; and the digest, by computing it. Also has libcrypto loaded before a model forks or starts
 * threads. Returns 0 or -ENOMEM. */
int calibration_complete(struct computation *what);

#endif
