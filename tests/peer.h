/* Peers that misbehave, for the lanes to meet: each connection is answered once, with any bytes. A
 * request with a password, which nobody gave, is refused with 401. */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include <sys/types.h>

enum peer_end {
    PEER_CLOSES, /* after the answer */
    PEER_RESETS, /* after the answer, which has time to arrive */
    PEER_HANGS,  /* keeps the connection open and says no more */
};

struct peer_answer {
    const char *text;
    enum peer_end end;
};

/* Says `more` over and over, until the client goes. */
struct peer_flood {
    const char *text, *more;
    unsigned pause_us; /* after each time */
};

struct peer {
    pid_t pid;
    int port;
};

/* Starts a process that reads a request from each connection, sends `answer` and ends as said. */
struct peer peer_start(const char *answer, enum peer_end end);

/* Answers with 200 what is like the pattern (of fnmatch()), and nothing else. */
struct peer peer_start_for(const char *must);

/* The same with an answer for each id below `count`: "/users/2" gets the third. */
struct peer peer_start_each(const struct peer_answer *answers, size_t count);

/* The same with an answer that has no end, to any number of connections at once. */
struct peer peer_start_flood(const struct peer_flood *flood);

/* Its users, with their {id}; static storage. */
const char *peer_url(const struct peer *peer);

void peer_stop(struct peer *peer);

#endif
