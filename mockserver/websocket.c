#include "mockserver/websocket.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <wslay/wslay.h>

#include "common/clock.h"
#include "mockserver/connection.h"

#define MESSAGE_SIZE_MAX (1U << 16) /* of a client; longer: 1009 */
#define PIECES_MAX       1024       /* likewise of one message, each an object of wslay's */
#define QUEUED_MAX       64         /* messages not yet taken by the socket: no more are read */
#define READS_MAX        4          /* before others have their turn */
#define ACCEPT_SIZE      29         /* base64 of a SHA-1, with NUL */

/* ---- What wslay calls -------------------------------------------------------------------- */

/* First what came in together with the request. */
static size_t take_kept(struct connection *connection, uint8_t *bytes, size_t size)
{
    size_t taken = connection->kept_size < size ? connection->kept_size : size;

    memcpy(bytes, connection->kept, taken);
    connection->kept_size -= (uint32_t)taken;
    memmove(connection->kept, connection->kept + taken, connection->kept_size);
    if (connection->kept_size == 0) {
        free(connection->kept);
        connection->kept = NULL;
    }
    return taken;
}

static ssize_t on_receive(wslay_event_context_ptr frames, uint8_t *bytes, size_t size, int flags,
                          void *user)
{
    struct connection *connection = user;
    ssize_t got = -1;

    (void)flags;
    if (connection->kept != NULL)
        return (ssize_t)take_kept(connection, bytes, size);
    errno = EAGAIN;
    if (connection->reads_left > 0) {
        connection->reads_left--;
        got = recv(connection->fd, bytes, size, 0);
        connection->readable = got >= 0 || errno != EAGAIN;
    }
    if (got > 0) {
        counters_add(&connection->service->counters->bytes_in, (uint64_t)got);
        return got;
    }
    wslay_event_set_error(frames, got < 0 && errno == EAGAIN ? WSLAY_ERR_WOULDBLOCK
                                                             : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static ssize_t on_send(wslay_event_context_ptr frames, const uint8_t *bytes, size_t size, int flags,
                       void *user)
{
    struct connection *connection = user;
    int more = flags & WSLAY_MSG_MORE ? MSG_MORE : 0; /* head and content in one segment */
    ssize_t sent = send(connection->fd, bytes, size, MSG_NOSIGNAL | more);

    if (sent >= 0)
        counters_add(&connection->service->counters->bytes_out, (uint64_t)sent);
    else
        wslay_event_set_error(frames,
                              errno == EAGAIN ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return sent;
}

static void on_frame(wslay_event_context_ptr frames,
                     const struct wslay_event_on_frame_recv_start_arg *frame, void *user)
{
    struct connection *connection = user;

    if (wslay_is_ctrl_frame(frame->opcode))
        return;
    connection->pieces = frame->opcode == WSLAY_CONTINUATION_FRAME ? connection->pieces + 1U : 1;
    if (connection->pieces > PIECES_MAX) {
        wslay_event_queue_close(frames, WSLAY_CODE_MESSAGE_TOO_BIG, NULL, 0);
        wslay_event_shutdown_read(frames);
    }
}

static void on_message(wslay_event_context_ptr frames,
                       const struct wslay_event_on_msg_recv_arg *message, void *user)
{
    const struct wslay_event_msg echo = {message->opcode, message->msg, message->msg_length};
    struct connection *connection = user;
    char body[REPLY_SIZE_MAX];
    bool control = wslay_is_ctrl_frame(message->opcode); /* which wslay answers */
    bool right;

    if (control || connection->state != CONNECTION_ANSWERED) {
        if (!control)
            wslay_event_queue_msg(frames, &echo);
        wslay_event_send(frames); /* wslay would drop it for a close that comes next */
        return;
    }
    right = message->msg_length == reply_write_body(&connection->reply, body) &&
            memcmp(message->msg, body, message->msg_length) == 0;
    wslay_event_queue_close(frames, right ? WSLAY_CODE_NORMAL_CLOSURE : WSLAY_CODE_POLICY_VIOLATION,
                            NULL, 0);
}

/* ---- Beginning and end ------------------------------------------------------------------- */

static bool write_accept(const char *key, char accept[ACCEPT_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    char text[HTTP_KEY_SIZE + 40];
    int length = snprintf(text, sizeof(text), "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
                          HTTP_KEY_SIZE, key);

    if (EVP_Digest(text, (size_t)length, digest, &size, EVP_sha1(), NULL) != 1)
        return false;
    EVP_EncodeBlock((unsigned char *)accept, digest, (int)size);
    return true;
}

enum step websocket_open(struct connection *connection)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = on_receive,
        .send_callback = on_send,
        .on_frame_recv_start_callback = on_frame,
        .on_msg_recv_callback = on_message,
    };
    char accept[ACCEPT_SIZE], text[160];
    int size;

    if (!write_accept(connection->request.key, accept) ||
        wslay_event_context_server_init(&connection->frames, &callbacks, connection) < 0)
        return STEP_CLOSE;
    wslay_event_config_set_max_recv_msg_length(connection->frames, MESSAGE_SIZE_MAX);
    size = snprintf(text, sizeof(text),
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                    accept);
    if (send(connection->fd, text, (size_t)size, MSG_NOSIGNAL) != size)
        return STEP_CLOSE;
    counters_add(&connection->service->counters->bytes_out, (uint64_t)size);
    return STEP_WAIT;
}

bool websocket_pending(const struct connection *connection)
{
    return connection->frames != NULL && wslay_event_want_write(connection->frames);
}

void websocket_free(struct wslay_event_context *frames)
{
    if (frames != NULL)
        wslay_event_context_free(frames);
}

/* Both sides have said that they close, or this one has given up. */
static enum step end(struct connection *connection)
{
    if (wslay_event_get_close_received(connection->frames))
        return STEP_CLOSE;
    if (connection_in_flight(connection)) {
        gauge_down(&connection->service->counters->in_flight);
        counters_add(&connection->service->counters->aborted, 1);
    }
    websocket_free(connection->frames);
    connection->frames = NULL;
    return connection_linger(connection);
}

static bool takes_input(const struct connection *connection)
{
    return (connection->readable || connection->kept != NULL) &&
           wslay_event_get_read_enabled(connection->frames) &&
           wslay_event_get_queued_msg_count(connection->frames) < QUEUED_MAX &&
           wslay_event_get_queued_msg_length(connection->frames) < MESSAGE_SIZE_MAX;
}

enum step websocket_go_on(struct connection *connection)
{
    wslay_event_context_ptr frames = connection->frames;

    connection->reads_left = READS_MAX;
    if (takes_input(connection) && wslay_event_recv(frames) < 0)
        return STEP_CLOSE;
    if (wslay_event_want_write(frames) && wslay_event_send(frames) < 0)
        return STEP_CLOSE;
    /* What a client did wrong ends the reading; a close in order waits for the client's. */
    if (wslay_event_get_close_sent(frames) && !wslay_event_want_write(frames) &&
        (wslay_event_get_close_received(frames) || !wslay_event_get_read_enabled(frames)))
        return end(connection);
    return takes_input(connection) ? STEP_AGAIN : STEP_WAIT;
}

/* ---- What is sent ------------------------------------------------------------------------ */

/* What wslay would never send, after which nothing else can be said. */
static enum step send_damaged(struct connection *connection, const char *body, size_t body_size)
{
    enum fault fault = (enum fault)connection->reply.fault;
    unsigned char bytes[REPLY_SIZE_MAX + 16] = {0x80 | WSLAY_TEXT_FRAME, (unsigned char)body_size};
    size_t size = 2;

    if (fault == FAULT_MALFORMED) { /* masked, with zeros */
        bytes[1] |= 0x80;
        size += 4;
    } else if (fault == FAULT_LONG) { /* of 2^40 bytes */
        bytes[1] = 127;
        bytes[4] = 1;
        size += 8;
    }
    memcpy(bytes + size, body, body_size);
    size += fault == FAULT_TRUNCATE || fault == FAULT_RESET_BODY ? body_size / 2 : body_size;
    if (send(connection->fd, bytes, size, MSG_NOSIGNAL) > 0)
        counters_add(&connection->service->counters->bytes_out, size);
    return connection->reset_after ? STEP_CLOSE : connection_linger(connection);
}

enum step websocket_send(struct connection *connection)
{
    enum fault fault = (enum fault)connection->reply.fault;
    char body[REPLY_SIZE_MAX];
    struct wslay_event_msg message = {WSLAY_TEXT_FRAME, (uint8_t *)body,
                                      reply_write_body(&connection->reply, body)};

    if (fault == FAULT_RESET)
        return STEP_CLOSE;
    if (fault_ends_connection(fault)) {
        websocket_free(connection->frames);
        connection->frames = NULL;
        return send_damaged(connection, body, message.msg_length);
    }
    if (fault == FAULT_CLOSE)
        wslay_event_queue_close(connection->frames, WSLAY_CODE_INTERNAL_SERVER_ERROR, NULL, 0);
    else if (wslay_event_queue_msg(connection->frames, &message) < 0)
        return STEP_CLOSE;
    if (connection_enter(connection, CONNECTION_ANSWERED, connection_patience(connection)) ==
        STEP_CLOSE)
        return STEP_CLOSE;
    return websocket_go_on(connection);
}

enum step websocket_chat(struct connection *connection)
{
    static const char line[] = "{\"chat\": \"Is anybody there?\"}";
    const struct wslay_event_msg message = {WSLAY_TEXT_FRAME, (const uint8_t *)line,
                                            sizeof(line) - 1};

    if (wslay_event_queue_msg(connection->frames, &message) < 0)
        return STEP_CLOSE;
    return websocket_go_on(connection);
}
