/* A process and all its descendants, as /proc shows them: who they are and what memory they use. */
#ifndef COMMON_PROCESS_PROCTREE_H
#define COMMON_PROCESS_PROCTREE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct proctree {
    pid_t *pids; /* the root first, parents before their children; zombies are left out */
    size_t count;
};

/* Sums over a tree. */
struct proctree_memory {
    uint64_t processes;
    uint64_t threads;
    uint64_t pss_bytes;      /* resident pages, those that are shared divided among their users */
    uint64_t pss_anon_bytes; /* its part without files: heap and stacks; 0: not known */
    uint64_t rss_bytes;
    uint64_t hwm_bytes; /* largest RSS that each process ever had */
    uint64_t virtual_bytes;
    uint64_t page_table_bytes;
    uint64_t stack_bytes;         /* resident in the stacks of threads */
    uint64_t stack_virtual_bytes; /* what these reserve */
    uint64_t library_bytes;       /* resident pages of program and libraries, each once */
};

#define PROCTREE_UNKNOWN UINT64_MAX /* as one of the last three */

/* The parent of a process, and the kernel's flags of it (PF_…). Returns false where it has ended.
 */
bool proctree_look(pid_t pid, pid_t *parent, unsigned *flags);

/* Lists `root` and its descendants. One pass over /proc, so that a tree of a thousand processes or
 * threads costs the same; but no snapshot, so that one that has just started may be missing. Free
 * with proctree_free(). Returns 0 or a negative errno (-ESRCH: there is no such process). */
int proctree_list(pid_t root, struct proctree *tree);
void proctree_free(struct proctree *tree);

/* Measures `root` and its descendants. Processes that end meanwhile are left out. Returns 0 or a
 * negative errno (-ESRCH: there is no such process; -EACCES: it belongs to someone else). */
int proctree_measure(pid_t root, struct proctree_memory *sum);

/* What a process tree maps tells what a sum over its processes cannot (mappings.c): the stacks of
 * threads apart from the heap, and each page of a program or library counted once. Adds `pid` to
 * the last three figures of `sum`; what cannot be read becomes PROCTREE_UNKNOWN. An object, `files`
 * knows the parts of files that are counted, empty before the first process, the root. A process
 * that has ended meanwhile is left out. */
void proctree_add_mappings(struct proctree_memory *sum, json_t *files, pid_t pid);

/* Sets what was measured in `line`, by the names above; null where it is not known, or nothing is
 * (`known` is false). */
void proctree_describe(const struct proctree_memory *sum, bool known, json_t *line);

/* The RSS of `root` and its descendants alone, which takes a hundredth of the time. Returns 0 or a
 * negative errno. */
int proctree_rss(pid_t root, uint64_t *rss_bytes);

/* Ends every descendant of the calling process, but not the process itself nor what is at and below
 * `except` (0: no exception), and reaps those that are its children (all, where it is a subreaper).
 * Gives up after five seconds, on processes that the kernel cannot end. */
void proctree_kill_descendants(pid_t except);

#endif
