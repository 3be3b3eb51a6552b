/* What a hostile server answers: bytes, and what a lane must make of them. All are tried with a
 * connection that is closed behind them, and with one that is left open. */
#ifndef TESTS_HOSTILE_H
#define TESTS_HOSTILE_H

#include <stdbool.h>
#include <stddef.h>

struct hostile_bytes {
    const char *text;
    size_t size;
};

struct hostile {
    const char *name;
    struct hostile_bytes answer; /* "@@@" is the id that was asked for; see peer.h */
    /* Outcomes with libcurl, and with the raw client (NULL: the same): "reset timeout" where the
     * connection is closed, and where it stays open; one word for both. */
    const char *curl, *raw;
    struct hostile_bytes again; /* sent behind it without end, or 4 MiB of it before it is closed */
    bool everybody;             /* all twins must see the same, not the lanes in C alone */
};

extern const struct hostile hostile[];
extern const size_t hostile_count;

#endif
