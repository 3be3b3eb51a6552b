/* A mock server for one pattern. */
#ifndef PATTERNS_SERVER_H
#define PATTERNS_SERVER_H

#include <sys/types.h>

struct server {
    pid_t pid;
    char url[64];
};

/* Starts `program` on a free port with the arguments, NULL at the end, and waits until it listens.
 * It ends with this process. Returns 0 or a negative errno. */
int server_start(struct server *server, const char *program, const char *const arguments[]);
void server_stop(struct server *server);

#endif
