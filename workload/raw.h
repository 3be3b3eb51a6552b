/* One HTTP request after the other over a bare socket, with http_parser: the client that does
 * nothing more than it must (`--client raw`). Held against libcurl it tells the model from the
 * client library.
 *
 * It is a kind of talk (talk.h) with at most one connection, which it keeps where the server lets
 * it. What was seen of the answer goes to a request, with the code that libcurl would have given. A
 * WebSocket begins as such a client, whose request asks for the upgrade. */
#ifndef WORKLOAD_RAW_H
#define WORKLOAD_RAW_H

#include <http_parser.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workload/request.h"
#include "workload/talk.h"

struct addrinfo;

/* Where the requests to an address go and what they say: found once, before any thread or process,
 * and shared by all that make them. */
struct raw_target {
    struct addrinfo *addresses; /* NULL: the name could not be resolved */
    char *before;               /* the bytes of a request before its id, */
    const char *after;          /* … and those after it */
    size_t before_size, after_size;
};

struct raw {
    struct talk talk;               /* first */
    struct request request;         /* without a handle of libcurl's */
    const struct addrinfo *address; /* of the target's, the one to connect to */
    http_parser parser;
    CURLcode code; /* of the one that has ended */
    uint8_t named; /* bytes of "HTTP/" that the answer has begun with */
    bool sending;  /* the request is yet to be sent */
    bool used;     /* the connection has served an earlier request */
    bool whole;    /* the answer is there */
    bool keep;     /* and the connection can be used again */
};

/* A part of a URL, to be freed with curl_free(); NULL: it has none, or is none. */
char *raw_url_part(const char *url, CURLUPart which);

/* The URL with another host, likewise. */
char *raw_url_at(const char *url, const char *host);

/* Why this client cannot make requests of `url`, which libcurl can; NULL: it can. */
const char *raw_refuse(const char *url);

/* Reads the URL, which holds {id} and was not refused, and resolves its host; the requests are
 * plain, or ask for a WebSocket. Returns 0 or -ENOMEM. */
int raw_target_init(struct raw_target *target, const char *url, enum work work);
void raw_target_term(struct raw_target *target);

#endif
