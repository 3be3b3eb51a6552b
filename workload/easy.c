#include "workload/easy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

/* The least that libcurl takes: the answers are small, and its default of 16 KB for each transfer
 * would be most of the memory of a thousand of them. */
#define BUFFER_BYTES  1024L
#define BODY_ROOM_MIN 128

static int append(struct body *body, const char *data, size_t size)
{
    size_t needed = body->size + size + 1, room = body->room > 0 ? body->room : BODY_ROOM_MIN;

    if (body->dropped) {
        body->size += size;
        return 0;
    }
    if (needed > BODY_SIZE_MAX + 1)
        return -EMSGSIZE;
    while (room < needed)
        room *= 2;
    if (room > body->room) {
        char *bytes = realloc(body->bytes, room);

        if (bytes == NULL)
            return -ENOMEM;
        body->bytes = bytes;
        body->room = room;
    }
    memcpy(body->bytes + body->size, data, size);
    body->size += size;
    body->bytes[body->size] = '\0';
    return 0;
}

int body_append(struct body *body, const char *data, size_t size)
{
    body->error = append(body, data, size);
    return body->error;
}

void exchange_clear(struct exchange *exchange)
{
    struct body body = {.bytes = exchange->body.bytes, .room = exchange->body.room};

    *exchange = (struct exchange){.body = body};
}

int exchange_add_line(struct exchange *exchange, size_t size)
{
    exchange->head_size += size + HEAD_LINE_COST;
    return exchange->head_size <= HEAD_SIZE_MAX ? 0 : -EMSGSIZE;
}

CURLcode easy_verdict(const struct exchange *exchange, CURLcode code)
{
    bool refused = code == CURLE_WRITE_ERROR && exchange->head_size > HEAD_SIZE_MAX;

    return refused ? CURLE_WEIRD_SERVER_REPLY : code;
}

/* libcurl's write callback: anything but `size` ends the transfer with CURLE_WRITE_ERROR. */
static size_t on_body(char *data, size_t one, size_t size, void *user)
{
    struct exchange *exchange = user;

    (void)one;
    return body_append(&exchange->body, data, size) == 0 ? size : 0;
}

/* libcurl's header callback, called for each line, of trailers too: as above. */
static size_t on_line(char *line, size_t one, size_t size, void *user)
{
    (void)line;
    return exchange_add_line(user, size) == 0 ? one * size : 0;
}

/* libcurl's callback right before a request is sent, and sent again. */
static int on_send(void *user, char *to, char *from, int to_port, int from_port)
{
    struct exchange *exchange = user;

    (void)to, (void)from, (void)to_port, (void)from_port;
    exchange->sends++;
    exchange->sent = true;
    return CURL_PREREQFUNC_OK;
}

void easy_set_up(CURL *easy, bool fresh, struct exchange *exchange)
{
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_line);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_send);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*"); /* whatever http_proxy says */
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, BUFFER_BYTES);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, (long)fresh);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, (long)fresh);
}

void easy_set_timeout(CURL *easy, struct exchange *exchange, uint64_t ns)
{
    exchange->timeout_ms = (long)(ns / NS_PER_MS + 1);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, exchange->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 0L); /* none of its own */
}

/* libcurl's timer for connecting goes on when it has connected. When it has expired, the whole
 * transfer's time is looked at, which must be over then: a millisecond more. */
void easy_on_close(CURL *easy, struct exchange *exchange)
{
    curl_off_t spent_us = 0;
    long left_ms;

    if (!exchange->sent || exchange->head_size > 0) /* is not sent again, or was told already */
        return;
    exchange->sent = false;
    curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &spent_us);
    left_ms = exchange->timeout_ms + 1 - (long)(spent_us / 1000);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, left_ms > 0 ? left_ms : 1);
}
