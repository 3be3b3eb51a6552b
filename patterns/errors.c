/* Handling errors: of HTTP and others, all of a gather, and the deadline. */
#include <stdio.h>
#include <stdlib.h>

#include "common/count.h"
#include "patterns/pattern.h"

/* ---- HTTP errors and others ---- */

struct trouble {
    const char *name;
    const char *path; /* below the server, or a URL of its own */
    int expected;
};

static int fetch_with_error_handling(struct co_task *self, struct context *context,
                                     const char *path)
{
    struct co_response response;
    char url[URL_SIZE];
    int error;

    snprintf(url, sizeof(url), "%s%s", path[0] == '/' ? context->url : "", path);
    error = co_get(self, context->http, url, &response);
    co_response_free(&response);
    return error;
}

static int run_http(struct co_task *self, struct context *context)
{
    static const struct trouble troubles[] = {
        {"none", "/users/1", 0},
        {"status 404", "/nothing-here", CO_HTTP_ERROR(404)},
        {"status 500", "/users/1?status=500", CO_HTTP_ERROR(500)},
        {"status 503", "/users/1?fault=503", CO_HTTP_ERROR(503)},
        {"connection reset", "/users/1?fault=reset", UV_ECONNRESET},
        {"answer cut short", "/users/1?fault=truncate", UV_EPROTO},
        {"not HTTP", "/users/1?fault=malformed", UV_EPROTO},
        {"nobody listens", "http://127.0.0.1:1/users/1", UV_ECONNREFUSED},
        {"not a URL", "http://[", UV_EINVAL},
    };

    for (size_t i = 0; i < COUNT_OF(troubles); i++) {
        const struct trouble *trouble = &troubles[i];
        int error = fetch_with_error_handling(self, context, trouble->path);

        check(context, error == trouble->expected, "%s: %s", trouble->name, co_error(error));
    }
    return 0;
}

const struct pattern pattern_http_errors = {
    .name = "http-errors",
    .title = "Errors: HTTP errors and others",
    .article = "handle exceptions as in synchronous code: HTTP errors first, then all others",
    .body = run_http,
    .server = {"--latency", "5ms"},
};

/* ---- Gather that collects ---- */

static int run_gather(struct co_task *self, struct context *context)
{
    struct users users;
    uint64_t succeeded = 0, failed = 0, misplaced = 0;
    int error = users_make(&users, context, "", fetch_user);

    if (error < 0)
        return error;
    for (uint64_t i = 1; i < users.n; i += 3)
        users.fetches[i].path = "?status=500";
    error = co_gather(self, users.tasks, users.n, users.outcomes, CO_ALL_OUTCOMES);
    for (uint64_t i = 0; i < users.n; i++) {
        succeeded += users.outcomes[i] == 0;
        failed += users.outcomes[i] == CO_HTTP_ERROR(500);
        misplaced += (users.outcomes[i] < 0) != (i % 3 == 1);
    }
    bar(context, "succeeded", "succeeded", (double)succeeded);
    bar(context, "failed", "failed", (double)failed);
    check(context, error == 0 && succeeded + failed == users.n, "every outcome is there");
    check(context, misplaced == 0, "each error is in the slot of its request");
    users_free(&users);
    return 0;
}

const struct pattern pattern_gather_errors = {
    .name = "gather-errors",
    .title = "Errors: gather that collects results and errors",
    .article = "return_exceptions=True collects both results and exceptions",
    .body = run_gather,
    .n = 30,
    .server = {"--latency", "50ms"},
};

/* ---- Timeout ---- */

#define TIMEOUT_NS (500 * NS_PER_MS)

static int run_timeout(struct co_task *self, struct context *context)
{
    struct user_fetch fetch = {.context = context, .id = 1, .path = "?delay=20s"};
    struct co_timeout timeout;
    uint64_t start_ns = clock_ns(), took_ns;
    int error;

    co_timeout_begin(self, &timeout, TIMEOUT_NS);
    error = co_timeout_end(&timeout, fetch_user(self, &fetch));
    took_ns = clock_ns() - start_ns;
    bar(context, "timeout", "timeout_ns", (double)TIMEOUT_NS);
    bar(context, "until it was noticed", "took_ns", (double)took_ns);
    check(context, error == UV_ETIMEDOUT, "the fetch ends with: %s", co_error(error));
    check(context, took_ns >= TIMEOUT_NS, "never early");
    check_time(context, took_ns < TIMEOUT_NS + 50 * NS_PER_MS, "and little late");
    check(context, server_count_of(self, context, "aborted", 1) == 1,
          "the server saw the connection close");
    fetch.path = "?delay=10ms";
    co_timeout_begin(self, &timeout, 20 * NS_PER_S);
    error = co_timeout_end(&timeout, fetch_user(self, &fetch));
    check(context, error == 0, "a fetch in time is not touched");
    return 0;
}

const struct pattern pattern_timeout = {
    .name = "timeout",
    .title = "Errors: a timeout at its deadline",
    .article = "asyncio.timeout() ends the request after timeout_seconds",
    .body = run_timeout,
    .server = {"--latency", "10ms"},
};
