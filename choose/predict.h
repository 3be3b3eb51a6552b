/* What a lane takes for some calls, by its parameters; and the parameters, fitted to what it took.
 * Both are functions of SQL (predict.c, fit.c), with which choosing.sql does all the rest:
 *
 *   predicted(lane, calls)  the figures of calls, with how far off each may be
 *   fitted(lane, cells)     a lane, with the parameters that fit an array of cells best
 *
 * All of them are JSON: a lane as in reference.json, calls and cells as in choosing.sql. */
#ifndef CHOOSE_PREDICT_H
#define CHOOSE_PREDICT_H

#include <jansson.h>

#include "common/latency.h"
#include "report/dataset/dataset.h"

/* What is to be done: the load. */
struct calls {
    uint64_t requests, concurrency;
    struct distribution latency; /* drawn as the mock server draws, with the seed 1 */
    double own_ns;               /* what an item computes */
    double rate;                 /* items that are due each second; 0: each as soon as possible */
    bool fresh;                  /* each request on a connection of its own */
    bool waits;                  /* items make a request; else they only compute */
};

/* Who does it: `width` items are begun and finished at a time. */
struct shape {
    uint64_t width;
    uint64_t beside; /* so many are computed at a time elsewhere; 0: where they are finished */
    bool crowded;    /* the server, on the same machine, has no core of its own */
    uint64_t arenas; /* that malloc makes for threads */
    bool in_turns; /* items that compute share the cores in turns: they are threads or processes */
};

/* The figures that are predicted. Some have parameters of their own, which are fitted to it. */
enum figure { FIGURE_CPU, FIGURE_WALL, FIGURE_MEMORY, FIGURE_P99, FIGURES, NO_FIGURE = FIGURES };

/* What a run has shown of a lane: of each parameter its name in JSON, the figure to which it is
 * fitted, where the search for it begins, and what it is. */
#define PARAMETERS(X)                                                                              \
    X(start_ns, NO_FIGURE, 5e6)     /* of the program, with its exit: measured as such */          \
    X(slot_ns, FIGURE_WALL, 2e4)    /* each of the C threads or places is made */                  \
    X(connect_ns, FIGURE_WALL, 5e4) /* a connection is made and closed */                          \
    X(before_ns, FIGURE_WALL, 2e4)  /* a request, until it waits */                                \
    X(after_ns, FIGURE_WALL, 2e4)   /* its answer */                                               \
    X(crowd_ns, FIGURE_WALL, 1)     /* a request, for each connection that is kept, … */         \
    X(throng_ns, FIGURE_WALL, 1)    /* … or each other one that is made for one request */       \
    X(serve_ns, FIGURE_WALL, 2e4)   /* a request, by the server, one after the other */            \
    X(accept_ns, FIGURE_WALL, 2e4)  /* … and a connection */                                     \
    X(hand_ns, FIGURE_WALL, 2e4)    /* an item that computes: caches, turns, to a pool */          \
    X(jostle_ns, FIGURE_WALL, 1e5)  /* an answer is late, times √ of those in flight */          \
    X(compute, FIGURE_CPU, 1)       /* an item of 1 ns in C takes this */                          \
    X(slice_ns, NO_FIGURE, 6e6)     /* of the scheduler, at ticks of 4 ms */                       \
    X(wall_error, NO_FIGURE, 0)     /* in 9 of 10 cases it is off by less, in yardsticks */        \
    X(cpu_base_ns, FIGURE_CPU, 5e6)                                                                \
    X(cpu_slot_ns, FIGURE_CPU, 5e4)                                                                \
    X(cpu_connect_ns, FIGURE_CPU, 2e4) /* each connection, where each request has its own */       \
    X(cpu_item_ns, FIGURE_CPU, 3e4)                                                                \
    X(cpu_wake_ns, FIGURE_CPU, 1e4) /* for an event before which a core was idle */                \
    X(cpu_error, NO_FIGURE, 0)                                                                     \
    X(memory_base_bytes, FIGURE_MEMORY, 5e6)                                                       \
    X(memory_slot_bytes, FIGURE_MEMORY, 1e4)                                                       \
    X(memory_arena_bytes, FIGURE_MEMORY, 1e3) /* … and each that gets an arena of malloc */      \
    X(memory_error, NO_FIGURE, 0)                                                                  \
    X(concurrency, NO_FIGURE, 1) /* the largest that was measured */

#define PARAMETERS_MEMBER(name, figure, usual) double name;
struct parameters {
    PARAMETERS(PARAMETERS_MEMBER)
};

#define PARAMETERS_COUNT (sizeof(struct parameters) / sizeof(double))

/* By their places in struct parameters. */
struct parameter {
    const char *name;
    enum figure figure;
    double usual;
};
extern const struct parameter parameter_table[PARAMETERS_COUNT];

#define PARAMETER(parameters, place) (((double *)(parameters))[place])

/* What simulate.c computes: a discrete-event simulation of N calls, at most C at a time, each of
 * which is begun, waits, and is finished, on so many cores, at given costs. choose/model.js does
 * the same. */
struct simulated {
    double wall_ns;
    double p50_ns, p99_ns; /* of an item: from when it was due, or could be begun, to its end */
    double growth_ns; /* of what is beyond the waits: in the last tenth, less that in the middle */
    double each_ns;   /* from the begin of one to the next, in the second half */
    double wakes;     /* events before which a core was idle; the colder the more */
};

struct simulated simulate(const struct calls *calls, const struct shape *shape,
                          const struct parameters *costs);

/* Calls, and what they took. */
struct cell {
    struct calls calls;
    struct shape shape;
    double waiting_ns;          /* the least time: nothing but the waits costs anything */
    double computing_ns, wakes; /* as simulated: of all who compute together; of the cores */
    double took[FIGURES];       /* NAN: not measured */
};

/* Reads the calls of a lane. */
void cell_read(const json_t *lane, const json_t *calls, struct cell *cell);

/* Through the simulation, which sets computing_ns and wakes of the cell. */
struct simulated predict_simulated(const struct parameters *parameters, struct cell *cell);

/* One of the figures, of a cell that was simulated. */
double predict(enum figure figure, const struct parameters *parameters, struct cell *cell);

/* What errors of a figure are counted in: of a wall time mostly a share of what is added to the
 * waits, which are exact, or to the computing, which is nearly so. */
double predict_yardstick(enum figure figure, double value, const struct cell *cell);

/* A new reference; NULL: it is none. */
json_t *sql_json(sqlite3_value *value);

/* Takes what a function gives; where it is NULL the query fails with this reason. */
void sql_give(sqlite3_context *context, json_t *said, const char *otherwise);

void fitted(sqlite3_context *context, int count, sqlite3_value **values);

/* Adds both, and the tables of choosing.sql, to a frozen dataset: by the parameters in the file
 * `path`, or NULL: those that are built in. The question is as choosing.sql says, or NULL: nothing
 * is asked. Returns 0, or a negative errno with the reason in *error. */
int choose_open(struct dataset *dataset, const char *path, const json_t *question,
                struct error *error);

#endif
