/* SIGINT and its relatives as callbacks of a loop: the first stops the run in order, a second one
 * ends the program at once. */
#ifndef SLEEPERS_INTERRUPT_H
#define SLEEPERS_INTERRUPT_H

#include <uv.h>

#define INTERRUPT_SIGNALS 3

struct interrupt {
    uv_signal_t signals[INTERRUPT_SIGNALS];
    void (*stop)(void *user); /* called once or more, by the loop */
    void *user;
};

/* Calls `stop` when a signal comes. Does not keep the loop alive. `interrupt` is used until the
 * loop has closed its handles. Returns 0 or a negative errno. */
int interrupt_watch(struct interrupt *interrupt, uv_loop_t *loop, void (*stop)(void *user),
                    void *user);

#endif
