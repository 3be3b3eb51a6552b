#include "harness/run/mock.h"

#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/text_stream.h"

#define START_LIMIT_NS (10 * NS_PER_S)
#define STOP_GRACE_NS  (2 * NS_PER_S)
#define ARGUMENTS_MAX  64
#define READY_LINE     "listening on "
#define TIMEOUT_MS     5000L
#define BODY_SIZE_MAX  (16L << 20)

static CURLcode perform(CURL *easy, const char *url, bool post, FILE *body)
{
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_MAXFILESIZE, BODY_SIZE_MAX);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
    if (post)
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
    return curl_easy_perform(easy);
}

/* A small request between measurements, on a connection of its own that is closed at once, so that
 * none is open while a lane runs. Returns 0 with the body in *text, or -EIO and an error. The body
 * is to be freed in any case. */
static int request(const struct mock *server, const char *path, bool post, char **text,
                   struct error *error)
{
    char url[sizeof(server->url) + 16];
    CURL *easy = curl_easy_init();
    struct text_stream body;
    CURLcode code = CURLE_OUT_OF_MEMORY;
    long status = 0;

    text_stream_begin(&body);
    snprintf(url, sizeof(url), "%s%s", server->url, path);
    if (easy != NULL && body.file != NULL)
        code = perform(easy, url, post, body.file);
    if (code == CURLE_OK)
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(easy);
    if (text_stream_end(&body, text, NULL) < 0 && code == CURLE_OK)
        code = CURLE_OUT_OF_MEMORY;
    if (code != CURLE_OK)
        return error_set(error, -EIO, "%s: %s", url, curl_easy_strerror(code));
    if (status < 200 || status > 299)
        return error_set(error, -EIO, "%s: answered with status %ld", url, status);
    return 0;
}

/* Takes the URL from the line "listening on http://127.0.0.1:PORT"; for other hosts those of all
 * ports. Returns whether it is there. */
static bool parse_ready_lines(struct mock *server)
{
    const char *line = server->process.text;
    int ports = server->size.listen != NULL ? MOCK_PORTS : 1;
    char end; /* else the rest of the line has yet to come */

    for (int i = 0; i < ports; i++) {
        line = strstr(line + (i > 0), READY_LINE);
        if (line == NULL || sscanf(line, READY_LINE "%255[^ \r\n]%c", server->urls[i], &end) != 2)
            return false;
    }
    memcpy(server->url, server->urls[0], sizeof(server->url));
    return true;
}

static int wait_until_ready(struct mock *server, struct error *error)
{
    uint64_t deadline = clock_ns() + START_LIMIT_NS;
    int state = 2;

    while (state == 2 && !parse_ready_lines(server))
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

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Each worker has its own limit of descriptors, and the kernel spreads connections unevenly. Files
 * are served by one only. */
static uint64_t workers_for(uint64_t in_flight, bool files)
{
    struct rlimit limit = {.rlim_max = RLIM_INFINITY};
    uint64_t room;

    if (files)
        return 1;
    getrlimit(RLIMIT_NOFILE, &limit);
    room = most(limit.rlim_max / 8 * 7, 1);
    return most(in_flight / room + (in_flight % room > 0), 1);
}

int mock_start(struct mock *server, const char *program, const json_t *arguments, const char *files,
               struct error *error)
{
    char listen[40], workers[24];
    const char *argv[ARGUMENTS_MAX] = {program, "--listen", listen, "--workers", workers};
    struct process_options options = {
        .argv = argv, .capture = PROCESS_CAPTURE_ALL, .folder = files};
    size_t count = 5, i;
    json_t *value;
    int code;

    if (13 + json_array_size(arguments) >= ARGUMENTS_MAX)
        return error_set(error, -E2BIG, "more than %d arguments for the server",
                         ARGUMENTS_MAX - 14);
    if (server->size.listen != NULL)
        snprintf(listen, sizeof(listen), "%.30s:0", server->size.listen);
    else
        snprintf(listen, sizeof(listen), "127.0.0.1-%" PRIu64 ":0",
                 most(server->size.addresses, 1));
    for (i = 1; server->size.listen != NULL && i < MOCK_PORTS; i++) {
        argv[count++] = "--listen";
        argv[count++] = listen;
    }
    snprintf(workers, sizeof(workers), "%" PRIu64,
             workers_for(server->size.in_flight, files != NULL));
    if (files != NULL) {
        umount2(files, MNT_DETACH); /* of a server that has died */
        argv[count++] = "--files";
        argv[count++] = files;
    }
    json_array_foreach((json_t *)arguments, i, value)
    {
        argv[count++] = json_string_value(value);
    }
    *server = (struct mock){.size = server->size,
                            .program = program,
                            .arguments = arguments,
                            .files = files,
                            .cluster = server->cluster};
    code = process_start(&server->process, &options, error);
    if (code < 0)
        return code;
    code = wait_until_ready(server, error);
    if (code == 0)
        code = mock_reset(server, CELL_IO, error);
    if (code < 0)
        mock_stop(server);
    return code;
}

void mock_use(struct mock *server, const char *url)
{
    *server = (struct mock){.external = true};
    snprintf(server->url, sizeof(server->url), "%s", url);
}

int mock_ensure(struct mock *server, enum work_kind work, struct error *error)
{
    struct error reason;
    int state, status, code;

    if (work == CELL_SQL)
        return cluster_ensure(server->cluster, error);
    state = server->external ? 0 : process_wait(&server->process, 0);
    if (state == 0)
        return 0;
    if (state == -EINTR)
        return error_set(error, -EINTR, "interrupted");
    status = process_exit_status(&server->process);
    code = mock_start(server, server->program, server->arguments, server->files, &reason);
    if (code < 0)
        return error_set(error, code, "the mock server had ended, and cannot be restarted: %s",
                         reason.text);
    return error_set(error, 1, "the mock server had ended with status %d and was restarted",
                     status);
}

const char *mock_place(struct mock *server, const struct cell *cell)
{
    if (cell->work.kind == CELL_SQL)
        return server->cluster->url;
    if (server->size.listen != NULL)
        return server->urls[server->turn++ % MOCK_PORTS];
    return cell->work.kind == CELL_FILE ? server->files : server->url;
}

json_t *mock_stats(const struct mock *server, enum work_kind work, struct error *error)
{
    json_t *value = NULL;
    json_error_t where;
    char *body = NULL;

    if (work == CELL_SQL)
        return cluster_stats(server->cluster, error);
    if (server->external)
        return json_null();
    if (request(server, "/stats", false, &body, error) == 0) {
        value = json_loads(body, 0, &where);
        if (value == NULL)
            error_set(error, -EIO, "%s/stats: the answer is not JSON: %s", server->url, where.text);
        if (work == CELL_FILE)
            json_object_update(value, json_object_get(value, "files"));
    }
    free(body);
    return value;
}

int mock_reset(struct mock *server, enum work_kind work, struct error *error)
{
    json_t *stats = NULL;
    char *body = NULL;
    int code;

    if (work == CELL_SQL)
        return cluster_reset(server->cluster, &server->resets, error);
    code = server->external ? 0 : request(server, "/reset", true, &body, error);
    if (code == 0)
        stats = mock_stats(server, work, error);
    if (code == 0 && stats == NULL)
        code = -EIO;
    server->resets = (uint64_t)json_number_at(stats, "resets", 0);
    json_decref(stats);
    free(body);
    return code;
}

void mock_stop(struct mock *server)
{
    if (!server->external)
        process_end(&server->process, STOP_GRACE_NS);
}
