/* A pool of stacks. They are cut from large mappings, so that their number is not limited by the
 * kernel's limit of mappings (vm.max_map_count, 65530 by default), and guarded:
 *
 * - where the kernel has lightweight guard regions (Linux 6.13), by one below each stack, which is
 *   no mapping of its own;
 * - else by a protected page below each stack, while mappings last (each costs two);
 * - beyond that by a mark below each stack that is checked when a task suspends and when it ends.
 *
 * A stack is used again by the next task (the last one first), with the memory it has. */
#ifndef CO_STACK_H
#define CO_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum co_guard {
    CO_GUARD_AUTO,   /* the best there is, as above */
    CO_GUARD_REGION, /* lightweight guard regions, or none */
    CO_GUARD_PAGE,   /* protected pages while mappings last */
    CO_GUARD_MARK,   /* marks only */
};

#define CO_STACK_MARK 0x5ac4d0c0ffee57acULL

/* Lies at the upper end of the stack that it describes. */
struct co_stack {
    struct co_stack *next; /* in the pool's list of free ones */
    char *low;             /* the lowest byte that may be used */
    void *thread;          /* the thread sanitizer's name for it */
    unsigned valgrind;     /* valgrind's */
    uint32_t marked;       /* no guard but the mark below */
    uint64_t mark;         /* last: the first thing that an overflow from above destroys */
};

struct co_stacks {
    size_t stack_bytes; /* of each, with its guard */
    enum co_guard guard;
    struct co_stack *free;
    struct co_slab *slabs;
    size_t page_guards_left; /* how many mappings allow */
    size_t count;            /* stacks made */
    size_t high_water_bytes; /* of what was unmapped; see co_stacks_high_water() */
};

/* `stack_bytes` is rounded up to whole pages, at least four. */
void co_stacks_init(struct co_stacks *stacks, size_t stack_bytes, enum co_guard guard);
void co_stacks_term(struct co_stacks *stacks);

/* A stack, or NULL where there is no memory for one. */
struct co_stack *co_stack_take(struct co_stacks *stacks);
void co_stack_give(struct co_stacks *stacks, struct co_stack *stack);

/* Whether the mark below the stack is still there; always true where a guard does that work. */
static inline bool co_stack_is_intact(const struct co_stack *stack, size_t stack_bytes)
{
    const struct co_stack *below = (const struct co_stack *)((const char *)stack - stack_bytes);

    return !stack->marked || below->mark == CO_STACK_MARK;
}

/* The most bytes that any stack ever used. Looks at all of them: for the end of a program. */
size_t co_stacks_high_water(struct co_stacks *stacks);

#endif
