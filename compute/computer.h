/* Computes items: what each of them is, and what one thread or process needs for it.
 *
 * A computer belongs to one worker; it makes no record. Where the computation has a simulated
 * interpreter lock (gil.h), it is held while computing and only then. */
#ifndef COMPUTE_COMPUTER_H
#define COMPUTE_COMPUTER_H

#include "common/stop.h"
#include "compute/chain.h"

struct gil;

/* Where a model that need not wait for a computation has it done. */
enum compute {
    COMPUTE_LOOP, /* on the event loop, which stands still meanwhile */
    COMPUTE_THREADS,
    COMPUTE_PROCESSES,
};

/* What each item computes, the same for all: a hash chain (chain.h). */
struct computation {
    uint64_t cpu_ns; /* CPU time of one item, as asked; 0: not said */
    uint64_t rounds; /* 0: nothing is computed, or not known yet */
    size_t block_bytes;
    unsigned char digest[CHAIN_DIGEST_BYTES]; /* what the chain must come to */
    bool digest_known;
    enum compute where;
    uint64_t workers; /* threads or processes that compute, where they are a pool of their own */
    struct gil *gil;  /* of which one computes at a time; NULL: they compute in parallel */
};

/* Completes what is open: the rounds, from the CPU time, by measuring this thread; and the digest,
 * by computing it. Once, before the run. Also has libcrypto loaded before a model forks or starts
 * threads. Returns 0 or -ENOMEM. */
int computation_complete(struct computation *what);

enum computed {
    COMPUTED_RIGHT,
    COMPUTED_WRONG,   /* not the expected digest */
    COMPUTED_STOPPED, /* given up: the run is over */
    COMPUTED_NOT,     /* nobody is left who could, or there is no memory for it */
};

struct computer {
    struct chain chain;
    const struct computation *computation;
    const struct stop *stop;
};

/* Makes a computer, which is to give up once `stop` is due. Returns 0 or -ENOMEM. One that is all
 * zeros may be ended too. */
int computer_init(struct computer *c, const struct computation *what, const struct stop *stop);
void computer_term(struct computer *c);

/* Computes one item. A stop is seen within about 50 us of computing. */
enum computed computer_run(struct computer *c);

#endif
