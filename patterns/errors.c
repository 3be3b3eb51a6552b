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

/* lesson: http-errors */
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
/* end */

int run_http_errors(struct co_task *self, struct context *context)
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

/* ---- Gather that collects ---- */

/* lesson: gather-errors */
static int gather_outcomes(struct co_task *self, struct users *all)
{
    for (uint64_t i = 0; i < all->n; i++)
        all->tasks[i] = co_create(co_loop_of(self), fetch_user, &all->fetches[i], "fetch-user");
    return co_gather(self, all->tasks, all->n, all->outcomes, CO_ALL_OUTCOMES);
}
/* end */

int run_gather_errors(struct co_task *self, struct context *context)
{
    struct users users;
    uint64_t succeeded = 0, failed = 0, misplaced = 0;
    int error = users_make(&users, context, "", NULL);

    if (error < 0)
        return error;
    for (uint64_t i = 1; i < users.n; i += 3)
        users.fetches[i].path = "?status=500";
    error = gather_outcomes(self, &users);
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

/* ---- Timeout ---- */

#define TIMEOUT_NS (500 * NS_PER_MS)

/* lesson: timeout */
static int fetch_with_timeout(struct co_task *self, struct user_fetch *fetch, uint64_t ns)
{
    struct co_timeout timeout;

    co_timeout_begin(self, &timeout, ns);
    /* UV_ETIMEDOUT where it was too long */
    return co_timeout_end(&timeout, fetch_user(self, fetch));
}
/* end */

int run_timeout(struct co_task *self, struct context *context)
{
    struct user_fetch fetch = {.context = context, .id = 1, .path = "?delay=20s"};
    uint64_t start_ns;
    int error;

    bar(context, "timeout", "timeout_ns", (double)TIMEOUT_NS);
    start_ns = clock_ns();
    error = fetch_with_timeout(self, &fetch, TIMEOUT_NS);
    bar(context, "until it was noticed", "took_ns", (double)(clock_ns() - start_ns));
    check(context, error == UV_ETIMEDOUT, "the fetch ends with: %s", co_error(error));
    check(context, server_count_of(self, context, "aborted", 1) == 1,
          "the server saw the connection close");
    fetch.path = "?delay=10ms";
    error = fetch_with_timeout(self, &fetch, 20 * NS_PER_S);
    check(context, error == 0, "a fetch in time is not touched");
    return 0;
}
