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

#define RACERS_MAX 16

enum racer_state { RACER_WAITING, RACER_RUNNING, RACER_ENDED };

struct racer {
    const char *name, *label, *command; /* in queries; for people; "lane-threads -n 100 -c 10" */
    const char *latency;                /* of the server; "": there is no server */
    const json_t *run;                  /* all that the plan says of it */
    const char *own; /* somebody's own program, in place of the command's first word; or NULL */
    bool thin;       /* it takes -n, -c and a URL, and need not write a result */
    uint64_t n, c, least_ns; /* requests, and at once; the floor; 0: not known */
    enum racer_state state;
    uint64_t started_ns, ended_ns; /* of clock_ns() */
    json_t *stats;                 /* of the server, as it last said; NULL: not yet */
    struct proctree_memory memory; /* the most that was seen */
    json_t *document;              /* what it and its server said: once it has ended */
    struct error fault;            /* why it could not be started */
    bool failed, late;             /* it ended with a fault; it had to be ended */
    struct mock server;
    struct process process;
    struct lane_output output;
    json_t *words; /* of its command line */
    char program[PATH_MAX], mockserver[PATH_MAX];
};

/* Sets up at most RACERS_MAX racers from the `runs` of a plan, which must outlive them: see
 * teach/README.md. Returns how many the plan has. Free each with racer_free(). */
size_t racers_init(struct racer *racers, const json_t *plan);
void racer_free(struct racer *racer);

/* What is known of it: what the plan says, and what it came to. A new reference. */
json_t *racer_describe(const struct racer *racer);

/* What is to be shown of racers while they run. */
struct racer_view {
    void (*show)(void *user, const struct racer *racers, size_t count, bool ended);
    void *user;
};

/* Runs `count` of them, all at once or one after the other. That one cannot run, or
 * fails, is no error. Returns 0, or a negative errno with the reason in *error (-EINTR:
 * asked to stop); then none runs any more. */
int racers_run(struct racer *racers, size_t count, bool at_once, const struct suite *suite,
               const struct racer_view *view, struct error *error);

#endif
