/* HTTP by hand: what a well-behaved client library would never send, and every byte of the answer.
 * All fail the test where something goes wrong, and wait 60 s at most. */
#ifndef TESTS_RAW_HTTP_H
#define TESTS_RAW_HTTP_H

#include "tests/helpers.h"

/* A connection to the server, to be closed by the caller. */
int dial(const struct server *server);

void say(int fd, const char *text);
void say_bytes(int fd, const char *text, size_t size);

/* One answer with its body, and no byte of what follows it. Static storage. */
const char *hear(int fd);

/* All there is until the server closes or resets the connection; closes `fd`. Static storage. */
const char *hear_all(int fd);

/* Sends a request on a connection of its own, and returns all of the answer as hear_all(). */
const char *ask(const struct server *server, const char *request);

void assert_starts(const char *text, const char *start);
void assert_ends(const char *text, const char *end);

/* The number at `path` of /stats, or -1; and waits until it is `expected`, or `least` or more. */
double stat_of(const struct server *server, const char *path);
double stat_heard(int fd, const char *path); /* in the answer to a GET /stats on `fd` */
void wait_stat(const struct server *server, const char *path, double expected);
void wait_stat_from(const struct server *server, const char *path, double least);

#endif
