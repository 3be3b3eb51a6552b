/* The workload and the model: what a lane is asked to do, and what a model implements.
 *
 * A lane is lane_main.c and the rest of this folder, linked with the folder of a model. The model
 * decides who waits for which request at what time, and nothing else. */
#ifndef WORKLOAD_WORKLOAD_H
#define WORKLOAD_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compute/computer.h"

struct curl_slist;
struct raw_target;
struct recorder;

enum work {
    WORK_IO,        /* a request, that waits for its answer */
    WORK_CPU,       /* a computation, without any request */
    WORK_MIXED,     /* a request, and then a computation */
    WORK_FILE,      /* a file, that is opened, read and closed */
    WORK_WEBSOCKET, /* a WebSocket, that waits for its message and sends it back */
    WORK_SQL,       /* a query of PostgreSQL */
};

static inline bool work_requests(enum work work)
{
    return work == WORK_IO || work == WORK_MIXED;
}

/* Whether an item is a talk (talk.h), whoever makes it. */
static inline bool work_talks(enum work work)
{
    return work == WORK_WEBSOCKET || work == WORK_SQL;
}

/* Whether an item takes a connection. */
static inline bool work_connects(enum work work)
{
    return work_requests(work) || work_talks(work);
}

static inline bool work_computes(enum work work)
{
    return work == WORK_CPU || work == WORK_MIXED;
}

/* How an event loop does what has no other way than to block. */
enum blocking {
    BLOCKING_NONE,    /* nothing does */
    BLOCKING_LOOP,    /* on the loop, which stands still meanwhile */
    BLOCKING_THREADS, /* in the threads of libuv's pool */
    BLOCKING_URING,   /* by io_uring: the kernel does it, and tells */
};

/* Addresses of one server: what follows the network is `first` and the `count` - 1 numbers above.
 */
struct addresses {
    char network[16]; /* "127.0.0." */
    unsigned first, count;
};

enum verify {
    VERIFY_ID,     /* the body is a JSON object whose "id" is the request's */
    VERIFY_STATUS, /* any body with a status in 200-299 will do */
};

struct workload {
    enum work work;
    const char *url;            /* holds {id}, but for libpq and where every request is the same; of
                                   files a path; of cpu NULL */
    const char *method;         /* NULL: GET, or POST with a body */
    const char *body;           /* may hold {id}; NULL: none */
    struct curl_slist *headers; /* beside libcurl's own */
    uint64_t requests;          /* N >= 1; here they are numbered 0 … N-1, */
    uint64_t first_id;          /* … and their ids are this and the N-1 above */
    uint64_t concurrency;       /* C, 1 … N: most requests in flight */
    uint64_t timeout_ns;        /* per request */
    uint64_t deadline_ns;       /* of clock_ns(), for the whole run; 0: none */
    bool fresh;                 /* a new connection for every request */
    const struct raw_target *target; /* of WebSockets, and of the raw client, one for each address;
                                        NULL: libcurl is the client */
    enum verify verify;
    struct computation computation; /* where nothing is computed all 0, but for the workers */
    enum blocking blocking;         /* whose threads are computation.workers */
    uint64_t loops;                 /* event loops of a process, each in a thread */
    uint64_t processes;             /* that have them; C is the total */
    uint64_t first_slot;            /* of a process: of all slots, its first */
    struct addresses addresses;     /* one for each process; none: that of the URL */
    uint64_t stack_bytes;           /* of each thread; 0: the lane's own choice */
    struct loop_share *share;       /* what an event loop has to itself (loops.h), else NULL */
};

/* Whether an event loop makes calls that block, be it by the threads of a pool. */
static inline bool workload_calls(const struct workload *w)
{
    return w->blocking == BLOCKING_LOOP ||
           (w->blocking == BLOCKING_THREADS && w->work != WORK_FILE);
}

/* What only some models have; the others refuse the options for it. */
enum feature {
    FEATURE_GIL = 1,     /* --gil */
    FEATURE_COMPUTE = 2, /* --compute, --workers and --blocking */
    FEATURE_LOOPS = 4,   /* --loops, --processes and --addresses */
    FEATURE_STACK = 8,   /* --stack */
};

/* What a model says of itself, so that the machine's limits are checked before it runs. */
struct model {
    const char *name; /* "threads", as in lane-threads */

    /* What the lane runs instead of model_run(), and what calls it; NULL: model_run() itself. */
    int (*run)(const struct workload *w, struct recorder *r);
    const char *library; /* what it is built on beside libcurl: "libuv", or NULL */
    const char *(*library_version)(void);
    const char *summary;          /* one line for --help */
    const char *concurrency_name; /* what C counts: "threads", "workers", … */
    uint64_t concurrency_default; /* 0: as many as there are requests */
    uint64_t concurrency_max;     /* 0: no limit of the model's own */
    unsigned features;            /* enum feature, ORed */
    unsigned descriptors;         /* of one process, for each of C; with the raw client 1 at most */
    unsigned tasks;               /* kernel tasks (threads or processes), for each of C */
    unsigned mappings;            /* memory mappings of one process, for each of C */
};

/* Whether its items are talks (talk.h). */
static inline bool workload_talks(const struct workload *w)
{
    return work_talks(w->work) || (work_requests(w->work) && w->target != NULL);
}

extern const struct model model;

/* Does every item of `w` under this model and records each outcome in `r`: takes ids with
 * queue_take() until there are none, and does each of them: with item_perform() where it waits
 * (item.h), with loop_items_begin() where it does not (loop_items.h). Both see to it that no item
 * begins before it is due. Returns 0, or a negative errno when the model itself could not run. */
int model_run(const struct workload *w, struct recorder *r);

#endif
