/* The HTTP client, on the same loop for libcurl as the event-loop model.
 *
 * A transfer is a libcurl handle with the body that it reads, used again by one request after the
 * other. A request of a task is a call whose end wakes the task. */
#include "co/http.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "co/task.h"
#include "common/clock.h"
#include "workload/curl_loop.h"
#include "workload/easy.h"

#define CONNECTIONS_DEFAULT 100
#define TIMEOUT_NS_DEFAULT  (30 * NS_PER_S)
#define IDLE_TRANSFERS_MAX  1024

struct co_transfer {
    struct exchange exchange; /* first (workload/curl_loop.h) */
    CURL *easy;
    struct co_call *call;     /* NULL: nobody waits any more */
    struct co_transfer *next; /* among the idle ones */
};

struct co_http {
    struct co_loop *loop;
    struct co_http_options options;
    struct curl_loop curl;
    struct co_transfer *idle;
    size_t idle_count;
    struct co_http_counts counts;
};

/* ---- Transfers --------------------------------------------------------------------------- */

static struct co_transfer *take_transfer(struct co_http *http)
{
    struct co_transfer *transfer = http->idle;

    if (transfer != NULL) {
        http->idle = transfer->next;
        http->idle_count--;
        return transfer;
    }
    transfer = calloc(1, sizeof(*transfer));
    if (transfer != NULL)
        transfer->easy = curl_easy_init();
    if (transfer == NULL || transfer->easy == NULL) {
        free(transfer);
        return NULL;
    }
    easy_set_up(transfer->easy, http->options.fresh, &transfer->exchange);
    curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer);
    curl_loop_prepare(&http->curl, transfer->easy);
    return transfer;
}

static void free_transfer(struct co_transfer *transfer)
{
    curl_easy_cleanup(transfer->easy);
    free(transfer->exchange.body.bytes);
    free(transfer);
}

static void give_transfer(struct co_http *http, struct co_transfer *transfer)
{
    transfer->call = NULL;
    exchange_clear(&transfer->exchange);
    if (http->idle_count >= IDLE_TRANSFERS_MAX) {
        free_transfer(transfer);
        return;
    }
    transfer->next = http->idle;
    http->idle = transfer;
    http->idle_count++;
}

static bool set_request(struct co_http *http, struct co_transfer *transfer,
                        const struct co_request *request)
{
    CURL *easy = transfer->easy;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_URL, request->url);

    easy_set_timeout(easy, &transfer->exchange,
                     request->timeout_ns != 0 ? request->timeout_ns : http->options.timeout_ns);
    if (request->post == NULL)
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    else if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->post);
    return code == CURLE_OK;
}

/* ---- Calls ------------------------------------------------------------------------------- */

static int error_of(const struct co_transfer *transfer, CURLcode code)
{
    long sent = 0;

    switch (easy_verdict(&transfer->exchange, code)) {
    case CURLE_OK:
        return 0;
    case CURLE_OPERATION_TIMEDOUT:
        return UV_ETIMEDOUT;
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
        return UV_ECONNREFUSED;
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
        return UV_ECONNRESET;
    case CURLE_WRITE_ERROR:
        return transfer->exchange.body.error < 0 ? transfer->exchange.body.error : UV_EIO;
    case CURLE_UNSUPPORTED_PROTOCOL: /* of the URL, or of an answer that is not HTTP */
        curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &sent);
        return sent > 0 ? UV_EPROTO : UV_EINVAL;
    case CURLE_URL_MALFORMAT:
        return UV_EINVAL;
    case CURLE_OUT_OF_MEMORY:
        return UV_ENOMEM;
    case CURLE_PARTIAL_FILE:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
    case CURLE_BAD_CONTENT_ENCODING:
        return UV_EPROTO;
    default:
        return UV_EIO;
    }
}

static void run_call(struct co_waiter *waiter, int reason);

int co_call_start(struct co_call *call)
{
    struct co_http *http = call->http;
    struct co_transfer *transfer = take_transfer(http);

    if (transfer == NULL)
        return UV_ENOMEM;
    if (!set_request(http, transfer, call->request)) {
        give_transfer(http, transfer);
        return UV_EINVAL;
    }
    co_waiter_init(&call->waiter, run_call);
    transfer->call = call;
    call->transfer = transfer;
    if (curl_loop_add(&http->curl, 0, transfer->easy) < 0) {
        give_transfer(http, transfer);
        return UV_ENOMEM;
    }
    http->counts.requests++;
    if (++http->counts.in_flight > http->counts.in_flight_peak)
        http->counts.in_flight_peak = http->counts.in_flight;
    return 0;
}

