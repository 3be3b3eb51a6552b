/* Runs of a twin, as all tests of the contract make them. */
#ifndef TESTS_CONTRACT_RUN_H
#define TESTS_CONTRACT_RUN_H

#include "tests/lane_run.h"
#include "tests/twins.h"

/* Runs `twin` to its end, with arguments before the URL (NULL: none). */
#define RUN(twin, url, ...) run_twin(twin, url, (const char *const[]){__VA_ARGS__, NULL})
struct lane_run run_twin(const struct twin *twin, const char *url, const char *const arguments[]);

/* Copies arguments, which end with NULL, to `all`, after those that `twin` always takes; returns
 * how many there are now. */
int add_arguments(const struct twin *twin, const char *all[], const char *const arguments[]);

/* `concurrency` for a twin that can have more than one in flight, else "1". */
const char *at_once(const struct twin *twin, const char *concurrency);

/* Checks that all `count` items have ended in this one way, with the exit status that follows. */
void expect_all(const struct lane_run *run, const char *outcome, long count);

#endif
