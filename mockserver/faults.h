/* What can be made to go wrong with a request, and for which requests it does: chosen by seed, id
 * and attempt, as the delays are, so that every client meets the same faults. */
#ifndef MOCKSERVER_FAULTS_H
#define MOCKSERVER_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

#define FAULTS_HELP                                                                                \
    "500, 503, 429, reset, reset-body, truncate, hang, drip, malformed, wrong-body, stale, "       \
    "long and close"

enum fault {
    FAULT_NONE,
    FAULT_500, /* these three with that status */
    FAULT_503,
    FAULT_429,
    FAULT_RESET,      /* the connection is reset instead of an answer */
    FAULT_RESET_BODY, /* … in the middle of the body */
    FAULT_TRUNCATE,   /* the connection is closed in the middle of the body */
    FAULT_HANG,       /* no answer, ever */
    FAULT_DRIP,       /* the body comes byte by byte */
    FAULT_MALFORMED,  /* the status line is none */
    FAULT_WRONG_BODY, /* the body of another id */
    FAULT_STALE,      /* a kept connection is closed instead of an answer; a new one is not */
    FAULT_LONG,       /* of WebSockets: a frame of 2^40 bytes */
    FAULT_CLOSE,      /* likewise: closed with 1011 instead of the message */
    FAULT_CHOSEN,     /* how many of the above there are; those below are caused by limits */
    FAULT_REFUSED = FAULT_CHOSEN, /* a connection above --max-connections, reset */
    FAULT_OVERLOAD,               /* 503: a request above --max-in-flight */
    FAULT_RATE,                   /* 429: a request above --rate */
    FAULT_COUNT,
};

struct faults {
    double share[FAULT_CHOSEN]; /* of all requests, 0 to 1; they come to 1 at most */
    bool any;                   /* else no number need be drawn */
};

/* Reads "KIND=SHARE,…" ("503=1%,reset=0.001"). Returns 0, or -EINVAL with cause and remedy in
 * `error`. */
int faults_parse(const char *spec, struct faults *faults, struct error *error);

/* The fault of one attempt at request `id`, or FAULT_NONE. */
enum fault faults_choose(const struct faults *faults, uint64_t seed, uint64_t id, uint64_t attempt);

/* The name of a fault ("none", "reset", …), as in FAULTS_HELP. */
const char *fault_name(enum fault fault);

/* The fault of that name, of those that can be chosen. Returns false where there is none. */
bool fault_find(const char *name, enum fault *fault);

/* Whether the connection cannot go on after such an answer. */
bool fault_ends_connection(enum fault fault);

#endif
