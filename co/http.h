/* HTTP through libcurl, for tasks and for callers without a stack.
 *
 * The client belongs to one loop and keeps its connections and handles for later requests.
 * libcurl's callbacks only note and wake; they run on the thread's own stack, or, where a task
 * gives a request up or frees the client, on that task's. */
#ifndef CO_HTTP_H
#define CO_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "co/co.h"

/* The error for a status that is none of success, and back. */
#define CO_HTTP_ERROR(status) (-(100000 + (status)))
static inline int co_http_status(int error)
{
    return -error - 100000;
}

struct co_http_options {
    size_t connections;  /* most that are kept open; 0: 100 */
    bool fresh;          /* a new connection for each request */
    uint64_t timeout_ns; /* of each request, where it names none; 0: 30 s */
};

/* Makes a client (`options` may be NULL). curl_global_init() is the caller's, once. Returns NULL
 * where memory lacks. Free it when nobody uses it, before the loop. */
struct co_http *co_http_new(struct co_loop *loop, const struct co_http_options *options);
void co_http_free(struct co_http *http);

struct co_http_counts {
    uint64_t requests, connections; /* begun; opened */
    uint64_t resends; /* by libcurl itself, where a kept connection was closed; of what has ended */
    size_t in_flight, in_flight_peak;
};
struct co_http_counts co_http_counts(const struct co_http *http);

struct co_request {
    const char *url;
    const char *post;    /* the body of a POST; NULL: a GET */
    uint64_t timeout_ns; /* 0: the client's */
};

struct co_response {
    int status;
    char *body; /* NUL-terminated, less than 32 KB; NULL where there is none */
    size_t body_bytes;
};

/* Makes a request and waits for the answer, whatever its status; the caller frees it by
 * co_response_free(), in case of an error as well. Returns 0, UV_ETIMEDOUT, UV_ECONNREFUSED (not
 * connected), UV_ECONNRESET, UV_EPROTO (not HTTP, or cut short), UV_EMSGSIZE, UV_EINVAL (the URL),
 * UV_ENOMEM, UV_EIO, or UV_ECANCELED with the connection closed. */
int co_fetch(struct co_task *self, struct co_http *http, const struct co_request *request,
             struct co_response *response) CO_MUST_USE;
void co_response_free(struct co_response *response);

/* 0 for a status from 200 to 299, else CO_HTTP_ERROR(status). */
int co_response_check(const struct co_response *response) CO_MUST_USE;

/* co_fetch() and co_response_check() of a GET in one. */
int co_get(struct co_task *self, struct co_http *http, const char *url,
           struct co_response *response) CO_MUST_USE;

/* ---- Without a stack ---- */

/* A request that calls back, of 96 bytes at most; the caller's, until `ended` is called. */
struct co_call {
    struct co_waiter waiter; /* first; free for sleeping or for a semaphore until the start */
    struct co_http *http;
    const struct co_request *request; /* until the start has returned */
    void (*ended)(struct co_call *call, int error, struct co_response *response);
    struct co_transfer *transfer; /* while it is under way */
    void *user;
};

/* Begins a request. `ended` is called once, from the loop's queue, with the answer, whose body is
 * freed after that. Returns 0, UV_EINVAL or UV_ENOMEM, and then it is not called. */
int co_call_start(struct co_call *call) CO_MUST_USE;

/* Ends the request at once, its connection closed; `ended` is not called. */
void co_call_stop(struct co_call *call);

#endif
