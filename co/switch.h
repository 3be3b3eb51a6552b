/* One flow of control leaves the processor to another. Knows stacks and registers, nothing of
 * tasks.
 *
 * Two implementations, chosen when switch.c is compiled: assembly for x86-64 and aarch64, and
 * ucontext for every other machine, or where CO_SWITCH_UCONTEXT is defined. */
#ifndef CO_SWITCH_H
#define CO_SWITCH_H

#include <stdint.h>

/* Where a flow stopped. */
struct co_context {
    void *at; /* its stack pointer, or its ucontext_t */
};

/* The implementation: "x86-64", "aarch64" or "ucontext". */
const char *co_context_name(void);

/* Makes room for the state of the thread's own stack. Returns 0 or a negative errno. */
int co_context_init_main(struct co_context *context);
void co_context_term_main(struct co_context *context);

/* The modes of the floating point unit that the running flow has; of ucontext, how it rounds. */
uint64_t co_context_modes(void);

/* Prepares a flow that will call entry(argument) on the stack from `low` up to `top`, with `modes`.
 * `entry` must never return. */
void co_context_init(struct co_context *context, void *low, void *top, uint64_t modes,
                     void (*entry)(void *), void *argument);

/* Leaves the running flow, whose place is kept in `from`, and goes on with `to`. */
void co_context_switch(struct co_context *from, const struct co_context *to);

#endif
