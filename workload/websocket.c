/* A WebSocket of the workload (RFC 6455): connected and upgraded at the URL of the item, kept open
 * until its message comes, which is verified as the body of an answer is and sent back; the server
 * ends it with a close of 1000 where what came back is right. The frames are wslay's affair. */
#include "workload/talk.h"

#include <curl/curl.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <wslay/wslay.h>

#include "common/clock.h"
#include "workload/request.h"

#define HEAD_MAX    4096                           /* bytes of the upgrade, in either direction */
#define MESSAGE_MAX 65536                          /* bytes of a message; a longer one is refused */
#define KEY         "Y29uY3VycmVuY3ktYmVuYw=="     /* any 16 bytes: it protects from caches only */
#define ACCEPT      "oVXV1uJK0jljV7QSoSCSFgw1tbA=" /* what the server makes of it */

/* Where all websockets of the program connect to. */
static struct {
    struct sockaddr_storage address;
    socklen_t address_size; /* 0: the name was not found */
    char host[300];         /* of the Host header */
} server;

struct websocket {
    struct talk talk;                   /* first */
    struct wslay_event_context *frames; /* NULL before the upgrade */
    char *head;                         /* what is yet to be sent, or has come, of the upgrade */
    size_t head_size;
    bool begun;    /* a frame has begun to come */
    bool verified; /* the message was the right one, and is sent back */
    bool wrong;    /* it was not */
    bool ended;    /* the server's side has, without a word */
};

int websocket_global_init(const char *url)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    CURLU *parts = curl_url();
    char *host = NULL, *port = NULL, *http = NULL;
    int error = -ENOMEM;

    /* What libcurl knows nothing of, it finds no port for. */
    if (asprintf(&http, "http%s", strstr(url, "://")) < 0)
        http = NULL;
    if (parts != NULL && http != NULL && curl_url_set(parts, CURLUPART_URL, http, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK) {
        snprintf(server.host, sizeof(server.host), "%s:%s", host, port);
        error = 0;
        if (getaddrinfo(host, port, &hints, &found) == 0) {
            memcpy(&server.address, found->ai_addr, found->ai_addrlen);
            server.address_size = found->ai_addrlen;
            freeaddrinfo(found);
        }
    }
    free(http);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parts);
    return error;
}

/* ---- The end ----------------------------------------------------------------------------- */

static void close_websocket(struct talk *talk)
{
    struct websocket *s = (struct websocket *)talk;

    if (s->frames != NULL)
        wslay_event_context_free(s->frames);
    free(s->head);
    talk_disconnect(talk);
    *s = (struct websocket){.talk = *talk};
}

static short end(const struct websocket *s, enum outcome outcome, unsigned detail)
{
    recorder_end(s->talk.recorder, s->talk.id, outcome, detail);
    return 0;
}

static short fail_to_connect(const struct websocket *s, int error)
{
    recorder_note_error(s->talk.recorder, error);
    return end(s, OUTCOME_CONNECT, CURLE_COULDNT_CONNECT);
}

/* ---- What wslay calls -------------------------------------------------------------------- */

/* First what has come together with the answer to the upgrade. */
static ssize_t on_receive(wslay_event_context_ptr frames, uint8_t *bytes, size_t size, int flags,
                          void *user)
{
    struct websocket *s = user;
    ssize_t got;

    (void)flags;
    if (s->head_size > 0) {
        got = (ssize_t)(s->head_size < size ? s->head_size : size);
        memcpy(bytes, s->head, (size_t)got);
        s->head_size -= (size_t)got;
        memmove(s->head, s->head + got, s->head_size);
        return got;
    }
    got = recv(s->talk.fd, bytes, size, 0);
    s->ended = got == 0 || (got < 0 && errno != EAGAIN);
    s->begun |= got > 0;
    if (got <= 0)
        wslay_event_set_error(frames, s->ended ? WSLAY_ERR_CALLBACK_FAILURE : WSLAY_ERR_WOULDBLOCK);
    return got > 0 ? got : -1;
}

