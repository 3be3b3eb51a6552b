/* Where a lane's result line goes: a file in memory that the lane opens by its path under /proc. A
 * line in a file on a disk would make the wall time of every lane depend on that disk, since lanes
 * flush what they write; and this file cannot be left behind, however the harness ends. */
#ifndef HARNESS_RUN_LANE_OUTPUT_H
#define HARNESS_RUN_LANE_OUTPUT_H

#include <jansson.h>

struct lane_output {
    int fd;
    char path[64];
};

/* Makes the file. Returns 0 or a negative errno. */
int lane_output_open(struct lane_output *output);
void lane_output_close(struct lane_output *output);

/* Empties it, before an execution. Returns 0 or a negative errno. */
int lane_output_clear(const struct lane_output *output);

/* The lane.result/1 that the lane wrote, a new reference; or NULL with what is wrong in `error` of
 * ERROR_SIZE bytes. */
json_t *lane_output_read(const struct lane_output *output, char *error);

#endif
