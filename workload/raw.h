/* One HTTP request after the other over a bare socket: the client that does nothing more than it
 * must (`--client raw`). Held against libcurl it tells the model from the client library.
 *
 * A raw client is a talk (talk.h) with at most one connection, which it keeps where the server lets
 * it. What was seen is in the exchange, with the code that libcurl would have given. A WebSocket
 * begins as such a client, whose request asks for the upgrade. */
#ifndef WORKLOAD_RAW_H
#define WORKLOAD_RAW_H

#include <http_parser.h>
#include <stdbool.h>
#include <stdint.h>

#include "workload/easy.h"
#include "workload/talk.h"

struct addrinfo;

/* Where the requests go and what they say: found once, shared by all clients of a run. */
struct raw_target {
    struct addrinfo *addresses; /* NULL: the name could not be resolved */
    char *before, *after;       /* the bytes of a request around its id */
};

struct raw {
    struct talk talk; /* first */
    struct exchange *exchange;
    const struct addrinfo *address; /* of the target's, the one to connect to */
    http_parser parser;
    uint32_t sent; /* bytes of the request, of which */
    bool sending;  /* … some are yet to be sent */
    uint8_t named; /* bytes of "HTTP/" that the answer has begun with */
    bool used;     /* the connection has served an earlier request */
    bool whole;    /* the answer is there */
    bool keep;     /* and the connection can be used again, or has been upgraded */
};

/* A part of a URL, to be freed with curl_free(); NULL: it has none, or is none. */
char *raw_url_part(const char *url, CURLUPart which);

/* Why this client cannot make requests of `url`, which libcurl can; NULL: it can. */
const char *raw_refuse(const char *url);

/* What a request says of itself: in general, and where it is to become a WebSocket. */
#define RAW_PLAIN "Accept: */*\r\n"
#define RAW_UPGRADE                                                                                \
    "Upgrade: websocket\r\nConnection: Upgrade\r\n"                                                \
    "Sec-WebSocket-Key: Y29uY3VycmVuY3ktYmVuYw==\r\nSec-WebSocket-Version: 13\r\n"

/* Reads the URL, which holds {id} and was not refused, and resolves its host; `lines` are of the
 * requests' headers. Returns 0 or -ENOMEM. */
int raw_target_init(struct raw_target *target, const char *url, const char *lines);
void raw_target_term(struct raw_target *target);

#endif
