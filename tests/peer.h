/* Peers that misbehave, for the lanes to meet: each connection is answered once, with any bytes. A
 * request with a password, which nobody gave, is refused with 401. */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include <stddef.h>
#include <sys/types.h>

enum peer_end {
    PEER_CLOSES, /* after the answer */
    PEER_RESETS, /* after the answer, which has time to arrive */
    PEER_HANGS,  /* keeps the connection open and says no more */
};

struct peer_answer {
    const char *text; /* in it "@@@" becomes the id that was asked for, "###" the same at the right,
                       * and "%%%%" the size of what follows the header */
    enum peer_end end;
    size_t size;        /* of the text; 0: it ends with NUL */
    const char *again;  /* what follows, again and again: without end, or before it is closed */
    size_t again_size;  /* 0: it ends with NUL */
    size_t again_bytes; /* of all of it, where it is closed */
    unsigned pause_us;  /* after each time */
    unsigned close_us;  /* after which it is closed */
};

struct peer {
    pid_t pid;
    int port;
};

/* Starts a process that reads a request from each connection, sends `answer` and ends as said; each
 * connection has a thread, so that none waits for another. */
struct peer peer_start(const char *answer, enum peer_end end);

/* The same with an answer for each id below `count`: "/users/2" gets the third. */
struct peer peer_start_each(const struct peer_answer *answers, size_t count);

/* Answers with 200 what is like the pattern (of fnmatch()), and nothing else. */
struct peer peer_start_for(const char *must);

/* Its users, with their {id}; static storage. */
const char *peer_url(const struct peer *peer);

void peer_stop(struct peer *peer);

#endif
