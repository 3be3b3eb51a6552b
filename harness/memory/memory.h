/* A memory pass: the lane runs with a latency so long that all its requests wait at the server at
 * once; while the server confirms that, the lane's processes are measured. The lane then ends by
 * itself, and its result is verified as that of every other execution.
 *
 * Where tasks only sleep there is no server: the lane makes a file once all of them do. None of
 * them can have ended as long as less than a hold has passed since the lane was started. */
#ifndef HARNESS_MEMORY_MEMORY_H
#define HARNESS_MEMORY_MEMORY_H

#include "common/error.h"
#include "common/process/proctree.h"
#include "harness/run/execute.h"

/* Runs `cell` once; where not all of its requests waited at once, since the lane takes longer to
 * start them than they are held, again with twice the hold, and once more. The file by which a lane
 * says that its tasks sleep is `ready_path`; it is removed. The figures are those of a line of
 * memory.jsonl. Returns and frees as execution_run(). */
int memory_run(struct execution *execution, struct bench *bench, const struct cell *cell,
               const char *ready_path, struct error *error);

/* Two independent methods tell the memory of a lane: what its processes show in /proc (PSS), and
 * what the kernel accounts to its cgroup (`cgroup`, of cgroup_read()). They do not count the same
 * things: PSS holds the lane's part of program and library pages, which a cgroup counts for whoever
 * read them first; a cgroup holds the kernel's own memory (stacks, page tables, sockets), which PSS
 * leaves out. What both count in full is anonymous memory: heap and thread stacks. Returns a
 * sentence where they differ in that, a new reference; NULL where they agree or one is missing. */
json_t *memory_disagreement(const struct proctree_memory *memory, const json_t *cgroup);

#endif
