/* One execution of a cell under hyperfine, which takes the wall time of the whole process. */
#ifndef HARNESS_RUN_EXECUTE_H
#define HARNESS_RUN_EXECUTE_H

#include <stdint.h>

#include "harness/run/observation.h"
#include "harness/run/progress.h"

#define REQUEST_TIMEOUT_NS (30 * NS_PER_S) /* of a request, the lanes' default */

/* What an execution works with. */
struct bench {
    struct mock server;
    struct lane_output output;
    struct progress progress;
};

struct execution {
    struct observation seen;
    bool timed;       /* the times below are known */
    uint64_t wall_ns; /* of the whole process */
    uint64_t user_ns; /* CPU time of the process and its children */
    uint64_t system_ns;
    uint64_t involuntary_switches;
    double load;   /* average of the last minute before it, or -1 */
    json_t *noise; /* array of sentences: what disturbed it */
};

/* Runs `cell` once. hyperfine's export goes to `export_path`, the records of the requests to
 * `records_path` (NULL: none). What goes wrong in the lane is in the observation; an execution that
 * takes far too long is ended. Returns 0; or a negative errno with the reason in `error` of
 * ERROR_SIZE bytes where the run cannot go on (-EINTR: asked to stop). Free with execution_free()
 * in any case. */
int execution_run(struct execution *execution, struct bench *bench, const struct cell *cell,
                  const char *export_path, const char *records_path, char *error);
void execution_free(struct execution *execution);

/* Ends what is left of an execution whose keeper was killed, which falls to the harness as the next
 * subreaper, and notes the problem. */
void execution_lost(struct observation *seen, const struct bench *bench);

/* How long an execution may take at most: what the cell says, or three times what it takes without
 * any speed-up, twice the longest time of a request and ten seconds. */
uint64_t execution_limit_ns(const struct cell *cell);

#endif
