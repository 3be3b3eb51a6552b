/* Where a lane's result line goes, and hyperfine's export: a file in memory that they open by its
 * path under /proc. A file on a disk would make the wall time of every lane depend on that disk,
 * since lanes flush what they write; and this one cannot be left behind, however the harness ends.
 */
#ifndef HARNESS_RUN_LANE_OUTPUT_H
#define HARNESS_RUN_LANE_OUTPUT_H

#include <jansson.h>

#include "common/error.h"

struct lane_output {
    int fd;
    char path[64];
};

/* Makes the file. Returns 0 or a negative errno. */
int lane_output_open(struct lane_output *output);
void lane_output_close(struct lane_output *output);

/* Empties it, before an execution. Returns 0 or a negative errno. */
int lane_output_clear(const struct lane_output *output);

/* The JSON in it, a new reference; or NULL with what is wrong in `error`. */
json_t *lane_output_json(const struct lane_output *output, struct error *error);

/* Likewise, the lane.result/1 that the lane wrote. */
json_t *lane_output_read(const struct lane_output *output, struct error *error);

#endif
