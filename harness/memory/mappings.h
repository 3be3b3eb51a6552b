/* The pages that a process tree maps, as far as they tell what a sum over its processes cannot: the
 * stacks of threads apart from the heap, and each page of a program or library counted once. */
#ifndef HARNESS_MEMORY_MAPPINGS_H
#define HARNESS_MEMORY_MAPPINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct mappings {
    bool known, stacks_known;     /* false: a process did not show its mappings, or its stacks */
    uint64_t stack_bytes;         /* resident in stacks, pages that forked processes share once */
    uint64_t stack_virtual_bytes; /* what these stacks reserve */
    uint64_t file_bytes;          /* resident pages of mapped files, each once */
    struct mapped_file *files;
    size_t count;
};

/* Adds a process to `sum`, which begins with `known` and `stacks_known` true and all else 0. What
 * cannot be read makes them false; a process that has ended meanwhile is left out. */
void mappings_add(struct mappings *sum, pid_t pid);
void mappings_free(struct mappings *sum);

#endif
