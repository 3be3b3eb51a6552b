#include "workload/raw.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/clock.h"

#define READ_BYTES    4096 /* at a time, on the stack: nothing of it stays */
#define REQUEST_BYTES 4096
#define URL_BYTES_MAX (REQUEST_BYTES - 256) /* the rest of a request is shorter than that */

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

char *raw_url_at(const char *url, const char *host)
{
    CURLU *parts = curl_url();
    char *text = NULL;

    if (curl_url_set(parts, CURLUPART_URL, url, 0) != CURLUE_OK ||
        curl_url_set(parts, CURLUPART_HOST, host, 0) != CURLUE_OK ||
        curl_url_get(parts, CURLUPART_URL, &text, 0) != CURLUE_OK)
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
    else if (strlen(url) > URL_BYTES_MAX)
        why = "the URL is too long for them";
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

/* The key could be any: it protects from caches only. */
static const char *lines_of(enum work work)
{
    return work == WORK_WEBSOCKET ? "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                    "Sec-WebSocket-Key: Y29uY3VycmVuY3ktYmVuYw==\r\n"
                                    "Sec-WebSocket-Version: 13\r\n"
                                  : "Accept: */*\r\n";
}

/* Of a plain request, the same bytes as libcurl's. */
int raw_target_init(struct raw_target *target, const char *url, enum work work)
{
    char *host = raw_url_part(url, CURLUPART_HOST), *port = raw_url_part(url, CURLUPART_PORT);
    char *path = raw_url_part(url, CURLUPART_PATH), *query = raw_url_part(url, CURLUPART_QUERY);
    char *text = NULL, *place;
    int size = -1;

    if (host != NULL && path != NULL)
        size = asprintf(&text, "GET %s%s%s HTTP/1.1\r\nHost: %s%s%s\r\n%s\r\n", path,
                        query != NULL ? "?" : "", query != NULL ? query : "", host,
                        port != NULL ? ":" : "", port != NULL ? port : "", lines_of(work));
    if (size >= 0) {
        place = strstr(text, "{id}");
        target->before = text;
        target->before_size = (size_t)(place - text);
        target->after = place + strlen("{id}");
        target->after_size = strlen(target->after);
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

    raw->request.exchange.status = (uint16_t)parser->status_code;
    raw->request.exchange.head_ended =
        parser->status_code >= 200 || (parser->status_code == 101 && upgrades(raw));
    return 0;
}

static int on_body(http_parser *parser, const char *data, size_t size)
{
    struct raw *raw = parser->data;

    return upgrades(raw) ? 0 : body_append(&raw->request.exchange.body, data, size);
}

/* Of a 1xx, after which the final answer comes; but 101 changes to what is no HTTP. */
static int on_answer_end(http_parser *parser)
{
    struct raw *raw = parser->data;

    if (!raw->request.exchange.head_ended)
        return parser->status_code == 101 ? -1 : exchange_add_line(&raw->request.exchange, 0);
    raw->whole = true;
    raw->keep = !raw->talk.workload->fresh && http_should_keep_alive(parser);
    http_parser_pause(parser, 1);
    return 0;
}

static const http_parser_settings settings = {
    .on_headers_complete = on_header_end,
    .on_body = on_body,
    .on_message_complete = on_answer_end,
};

/* ---- The state machine ------------------------------------------------------------------- */

static struct record *record_of(const struct raw *raw)
{
    return &raw->talk.recorder->records[raw->talk.id];
}

/* An upgrade is judged by the WebSocket that asked for it. */
static short end(struct raw *raw, CURLcode code)
{
    raw->code = code;
    if (!upgrades(raw))
        raw->talk.answered = request_end(&raw->request, code);
    return 0;
}

static short fail_to_connect(struct raw *raw, int error)
{
    raw->request.exchange.os_error = error;
    return end(raw, CURLE_COULDNT_CONNECT);
}

static short send_request(struct raw *raw);
static short lose(struct raw *raw, int error);

/* Where the connection is made at once, as on loopback, the request can be sent at once. */
static short connect_and_send(struct raw *raw)
{
    const struct addrinfo *to = raw->address;

    raw->used = false;
    if (to == NULL)
        return end(raw, CURLE_COULDNT_RESOLVE_HOST);
    raw->talk.fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
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
    struct record *record = record_of(raw);
    bool connected = raw->talk.connected || error == ECONNRESET || error == EPIPE;

    talk_disconnect(&raw->talk);
    if (raw->used && record->first_byte_ns == 0) {
        record->resends++;
        record->connected_ns = 0;
        raw->sending = true;
        return connect_and_send(raw);
    }
    if (!connected) {
        raw->address = raw->address->ai_next; /* NULL: the next request begins with the first */
        return raw->address != NULL ? connect_and_send(raw) : fail_to_connect(raw, error);
    }
    return end(raw, error != 0                         ? CURLE_RECV_ERROR
                    : raw->request.exchange.head_ended ? CURLE_PARTIAL_FILE
                                                       : CURLE_GOT_NOTHING);
}

/* In one piece, of which a connection takes more; written from its end on, which takes a fifth of
 * printf's time. */
static short send_request(struct raw *raw)
{
    const struct raw_target *target = raw->talk.workload->target;
    char text[REQUEST_BYTES], *first = text + sizeof(text) - target->after_size;
    uint64_t rest = raw->talk.workload->first_id + raw->talk.id;
    ssize_t size, sent;

    memcpy(first, target->after, target->after_size);
    do
        *--first = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    first -= target->before_size;
    memcpy(first, target->before, target->before_size);
    size = text + sizeof(text) - first;
    sent = send(raw->talk.fd, first, (size_t)size, MSG_NOSIGNAL);
    if (sent != size)
        return sent < 0 && errno == EAGAIN ? POLLOUT : lose(raw, sent < 0 ? errno : EPIPE);
    if (!raw->talk.connected) {
        raw->talk.connected = true;
        record_of(raw)->connected_ns = clock_ns();
        atomic_fetch_add(&raw->talk.recorder->connections, 1);
    }
    raw->sending = false;
    return POLLIN;
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
    if (upgrades(raw) && raw->request.exchange.head_ended) /* a body would tell no more */
        return end(raw, CURLE_OK);
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

/* Together with an answer that upgrades what follows may come: it is kept whole. */
static short receive(struct raw *raw)
{
    char data[READ_BYTES];
    ssize_t size = recv(raw->talk.fd, data, sizeof(data), 0);

    if (size < 0)
        return errno == EAGAIN ? POLLIN : lose(raw, errno);
    if (upgrades(raw)) {
        if (body_append(&raw->request.exchange.body, data, (size_t)size) < 0)
            return end(raw, raw->request.exchange.head_ended ? CURLE_WRITE_ERROR
                                                             : CURLE_WEIRD_SERVER_REPLY);
    } else if (size > 0 && record_of(raw)->first_byte_ns == 0) {
        record_of(raw)->first_byte_ns = clock_ns();
    }
    return parse(raw, data, (size_t)size);
}

/* ---- The talk ---------------------------------------------------------------------------- */

static short begin(struct talk *talk)
{
    struct raw *raw = (struct raw *)talk;

    raw->request.workload = talk->workload;
    raw->request.recorder = talk->recorder;
    request_begin(&raw->request, talk->id); /* which has nothing to prepare that could fail */
    raw->sending = true;
    raw->whole = raw->keep = false;
    raw->named = 0;
    http_parser_init(&raw->parser, HTTP_RESPONSE);
    raw->parser.data = raw;
    if (raw->address == NULL)
        raw->address = talk->workload->target->addresses;
    if (talk->fd < 0)
        return connect_and_send(raw);
    raw->used = true;
    record_of(raw)->connected_ns = record_of(raw)->start_ns;
    return send_request(raw);
}

static short go_on(struct talk *talk)
{
    struct raw *raw = (struct raw *)talk;

    return raw->sending ? send_request(raw) : receive(raw);
}

static bool rests(const struct talk *talk)
{
    return ((const struct raw *)talk)->keep;
}

static void close_raw(struct talk *talk)
{
    struct raw *raw = (struct raw *)talk;

    talk_disconnect(talk);
    request_term(&raw->request);
}

const struct talk_kind raw_talk = {.size = sizeof(struct raw),
                                   .begin = begin,
                                   .go_on = go_on,
                                   .rests = rests,
                                   .close = close_raw,
                                   .timed_out = CURLE_OPERATION_TIMEDOUT};
