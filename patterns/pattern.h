/* A pattern of the article as a program: what it needs, what it does, what it found.
 *
 * Each runs in a process of its own, with a mock server of its own, as the task "main" of a loop.
 * It notes figures, which are measured, and checks, which say in a sentence whether what was
 * expected has come. */
#ifndef PATTERNS_PATTERN_H
#define PATTERNS_PATTERN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "co/co.h"
#include "co/http.h"
#include "co/offload.h"
#include "common/clock.h"

#define SERVER_ARGUMENTS_MAX 8
#define URL_SIZE             256

struct context;
typedef int pattern_body(struct co_task *self, struct context *context);

/* What patterns.json says of a pattern, and its body. */
struct pattern {
    const char *name;
    const char *title;
    const char *article; /* what the article says or promises */
    const char *source;  /* its file, in C and in Python, without folder and ending */
    const char *words;   /* what was measured: "{gather_ns} for {n} calls", with figures' names */
    const char *meaning; /* one sentence, said where all was as expected */
    uint64_t n;          /* how many, where the command line does not say */
    uint64_t n_python;   /* likewise of the twin */
    const char
        *server[SERVER_ARGUMENTS_MAX]; /* arguments of the mock server, with NULL at the end */
    size_t connections;                /* kept open; 0: a new one for each request */
    uint64_t timeout_ns;               /* of each request; 0: the client's default */
    size_t processes;                  /* workers to offload to */
    size_t stack_bytes;                /* 0: the default */
    const json_t *checks;              /* what is expected of figures: see check_figures() */
    pattern_body *body;
};

/* The bodies: run_NAME() in C and NAME() in Python, with _ for the - of the name. */
pattern_body run_gather, run_fire_and_forget, run_task_group, run_worker_pool, run_pipeline,
    run_http_errors, run_gather_errors, run_group_cancel, run_timeout, run_never_awaited,
    run_blocked_loop, run_task_bomb, run_lost_error, run_throttling, run_rate_limit, run_retry,
    run_service_call, run_gather_siblings, run_exception_group, run_await_does_not_yield,
    run_queue_worker_dies, run_testing, run_service;

/* All that patterns.json names, in its order, with none behind the last: a name of NULL. */
const struct pattern *pattern_list(void);

struct context {
    const struct pattern *pattern;
    const char *python; /* the interpreter of the twin; NULL: the body runs */
    uint64_t n;
    const char *url; /* of the server: "http://127.0.0.1:8080" */
    struct co_loop *loop;
    struct co_http *http;
    struct process_pool *processes;
    json_t *figures;    /* name: number; names end with their unit, as in wall_ns */
    json_t *bars;       /* [[label, value, name], …]: what a plot shows side by side */
    json_t *checks;     /* {text, ok, timing} */
    json_t *warnings;   /* what the loop said */
    uint64_t warned_ns; /* when it said the last of it */
    char error[300];    /* why the pattern came to no end; "": it did */
};

/* ---- What a pattern notes ---- */

void figure(struct context *context, const char *name, double value);
void figure_of(struct context *context, const char *prefix, const char *name, double value);
double figure_noted(const struct context *context, const char *name); /* 0 where it was not */

/* A figure that is compared with the others of its kind: all bars of a pattern have one unit. */
void bar(struct context *context, const char *label, const char *name, double value);

/* Says in a sentence what should be, and whether it is. A busy machine may break a promise about
 * times (check_time), but no other. */
#define check(context, ok, ...)      note_check(context, ok, false, __VA_ARGS__)
#define check_time(context, ok, ...) note_check(context, ok, true, __VA_ARGS__)
void note_check(struct context *context, bool ok, bool timing, const char *text, ...)
    __attribute__((format(printf, 4, 5)));

/* Says what patterns.json expects of the figures: [{"text": "none is left", "that": "left = 0"},
 * …]; one about times has "timing": true. */
void check_figures(struct context *context);

/* Writes a sentence, in which each {name} is the figure of that name with its unit; a name that is
 * not there is a mistake that the tests find. */
void say(const struct context *context, const char *words, FILE *out);

/* Whether one of the loop's warnings holds `part`. */
bool was_warned(const struct context *context, const char *part);

/* ---- What patterns share ---- */

/* One request for a user; as the argument of fetch_user(). */
struct user_fetch {
    struct context *context;
    uint64_t id;
    const char *path; /* what follows the id: "", "/orders", "?status=503" */
    void *user;       /* of the body, where it is not fetch_user() */
    char name[32];    /* of the user, where there is one */
};

/* The coroutine of the article: gets /users/{id}, verifies the answer. Returns 0 or an error. */
int fetch_user(struct co_task *self, void *user_fetch);

/* What fetches the users from 0 to n - 1, n being the context's, and a coroutine with `body` for
 * each (NULL: none). Freed by users_free(), which releases the tasks. Returns 0 or UV_ENOMEM. */
struct users {
    uint64_t n;
    struct user_fetch *fetches;
    struct co_task **tasks;
    int *outcomes;
};
int users_make(struct users *users, struct context *context, const char *path, co_body *body);
void users_throttle(struct users *users, struct co_semaphore *semaphore); /* NULL: not at all */

/* Waits for all. Returns how many have failed, with `error` where it is not 0; -1 where any failed
 * otherwise, or the waiting did. */
double users_failed(struct co_task *self, struct users *users, int error);
void users_free(struct users *users);

/* A number of the server's /stats, by its dotted path; -1 where there is none. */
double server_count(struct co_task *self, struct context *context, const char *path);

/* Likewise, once it is at least `count`, or a second has passed: the server notices a closed
 * connection when its loop comes to it. */
double server_count_of(struct co_task *self, struct context *context, const char *path,
                       double count);
int server_reset(struct co_task *self, struct context *context);

#endif
