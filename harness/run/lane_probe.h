/* Whether a lane can start on this machine. The suite's own programs are there once it is built;
 * lanes in other languages take packages that need not be installed. */
#ifndef HARNESS_RUN_LANE_PROBE_H
#define HARNESS_RUN_LANE_PROBE_H

#include <stddef.h>

#include "harness/plan/cell.h"

#define LANE_PROBE_SIZE 400

enum lane_state {
    LANE_READY,
    LANE_MISSING, /* what it takes is not installed, or it is not built */
    LANE_STOPPED, /* the harness is asked to stop */
};

/* Asks a lane that names packages for its version, which takes an interpreter and libraries; a lane
 * without packages is ready. `text` of LANE_PROBE_SIZE bytes then holds the first line that it
 * prints, or, where it is missing, the command that installs it. */
enum lane_state lane_probe(const struct lane *lane, char *text);

#endif
