#include "mockserver/reply.h"

#include <assert.h>
#include <http_parser.h>
#include <string.h>

#define BODY_SIZE_MAX 512

/* Bytes that are appended piece by piece; printf() would take longer than the rest of the reply. */
struct text {
    char *end;
};

/* Inlined: of a constant, the length is known then. */
static inline __attribute__((always_inline)) void put(struct text *text, const char *piece)
{
    text->end = mempcpy(text->end, piece, strlen(piece));
}

static void put_number(struct text *text, uint64_t number)
{
    char digits[20];
    size_t count = 0;

    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (count > 0)
        *text->end++ = digits[--count];
}

/* Bodies by endpoint: `before`, the id, `between`, the id, `after`; or just `before`. */
struct template
{
    const char *before;
    const char *between;
    const char *after;
};

static const struct template templates[] = {
    [ENDPOINT_USER] = {"{\"id\": ", ", \"name\": \"User ", "\"}"},
    [ENDPOINT_ORDERS] = {"{\"id\": ", ", \"orders\": [\"Order 1 of user ", "\"]}"},
    [ENDPOINT_PREFERENCES] = {"{\"id\": ", ", \"preferences\": {\"name\": \"User ", "\"}}"},
    [ENDPOINT_PROFILE] = {"{\"id\": ", ", \"profile\": \"Profile of user ", "\"}"},
    [ENDPOINT_ANALYTICS] = {"{\"accepted\": true}", NULL, NULL},
    [ENDPOINT_HEALTH] = {"{\"status\": \"ok\"}", NULL, NULL},
    [ENDPOINT_RESET] = {"{\"reset\": true}", NULL, NULL},
};

static void put_body(struct text *body, const struct reply *reply)
{
    const struct template *template = &templates[reply->endpoint];

    if (reply->problem != NULL || reply->status >= 300) {
        put(body, "{\"error\": \"");
        put(body, reply->problem != NULL ? reply->problem : http_status_str(reply->status));
        put(body, "\"}");
        return;
    }
    put(body, template->before);
    if (template->between == NULL)
        return;
    put_number(body, reply->id);
    put(body, template->between);
    put_number(body, reply->id);
    put(body, template->after);
}

size_t reply_write_body(const struct reply *reply, char *start)
{
    struct text body = {start};

    put_body(&body, reply);
    return (size_t)(body.end - start);
}

static bool has_body(const struct reply *reply)
{
    return reply->status != 204 && reply->status != 304;
}

size_t reply_write_head(const struct reply *reply, const char *type, size_t body_size, char *start)
{
    struct text text = {start};

    put(&text, reply->fault == FAULT_MALFORMED ? "HTPT/1.1 " : "HTTP/1.1 ");
    put_number(&text, reply->status);
    put(&text, " ");
    put(&text, http_status_str(reply->status));
    if (has_body(reply)) {
        put(&text, "\r\nContent-Type: ");
        put(&text, type);
        put(&text, "\r\nContent-Length: ");
        put_number(&text, body_size);
    }
    put(&text, "\r\n");
    if (reply->status == 429 || reply->status == 503)
        put(&text, "Retry-After: 1\r\n");
    if (reply->allow != NULL) {
        put(&text, "Allow: ");
        put(&text, reply->allow);
        put(&text, "\r\n");
    }
    if (!reply->keep_alive)
        put(&text, "Connection: close\r\n");
    else if (reply->http_1_0)
        put(&text, "Connection: keep-alive\r\n");
    put(&text, "\r\n");
    return (size_t)(text.end - start);
}

bool reply_can_carry(const struct reply *reply, enum fault fault)
{
    switch (fault) {
    case FAULT_NONE:
        return false;
    case FAULT_RESET_BODY:
    case FAULT_TRUNCATE:
        return has_body(reply) && !reply->head;
    case FAULT_DRIP:
        return has_body(reply) && !reply->head && reply->status != STATUS_UPGRADED;
    case FAULT_LONG:
    case FAULT_CLOSE:
        return reply->status == STATUS_UPGRADED;
    case FAULT_WRONG_BODY: /* the body of another user */
        return has_body(reply) && !reply->head && reply->problem == NULL && reply->status < 300;
    default:
        return true;
    }
}

void reply_damage(struct reply *reply, enum fault fault)
{
    static const uint16_t statuses[FAULT_COUNT] = {
        [FAULT_500] = 500,  [FAULT_503] = 503,      [FAULT_429] = 429,
        [FAULT_RATE] = 429, [FAULT_OVERLOAD] = 503,
    };

    reply->fault = (uint8_t)fault;
    if (statuses[fault] != 0)
        reply->status = statuses[fault];
    if (fault == FAULT_WRONG_BODY) {
        reply->endpoint = ENDPOINT_USER;
        reply->id++;
    }
    if (fault_ends_connection(fault))
        reply->keep_alive = false;
}

/* How much of a body is sent. */
static size_t body_sent(const struct reply *reply, size_t body_size)
{
    if (reply->head || !has_body(reply))
        return 0;
    if (reply->fault == FAULT_TRUNCATE || reply->fault == FAULT_RESET_BODY)
        return body_size / 2;
    return body_size;
}

size_t reply_write(const struct reply *reply, char *start, size_t *head_size)
{
    char bytes[BODY_SIZE_MAX];
    size_t body_size;

    *head_size = 0;
    if (reply->fault == FAULT_RESET)
        return 0;
    body_size = reply_write_body(reply, bytes);
    *head_size = reply_write_head(reply, "application/json", body_size, start);
    assert(body_size < BODY_SIZE_MAX && *head_size + body_size <= REPLY_SIZE_MAX);
    body_size = body_sent(reply, body_size);
    memcpy(start + *head_size, bytes, body_size);
    return *head_size + body_size;
}
