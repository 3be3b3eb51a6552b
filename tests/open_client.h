/* Another hand for open loads, to hold the lanes against: wrk2's method. Each of C connections has
 * a constant schedule of its own, R / C a second, and a latency counts from when its request should
 * have been sent. It shares nothing with the lanes: one thread, poll() and HTTP by hand. */
#ifndef TESTS_OPEN_CLIENT_H
#define TESTS_OPEN_CLIENT_H

#include "tests/helpers.h"

/* Asks the server for /users/0 … /users/N-1 with `query` ("?delay=20ms"), and sets the latency of
 * each in ns from when it was due, by id. Fails the test where an answer is not one with 200. */
void open_client_run(const struct server *server, const char *query, uint64_t requests,
                     uint64_t connections, uint64_t rate, uint64_t *latencies);

#endif
