/* Computes items: what one thread or process needs for it.
 *
 * A computer belongs to one worker; it makes no record. Where the workload has a simulated
 * interpreter lock (gil.h), it is held while computing and only then. */
#ifndef COMPUTE_COMPUTER_H
#define COMPUTE_COMPUTER_H

#include "compute/chain.h"
#include "workload/outcome.h"
#include "workload/recorder.h"
#include "workload/workload.h"

struct computer {
    struct chain chain;
    const struct computation *computation;
    const struct recorder *recorder; /* whether the run was stopped or is at its deadline */
};

/* Makes a computer; one that is never used where the work is io. Returns 0 or -ENOMEM. */
int computer_init(struct computer *c, const struct workload *w, const struct recorder *r);
void computer_term(struct computer *c);

/* Computes one item. Returns OUTCOME_OK; OUTCOME_BAD_BODY where the digest is not the expected one;
 * or OUTCOME_CANCELLED where the run was stopped or reached its deadline, which is seen within
 * about 50 us of computing. */
enum outcome computer_run(struct computer *c);

#endif