/* In the loop's queue, where libcurl is not at work. */
static void run_call(struct co_waiter *waiter, int reason)
{
    struct co_call *call = (struct co_call *)waiter;
    struct co_http *http = call->http;
    struct co_transfer *transfer = call->transfer;
    struct co_response response = {
        .body = transfer->exchange.body.size > 0 ? transfer->exchange.body.bytes : NULL,
        .body_bytes = transfer->exchange.body.size,
    };
    long status = 0;

    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    response.status = (int)status;
    call->transfer = NULL;
    call->ended(call, error_of(transfer, (CURLcode)reason), &response);
    give_transfer(http, transfer);
}

static void count_resends(struct co_http *http, const struct co_transfer *transfer)
{
    unsigned sends = transfer->exchange.sends;

    http->counts.resends += sends > 0 ? sends - 1 : 0;
}

void co_call_stop(struct co_call *call)
{
    struct co_http *http = call->http;
    struct co_transfer *transfer = call->transfer;

    if (transfer == NULL)
        return;
    call->transfer = NULL;
    if (co_is_awake(&call->waiter)) { /* it has ended, and was not told yet */
        co_forget(http->loop, &call->waiter);
    } else {
        count_resends(http, transfer);
        curl_loop_remove(&http->curl, 0, transfer->easy);
        http->counts.in_flight--;
    }
    give_transfer(http, transfer);
}

/* From libuv's callbacks: only notes and wakes. */
static void on_ended(void *user, CURL *easy, CURLcode code)
{
    struct co_http *http = user;
    struct co_transfer *transfer;
    long connections = 0;

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer);
    curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connections);
    http->counts.connections += (uint64_t)connections;
    count_resends(http, transfer);
    http->counts.in_flight--;
    co_wake(http->loop, &transfer->call->waiter, (int)code);
}

/* ---- The client -------------------------------------------------------------------------- */

struct co_http *co_http_new(struct co_loop *loop, const struct co_http_options *options)
{
    struct co_http *http = calloc(1, sizeof(*http));

    if (http == NULL)
        return NULL;
    http->loop = loop;
    if (options != NULL)
        http->options = *options;
    if (http->options.connections == 0)
        http->options.connections = CONNECTIONS_DEFAULT;
    if (http->options.timeout_ns == 0)
        http->options.timeout_ns = TIMEOUT_NS_DEFAULT;
    if (curl_loop_init(&http->curl, &loop->uv, 1, (long)http->options.connections, on_ended, http) <
        0) {
        uv_run(&loop->uv, UV_RUN_NOWAIT); /* closes the handles */
        free(http);
        return NULL;
    }
    return http;
}

void co_http_free(struct co_http *http)
{
    if (http == NULL)
        return;
    while (http->idle != NULL) {
        struct co_transfer *transfer = http->idle;

        http->idle = transfer->next;
        free_transfer(transfer);
    }
    curl_loop_term(&http->curl);
    uv_run(&http->loop->uv, UV_RUN_NOWAIT); /* closes the handles */
    free(http);
}

struct co_http_counts co_http_counts(const struct co_http *http)
{
    return http->counts;
}

/* ---- For tasks --------------------------------------------------------------------------- */

struct fetch {
    struct co_call call; /* first */
    struct co_task *task;
    struct co_response *response;
    int error;
};

static void on_fetched(struct co_call *call, int error, struct co_response *response)
{
    struct fetch *fetch = (struct fetch *)call;

    *fetch->response = *response;
    fetch->error = error;
    if (response->body != NULL) {
        fetch->response->body = malloc(response->body_bytes + 1);
        if (fetch->response->body != NULL)
            memcpy(fetch->response->body, response->body, response->body_bytes + 1);
        else
            fetch->error = UV_ENOMEM;
    }
    co_wake(fetch->task->loop, &fetch->task->waiter, 0);
}

int co_fetch(struct co_task *self, struct co_http *http, const struct co_request *request,
             struct co_response *response)
{
    struct fetch fetch = {
        .call = {.http = http, .request = request, .ended = on_fetched},
        .task = self,
        .response = response,
    };
    int error;

    *response = (struct co_response){0};
    error = co_call_start(&fetch.call);
    if (error < 0)
        return error;
    error = co_park(self, NULL, NULL);
    if (error < 0)
        co_call_stop(&fetch.call);
    return error < 0 ? error : fetch.error;
}

void co_response_free(struct co_response *response)
{
    free(response->body);
    *response = (struct co_response){0};
}

int co_response_check(const struct co_response *response)
{
    bool success = response->status >= 200 && response->status <= 299;

    return success ? 0 : CO_HTTP_ERROR(response->status);
}

int co_get(struct co_task *self, struct co_http *http, const char *url,
           struct co_response *response)
{
    struct co_request request = {.url = url};
    int error = co_fetch(self, http, &request, response);

    return error < 0 ? error : co_response_check(response);
}