static ssize_t on_send(wslay_event_context_ptr frames, const uint8_t *bytes, size_t size, int flags,
                       void *user)
{
    const struct websocket *s = user;
    int more = flags & WSLAY_MSG_MORE ? MSG_MORE : 0; /* head and content in one segment */
    ssize_t sent = send(s->talk.fd, bytes, size, MSG_NOSIGNAL | more);

    if (sent < 0)
        wslay_event_set_error(frames,
                              errno == EAGAIN ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return sent;
}

static int on_mask(wslay_event_context_ptr frames, uint8_t *bytes, size_t size, void *user)
{
    (void)frames, (void)user;
    return getrandom(bytes, size, 0) == (ssize_t)size ? 0 : -1;
}

static bool is_chat(const struct wslay_event_on_msg_recv_arg *message)
{
    static const char start[] = "{\"chat\"";

    return message->msg_length >= strlen(start) && memcmp(message->msg, start, strlen(start)) == 0;
}

/* A message has no NUL behind it, up to which the verification reads. */
static bool is_right(const struct wslay_event_on_msg_recv_arg *message, uint64_t id)
{
    char *text = malloc(message->msg_length + 1);
    bool right;

    if (text == NULL)
        return false;
    if (message->msg_length > 0)
        memcpy(text, message->msg, message->msg_length);
    text[message->msg_length] = '\0';
    right = request_verify_body(text, message->msg_length, id);
    free(text);
    return right;
}

static void on_message(wslay_event_context_ptr frames,
                       const struct wslay_event_on_msg_recv_arg *message, void *user)
{
    const struct wslay_event_msg same = {message->opcode, message->msg, message->msg_length};
    struct websocket *s = user;

    s->begun = false;
    if (wslay_is_ctrl_frame(message->opcode) || is_chat(message) || s->verified)
        return;
    s->talk.recorder->records[s->talk.id].first_byte_ns = clock_ns();
    s->verified = s->talk.workload->verify == VERIFY_STATUS ||
                  is_right(message, s->talk.workload->first_id + s->talk.id);
    s->wrong = !s->verified;
    if (s->verified)
        wslay_event_queue_msg(frames, &same);
}

/* ---- The upgrade ------------------------------------------------------------------------- */

static int write_upgrade(struct websocket *s)
{
    size_t size = strlen(s->talk.workload->url) + 24;
    char *url = malloc(size);
    const char *path = NULL;
    int length = -1;

    if (url != NULL) {
        request_place(s->talk.workload, s->talk.id, url, size);
        path = strchr(strstr(url, "://") + 3, '/');
        length = asprintf(&s->head,
                          "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Key: " KEY "\r\n"
                          "Sec-WebSocket-Version: 13\r\n\r\n",
                          path != NULL ? path : "/", server.host);
    }
    free(url);
    s->head_size = length > 0 ? (size_t)length : 0;
    return length > 0 ? 0 : -ENOMEM;
}

static short begin(struct talk *talk)
{
    struct websocket *s = (struct websocket *)talk;

    if (server.address_size == 0)
        return end(s, OUTCOME_CONNECT, CURLE_COULDNT_RESOLVE_HOST);
    if (write_upgrade(s) < 0)
        return end(s, OUTCOME_OTHER, CURLE_OUT_OF_MEMORY);
    s->talk.fd = socket(server.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->talk.fd < 0)
        return fail_to_connect(s, errno);
    if (connect(s->talk.fd, (struct sockaddr *)&server.address, server.address_size) < 0 &&
        errno != EINPROGRESS)
        return fail_to_connect(s, errno);
    return POLLOUT;
}

/* Asks for the upgrade, in one piece: a new connection takes more than that. */
static short ask(struct websocket *s)
{
    socklen_t size = sizeof(int);
    int error = 0, one = 1;
    ssize_t sent;

    getsockopt(s->talk.fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0)
        return fail_to_connect(s, error);
    setsockopt(s->talk.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    s->talk.connected = true;
    s->talk.recorder->records[s->talk.id].connected_ns = clock_ns();
    atomic_fetch_add(&s->talk.recorder->connections, 1);
    sent = send(s->talk.fd, s->head, s->head_size, MSG_NOSIGNAL);
    if (sent != (ssize_t)s->head_size)
        return end(s, OUTCOME_RESET, CURLE_SEND_ERROR);
    free(s->head);
    s->head = malloc(HEAD_MAX + 1);
    s->head_size = 0;
    return s->head != NULL ? POLLIN : end(s, OUTCOME_OTHER, CURLE_OUT_OF_MEMORY);
}

static int open_frames(struct websocket *s)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = on_receive,
        .send_callback = on_send,
        .genmask_callback = on_mask,
        .on_msg_recv_callback = on_message,
    };

    if (wslay_event_context_client_init(&s->frames, &callbacks, s) < 0)
        return -ENOMEM;
    wslay_event_config_set_max_recv_msg_length(s->frames, MESSAGE_MAX);
    return 0;
}

