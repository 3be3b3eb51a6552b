#include "harness/run/mock.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "harness/error.h"
#include "harness/process/http.h"

#define START_LIMIT_NS (10 * NS_PER_S)
#define STOP_GRACE_NS  (2 * NS_PER_S)
#define ARGUMENTS_MAX  64
#define READY_LINE     "listening on "

/* Takes the URL from the line "listening on http://127.0.0.1:PORT"; returns whether it is there. */
static bool parse_ready_line(struct mock *server)
{
    const char *line = strstr(server->process.text, READY_LINE);
    size_t length;

    if (line == NULL)
        return false;
    line += strlen(READY_LINE);
    length = strcspn(line, " \r\n");
    if (line[length] == '\0' || length >= sizeof(server->url))
        return false; /* the rest of the line has yet to come */
    memcpy(server->url, line, length);
    server->url[length] = '\0';
    return true;
}

static int wait_until_ready(struct mock *server, char *error)
{
    uint64_t deadline = clock_ns() + START_LIMIT_NS;
    int state = 2;

    while (state == 2 && !parse_ready_line(server))
        state = process_wait_text(&server->process, deadline);
    if (state == 2)
        return 0;
    if (state == 1)
        return error_set(error, -EIO, "the mock server %s ended at once, with status %d: %s",
                         server->program, process_exit_status(&server->process),
                         server->process.text);
    if (state == 0)
        return error_set(error, -ETIMEDOUT,
                         "the mock server %s did not say within %d s that it listens",
                         server->program, (int)(START_LIMIT_NS / NS_PER_S));
    return error_set(error, state, "interrupted while the mock server started");
}

static int check_health(const struct mock *server, char *error)
{
    char url[sizeof(server->url) + 16], reason[ERROR_SIZE];
    json_t *stats;

    snprintf(url, sizeof(url), "%s/stats", server->url);
    stats = http_get_json(url, reason);
    if (stats == NULL)
        return error_set(error, -EIO, "the mock server does not answer: %.900s", reason);
    json_decref(stats);
    return 0;
}

int mock_start(struct mock *server, const char *program, const json_t *arguments, char *error)
{
    const char *argv[ARGUMENTS_MAX] = {program, "--listen", "127.0.0.1:0"};
    struct process_options options = {.argv = argv,
                                      .capture = PROCESS_CAPTURE_OUT | PROCESS_CAPTURE_ERR};
    json_t *value;
    size_t i;
    int code;

    if (3 + json_array_size(arguments) >= ARGUMENTS_MAX)
        return error_set(error, -E2BIG, "more than %d arguments for the server", ARGUMENTS_MAX - 4);
    json_array_foreach((json_t *)arguments, i, value)
    {
        argv[3 + i] = json_string_value(value);
    }
    *server = (struct mock){.program = program, .arguments = arguments};
    code = process_start(&server->process, &options, error);
    if (code < 0)
        return code;
    code = wait_until_ready(server, error);
    if (code == 0)
        code = check_health(server, error);
    if (code < 0)
        mock_stop(server);
    return code;
}

void mock_use(struct mock *server, const char *url)
{
    *server = (struct mock){.external = true};
    snprintf(server->url, sizeof(server->url), "%s", url);
}

int mock_ensure(struct mock *server, char *error)
{
    char reason[ERROR_SIZE];
    int state = server->external ? 0 : process_wait(&server->process, 0), status, code;

    if (state == 0)
        return 0;
    if (state == -EINTR)
        return error_set(error, -EINTR, "interrupted");
    status = process_exit_status(&server->process);
    code = mock_start(server, server->program, server->arguments, reason);
    if (code < 0)
        return error_set(error, code, "the mock server had ended, and cannot be restarted: %.900s",
                         reason);
    return error_set(error, 1, "the mock server had ended with status %d and was restarted",
                     status);
}

int mock_reset(const struct mock *server, char *error)
{
    char url[sizeof(server->url) + 16];

    if (server->external)
        return 0;
    snprintf(url, sizeof(url), "%s/reset", server->url);
    return http_post(url, error);
}

json_t *mock_stats(const struct mock *server, char *error)
{
    char url[sizeof(server->url) + 16];

    if (server->external)
        return json_null();
    snprintf(url, sizeof(url), "%s/stats", server->url);
    return http_get_json(url, error);
}

void mock_stop(struct mock *server)
{
    if (!server->external)
        process_end(&server->process, STOP_GRACE_NS);
}
