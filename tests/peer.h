/* Peers that misbehave, for the lanes to meet: each connection is answered with the same bytes. */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include <sys/types.h>

enum peer_end {
    PEER_CLOSES, /* after the answer */
    PEER_RESETS, /* after the answer */
    PEER_HANGS,  /* keeps the connection open and says no more */
};

struct peer {
    pid_t pid;
    int port;
};

/* Starts a process that reads a request from each connection, sends `answer` and ends as said. */
struct peer peer_start(const char *answer, enum peer_end end);
void peer_stop(struct peer *peer);

#endif
