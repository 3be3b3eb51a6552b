/* A cell: one lane with one set of parameters, what it does with each of its N items, and the
 * command that runs it. An item is a request, a computation, both, a sleep, a file that is read, a
 * WebSocket, or a query. It is computed by a chain of hashes whose length is calibrated once a run,
 * so that every lane computes the same. */
#ifndef HARNESS_PLAN_CELL_H
#define HARNESS_PLAN_CELL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/load.h"

#define CELL_ID_SIZE            160
#define CALIBRATION_DIGEST_SIZE 65 /* 64 hex digits and NUL */
#define BLOCK_BYTES_DEFAULT     32
#define SERVER_SEED_DEFAULT     1 /* the mock server's */

/* A program that runs the workload. What is not said to be owned belongs to the plan's source. */
struct lane {
    const char *name;        /* as cells name it */
    char *path;              /* of the executable; owned */
    const char *program;     /* what run folders call it: "lane-async", a path within the suite */
    const char *model;       /* "sync", "threads", "procs", "async" or "co" */
    const char *language;    /* that it is written in: "c", "python", … */
    const json_t *packages;  /* array of what must be installed for it, or NULL */
    const json_t *arguments; /* its own, before those of a cell; array or NULL */
};

enum work_kind { CELL_IO, CELL_CPU, CELL_MIXED, CELL_SLEEP, CELL_FILE, CELL_WEBSOCKET, CELL_SQL };

/* What an item of a certain CPU time comes to on this machine. */
struct calibration {
    uint64_t cpu_ns;                      /* what an item is to take */
    uint64_t block_bytes;                 /* hashed in a round */
    uint64_t rounds;                      /* of the chain; 0: not known yet */
    uint64_t measured_ns;                 /* what an item of so many rounds took, on average */
    char digest[CALIBRATION_DIGEST_SIZE]; /* what the chain comes to, in hex */
};

struct cell_work {
    enum work_kind kind;
    uint64_t cpu_ns;      /* of an item; 0 where none is computed */
    uint64_t block_bytes; /* hashed in a round; 0 where none is computed */
    const char *compute;  /* "loop", "threads", "processes" or NULL: not said; not owned */
    uint64_t workers;     /* of the pool of `compute` or `blocking`; 0: the lane's default */
    const char *blocking; /* "loop", "threads", "uring" or NULL: not said; not owned */
    uint64_t loops;       /* event loops, each with a thread; 0: the lane's default, one */
    uint64_t processes;   /* with so many loops; 0: the lane's default, one */
    bool gil;             /* one thread computes at a time */
    const struct calibration *calibration; /* NULL where none is computed; not owned */
};

/* How long the server lets a request wait. */
struct cell_latency {
    const char *spec; /* as the plan says it; not owned */
    struct distribution distribution;
};

struct plan;

struct cell {
    const struct plan *plan; /* whose server and requests are its; NULL: the mock server */
    char id[CELL_ID_SIZE];   /* "threads-n1000-c10-200ms"; of a memory pass "…-memory" */
    const struct lane *lane;
    uint64_t requests;
    uint64_t concurrency;
    struct cell_work work; /* what is done with each request, which may be no request at all */
    struct cell_latency latency;
    uint64_t latency_ns;     /* of each reply, the mean where latencies are drawn; of a memory pass:
                                how long the requests are held */
    uint64_t seed;           /* of what is drawn: the server's */
    uint64_t rate;           /* requests that are due each second; 0: the load is closed */
    const char *arrivals;    /* "constant", "poisson" or NULL: not said; not owned */
    uint64_t timeout_ns;     /* of one request; 0: the lane's default */
    uint64_t limit_ns;       /* of a whole execution; 0: see execution_limit_ns() */
    uint64_t rounds;         /* it takes part in rounds 1 to this */
    bool capped;             /* the plan gives it a number of rounds of its own: never more */
    double lateness;         /* how late the server may be at p99, as a share of the latency */
    bool optional;           /* it may be left out where the limits of the machine forbid it */
    bool may_fail;           /* the run is none the worse for executions that do not count */
    bool records;            /* one row per request is wanted */
    bool memory;             /* it is a memory pass */
    const char *client;      /* "curl", "raw" or NULL: the default; not owned */
    const char *connections; /* "reuse", "fresh" or NULL: the lane's default; not owned */
    const json_t *arguments; /* further arguments of the lane, an array or NULL; not owned */
};

/* The kinds of work by their numbers; ends with NULL. */
extern const char *const cell_work_names[];

/* Whether requests or queries are made or files are read, and the server has its part in it. */
bool cell_work_requests(const struct cell_work *work);

/* Whether items are computed. */
bool cell_work_computes(const struct cell_work *work);

/* How many items the event loop of the cell has at once where each blocks a thread; 0: any number.
 */
uint64_t cell_callers(const struct cell *cell);

/* Whether they are computed in a pool beside an event loop. */
bool cell_work_pools(const struct cell_work *work);

/* What an item is called where several are counted: "requests", "items", "tasks", "files",
 * "WebSockets" or "queries". */
const char *cell_work_items(const struct cell_work *work);

/* Whether the lane of the cell follows the model ("sync", …). */
bool cell_follows(const struct cell *cell, const char *model);

/* Whether it is an event loop, beneath coroutines or not: all in one thread, and C up to N. */
bool cell_is_a_loop(const struct cell *cell);

/* Sets the id from the other members. Returns 0, or -ENAMETOOLONG. */
int cell_name(struct cell *cell);

/* How many cores this machine has online, at least 1. */
uint64_t cell_cores(void);

/* Whether latencies are drawn, each request having its own. */
bool cell_draws(const struct cell *cell);

/* Least wall time possible: ceil(N/C) times the latency, or what a schedule of the very delays in
 * the order of the ids comes to; where items are computed, what the cores of this machine need for
 * them, too. */
uint64_t cell_floor_ns(const struct cell *cell);

/* What no execution can undercut, in whatever order it takes its ids. Waiting is exact, but the CPU
 * time of an item is a calibration: a machine that computes faster later on has not cheated, so
 * that a fifth of it is granted. */
uint64_t cell_least_ns(const struct cell *cell);

/* Sets latency_ns to the mean of the very delays, where the plan says how they are drawn. */
void cell_average(struct cell *cell);

/* The wall time where no two items are computed at once: what a lane takes without any speed-up. */
uint64_t cell_serial_ns(const struct cell *cell);

/* What the cell is expected to take, by the number of items that its lane can compute at once. */
uint64_t cell_expected_ns(const struct cell *cell);

/* How many processes have event loops, at least 1: each takes an address of the server. */
uint64_t cell_processes(const struct cell *cell);

/* How many of its requests wait at the server at once: min(N, C). */
uint64_t cell_in_flight(const struct cell *cell);

#endif
