/* One HTTP/1.x request as it comes in, in pieces of any size, over Debian's http-parser. A request
 * that arrives in one piece costs no memory: its target stays where it was read. */
#ifndef MOCKSERVER_HTTP_REQUEST_H
#define MOCKSERVER_HTTP_REQUEST_H

#include <http_parser.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_TARGET_SIZE_MAX 8192U      /* longer: 414 */
#define HTTP_HEADER_SIZE_MAX 16384U     /* request line and header fields; longer: 431 */
#define HTTP_KEY_SIZE        24         /* of Sec-WebSocket-Key */
#define HTTP_BODY_SIZE_MAX   (1U << 20) /* longer: 413. Bodies are read and dropped. */

/* Header fields whose values matter. */
enum http_field { FIELD_OTHER, FIELD_HOST, FIELD_EXPECT, FIELD_KEY, FIELD_VERSION };

struct http_request {
    struct http_parser parser;
    const char *target; /* in the bytes fed last, or in memory of its own (target_owned) */
    uint32_t target_size;
    uint32_t body_size;  /* bytes of the body so far */
    uint16_t refusal;    /* 0, or the status with which the request must be refused */
    uint8_t field_size;  /* of the name of the present field; 255: or more */
    uint8_t value_match; /* letters of "100-continue" matched in the value of Expect */
    uint8_t hosts;       /* fields named Host */
    uint8_t version;     /* of Sec-WebSocket-Version */
    uint8_t key_size;    /* of `key`; more than HTTP_KEY_SIZE: too long */
    uint8_t value_of;    /* enum http_field */
    char key[HTTP_KEY_SIZE];
    char field[21]; /* the name, in lower case, as far as it may be one of those that matter */
    bool in_value : 1;
    bool started : 1;  /* its first byte is here */
    bool complete : 1; /* all of it is here */
    bool target_owned : 1;
    bool has_expect : 1;
    bool bad_expect : 1;     /* something else than "100-continue" is expected */
    bool wants_continue : 1; /* the client sends the body only after "100 Continue" */
    bool upgrade : 1;        /* to a WebSocket, as `key` asks for it */
    bool head : 1;           /* HEAD: the answer has no body */
    bool http_1_0 : 1;
    bool keep_alive : 1; /* valid once complete */
};

void http_request_init(struct http_request *request);
void http_request_term(struct http_request *request);

/* Reads on in `size` > 0 bytes up to the end of the present request. Afterwards `complete` or
 * `refusal` tells whether it came to an end, and `target` is valid as long as `data` is. Returns
 * the number of bytes read. Must not be called again before http_request_next(), nor at all after
 * a refusal. */
size_t http_request_feed(struct http_request *request, const char *data, size_t size);

/* Makes ready for the next request on the same connection. */
void http_request_next(struct http_request *request);

#endif
