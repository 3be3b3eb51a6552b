/* A program that is run and watched: a lane with a mock server of its own, so that what that counts
 * is this lane's alone; or another program of the suite, such as patterns. */
#ifndef TEACH_RACER_H
#define TEACH_RACER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "harness/memory/proctree.h"
#include "harness/process/process.h"
#include "harness/run/lane_output.h"
#include "harness/run/mock.h"
#include "harness/suite.h"

#define RACER_WORDS_MAX 48

enum racer_state { RACER_WAITING, RACER_READY, RACER_RUNNING, RACER_ENDED };

struct racer {
    char name[32], label[48]; /* in queries; for people */
    char command[256];        /* "lane-threads -n 100 -c 10" */
    char latency[32];         /* of the server */
    char program[PATH_MAX];   /* what runs; empty: the first word of the command says it */
    bool thin;                /* it takes -n, -c and a URL, and need not write a result */
    const json_t *settings;   /* arguments of the server; NULL: its latency; borrowed */
    bool optional;            /* what it takes may not be here */
    bool watches_memory;
    const json_t *figures; /* names of those of its own that a lesson takes; NULL: all; borrowed */
    uint64_t requests;     /* N; 0: not known */
    uint64_t floor_ns;     /* 0: not known */
    uint64_t limit_ns;     /* after which it is ended; 0: five minutes */
    enum racer_state state;
    uint64_t started_ns, ended_ns;    /* of clock_ns() */
    uint64_t done, in_flight, looked; /* as the server counts; how often it was asked */
    struct proctree_memory memory;    /* the most that was seen */
    json_t *document;                 /* lane, server, memory, process_ns: once it has ended */
    char problem[512];                /* why it does not count; empty: it does */
    bool served;                      /* there is a server */
    bool late;                        /* it had to be ended */
    struct mock server;
    struct process process;
    struct lane_output output;
    char words[RACER_WORDS_MAX][320]; /* the command line, as it was run */
    char mockserver[PATH_MAX];
};

/* Sets it up from a plan's `command` with its options -n, the server's `latency` ("" or NULL: it
 * takes none) and the name for queries. Free with racer_free(). */
void racer_init(struct racer *racer, const char *name, const char *label, const char *command,
                const char *latency);
void racer_free(struct racer *racer);

/* What is to be shown of racers while they run. */
struct racer_view {
    void (*show)(void *user, const struct racer *racers, size_t count, bool ended);
    void *user;
};

/* Runs `count` of them, all at once or one after the other. Each that cannot run, or fails, has a
 * problem; that is no error. Returns 0, or a negative errno with the reason in *error (-EINTR:
 * asked to stop); then none runs any more. */
int racers_run(struct racer *racers, size_t count, bool at_once, const struct suite *suite,
               const struct racer_view *view, struct error *error);

#endif
