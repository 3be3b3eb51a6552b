#include "patterns/pattern.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"

void figure(struct context *context, const char *name, double value)
{
    json_object_set_new(context->figures, name, json_real(value));
}

void figure_of(struct context *context, const char *prefix, const char *name, double value)
{
    char whole[64];

    snprintf(whole, sizeof(whole), "%s_%s", prefix, name);
    figure(context, whole, value);
}

double figure_noted(const struct context *context, const char *name)
{
    return json_number_value(json_object_get(context->figures, name));
}

void bar(struct context *context, const char *label, const char *name, double value)
{
    figure(context, name, value);
    json_array_append_new(context->bars, json_pack("[s, f, s]", label, value, name));
}

void note_check(struct context *context, bool ok, bool timing, const char *text, ...)
{
    char sentence[512];
    va_list arguments;

    va_start(arguments, text);
    vsnprintf(sentence, sizeof(sentence), text, arguments);
    va_end(arguments);
    json_array_append_new(context->checks, json_pack("{s:s, s:b, s:b}", "text", sentence, "ok",
                                                     (int)ok, "timing", (int)timing));
}

bool was_warned(const struct context *context, const char *part)
{
    json_t *warning;
    size_t i;

    json_array_foreach(context->warnings, i, warning)
    {
        if (strstr(json_string_value(warning), part) != NULL)
            return true;
    }
    return false;
}

/* Users answer with their id and name; what lies below them has an id only. */
static int read_user(struct user_fetch *fetch, const struct co_response *response)
{
    json_t *user = json_text_load(response->body, response->body_bytes, 0);
    bool right = json_number_at(user, "id", -1) == (double)fetch->id;

    snprintf(fetch->name, sizeof(fetch->name), "%s", json_text_at(user, "name", ""));
    json_decref(user);
    return right ? 0 : UV_EPROTO;
}

int fetch_user(struct co_task *self, void *user_fetch)
{
    struct user_fetch *fetch = user_fetch;
    struct co_response response;
    char url[URL_SIZE];
    int error;

    snprintf(url, sizeof(url), "%s/users/%llu%s", fetch->context->url,
             (unsigned long long)fetch->id, fetch->path != NULL ? fetch->path : "");
    error = co_get(self, fetch->context->http, url, &response);
    if (error == 0)
        error = read_user(fetch, &response);
    co_response_free(&response);
    return error;
}

int users_make(struct users *users, struct context *context, const char *path, co_body *body)
{
    uint64_t n = context->n;

    *users = (struct users){
        .n = n,
        .fetches = calloc(n, sizeof(*users->fetches)),
        .tasks = calloc(n, sizeof(struct co_task *)),
        .outcomes = calloc(n, sizeof(int)),
    };
    if (users->fetches == NULL || users->tasks == NULL || users->outcomes == NULL) {
        users->n = 0;
        users_free(users);
        return UV_ENOMEM;
    }
    for (uint64_t i = 0; i < n; i++) {
        users->fetches[i] = (struct user_fetch){.context = context, .id = i, .path = path};
        if (body != NULL)
            users->tasks[i] = co_create(context->loop, body, &users->fetches[i], "fetch-user-%llu",
                                        (unsigned long long)i);
    }
    return 0;
}

/* Each starts when it has a permit. */
void users_throttle(struct users *users, struct co_semaphore *semaphore)
{
    for (uint64_t i = 0; semaphore != NULL && i < users->n; i++)
        users->tasks[i] = co_start_with(users->tasks[i], semaphore);
}

double users_failed(struct co_task *self, struct users *users, int error)
{
    double failed = 0;

    if (co_gather(self, users->tasks, users->n, users->outcomes, CO_ALL_OUTCOMES) < 0)
        return -1;
    for (uint64_t i = 0; i < users->n; i++) {
        if (users->outcomes[i] < 0 && error != 0 && users->outcomes[i] != error)
            return -1;
        failed += users->outcomes[i] < 0;
    }
    return failed;
}

void users_free(struct users *users)
{
    for (uint64_t i = 0; i < users->n; i++)
        co_release(users->tasks[i]);
    free(users->fetches);
    free(users->tasks);
    free(users->outcomes);
    *users = (struct users){0};
}

static json_t *ask_server(struct co_task *self, struct context *context, const char *path,
                          const char *post)
{
    struct co_response response;
    char url[URL_SIZE];
    struct co_request request = {.url = url, .post = post};
    json_t *answer = NULL;

    snprintf(url, sizeof(url), "%s%s", context->url, path);
    if (co_fetch(self, context->http, &request, &response) == 0)
        answer = json_text_load(response.body, response.body_bytes, JSON_DECODE_ANY);
    co_response_free(&response);
    return answer;
}

double server_count(struct co_task *self, struct context *context, const char *path)
{
    json_t *stats = ask_server(self, context, "/stats", NULL);
    double count = json_number_at(stats, path, -1);

    json_decref(stats);
    return count;
}

double server_count_of(struct co_task *self, struct context *context, const char *path,
                       double count)
{
    double now = server_count(self, context, path);

    for (int i = 0; i < 100 && now < count && co_sleep(self, 10 * NS_PER_MS) == 0; i++)
        now = server_count(self, context, path);
    return now;
}

int server_reset(struct co_task *self, struct context *context)
{
    json_t *answer = ask_server(self, context, "/reset", "");

    json_decref(answer);
    return 0;
}
