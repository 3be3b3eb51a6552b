#include "workload/raw.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/clock.h"

#define READ_BYTES    4096 /* at a time, on the stack: nothing of it stays */
#define STOP_CHECK_MS 1000

/* ---- The target -------------------------------------------------------------------------- */

/* A part of a URL, to be freed with curl_free(); NULL: it has none. */
static char *part(CURLU *parts, CURLUPart which, unsigned flags)
{
    char *text = NULL;

    return curl_url_get(parts, which, &text, flags) == CURLUE_OK ? text : NULL;
}

const char *raw_refuse(const char *url)
{
    CURLU *parts = curl_url();
    const char *why = NULL, *end = url + strcspn(url, "#");
    char *scheme = NULL, *user = NULL;

    curl_url_set(parts, CURLUPART_URL, url, 0);
    scheme = part(parts, CURLUPART_SCHEME, 0);
    user = part(parts, CURLUPART_USER, 0);
    if (scheme == NULL || strcmp(scheme, "http") != 0)
        why = "it speaks http only";
    else if (user != NULL)
        why = "it knows no user and password";
    else if (strstr(url, "{id}") > end)
        why = "{id} must stand in the path or the query";
    curl_free(scheme);
    curl_free(user);
    curl_url_cleanup(parts);
    return why;
}

/* The address of a host in brackets is without them. */
static struct addrinfo *resolve(char *host, const char *port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *addresses = NULL;
    size_t size = strlen(host);
    bool bracketed = host[0] == '[' && host[size - 1] == ']';

    if (bracketed)
        host[size - 1] = '\0';
    if (getaddrinfo(host + bracketed, port, &hints, &addresses) != 0)
        addresses = NULL;
    return addresses;
}

/* The same bytes as libcurl's. */
static int write_request(struct raw_target *target, CURLU *parts)
{
    char *host = part(parts, CURLUPART_HOST, 0), *port = part(parts, CURLUPART_PORT, 0);
    char *path = part(parts, CURLUPART_PATH, 0), *query = part(parts, CURLUPART_QUERY, 0);
    char *text = NULL, *place;
    int size = -1;

    if (host != NULL && path != NULL)
        size = asprintf(&text, "GET %s%s%s HTTP/1.1\r\nHost: %s%s%s\r\nAccept: */*\r\n\r\n", path,
                        query != NULL ? "?" : "", query != NULL ? query : "", host,
                        port != NULL ? ":" : "", port != NULL ? port : "");
    if (size >= 0) {
        place = strstr(text, "{id}");
        *place = '\0';
        target->before = text;
        target->after = place + strlen("{id}");
        target->addresses = resolve(host, port != NULL ? port : "80");
    }
    curl_free(host);
    curl_free(port);
    curl_free(path);
    curl_free(query);
    return size >= 0 ? 0 : -ENOMEM;
}

int raw_target_init(struct raw_target *target, const char *url, bool fresh)
{
    CURLU *parts = curl_url();
    int error = -ENOMEM;

    *target = (struct raw_target){.fresh = fresh};
    if (parts != NULL && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK)
        error = write_request(target, parts);
    curl_url_cleanup(parts);
    return error;
}

void raw_target_term(struct raw_target *target)
{
    if (target->addresses != NULL)
        freeaddrinfo(target->addresses);
    free(target->before);
    *target = (struct raw_target){0};
}

/* ---- What the answer holds --------------------------------------------------------------- */

static int on_header_end(http_parser *parser)
{
    struct raw *raw = parser->data;

    raw->exchange->status = parser->status_code;
    raw->exchange->head_ended = parser->status_code >= 200;
    return 0;
}

static int on_body(http_parser *parser, const char *data, size_t size)
{
    struct raw *raw = parser->data;

    return body_append(&raw->exchange->body, data, size);
}

/* Of a 1xx, after which the final answer comes; but 101 changes to what is no HTTP. */
static int on_answer_end(http_parser *parser)
{
    struct raw *raw = parser->data;

    if (!raw->exchange->head_ended)
        return parser->status_code == 101 ? -1 : 0;
    raw->whole = true;
    raw->keep = !raw->target->fresh && http_should_keep_alive(parser);
    http_parser_pause(parser, 1);
    return 0;
}

static const http_parser_settings settings = {
    .on_headers_complete = on_header_end,
    .on_body = on_body,
    .on_message_complete = on_answer_end,
};

/* ---- The state machine ------------------------------------------------------------------- */

static void disconnect(struct raw *raw)
{
    if (raw->fd >= 0)
        close(raw->fd);
    raw->fd = -1;
    raw->watched = 0;
}

static short end(struct raw *raw, CURLcode code)
{
    raw->exchange->code = code;
    raw->busy = false;
    if (code != CURLE_OK || !raw->keep)
        disconnect(raw);
    return 0;
}

static short fail_to_connect(struct raw *raw, int error)
{
    raw->exchange->os_error = error;
    return end(raw, CURLE_COULDNT_CONNECT);
}

static short send_request(struct raw *raw);

/* Where the connection is made at once, as on loopback, the request can be sent at once. */
static short connect_and_send(struct raw *raw)
{
    const struct addrinfo *to = raw->address;

    raw->used = false;
    raw->sent = 0;
    raw->sending = true;
    if (to == NULL)
        return end(raw, CURLE_COULDNT_RESOLVE_HOST);
    raw->fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, to->ai_protocol);
    if (raw->fd < 0)
        return fail_to_connect(raw, errno);
    if (connect(raw->fd, to->ai_addr, to->ai_addrlen) < 0 && errno != EINPROGRESS)
        return fail_to_connect(raw, errno);
    return send_request(raw);
}

