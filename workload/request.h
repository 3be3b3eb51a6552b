/* One HTTP request: the same settings, verification and record for every model.
 *
 * A request object is one client that is used again for one id after the other, and the answer it
 * is reading. It belongs to one worker; nothing in it is shared. Who waits for the answer calls
 * request_perform(); who does not calls request_begin(), runs `easy` itself, and then
 * request_end(). The raw client (raw.c) has no handle, and writes the times itself. */
#ifndef WORKLOAD_REQUEST_H
#define WORKLOAD_REQUEST_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workload/easy.h"
#include "workload/recorder.h"
#include "workload/workload.h"

struct request {
    struct exchange exchange; /* first (curl_loop.h) */
    CURL *easy;               /* its CURLOPT_PRIVATE is this object; NULL where the client is raw */
    const struct workload *workload; /* NULL: not set up */
    struct recorder *recorder;
    uint64_t id;
    bool cut_by_deadline; /* the run's deadline comes before the request's timeout */
};

/* True when `body` (of `size` bytes, with or without a NUL behind them; NULL where empty) is a JSON
 * object whose "id" is the number `id`, which is less than UINT64_MAX. */
bool request_verify_body(const void *body, size_t size, uint64_t id);

/* Writes the URL, or the path, of the item `id` to `text` of `size` bytes: where {id} stands, that
 * and w->first_id. Returns its length; where that is `size` or more it is cut off. */
size_t request_place(const struct workload *w, uint64_t id, char *text, size_t size);

/* Sets libcurl up for `url`, once, before any thread, process or request; TLS only for https.
 * Returns 0 or -ENOMEM. */
int request_global_init(const char *url);

/* Makes the handle. Returns 0 or -ENOMEM. */
int request_init(struct request *q, const struct workload *w, struct recorder *r);
void request_term(struct request *q);

/* Prepares the client for request `id`, which was taken. Returns 0, or -ENOMEM with the request
 * ended as OUTCOME_OTHER. */
int request_begin(struct request *q, uint64_t id);

/* Verifies and records the request, whose transfer the client ended with `code`. Returns false
 * where that was all; true where the answer is right and the item is yet to be computed and ended
 * (the work is mixed). */
bool request_end(struct request *q, CURLcode code);

/* Makes the request `id` and waits for its answer: begin, transfer, end. Returns as request_end. */
bool request_perform(struct request *q, uint64_t id);

#endif
