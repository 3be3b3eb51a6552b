/* Pattern 2: work that is started and not waited for, while the handler goes on. */
#include "patterns/pattern.h"

#include <stdio.h>

static int log_analytics(struct co_task *self, void *argument)
{
    struct context *context = argument;
    struct co_response response;
    char url[URL_SIZE];
    struct co_request request = {.url = url, .post = "{\"user\": 1}"};
    int error;

    snprintf(url, sizeof(url), "%s/analytics?delay=1s", context->url);
    error = co_fetch(self, context->http, &request, &response);
    if (error == 0)
        error = co_response_check(&response);
    co_response_free(&response);
    return error;
}

/* Handles a request; `awaits` is whether it waits for the logging. Returns the task of the logging
 * in *task. */
/* lesson: fire-and-forget */
static int handle(struct co_task *self, struct context *context, bool awaits, struct co_task **task)
{
    struct user_fetch fetch = {.context = context, .id = 1};
    int error;

    *task = co_start(co_create(context->loop, log_analytics, context, "log-analytics"));
    if (*task == NULL)
        return UV_ENOMEM;
    error = fetch_user(self, &fetch);
    return error == 0 && awaits ? co_await (self, *task) : error;
}
/* end */

int run_fire_and_forget(struct co_task *self, struct context *context)
{
    uint64_t start_ns = clock_ns(), forgot_ns, awaited_ns;
    struct co_task *task;
    bool done;
    int error = handle(self, context, false, &task);

    forgot_ns = clock_ns() - start_ns;
    done = task != NULL && co_is_done(task);
    if (error == 0)
        error = co_await (self, task);
    co_release(task);
    check(context, error == 0 && !done,
          "the handler is done first, the logging arrives all the same");
    start_ns = clock_ns();
    error = handle(self, context, true, &task);
    awaited_ns = clock_ns() - start_ns;
    co_release(task);
    if (error < 0)
        return error;
    bar(context, "handler, without waiting", "handler_without_ns", (double)forgot_ns);
    bar(context, "handler, waiting at its end", "handler_with_ns", (double)awaited_ns);
    figure(context, "analytics_received", server_count(self, context, "statuses.202"));
    return 0;
}
