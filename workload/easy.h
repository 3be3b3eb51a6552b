/* What all transfers have in common: the body that is read and what else is seen of an answer,
 * whichever client makes them; settings and time limits of libcurl, in lanes and coroutines. */
#ifndef WORKLOAD_EASY_H
#define WORKLOAD_EASY_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Largest body that is read. */
#define BODY_SIZE_MAX (1UL << 20)

/* Its memory is used again by the next answer. All zeros is empty. */
struct body {
    char *bytes; /* followed by a NUL; NULL until the first byte came */
    size_t size, room;
    int error; /* why it is not whole: -EMSGSIZE (beyond BODY_SIZE_MAX) or -ENOMEM; else 0 */
};

/* Adds to it. Returns 0, or a negative errno, which stays in body->error. */
int body_append(struct body *body, const char *data, size_t size);

/* What a client saw of one request and its answer. */
struct exchange {
    struct body body;
    int os_error;    /* errno where no connection could be made, else 0 */
    uint16_t status; /* of the HTTP answer; 0: none */
    bool head_ended; /* the header of the final answer came whole */
};

/* Empties it for the next request; the body keeps its memory. */
void exchange_clear(struct exchange *exchange);

/* Sets up a new handle, which reads into `body` and whose CURLOPT_PRIVATE and other callbacks are
 * the caller's; `fresh`: a new connection for each transfer. Where the body is not whole, the
 * transfer ends with CURLE_WRITE_ERROR. */
void easy_set_up(CURL *easy, bool fresh, struct body *body);

/* Has counted in `*sends` how often libcurl sets out to send a transfer's request: right before its
 * first byte is written, so that a send that fails counts as well. libcurl sends a request again by
 * itself where a kept connection turns out to be closed: the sends beyond the first are re-sends.
 * Version 7.88 does so five times in the life of a handle, for whichever requests; at the sixth it
 * gives up with CURLE_SEND_ERROR, which is a reset, and begins to count anew. */
void easy_count_sends(CURL *easy, unsigned *sends);

/* libcurl counts in milliseconds: the next whole one, so that a timeout never comes early and none
 * is 0, which would be no limit. */
void easy_set_timeout(CURL *easy, uint64_t ns);

#endif
