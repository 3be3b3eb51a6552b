/* libcurl's multi interface on a libuv loop: which sockets to wait for, and for how long.
 *
 * libuv says which sockets are ready and which time has come; libcurl, told so, moves the transfers
 * on that wait for it, and names what it waits for next. No call blocks but the loop's own wait.
 *
 *   uv_run ─┬─ a socket is ready ──▶ on_ready ─┬─▶ curl_multi_socket_action
 *           └─ a time has come ────▶ on_timer ─┘     │
 *                                                    ├─▶ on_socket: wait for this socket
 *                                                    ├─▶ on_timeout: wait so long
 *                                                    └─▶ the transfers that have ended: ended()
 *
 * libcurl's callbacks only note what to wait for; its functions are called from libuv's callbacks,
 * never from its own. All of it belongs to the thread of the loop. */
#ifndef WORKLOAD_CURL_LOOP_H
#define WORKLOAD_CURL_LOOP_H

#include <curl/curl.h>
#include <uv.h>

struct curl_watch;

struct curl_loop {
    uv_loop_t *loop; /* the caller's */
    CURLM *multi;
    CURLSH *share;               /* one cache of TLS sessions; else 1 KB for each handle */
    uv_timer_t timer;            /* libcurl's next timeout */
    struct curl_watch **watches; /* by descriptor */
    int watches_size;
    void (*ended)(void *user, CURL *easy, CURLcode code);
    void *user;
};

/* Sets up `c`, which must stay where it is until the loop has closed its handles. `connections_max`
 * connections stay open for later transfers. `ended` is called once for each transfer that libcurl
 * ends, after its handle was removed: it may add that one or others. Returns 0 or -ENOMEM. */
int curl_loop_init(struct curl_loop *c, uv_loop_t *loop, long connections_max,
                   void (*ended)(void *user, CURL *easy, CURLcode code), void *user);

/* Closes all connections and, when the loop runs next, all libuv handles of `c`. Every easy handle
 * has been removed before. */
void curl_loop_term(struct curl_loop *c);

/* Makes a new easy handle ready for this loop, once. */
void curl_loop_prepare(struct curl_loop *c, CURL *easy);

/* Starts the transfer of a prepared handle; it begins when the loop runs next. Returns 0 or
 * -ENOMEM. */
int curl_loop_add(struct curl_loop *c, CURL *easy);

/* Gives up a transfer: ended() is not called for it. */
void curl_loop_remove(struct curl_loop *c, CURL *easy);

#endif
