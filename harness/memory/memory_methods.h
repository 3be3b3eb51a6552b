/* Two independent methods for the memory of a lane: what its processes show in /proc (PSS), and
 * what the kernel accounts to its cgroup. They do not count the same things: PSS holds the lane's
 * part of program and library pages, which a cgroup counts for whoever read them first; a cgroup
 * holds the kernel's own memory (stacks, page tables, sockets), which PSS leaves out. What both
 * count in full is anonymous memory: heap and thread stacks. That is what is compared. */
#ifndef HARNESS_MEMORY_MEMORY_METHODS_H
#define HARNESS_MEMORY_MEMORY_METHODS_H

#include <jansson.h>

#include "harness/memory/proctree.h"

/* `methods` of bench.memory/1: a new reference; to null where one of the methods is missing. */
json_t *memory_methods(const struct proctree_memory *memory, const json_t *cgroup);

#endif
