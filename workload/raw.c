/* One HTTP request after the other over a bare socket, with http_parser: what was seen of the
 * answer goes to a request, with the code that libcurl would have given. */
#include "workload/raw.h"

#include <errno.h>
#include <http_parser.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "workload/request.h"
#include "workload/talk.h"

#define READ_BYTES    4096 /* at a time, on the stack: nothing of it stays */
#define REQUEST_BYTES 4096
#define URL_BYTES_MAX (REQUEST_BYTES - 96) /* the rest of a request is shorter than that */

struct raw {
    struct talk talk;               /* first */
    struct request request;         /* without a handle of libcurl's */
    const struct addrinfo *address; /* of the target's, the one to connect to */
    http_parser parser;
    uint8_t named; /* bytes of "HTTP/" that the answer has begun with */
    bool sending;  /* the request is yet to be sent */
    bool used;     /* the connection has served an earlier request */
    bool whole;    /* the answer is there */
    bool keep;     /* and the connection can be used again */
};

/* ---- The target -------------------------------------------------------------------------- */

static bool read_url(const char *url, struct http_parser_url *parts)
{
    http_parser_url_init(parts);
    return http_parser_parse_url(url, strlen(url), 0, parts) == 0;
}

const char *raw_refuse(const char *url)
{
    const char *place = strstr(url, "{id}");
    struct http_parser_url parts;

    if (strncmp(url, "http://", strlen("http://")) != 0)
        return "it speaks http only";
    if (strlen(url) > URL_BYTES_MAX)
        return "the URL is too long for it";
    if (place == NULL || strcspn(url, "#") < (size_t)(place - url))
        return "{id} must stand in the path or the query";
    if (!read_url(url, &parts))
        return "it can make nothing of this URL; say http://HOST:PORT/users/{id}";
    return parts.field_set & 1 << UF_USERINFO ? "it knows no user and password" : NULL;
}

/* The address of a host in brackets is without them. */
static int resolve(struct raw_target *target, const char *url)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct http_parser_url parts;
    char *host, port[8];

    read_url(url, &parts);
    snprintf(port, sizeof(port), "%u", parts.port != 0 ? parts.port : 80U);
    host = strndup(url + parts.field_data[UF_HOST].off, parts.field_data[UF_HOST].len);
    if (host == NULL)
        return -ENOMEM;
    if (getaddrinfo(host, port, &hints, &target->addresses) != 0)
        target->addresses = NULL;
    free(host);
    return 0;
}

/* The same bytes as libcurl's. */
int raw_target_init(struct raw_target *target, const char *url)
{
    const char *host = url + strlen("http://"), *path = host + strcspn(host, "/?");
    char *text, *place;

    *target = (struct raw_target){0};
    if (asprintf(&text, "GET %s%.*s HTTP/1.1\r\nHost: %.*s\r\nAccept: */*\r\n\r\n",
                 *path == '/' ? "" : "/", (int)strcspn(path, "#"), path, (int)(path - host),
                 host) < 0)
        return -ENOMEM;
    place = strstr(text, "{id}");
    target->before = text;
    target->before_size = (size_t)(place - text);
    target->after = place + strlen("{id}");
    target->after_size = strlen(target->after);
    return resolve(target, url);
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

    raw->request.exchange.status = (uint16_t)parser->status_code;
    raw->request.exchange.head_ended = parser->status_code >= 200;
    return 0;
}

static int on_body(http_parser *parser, const char *data, size_t size)
{
    struct raw *raw = parser->data;

    return body_append(&raw->request.exchange.body, data, size);
}

/* Of a 1xx, after which the final answer comes; but 101 changes to what is no HTTP. */
static int on_answer_end(http_parser *parser)
{
    struct raw *raw = parser->data;

    if (!raw->request.exchange.head_ended)
        return parser->status_code == 101 ? -1 : 0;
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

static short end(struct raw *raw, CURLcode code)
{
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
    const struct raw_target *target = raw->talk.workload->raw;
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
    ssize_t size = recv(raw->talk.fd, data, sizeof(data), 0);

    if (size < 0)
        return errno == EAGAIN ? POLLIN : lose(raw, errno);
    if (size > 0 && record_of(raw)->first_byte_ns == 0)
        record_of(raw)->first_byte_ns = clock_ns();
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
        raw->address = talk->workload->raw->addresses;
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
