/* What a process tree maps, as far as it tells what a sum over its processes cannot: the stacks of
 * threads apart from the heap, and each page of a program or library counted once. */
#ifndef HARNESS_MEMORY_MAPPINGS_H
#define HARNESS_MEMORY_MAPPINGS_H

#include "harness/memory/proctree.h"

/* Adds `pid` to the last three figures of `sum`; what cannot be read becomes PROCTREE_UNKNOWN. An
 * object, `files` knows the parts of files that are counted, empty before the first process, the
 * root. A process that has ended meanwhile is left out. */
void mappings_add(struct proctree_memory *sum, json_t *files, pid_t pid);

#endif
