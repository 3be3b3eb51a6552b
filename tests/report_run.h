/* The program report, run on a folder, and what it must say or not say. */
#ifndef TESTS_REPORT_RUN_H
#define TESTS_REPORT_RUN_H

#include "tests/helpers.h"

/* Runs report on `folder`, checks its exit status, and returns what it said on stderr, freed by the
 * caller. */
char *make_report(const char *folder, int status);

/* Makes the report, which must succeed, and returns report.md, freed by the caller. */
char *report_of(const char *folder);

/* Fail the test where `text` does not hold `part`, or holds it. */
void assert_has(const char *text, const char *part);
void assert_lacks(const char *text, const char *part);

/* Fails the test where `page` would load anything, runs a script beside its own, or leads anywhere
 * but into itself. Returns how many pictures are in it. */
int expect_alone(const char *page);

/* Setup and teardown of a test whose state is an empty dataset. */
int state_open_dataset(void **state);
int state_close_dataset(void **state);

#endif
