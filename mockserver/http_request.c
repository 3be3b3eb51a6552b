#include "mockserver/http_request.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define REPEATED_SIZE_MAX        512 /* of a request that is remembered, without its target */
#define REPEATED_TARGET_SIZE_MAX 256

static const char continue_value[] = "100-continue";

/* The last request that came in one piece, but for its target: clients send the same again and
 * again, and bytes that were read once mean what they meant. A process has one thread. */
static struct {
    struct http_request request;
    size_t before, behind; /* bytes of `text` that stand before the target, and behind it */
    char text[REPEATED_SIZE_MAX];
} last;

static int refuse(struct http_request *request, uint16_t status)
{
    request->refusal = status;
    return -1;
}

static int on_begin(struct http_parser *parser)
{
    struct http_request *request = parser->data;

    request->started = true;
    return 0;
}

/* Joins a target that comes in pieces; also called to keep one beyond the bytes it was read in. */
static int target_own(struct http_request *request, const char *more, size_t more_size)
{
    size_t size = request->target_size + more_size;
    char *old = request->target_owned ? (char *)request->target : NULL;
    char *target = realloc(old, size + 1);

    if (target == NULL)
        return refuse(request, 503);
    if (old == NULL)
        memcpy(target, request->target, request->target_size);
    memcpy(target + request->target_size, more, more_size);
    request->target = target;
    request->target_size = (uint32_t)size;
    request->target_owned = true;
    return 0;
}

static int on_url(struct http_parser *parser, const char *at, size_t size)
{
    struct http_request *request = parser->data;

    if (request->target_size + size > HTTP_TARGET_SIZE_MAX)
        return refuse(request, 414);
    if (request->target != NULL)
        return target_own(request, at, size);
    request->target = at;
    request->target_size = (uint32_t)size;
    return 0;
}

static int on_field(struct http_parser *parser, const char *at, size_t size)
{
    struct http_request *request = parser->data;

    if (request->in_value)
        request->field_size = 0;
    request->in_value = false;
    request->value_of = FIELD_OTHER;
    for (size_t i = 0; i < size; i++) {
        if (at[i] == ' ' || at[i] == '\t')
            return refuse(request, 400); /* RFC 9112, 5.1: no blank before the colon */
        if (request->field_size < sizeof(request->field))
            request->field[request->field_size] = (char)tolower((unsigned char)at[i]);
        request->field_size += request->field_size < UINT8_MAX;
    }
    return 0;
}

static bool is_field(const struct http_request *request, const char *name)
{
    return request->field_size == strlen(name) && memcmp(request->field, name, strlen(name)) == 0;
}

/* The first piece of a value, which may be empty, tells that the name is whole. */
static void begin_value(struct http_request *request)
{
    static const char *const names[] = {NULL, "host", "expect", "sec-websocket-key",
                                        "sec-websocket-version"}; /* enum http_field */

    request->in_value = true;
    for (uint8_t i = FIELD_HOST; i <= FIELD_VERSION; i++)
        if (is_field(request, names[i]))
            request->value_of = i;
    if (request->value_of == FIELD_HOST)
        request->hosts += request->hosts < UINT8_MAX;
    request->has_expect |= request->value_of == FIELD_EXPECT;
}

static void match_expect(struct http_request *request, const char *at, size_t size)
{
    for (size_t i = 0; i < size && !request->bad_expect; i++) {
        request->bad_expect = request->value_match >= sizeof(continue_value) - 1 ||
                              tolower((unsigned char)at[i]) != continue_value[request->value_match];
        request->value_match++;
    }
}

static void take_key(struct http_request *request, const char *at, size_t size)
{
    for (size_t i = 0; i < size && request->key_size <= HTTP_KEY_SIZE; i++) {
        if (request->key_size < HTTP_KEY_SIZE)
            request->key[request->key_size] = at[i];
        request->key_size++;
    }
}

static int on_value(struct http_parser *parser, const char *at, size_t size)
{
    struct http_request *request = parser->data;

    if (memchr(at, '\0', size) != NULL)
        return refuse(request, 400);
    if (!request->in_value)
        begin_value(request);
    if (request->value_of == FIELD_EXPECT)
        match_expect(request, at, size);
    if (request->value_of == FIELD_KEY)
        take_key(request, at, size);
    for (size_t i = 0; request->value_of == FIELD_VERSION && i < size; i++)
        request->version = (uint8_t)(request->version * 10 + at[i] - '0');
    return 0;
}

/* An upgrade to anything else is an offer, which this server does not take up. */
static int check_upgrade(struct http_request *request, struct http_parser *parser)
{
    request->upgrade = parser->upgrade != 0 && parser->method == HTTP_GET && request->key_size > 0;
    if (parser->method != HTTP_CONNECT)
        parser->upgrade = 0;
    if (request->upgrade && request->version != 13)
        return refuse(request, 426);
    if (request->upgrade && request->key_size != HTTP_KEY_SIZE)
        return refuse(request, 400);
    return 0;
}

