/* N tasks that do nothing but sleep, all at once: what a waiting task costs.
 *
 * A kind is one way to have many tasks. It starts them, tells the counters below of each that lies
 * down and gets up, and leaves when all have. There is no record of a task: its bytes are what is
 * measured. The counters belong to one thread at a time; a kind with several holds a lock. */
#ifndef SLEEPERS_SLEEPERS_H
#define SLEEPERS_SLEEPERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "workload/accounts.h"

struct sleepers {
    uint64_t tasks;       /* N */
    uint64_t latency_ns;  /* how long each sleeps */
    const char *ready;    /* file that is made once all sleep, or NULL */
    uint64_t asleep;      /* now */
    uint64_t asleep_peak; /* most at one moment */
    uint64_t slept;       /* got up after their full time */
    uint64_t early;       /* got up before it; none ever should */
    uint64_t cancelled;   /* got up because of an interrupt or an error, or never lay down */
    bool interrupted;     /* a signal asked to stop */
    bool announced;       /* `ready` was made, or could not be */
    int ready_error;      /* of making `ready`: 0 or a negative errno */
    char why[256];        /* where a kind fails: what was refused, and the remedy; may be empty */
};

struct task_kind {
    const char *name;   /* as in --kind */
    const char *plural; /* "coroutines" */
    size_t task_bytes;  /* about: to refuse what memory will not hold */
    unsigned threads;   /* kernel tasks, for each of N */
    unsigned mappings;  /* memory mappings, for each of N */

    /* Lets all tasks sleep and waits for them. Returns 0, also where a signal interrupted it, or a
     * negative errno where not all could be started; all that were have ended then. */
    int (*run)(struct sleepers *s);
};

/* `run` of each kind: in the file of its name, stackless_run() beside coroutine_run(). */
int coroutine_run(struct sleepers *s);
int stackless_run(struct sleepers *s);
int timer_run(struct sleepers *s);
int thread_run(struct sleepers *s);

/* A task begins to sleep. Returns whether there is news for who waits in sleepers_done(). */
bool sleepers_lie_down(struct sleepers *s);

/* A task was to sleep until `due_ns` of clock_ns() and has got up now, because of `error` where it
 * is not 0. Returns as sleepers_lie_down(). */
bool sleepers_get_up(struct sleepers *s, uint64_t due_ns, int error);

/* `count` tasks will never lie down. */
void sleepers_give_up(struct sleepers *s, uint64_t count);

/* Makes `ready` when all sleep. Returns whether all have got up again. */
bool sleepers_done(struct sleepers *s);

/* ---- SIGINT and its relatives ---- */

#define INTERRUPT_SIGNALS 3

struct interrupt {
    uv_signal_t signals[INTERRUPT_SIGNALS];
    struct sleepers *sleepers;
    void (*stop)(void *user); /* called once or more, by the loop; or NULL */
    void *user;
};

/* Notes it in `s` and calls `stop` when a signal comes: the first stops the run in order, a second
 * one ends the program at once. Does not keep the loop alive. `interrupt` is used until the loop
 * has closed its handles. Returns 0 or a negative errno. */
int interrupt_watch(struct interrupt *interrupt, uv_loop_t *loop, struct sleepers *s,
                    void (*stop)(void *user), void *user);

/* ---- The result of a run: as JSON (schemas/lane-result.json) and as a summary for people ---- */

struct sleepers_result {
    const struct task_kind *kind;
    const struct sleepers *sleepers; /* all tasks have ended */
    uint64_t wall_ns;                /* of the kind alone */
    struct accounts accounts;
    const char *error; /* NULL, or why not all could be started */
};

/* Whether every task slept its full time, and all did at once. */
bool sleepers_result_valid(const struct sleepers_result *result);

/* A new reference, or NULL. */
json_t *sleepers_result_to_json(const struct sleepers_result *result);

/* Writes the summary to stdout. */
void sleepers_result_print(const struct sleepers_result *result);

#endif
