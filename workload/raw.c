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

#define READ_BYTES 4096 /* at a time, on the stack: nothing of it stays */

/* ---- The target -------------------------------------------------------------------------- */

char *raw_url_part(const char *url, CURLUPart which)
{
    CURLU *parts = curl_url();
    char *text = NULL;

    if (curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
        curl_url_get(parts, which, &text, 0) != CURLUE_OK)
        text = NULL;
    curl_url_cleanup(parts);
    return text;
}

static bool holds_place(const char *url, CURLUPart which)
{
    char *text = raw_url_part(url, which);
    bool found = text != NULL && strstr(text, "{id}") != NULL;

    curl_free(text);
    return found;
}

const char *raw_refuse(const char *url)
{
    char *scheme = raw_url_part(url, CURLUPART_SCHEME), *user = raw_url_part(url, CURLUPART_USER);
    const char *why = NULL;

    if (scheme == NULL || strcmp(scheme, "https") == 0)
        why = "they speak http only; use --client curl";
    else if (user != NULL)
        why = "they know no user and password";
    else if (!holds_place(url, CURLUPART_PATH) && !holds_place(url, CURLUPART_QUERY))
        why = "{id} must stand in the path or the query";
    curl_free(scheme);
    curl_free(user);
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

/* Of a plain request, the same bytes as libcurl's. */
int raw_target_init(struct raw_target *target, const char *url, const char *lines)
{
    char *host = raw_url_part(url, CURLUPART_HOST), *port = raw_url_part(url, CURLUPART_PORT);
    char *path = raw_url_part(url, CURLUPART_PATH), *query = raw_url_part(url, CURLUPART_QUERY);
    char *text = NULL, *place;
    int size = -1;

    if (host != NULL && path != NULL)
        size = asprintf(&text, "GET %s%s%s HTTP/1.1\r\nHost: %s%s%s\r\n%s\r\n", path,
                        query != NULL ? "?" : "", query != NULL ? query : "", host,
                        port != NULL ? ":" : "", port != NULL ? port : "", lines);
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

void raw_target_term(struct raw_target *target)
{
    if (target->addresses != NULL)
        freeaddrinfo(target->addresses);
    free(target->before);
    *target = (struct raw_target){0};
}

/* ---- What the answer holds --------------------------------------------------------------- */

static bool upgrades(const struct raw *raw)
{
    return raw->talk.workload->work == WORK_WEBSOCKET;
}

/* An answer that upgrades is the final one, though it is a 1xx. */
static int on_header_end(http_parser *parser)
{
    struct raw *raw = parser->data;

    raw->exchange->status = parser->status_code;
    raw->exchange->head_ended =
        parser->status_code >= 200 || (parser->status_code == 101 && upgrades(raw));
    return 0;
}

static int on_body(http_parser *parser, const char *data, size_t size)
{
    struct raw *raw = parser->data;

    return upgrades(raw) ? 0 : body_append(&raw->exchange->body, data, size);
}

/* Of a 1xx, after which the final answer comes; but 101 changes to what is no HTTP. */
static int on_answer_end(http_parser *parser)
{
    struct raw *raw = parser->data;

    if (!raw->exchange->head_ended)
        return parser->status_code == 101 ? -1 : 0;
    raw->whole = true;
    raw->keep = upgrades(raw) || (!raw->talk.workload->fresh && http_should_keep_alive(parser));
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
    if (raw->talk.fd >= 0)
        close(raw->talk.fd);
    raw->talk.fd = -1;
    raw->talk.watched = 0;
}

static short end(struct raw *raw, CURLcode code)
{
    raw->exchange->code = code;
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
static short lose(struct raw *raw, int error);

/* Where the connection is made at once, as on loopback, the request can be sent at once. */
static short connect_and_send(struct raw *raw)
{
    const struct addrinfo *to = raw->address;

    raw->used = false;
    raw->sent = 0;
    raw->sending = true;
    if (to == NULL)
        return end(raw, CURLE_COULDNT_RESOLVE_HOST);
    raw->talk.fd =
        socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, to->ai_protocol);
    if (raw->talk.fd < 0)
        return fail_to_connect(raw, errno);
    if (connect(raw->talk.fd, to->ai_addr, to->ai_addrlen) < 0 && errno != EINPROGRESS)
        return lose(raw, errno);
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
    if (!connected) {
        raw->address = raw->address->ai_next; /* NULL: the next request begins with the first */
        return raw->address != NULL ? connect_and_send(raw) : fail_to_connect(raw, error);
    }
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
    const struct raw_target *target = raw->talk.workload->target;
    char id[24];
    struct iovec parts[] = {
        {target->before, strlen(target->before)},
        {id, (size_t)snprintf(id, sizeof(id), "%llu", (unsigned long long)raw->talk.id)},
        {target->after, strlen(target->after)},
    };
    const struct msghdr message = {.msg_iov = parts, .msg_iovlen = 3};
    size_t size = parts[0].iov_len + parts[1].iov_len + parts[2].iov_len;
    ssize_t sent;

    skip(parts, raw->sent);
    sent = sendmsg(raw->talk.fd, &message, MSG_NOSIGNAL);
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
        raw->keep &= size > 0;
        raw->keep &= used == size || upgrades(raw); /* else nobody asked for what is beyond it */
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
    ssize_t size = recv(raw->talk.fd, data, sizeof(data), 0);

    if (size < 0)
        return errno == EAGAIN ? POLLIN : lose(raw, errno);
    if (size > 0 && raw->exchange->first_byte_ns == 0)
        raw->exchange->first_byte_ns = clock_ns();
    if (upgrades(raw) && body_append(&raw->exchange->body, data, (size_t)size) < 0)
        return end(raw, CURLE_WRITE_ERROR);
    return parse(raw, data, (size_t)size);
}

/* ---- As a talk --------------------------------------------------------------------------- */

static short begin(struct talk *talk)
{
    struct raw *raw = (struct raw *)talk;

    raw->whole = raw->keep = false;
    raw->named = 0;
    http_parser_init(&raw->parser, HTTP_RESPONSE);
    raw->parser.data = raw;
    if (raw->address == NULL)
        raw->address = talk->workload->target->addresses;
    if (talk->fd < 0)
        return connect_and_send(raw);
    raw->used = true;
    raw->sent = 0;
    raw->sending = true;
    raw->exchange->connected_ns = clock_ns();
    return send_request(raw);
}

static short go_on(struct talk *talk)
{
    struct raw *raw = (struct raw *)talk;

    return raw->sending ? send_request(raw) : receive(raw);
}

static void give_up(struct talk *talk, CURLcode code)
{
    end((struct raw *)talk, code);
}

static void close_raw(struct talk *talk)
{
    disconnect((struct raw *)talk);
}

const struct talk_kind raw_talk = {.size = sizeof(struct raw),
                                   .begin = begin,
                                   .go_on = go_on,
                                   .give_up = give_up,
                                   .close = close_raw};
