/* The lanes of several languages side by side: the cells of each work, by the model that they
 * follow, C first. Only work that lanes of at least two languages were to do is taken. */
#ifndef REPORT_TWINS_H
#define REPORT_TWINS_H

#include <stdbool.h>
#include <stddef.h>

#include "report/run_data.h"

/* Of cells, or of memory cells: each is the first member of its struct cell or memory_cell. */
struct twins {
    const struct workload_cell **list; /* owned */
    size_t count;
    bool of_memory;
};

/* Arranges the timed cells of `run`, those that compute last; or its memory cells with more than
 * one request in flight. Return 0, to be freed with twins_free(), or -ENOMEM. */
int twins_of_cells(struct twins *twins, const struct run *run);
int twins_of_memory(struct twins *twins, const struct run *run);
void twins_free(struct twins *twins);

/* Whether any lane of the run is written in another language than C. */
bool twins_in(const struct run *run);

/* Whether any lane in that language was executed. */
bool twins_has(const struct run *run, const struct language *language);

/* Whether the cell at `index` is the first of its work; or of its work, model and concurrency. */
bool twins_begins_work(const struct twins *twins, size_t index);
bool twins_begins_model(const struct twins *twins, size_t index);

/* The cell in C that does the same as that at `index`: work, model, concurrency. NULL: none, or the
 * cell is in C itself. */
const struct workload_cell *twins_original(const struct twins *twins, size_t index);

/* "python-httpx (Python)", "threads (C), simulated GIL", as plain text in `text` of LABEL_SIZE
 * bytes. */
const char *twins_label(const struct workload_cell *cell, char *text);

/* Likewise what a timed cell has to do: "64 items of 20 ms of computing, blocks of 65,536 B". */
const char *twins_work_label(const struct workload_cell *cell, char *text);

#endif
