/* A mock server for one pattern. */
#ifndef PATTERNS_MOCK_H
#define PATTERNS_MOCK_H

#include <sys/types.h>

struct mock {
    pid_t pid;
    char url[64];
};

/* Starts `program` on a free port with the arguments, NULL at the end, and waits until it listens.
 * It ends with this process. Returns 0 or a negative errno. */
int mock_start(struct mock *server, const char *program, const char *const arguments[]);
void mock_stop(struct mock *server);

#endif
