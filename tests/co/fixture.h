/* What the tests of the coroutines share: a loop whose warnings are kept, and tasks that leave a
 * trace of what they do. */
#ifndef TESTS_CO_FIXTURE_H
#define TESTS_CO_FIXTURE_H

#include "co/co.h"
#include "common/clock.h"
#include "tests/helpers.h"

#define MS NS_PER_MS

/* What the scripted tasks of a case do and leave behind. */
struct trace {
    char text[2048]; /* what was said, in order, separated by blanks */
};

struct fixture {
    struct co_loop *loop;
    struct trace trace;    /* of tasks */
    struct trace warnings; /* each followed by "; " */
};

/* Runs `body` with the fixture as its argument on a new loop (options may be NULL), checks that no
 * task, stack or timer is left, and returns what co_run() returned. */
int fixture_run(struct fixture *fixture, co_body *body, const struct co_options *options);

/* Adds a word to the trace. */
void trace_say(struct trace *trace, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
