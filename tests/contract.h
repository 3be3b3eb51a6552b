/* The lane contract, held against any program that claims to honour it: end to end, with the mock
 * server's own counters as the witness. */
#ifndef TESTS_CONTRACT_H
#define TESTS_CONTRACT_H

/* Runs all tests that concern these twins (twins.h; the last name is NULL), which run one after the
 * other. One that is not installed is skipped, with a line that says what to install. Returns the
 * exit status of the test program. */
int contract_test(const char *const names[]);

#endif