/* The connection is of no use: `error`, or 0 where the server has closed it. A request on one that
 * was kept is sent again, on a new one and hence once only, where the server did not answer it. */
static short lose(struct raw *raw, int error)
{
    struct exchange *seen = raw->exchange;
    bool connected = seen->connected_ns != 0 || error == ECONNRESET || error == EPIPE;

    disconnect(raw);
    if (raw->used && seen->first_byte_ns == 0) {
        seen->resends++;
        seen->connected_ns = 0;
        return connect_and_send(raw);
    }
    if (!connected && raw->address->ai_next != NULL) {
        raw->address = raw->address->ai_next;
        return connect_and_send(raw);
    }
    if (!connected)
        return fail_to_connect(raw, error);
    return end(raw, error != 0         ? CURLE_RECV_ERROR
                    : seen->head_ended ? CURLE_PARTIAL_FILE
                                       : CURLE_GOT_NOTHING);
}

/* Leaves out of `parts` what was sent of them. */
static void skip(struct iovec *parts, size_t sent)
{
    for (; sent > 0; parts++) {
        size_t size = sent < parts->iov_len ? sent : parts->iov_len;

        parts->iov_base = (char *)parts->iov_base + size;
        parts->iov_len -= size;
        sent -= size;
    }
}

static short send_request(struct raw *raw)
{
    const struct raw_target *target = raw->target;
    char id[24];
    struct iovec parts[] = {
        {target->before, strlen(target->before)},
        {id, (size_t)snprintf(id, sizeof(id), "%llu", (unsigned long long)raw->id)},
        {target->after, strlen(target->after)},
    };
    const struct msghdr message = {.msg_iov = parts, .msg_iovlen = 3};
    size_t size = parts[0].iov_len + parts[1].iov_len + parts[2].iov_len;
    ssize_t sent;

    skip(parts, raw->sent);
    sent = sendmsg(raw->fd, &message, MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EAGAIN ? POLLOUT : lose(raw, errno);
    if (raw->exchange->connected_ns == 0) {
        raw->exchange->connected_ns = clock_ns();
        raw->exchange->connections++;
    }
    raw->sent += (uint32_t)sent;
    raw->sending = raw->sent < size;
    return raw->sending ? POLLOUT : POLLIN;
}

/* Whether it begins as an answer of HTTP does: the parser looks only at its first letter. */
static bool is_http(struct raw *raw, const char *data, size_t size)
{
    static const char name[] = "HTTP/";

    for (size_t i = 0; i < size && raw->named < sizeof(name) - 1; i++)
        if (data[i] != name[raw->named++])
            return false;
    return true;
}

/* `size` 0: the server has closed the connection, which ends some answers. */
static short parse(struct raw *raw, const char *data, size_t size)
{
    enum http_errno error;
    size_t used;

    if (!is_http(raw, data, size))
        return end(raw, CURLE_WEIRD_SERVER_REPLY);
    used = http_parser_execute(&raw->parser, &settings, data, size);
    error = HTTP_PARSER_ERRNO(&raw->parser);
    if (raw->whole) {
        raw->keep = raw->keep && size > 0 && used == size; /* beyond it nobody asked for anything */
        return end(raw, CURLE_OK);
    }
    if (size == 0)
        return lose(raw, 0);
    if (error == HPE_CB_body)
        return end(raw, CURLE_WRITE_ERROR);
    return error == HPE_OK ? POLLIN : end(raw, CURLE_WEIRD_SERVER_REPLY);
}

static short receive(struct raw *raw)
{
    char data[READ_BYTES];
    ssize_t size = recv(raw->fd, data, sizeof(data), 0);

    if (size < 0)
        return errno == EAGAIN ? POLLIN : lose(raw, errno);
    if (size > 0 && raw->exchange->first_byte_ns == 0)
        raw->exchange->first_byte_ns = clock_ns();
    return parse(raw, data, (size_t)size);
}

short raw_step(struct raw *raw)
{
    return raw->sending ? send_request(raw) : receive(raw);
}

/* ---- One client -------------------------------------------------------------------------- */

void raw_init(struct raw *raw, const struct raw_target *target, struct exchange *exchange)
{
    *raw = (struct raw){
        .target = target, .exchange = exchange, .address = target->addresses, .fd = -1};
}

void raw_term(struct raw *raw)
{
    disconnect(raw);
}

short raw_begin(struct raw *raw, uint64_t id)
{
    raw->id = id;
    raw->busy = true;
    raw->whole = raw->keep = false;
    raw->named = 0;
    http_parser_init(&raw->parser, HTTP_RESPONSE);
    raw->parser.data = raw;
    if (raw->address == NULL)
        raw->address = raw->target->addresses;
    if (raw->fd < 0)
        return connect_and_send(raw);
    raw->used = true;
    raw->sent = 0;
    raw->sending = true;
    raw->exchange->connected_ns = clock_ns();
    return send_request(raw);
}

void raw_give_up(struct raw *raw, CURLcode code)
{
    end(raw, code);
}

void raw_perform(struct raw *raw, uint64_t id, uint64_t due_ns, const struct stop *stop)
{
    short wanted = raw_begin(raw, id);

    while (wanted != 0) {
        struct pollfd socket = {.fd = raw->fd, .events = wanted};
        uint64_t now = clock_ns(), left_ms = due_ns > now ? (due_ns - now) / NS_PER_MS + 1 : 0;

        if (stop_asked(stop))
            wanted = end(raw, CURLE_ABORTED_BY_CALLBACK);
        else if (left_ms == 0)
            wanted = end(raw, CURLE_OPERATION_TIMEDOUT);
        else if (poll(&socket, 1, left_ms < STOP_CHECK_MS ? (int)left_ms : STOP_CHECK_MS) > 0)
            wanted = raw_step(raw);
    }
}
