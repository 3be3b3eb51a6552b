/* What all transfers have in common: the body that is read and what else is seen of an answer,
 * whichever client makes them; settings and time limits of libcurl, in lanes and coroutines. */
#ifndef WORKLOAD_EASY_H
#define WORKLOAD_EASY_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is kept of an answer is 64 KB at most. A body has half of that, with its NUL; one that is
 * dropped, since only the status counts, may be as large as it can become within the timeout. The
 * other half is the header's, with interim ones and trailers: libcurl keeps each line, in an object
 * of its own. */
#define BODY_SIZE_MAX  ((32UL << 10) - 1)
#define HEAD_SIZE_MAX  (32UL << 10)
#define HEAD_LINE_COST 64

/* Its memory is used again by the next answer. All zeros is empty. */
struct body {
    char *bytes; /* followed by a NUL; NULL until the first byte came */
    size_t size, room;
    int error;    /* why it is not whole: -EMSGSIZE (too large) or -ENOMEM; else 0 */
    bool dropped; /* only its size is wanted */
};

/* Adds to it. Returns 0, or a negative errno, which stays in body->error. */
int body_append(struct body *body, const char *data, size_t size);

/* What a client saw of one request and its answer. */
struct exchange {
    struct body body;
    size_t head_size; /* of all headers and trailers so far, with HEAD_LINE_COST for each line */
    long timeout_ms;  /* that libcurl was given */
    unsigned sends;   /* by libcurl, so far; see easy_set_up() */
    int os_error;     /* errno where no connection could be made, else 0 */
    uint16_t status;  /* of the HTTP answer; 0: none */
    bool head_ended;  /* the header of the final answer came whole */
    bool sent;        /* on a connection that has not been closed since */
};

/* Empties it for the next request; the body keeps its memory. */
void exchange_clear(struct exchange *exchange);

/* A line of a header or of trailers came. Returns 0, or -EMSGSIZE: they are beyond HEAD_SIZE_MAX.
 */
int exchange_add_line(struct exchange *exchange, size_t size);

/* Sets up a new handle, which reads into `exchange` and whose CURLOPT_PRIVATE and other callbacks
 * are the caller's; `fresh`: a new connection for each transfer. Where the body is not whole, or
 * the header too large, the transfer ends with CURLE_WRITE_ERROR.
 *
 * Has counted in exchange->sends how often libcurl sets out to send a transfer's request: right
 * before its first byte is written, so that a send that fails counts as well. libcurl sends a
 * request again by itself where a kept connection turns out to be closed: the sends beyond the
 * first are re-sends. Version 7.88 does so five times in the life of a handle, for whichever
 * requests; at the sixth it gives up with CURLE_SEND_ERROR, which is a reset, and begins to count
 * anew. */
void easy_set_up(CURL *easy, bool fresh, struct exchange *exchange);

/* What a transfer that libcurl ended with `code` has ended with: a header that is too large is no
 * answer of HTTP (CURLE_WEIRD_SERVER_REPLY). */
CURLcode easy_verdict(const struct exchange *exchange, CURLcode code);

/* Of the next transfer, whose exchange was cleared. libcurl counts in milliseconds: the next whole
 * one, so that a timeout never comes early and none is 0, which would be no limit. */
void easy_set_timeout(CURL *easy, struct exchange *exchange, uint64_t ns);

/* To be told by an event loop where a transfer's connection is about to be closed. Where libcurl
 * then sends the request again, it knows when the transfer began, but its timer begins anew, and
 * nobody would look at the time before that. (curl_easy_perform() looks in time: its own waits keep
 * the first timer.) */
void easy_on_close(CURL *easy, struct exchange *exchange);

#endif
