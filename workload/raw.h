/* One HTTP request after the other over a bare socket: the client that does nothing more than it
 * must (`--client raw`). Held against libcurl it tells the model from the client library.
 *
 * A raw client has at most one connection, which it keeps where the server lets it. It is a state
 * machine that never waits: raw_begin() and raw_step() say what its socket is to be waited for.
 * raw_perform() does so for who may wait, and a loop (raw_loop.h) for who may not. What was seen is
 * in the exchange, with the code that libcurl would have given. A client belongs to one thread. */
#ifndef WORKLOAD_RAW_H
#define WORKLOAD_RAW_H

#include <http_parser.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/stop.h"
#include "workload/easy.h"

struct addrinfo;

/* Where the requests go and what they say: found once, shared by all clients of a run. */
struct raw_target {
    struct addrinfo *addresses; /* NULL: the name could not be resolved */
    char *before, *after;       /* the bytes of a request around its id */
    bool fresh;                 /* a new connection for each request */
};

struct raw {
    const struct raw_target *target;
    struct exchange *exchange;
    const struct addrinfo *address; /* of the target's, the one to connect to */
    uint64_t id;
    uint64_t due_ns;            /* on a loop: when its time is over */
    struct raw *before, *after; /* on a loop: in the order of that */
    http_parser parser;
    uint32_t sent;    /* bytes of the request, of which */
    uint32_t watched; /* on a loop: for these events */
    int fd;           /* -1: not connected */
    bool sending;     /* … some are yet to be sent */
    uint8_t named;    /* bytes of "HTTP/" that the answer has begun with */
    bool used;        /* the connection has served an earlier request */
    bool busy;        /* from raw_begin() on until the end */
    bool whole;       /* the answer is there */
    bool keep;        /* and the connection can be used again */
};

/* Why this client cannot make requests of `url`, which libcurl can; NULL: it can. */
const char *raw_refuse(const char *url);

/* Reads the URL, which holds {id} and was not refused, and resolves its host. Returns 0 or
 * -ENOMEM. */
int raw_target_init(struct raw_target *target, const char *url, bool fresh);
void raw_target_term(struct raw_target *target);

/* What is seen goes to `exchange`, the caller's. */
void raw_init(struct raw *raw, const struct raw_target *target, struct exchange *exchange);
void raw_term(struct raw *raw);

/* Begins the request `id`, and goes on with it as far as is possible at once. Return POLLIN or
 * POLLOUT, for which its socket is to be waited for; 0: it has ended, with exchange->code. */
short raw_begin(struct raw *raw, uint64_t id);
short raw_step(struct raw *raw);

/* Ends the request under way with this code. */
void raw_give_up(struct raw *raw, CURLcode code);

/* Makes the request `id` and waits for its end, until `due_ns` of clock_ns(), or until somebody has
 * asked to stop, which it finds out within a second. */
void raw_perform(struct raw *raw, uint64_t id, uint64_t due_ns, const struct stop *stop);

#endif
