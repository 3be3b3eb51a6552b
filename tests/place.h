/* A place to run `bench` in: a folder with a plan, its lanes and its results. The test program is
 * to be a subreaper, so that nothing that were left running could hide. */
#ifndef TESTS_PLACE_H
#define TESTS_PLACE_H

#include "tests/helpers.h"

#include <jansson.h>

struct place {
    char *folder;
    char plan[512];
    char results[512];
    char build[512]; /* absolute */
};

struct place make_place(const char *plan);

/* Checks that nothing is left running, and removes all. */
void remove_place(struct place *place);

/* Living descendants of this program, zombies left out. */
int descendants(void);
void assert_nothing_left(void);

/* A teardown: ends what a test that failed left running, so that the next ones are not blamed. */
int end_leftovers(void **state);

/* A lane that is a shell script; $REAL is the folder of the real lanes. */
void add_lane(const struct place *place, const char *name, const char *script);

struct finished run_place(const struct place *place);
struct finished expect_run(const struct place *place, int status);
void expect_text(const char *text, const char *part);

/* Waits until the only run in the results has this file. */
void wait_for_file(const struct place *place, const char *name);

/* The folder of the only run in the results; static storage as path_in(). */
const char *only_run(const struct place *place);

/* run.json, or a file of lines as an array. */
json_t *load(const struct place *place, const char *name);
void assert_status(const struct place *place, const char *status);

/* Whether a problem of the line says `part`. */
void expect_problem(const json_t *line, const char *part);

pid_t start_bench(const struct place *place, const char *err);

/* The latencies are so short that the server is late by a large share of them. */
#define PLAN_HEAD                                                                                  \
    "{\"schema\": \"bench.plan/1\", \"name\": \"tiny\", \"seed\": 3, \"lateness\": \"10000%\", "
#define PLAN(rest) PLAN_HEAD rest "}"
#define LANE_X     "\"lanes\": {\"x\": {\"path\": \"x\", \"model\": \"threads\"}}, "
/* What a script that plays a lane adds to outcomes that are all ok, and to its line. */
#define NO_FAILURES                                                                                \
    "\"timeout\": 0, \"connect\": 0, \"reset\": 0, \"truncated\": 0, \"http_status\": 0, "         \
    "\"bad_body\": 0, \"cancelled\": 0, \"other\": 0"
#define RESULT_REST                                                                                \
    "\"lane\": \"x\", \"wall_ns\": 1, \"max_rss_bytes\": 1, \"latency_ns\": null, "                \
    "\"connections_opened\": 0, \"valid\": true, \"error\": null"

#define REAL_THREADS "exec $REAL/lane-threads \"$@\""

#endif
