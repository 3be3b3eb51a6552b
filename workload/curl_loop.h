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
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "workload/poller.h"

/* Transfers of one multi handle. More of them would be quadratic: libcurl looks for a connection to
 * keep, and for one to close, among all that the handle has. (At 5 x 5000 requests of 200 ms on
 * kept connections one handle does 10,000 requests a second, and those of 128 each 17,000.) Fresh
 * connections are not looked for, and close in the order in which they are found; each handle
 * takes 36 KB. */
static inline uint64_t curl_loop_share(bool fresh)
{
    return fresh ? 1024 : 128;
}

struct curl_share;
struct curl_watch;

struct curl_loop {
    struct poller poller;
    struct curl_share *shares; /* of the transfers, each with a multi handle of its own */
    unsigned share_count;
    CURLSH *sessions;           /* one cache of TLS sessions; else 1 KB for each handle */
    struct curl_watch *watches; /* by descriptor */
    int watches_size;
    int first_begun; /* of the connections that were begun meanwhile, or -1 */
    void (*ended)(void *user, CURL *easy, CURLcode code);
    void *user;
};

/* Sets up `c`, which must stay where it is until the loop has closed its handles, with `shares` of
 * the transfers. `connections_max` connections stay open for later transfers of the same share.
 * `ended` is called once for each transfer that libcurl ends, after its handle was removed: it may
 * add that one or others. Returns 0 or a negative error. */
int curl_loop_init(struct curl_loop *c, uv_loop_t *loop, unsigned shares, long connections_max,
                   void (*ended)(void *user, CURL *easy, CURLcode code), void *user);

/* Closes all connections and, when the loop runs next, all libuv handles of `c`. Every easy handle
 * has been removed before. */
void curl_loop_term(struct curl_loop *c);

/* Makes a new easy handle ready for this loop, once. Its CURLOPT_PRIVATE begins with the exchange
 * that it was set up with (easy.h). Who runs the loop sees when to stop, and progress is told to
 * nobody. */
void curl_loop_prepare(struct curl_loop *c, CURL *easy);

/* Starts the transfer of a prepared handle in one of the shares, from 0; it begins when the loop
 * runs next. Returns 0 or -ENOMEM. */
int curl_loop_add(struct curl_loop *c, unsigned share, CURL *easy);

/* Gives up a transfer of that share: ended() is not called for it. */
void curl_loop_remove(struct curl_loop *c, unsigned share, CURL *easy);

#endif
