/* The workload and the model: what a lane is asked to do, and what a model implements.
 *
 * A lane is lane_main.c and the rest of this folder, linked with the folder of a model. The model
 * decides who waits for which request at what time, and nothing else. */
#ifndef WORKLOAD_WORKLOAD_H
#define WORKLOAD_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compute/chain.h"

struct gil;
struct recorder;

enum work {
    WORK_IO,    /* a request, that waits for its answer */
    WORK_CPU,   /* a computation, without any request */
    WORK_MIXED, /* a request, and then a computation */
};

/* Where a model that need not wait for a computation has it done. */
enum compute {
    COMPUTE_LOOP, /* on the event loop, which stands still meanwhile */
    COMPUTE_THREADS,
    COMPUTE_PROCESSES,
};

enum verify {
    VERIFY_ID,     /* the body is a JSON object whose "id" is the request's */
    VERIFY_STATUS, /* any body with a status in 200-299 will do */
};

/* What each item computes, the same for all: a hash chain (chain.h). All 0 where the work is io. */
struct computation {
    uint64_t cpu_ns; /* CPU time of one item, as asked; 0: not said */
    uint64_t rounds;
    size_t block_bytes;
    unsigned char digest[CHAIN_DIGEST_BYTES]; /* what the chain must come to */
    bool digest_known;
    enum compute where;
    uint64_t workers; /* threads or processes that compute, where they are a pool of their own */
    struct gil *gil;  /* of which one computes at a time; NULL: they compute in parallel */
};

struct workload {
    enum work work;
    const char *url;      /* holds {id} once; NULL where the work is cpu */
    uint64_t requests;    /* N >= 1; the ids are 0 … N-1 */
    uint64_t concurrency; /* C, 1 … N: most requests in flight */
    uint64_t timeout_ns;  /* per request */
    uint64_t deadline_ns; /* of clock_ns(), for the whole run; 0: none */
    bool fresh;           /* a new connection for every request */
    enum verify verify;
    struct computation computation;
    uint64_t loops; /* event loops, each in a thread; C is the total */
};

/* What only some models have; the others refuse the options for it. */
enum feature {
    FEATURE_GIL = 1,     /* --gil */
    FEATURE_COMPUTE = 2, /* --compute and --workers */
    FEATURE_LOOPS = 4,   /* --loops */
};

/* What a model says of itself, so that the machine's limits are checked before it runs. */
struct model {
    const char *name;    /* "threads", as in lane-threads */
    const char *library; /* what it is built on beside libcurl: "libuv", or NULL */
    const char *(*library_version)(void);
    const char *summary;          /* one line for --help */
    const char *concurrency_name; /* what C counts: "threads", "workers", … */
    uint64_t concurrency_default; /* 0: as many as there are requests */
    uint64_t concurrency_max;     /* 0: no limit of the model's own */
    unsigned features;            /* enum feature, ORed */
    unsigned descriptors;         /* of one process, for each of C */
    unsigned tasks;               /* kernel tasks (threads or processes), for each of C */
    unsigned mappings;            /* memory mappings of one process, for each of C */
};

extern const struct model model;

/* Does every item of `w` under this model and records each outcome in `r`: takes ids with
 * recorder_take() until there are none, and ends each of them, with item_perform() where it waits
 * for it. An event loop leaves its health in r->loop. Returns 0, or a negative errno when the model
 * itself could not run. */
int model_run(const struct workload *w, struct recorder *r);

#endif
