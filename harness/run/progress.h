/* What the user sees while a plan runs, on stderr: one line per execution, and on a terminal a bar
 * below them with the time that is left. */
#ifndef HARNESS_RUN_PROGRESS_H
#define HARNESS_RUN_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/process/process.h"
#include "harness/plan/schedule.h"

struct progress {
    struct schedule *schedule;
    size_t current;      /* index of the step that runs */
    uint64_t started_ns; /* when it started */
    int id_width;
    bool quiet;
    bool terminal, coloured;
};

void progress_init(struct progress *progress, struct schedule *schedule, bool quiet);

/* Step `index` starts now. */
void progress_start(struct progress *progress, size_t index);

/* It has ended: prints its line with `result` ("20.06 s  floor 20.00 s  peak 10/10") and learns
 * from its duration, where `measured`, how long the other executions of its cell will take. */
void progress_end(struct progress *progress, const char *result, bool measured);

/* As process_wait(), and keeps the bar alive. */
int progress_wait(struct progress *progress, struct process *process, uint64_t deadline_ns);

/* Prints a line of its own. */
void progress_note(const struct progress *progress, const char *text);

/* Removes the bar, before something else is printed. */
void progress_clear(const struct progress *progress);

#endif
