/* One cell of a plan, read from an entry of its `cells` or `memory`; where the entry has lists,
 * from one value of each. */
#ifndef HARNESS_PLAN_CELL_FIELDS_H
#define HARNESS_PLAN_CELL_FIELDS_H

#include "harness/plan/fields.h"
#include "harness/plan/plan.h"

/* The keys that may be lists. The first turns slowest: cells of a lane stay together. */
enum cell_dimension {
    CELL_LANE,
    CELL_REQUESTS,
    CELL_CONCURRENCY,
    CELL_LATENCY,
    CELL_CPU_TIME,
    CELL_COMPUTE,
    CELL_WORKERS,
    CELL_LOOPS,
    CELL_GIL,
    CELL_DIMENSIONS
};
extern const char *const cell_dimensions[CELL_DIMENSIONS];

/* What is common to the entries of a list. */
struct cell_section {
    struct plan *plan;
    struct fields *fields;
    bool memory;
    uint64_t hold_ns;
};

/* An entry, and the index in each of its lists; 0 where there is none. */
struct cell_entry {
    const json_t *value;
    struct fields_path path;
    size_t index[CELL_DIMENSIONS];
};

/* Reads it into `cell`; errors go to the fields of the section. */
void cell_fields_read(const struct cell_section *section, const struct cell_entry *entry,
                      struct cell *cell);

#endif