/* The answer to the upgrade is here whole, up to `rest`. */
static short go_on(struct talk *talk);

static short check_upgrade(struct websocket *s, const char *rest)
{
    unsigned status = 0;

    if (sscanf(s->head, "HTTP/1.1 %3u ", &status) != 1)
        return end(s, OUTCOME_OTHER, CURLE_UNSUPPORTED_PROTOCOL);
    if (status != 101)
        return end(s, OUTCOME_HTTP_STATUS, status);
    if (strcasestr(s->head, "\r\nSec-WebSocket-Accept: " ACCEPT "\r\n") == NULL)
        return end(s, OUTCOME_OTHER, CURLE_WEIRD_SERVER_REPLY);
    if (open_frames(s) < 0)
        return end(s, OUTCOME_OTHER, CURLE_OUT_OF_MEMORY);
    s->head_size -= (size_t)(rest - s->head);
    memmove(s->head, rest, s->head_size);
    s->begun = s->head_size > 0;
    if (!s->begun) {
        free(s->head);
        s->head = NULL;
    }
    return go_on(&s->talk);
}

static short hear(struct websocket *s)
{
    ssize_t got = recv(s->talk.fd, s->head + s->head_size, HEAD_MAX - s->head_size, 0);
    const char *blank;

    if (got < 0 && errno == EAGAIN)
        return POLLIN;
    if (got <= 0)
        return end(s, OUTCOME_RESET, CURLE_RECV_ERROR);
    s->head_size += (size_t)got;
    s->head[s->head_size] = '\0';
    blank = strstr(s->head, "\r\n\r\n");
    if (blank != NULL)
        return check_upgrade(s, blank + 4);
    return s->head_size < HEAD_MAX ? POLLIN : end(s, OUTCOME_OTHER, CURLE_WEIRD_SERVER_REPLY);
}

/* ---- The message ------------------------------------------------------------------------- */

/* The server has closed with a code: its verdict on what it got back, or the end before it. */
static short end_closed(struct websocket *s)
{
    unsigned code = wslay_event_get_status_code_received(s->frames);

    if (s->verified && code == WSLAY_CODE_NORMAL_CLOSURE)
        return end(s, OUTCOME_OK, 0);
    return end(s, OUTCOME_HTTP_STATUS, code);
}

static short go_on(struct talk *talk)
{
    struct websocket *s = (struct websocket *)talk;
    int error;

    if (!s->talk.connected)
        return ask(s);
    if (s->frames == NULL)
        return hear(s);
    error = wslay_event_recv(s->frames);
    if (error == 0 && wslay_event_want_write(s->frames))
        error = wslay_event_send(s->frames);
    if (error == WSLAY_ERR_NOMEM)
        return end(s, OUTCOME_OTHER, CURLE_OUT_OF_MEMORY);
    if (s->wrong)
        return end(s, OUTCOME_BAD_BODY, 0);
    if (wslay_event_get_close_received(s->frames))
        return end_closed(s);
    if (error < 0 || s->ended)
        return end(s, s->begun ? OUTCOME_TRUNCATED : OUTCOME_RESET, CURLE_RECV_ERROR);
    if (!wslay_event_get_read_enabled(s->frames)) /* a frame that must not be */
        return end(s, OUTCOME_OTHER, CURLE_WEIRD_SERVER_REPLY);
    return (short)(POLLIN | (wslay_event_want_write(s->frames) ? POLLOUT : 0));
}

static bool never(const struct talk *talk)
{
    (void)talk;
    return false;
}

const struct talk_kind websocket_talk = {.size = sizeof(struct websocket),
                                         .begin = begin,
                                         .go_on = go_on,
                                         .rests = never,
                                         .close = close_websocket,
                                         .timed_out = CURLE_OPERATION_TIMEDOUT};
