#include "co/stack.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "co/sanitizer.h"
#include "common/file.h"

#define STACK_PAGES_MIN     4
#define SLAB_STACKS         64
#define MAPPINGS_DEFAULT    65530
#define GUARD_REGION_ADVICE 102 /* MADV_GUARD_INSTALL, newer than the C library's headers */

/* One mapping, cut into stacks from its lower end. */
struct co_slab {
    struct co_slab *next;
    char *memory;
    size_t guarded; /* its first stacks, or all */
    size_t cut;     /* stacks that were cut from it so far */
};

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* Half of the mappings that the kernel allows are left to the rest of the program. */
static size_t page_guards_allowed(void)
{
    return file_read_number("/proc/sys/vm/max_map_count", "", MAPPINGS_DEFAULT) / 2 / 2;
}

void co_stacks_init(struct co_stacks *stacks, size_t stack_bytes, enum co_guard guard)
{
    size_t page = page_bytes();

    if (stack_bytes < STACK_PAGES_MIN * page)
        stack_bytes = STACK_PAGES_MIN * page;
    *stacks = (struct co_stacks){
        .stack_bytes = (stack_bytes + page - 1) / page * page,
        .guard = guard,
        .page_guards_left = page_guards_allowed(),
    };
}

/* Guards the lowest page of a stack. Returns false where only the mark can. */
static bool guard_stack(struct co_stacks *stacks, char *memory)
{
    size_t page = page_bytes();

    if (stacks->guard == CO_GUARD_AUTO || stacks->guard == CO_GUARD_REGION) {
        if (madvise(memory, page, GUARD_REGION_ADVICE) == 0)
            return true;
        if (stacks->guard == CO_GUARD_REGION)
            return false;
        stacks->guard = CO_GUARD_PAGE; /* an older kernel */
    }
    if (stacks->guard != CO_GUARD_PAGE || stacks->page_guards_left == 0)
        return false;
    if (mprotect(memory, page, PROT_NONE) < 0)
        return false;
    stacks->page_guards_left--;
    return true;
}

/* All of a slab at once: the kernel does it quicker than one by one, between other work. */
static void guard_slab(struct co_stacks *stacks, struct co_slab *slab)
{
    char *memory = slab->memory;

    while (slab->guarded < SLAB_STACKS && guard_stack(stacks, memory)) {
        memory += stacks->stack_bytes;
        slab->guarded++;
    }
}

static struct co_slab *map_slab(struct co_stacks *stacks)
{
    size_t bytes = SLAB_STACKS * stacks->stack_bytes;
    struct co_slab *slab = malloc(sizeof(*slab));
    void *memory;

    if (slab == NULL)
        return NULL;
    memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) {
        free(slab);
        return NULL;
    }
    madvise(memory, bytes, MADV_NOHUGEPAGE); /* a huge page would fill 32 stacks for one */
    *slab = (struct co_slab){.next = stacks->slabs, .memory = memory};
    stacks->slabs = slab;
    guard_slab(stacks, slab);
    return slab;
}

/* The lowest stack of a slab has no mark of another below it, so it stays unused where it cannot be
 * guarded otherwise: it only carries the mark for the next. */
static struct co_stack *cut_stack(struct co_stacks *stacks, struct co_slab *slab)
{
    char *memory = slab->memory + slab->cut * stacks->stack_bytes;
    struct co_stack *stack = (struct co_stack *)(memory + stacks->stack_bytes) - 1;
    bool guarded = slab->cut < slab->guarded;

    *stack = (struct co_stack){
        .low = memory + (guarded ? page_bytes() : 0),
        .marked = !guarded,
        .thread = co_sanitizer_thread_create(),
        .valgrind = co_sanitizer_stack_register(memory, stack),
        .mark = CO_STACK_MARK,
    };
    slab->cut++;
    stacks->count++;
    return stack;
}

static struct co_stack *new_stack(struct co_stacks *stacks)
{
    struct co_slab *slab = stacks->slabs;
    struct co_stack *stack;

    if (slab == NULL || slab->cut == SLAB_STACKS)
        slab = map_slab(stacks);
    if (slab == NULL)
        return NULL;
    stack = cut_stack(stacks, slab);
    return stack->marked && slab->cut == 1 ? cut_stack(stacks, slab) : stack;
}

struct co_stack *co_stack_take(struct co_stacks *stacks)
{
    struct co_stack *stack = stacks->free;

    if (stack != NULL)
        stacks->free = stack->next;
    else
        stack = new_stack(stacks);
    return stack;
}

void co_stack_give(struct co_stacks *stacks, struct co_stack *stack)
{
    co_sanitizer_unpoison(stack->low, stack);
    stack->next = stacks->free;
    stacks->free = stack;
}

/* Of the stack from `low` up, above its guard, which pages are `resident`. Memory that was never
 * touched is not, and reads as 0. The tools that watch memory must not mind that frames are read
 * which are no more. */
static CO_SANITIZER_OFF size_t used_bytes(const char *low, const char *end,
                                          const unsigned char *resident)
{
    size_t page = page_bytes(), first = 0, pages = (size_t)(end - low) / page;
    const uint64_t *word, *stack = (const uint64_t *)((const struct co_stack *)end - 1);

    while (first < pages - 1 && !(resident[first] & 1))
        first++;
    word = (const uint64_t *)(low + first * page);
    while (!co_sanitizer_on_valgrind() && word < stack && *word == 0)
        word++;
    return (size_t)(end - (const char *)word);
}

size_t co_stacks_high_water(struct co_stacks *stacks)
{
    size_t pages = stacks->stack_bytes / page_bytes(), most = stacks->high_water_bytes;
    unsigned char *resident = malloc(pages);

    for (struct co_slab *slab = stacks->slabs; resident != NULL && slab != NULL; slab = slab->next)
        for (size_t i = 0; i < slab->cut; i++) {
            char *end = slab->memory + (i + 1) * stacks->stack_bytes;
            char *low = ((struct co_stack *)end - 1)->low;
            size_t used = mincore(low, (size_t)(end - low), resident) == 0
                              ? used_bytes(low, end, resident)
                              : 0;

            most = used > most ? used : most;
        }
    free(resident);
    stacks->high_water_bytes = most;
    return most;
}

static void free_slab(struct co_stacks *stacks, struct co_slab *slab)
{
    for (size_t i = 0; i < slab->cut; i++) {
        char *end = slab->memory + (i + 1) * stacks->stack_bytes;
        struct co_stack *stack = (struct co_stack *)end - 1;

        co_sanitizer_thread_destroy(stack->thread);
        co_sanitizer_stack_deregister(stack->valgrind);
    }
    munmap(slab->memory, SLAB_STACKS * stacks->stack_bytes);
    free(slab);
}

void co_stacks_term(struct co_stacks *stacks)
{
    while (stacks->slabs != NULL) {
        struct co_slab *slab = stacks->slabs;

        stacks->slabs = slab->next;
        free_slab(stacks, slab);
    }
    stacks->free = NULL;
}