static int on_headers(struct http_parser *parser)
{
    struct http_request *request = parser->data;

    if (parser->http_major != 1)
        return refuse(request, 505);
    if ((parser->flags & F_CONTENTLENGTH) != 0 && parser->content_length > HTTP_BODY_SIZE_MAX)
        return refuse(request, 413);
    request->http_1_0 = parser->http_minor == 0;
    if (request->hosts > 1 || (request->hosts == 0 && !request->http_1_0))
        return refuse(request, 400); /* RFC 9112, 3.2 */
    if (request->has_expect && !request->http_1_0 &&
        (request->bad_expect || request->value_match < sizeof(continue_value) - 1))
        return refuse(request, 417);
    request->wants_continue = request->has_expect && !request->http_1_0;
    request->head = parser->method == HTTP_HEAD;
    return check_upgrade(request, parser);
}

static int on_body(struct http_parser *parser, const char *at, size_t size)
{
    struct http_request *request = parser->data;

    (void)at;
    if (size > HTTP_BODY_SIZE_MAX - request->body_size)
        return refuse(request, 413);
    request->body_size += (uint32_t)size;
    return 0;
}

static int on_complete(struct http_parser *parser)
{
    struct http_request *request = parser->data;

    request->complete = true;
    request->keep_alive = http_should_keep_alive(parser) != 0 && parser->method != HTTP_CONNECT;
    http_parser_pause(parser, 1); /* what follows is the next request, which waits its turn */
    return 0;
}

static const struct http_parser_settings callbacks = {
    .on_message_begin = on_begin,
    .on_url = on_url,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = on_headers,
    .on_body = on_body,
    .on_message_complete = on_complete,
};

void http_request_init(struct http_request *request)
{
    *request = (struct http_request){.target = NULL};
    http_parser_init(&request->parser, HTTP_REQUEST);
    http_parser_set_max_header_size(HTTP_HEADER_SIZE_MAX);
    request->parser.data = request;
}

void http_request_term(struct http_request *request)
{
    if (request->target_owned)
        free((char *)request->target);
    request->target_owned = false;
    request->target = NULL;
    request->target_size = 0;
}

static uint16_t refusal_of(enum http_errno error)
{
    switch (error) {
    case HPE_HEADER_OVERFLOW:
        return 431;
    case HPE_INVALID_VERSION:
        return 505;
    default:
        return 400;
    }
}

/* Letters that end no target and are none of the parser's business. */
static bool is_plain(const char *target, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!isalnum((unsigned char)target[i]) && memchr("/?&=.-_", target[i], 7) == NULL)
            return false;
    return true;
}

static void remember(const struct http_request *request, const char *data, size_t size)
{
    size_t before = (size_t)(request->target - data);
    size_t behind = size - before - request->target_size;

    if (request->target[0] != '/' || before + behind > sizeof(last.text))
        return;
    last.request = *request;
    last.before = before;
    last.behind = behind;
    memcpy(last.text, data, before);
    memcpy(last.text + before, data + size - behind, behind);
}

/* Takes a request that is the last one again, with another target perhaps. Returns whether it is.
 */
static bool recall(struct http_request *request, const char *data, size_t size)
{
    const char *target = data + last.before;
    size_t target_size = size - last.before - last.behind;

    if (last.before == 0 || size <= last.before + last.behind ||
        target_size > REPEATED_TARGET_SIZE_MAX || target[0] != '/' ||
        memcmp(data, last.text, last.before) != 0 ||
        memcmp(target + target_size, last.text + last.before, last.behind) != 0 ||
        !is_plain(target, target_size))
        return false;
    *request = last.request;
    request->parser.data = request;
    request->target = target;
    request->target_size = (uint32_t)target_size;
    return true;
}

size_t http_request_feed(struct http_request *request, const char *data, size_t size)
{
    bool fresh = !request->started && request->parser.nread == 0;
    enum http_errno error;
    size_t used;

    if (fresh && recall(request, data, size))
        return size;
    used = http_parser_execute(&request->parser, &callbacks, data, size);
    error = HTTP_PARSER_ERRNO(&request->parser);
    if (request->complete && error == HPE_PAUSED) {
        http_parser_pause(&request->parser, 0);
        if (fresh && !request->target_owned)
            remember(request, data, used);
    } else if (error != HPE_OK && request->refusal == 0) {
        request->refusal = refusal_of(error);
    } else if (request->refusal == 0 && request->target != NULL && !request->target_owned) {
        target_own(request, "", 0);
    }
    return used;
}

void http_request_next(struct http_request *request)
{
    struct http_parser parser = request->parser;

    http_request_term(request);
    *request = (struct http_request){.parser = parser};
}
