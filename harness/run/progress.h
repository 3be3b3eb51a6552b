/* What the user sees while a plan runs, on stderr: one line per execution, and on a terminal a bar
 * below them with the time that is left. */
#ifndef HARNESS_RUN_PROGRESS_H
#define HARNESS_RUN_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/process/process.h"
#include "harness/plan/schedule.h"

struct progress {
    const struct schedule *schedule;
    uint64_t *expected_ns; /* of each step */
    size_t current;        /* index of the step that runs */
    uint64_t started_ns;   /* when it started */
    int id_width;
    bool quiet;
    bool terminal;
};

/* Free with progress_free(). Returns 0 or -ENOMEM. */
int progress_init(struct progress *progress, const struct schedule *schedule, bool quiet);
void progress_free(struct progress *progress);

/* The schedule has got `added` more steps before the step with index `at`. Returns 0 or -ENOMEM. */
int progress_extend(struct progress *progress, size_t at, size_t added);

/* Expects nothing of the step `index`, which is left out. */
void progress_drop(struct progress *progress, size_t index);

/* Step `index` starts now. */
void progress_start(struct progress *progress, size_t index);

/* It has ended: prints its line with `result` ("20.06 s  floor 20.00 s  peak 10/10") and learns
 * from its duration, where `measured`, how long the other executions of its cell will take. */
void progress_end(struct progress *progress, const char *result, bool measured);

/* Expects nothing more of a cell that is left out from now on. */
void progress_skip(struct progress *progress, const struct cell *cell);

/* As process_wait(), and keeps the bar alive. */
int progress_wait(struct progress *progress, struct process *process, uint64_t deadline_ns);

/* Prints a line of its own. */
void progress_note(const struct progress *progress, const char *text);

/* Removes the bar, before something else is printed. */
void progress_clear(const struct progress *progress);

/* "6m10s", "45s": writes to `text` of UNITS_TEXT_SIZE bytes and returns it. */
const char *progress_format_eta(uint64_t ns, char *text);

#endif
