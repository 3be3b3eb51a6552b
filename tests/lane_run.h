/* A lane that is run to its end, and its result line. */
#ifndef TESTS_LANE_RUN_H
#define TESTS_LANE_RUN_H

#include "tests/helpers.h"
#include "tests/place.h"

#include <jansson.h>
#include <stdbool.h>

/* What a lane run left: exit status, texts, and its result line. Free with lane_run_free(). */
struct lane_run {
    struct finished finished;
    json_t *result; /* NULL: none was written */
};

/* Runs the program `lane` of this build with a result file; the arguments after `url` (NULL: none)
 * end with NULL. */
struct lane_run run_lane(const char *lane, const char *url, ...) __attribute__((sentinel));
/* The same for the program at `path`. */
struct lane_run run_lane_at(const char *path, const char *url, const char *const arguments[]);
void lane_run_free(struct lane_run *run);

/* A number of the result ("outcomes.ok"), -1 where it is none; and the sum of all outcomes. */
long number(const struct lane_run *run, const char *path);
long outcomes_sum(const struct lane_run *run);

/* Checks that this number of the result is `count`, and that all outcomes add up to `sum`. */
void expect_outcomes(const struct lane_run *run, const char *path, long count, long sum);

/* Starts the lane with 200 items of `work` at `url`, C of them at once (1 where it is sequential),
 * and with its result in the file `output`. */
pid_t start_200(const char *lane, const char *work, const char *at_once, const char *url,
                const char *output);

/* Checks that the outcomes in that file add up to 200, with some of this one. */
void expect_some_of_200(const char *output, const char *outcome);

/* The server's users with their {id}, and `query` ("" or "?delay=1s"); static storage. */
const char *users_url(const struct server *server, const char *query);

/* Checks that these arguments (the last is NULL) end the lane with status 2 and `text`. */
void expect_usage_error(const char *lane, const char *const arguments[], const char *text);

/* Whether the process has a handler for the signal. */
bool catches(pid_t pid, int signal);

/* Sends `signal` a while after the lane has become ready to catch it, and waits for the end;
 * returns as wait_for(). */
int interrupt_lane(pid_t pid, int signal, unsigned delay_us);

/* A test for each of the lanes, with the name of the lane as its state. What one that failed left
 * running is ended before the next. */
#define FOR_EACH_LANE(test)                                                                        \
    {#test "_sync", test, NULL, end_leftovers, "lane-sync"},                                       \
        {#test "_threads", test, NULL, end_leftovers, "lane-threads"},                             \
        {#test "_procs", test, NULL, end_leftovers, "lane-procs"},                                 \
        {#test "_async", test, NULL, end_leftovers, "lane-async"},                                 \
    {                                                                                              \
#test "_co", test, NULL, end_leftovers, "lane-co"                                          \
    }

#endif
