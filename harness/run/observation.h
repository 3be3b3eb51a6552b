/* What one execution of a lane left behind, and whether it may count: the lane's own result, what
 * the server saw, how the process ended. */
#ifndef HARNESS_RUN_OBSERVATION_H
#define HARNESS_RUN_OBSERVATION_H

#include <jansson.h>
#include <stdbool.h>

#include "common/error.h"
#include "harness/plan/cell.h"
#include "harness/run/lane_output.h"
#include "harness/run/mock.h"

#define EXIT_STATUS_UNKNOWN -1
#define MESSAGE_SIZE        512

struct observation {
    uint64_t wall_ns;           /* of the whole process; 0: not known, and a problem says why */
    int exit_status;            /* of the lane; 128 + signal; or EXIT_STATUS_UNKNOWN */
    json_t *lane;               /* lane.result/1 or null */
    json_t *server;             /* mockserver.stats/1 or null */
    json_t *problems;           /* array of sentences: why the execution does not count */
    json_t *noise;              /* likewise: why it counts, but is marked */
    char message[MESSAGE_SIZE]; /* the first line that the lane wrote to stderr, or empty */
};

/* Prepares the lane's output for an execution of `cell`, and the server where it has a part in it:
 * a server that has died is restarted; what happened is said on stderr. Returns 0; or a negative
 * errno with the reason in `error` (-EINTR: asked to stop). Free with
 * observation_free() in any case. */
int observation_begin(struct observation *seen, const struct cell *cell, struct mock *server,
                      const struct lane_output *output, struct error *error);
void observation_free(struct observation *seen);

/* Adds a sentence to the problems. */
void observation_problem(struct observation *seen, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Takes what the lane printed to stderr. */
void observation_message(struct observation *seen, const char *text);

/* Collects results and counters after an execution and judges them, and its wall time, which the
 * caller has set: every item of `cell` must be verified, and computed as it was calibrated. Where
 * requests are made, the server must have counted and answered every one, with no more in flight
 * than asked and no reply early, and nobody else may have reset its counts; replies that are late
 * (cell->lateness) mark the execution.
 * No execution may take less than its floor, or less than the lane itself says. */
void observation_end(struct observation *seen, const struct cell *cell, const struct mock *server,
                     const struct lane_output *output);

/* Whether the lane said that the limits of the machine forbid the cell. */
bool observation_forbidden(const struct observation *seen);

#endif
