/* A WebSocket of the workload (RFC 6455): connected and upgraded at the URL of the item, kept open
 * until its message comes, which is verified as the body of an answer is and sent back; the server
 * ends it with a close of 1000 where what came back is right. The frames are wslay's affair. */
#include "workload/raw.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <wslay/wslay.h>

#include "common/clock.h"

#define MESSAGE_MAX 32768 /* bytes, of which a copy is sent back; a longer one is refused */
#define ACCEPT      "oVXV1uJK0jljV7QSoSCSFgw1tbA=" /* what a server makes of our key */

struct websocket {
    struct raw raw;                     /* first: until the upgrade */
    struct wslay_event_context *frames; /* NULL before the upgrade */
    const char *early;                  /* what has come together with its answer, */
    size_t early_size;                  /* … as far as it is not taken yet */
    bool begun;                         /* a frame has begun to come */
    bool verified;                      /* the message was the right one, and is sent back */
    bool wrong;                         /* it was not */
    bool ended;                         /* the server's side has, without a word */
};

/* ---- The end ----------------------------------------------------------------------------- */

static void close_websocket(struct talk *talk)
{
    struct websocket *s = (struct websocket *)talk;

    if (s->frames != NULL)
        wslay_event_context_free(s->frames);
    raw_talk.close(talk);
    *s = (struct websocket){.raw.talk = *talk};
}

static short end(const struct websocket *s, enum outcome outcome, unsigned detail)
{
    recorder_end(s->raw.talk.recorder, s->raw.talk.id, outcome, detail);
    return 0;
}

/* ---- What wslay calls -------------------------------------------------------------------- */

/* First what has come together with the answer to the upgrade. */
static ssize_t on_receive(wslay_event_context_ptr frames, uint8_t *bytes, size_t size, int flags,
                          void *user)
{
    struct websocket *s = user;
    ssize_t got;

    (void)flags;
    if (s->early_size > 0) {
        got = (ssize_t)(s->early_size < size ? s->early_size : size);
        memcpy(bytes, s->early, (size_t)got);
        s->early += got;
        s->early_size -= (size_t)got;
        return got;
    }
    got = recv(s->raw.talk.fd, bytes, size, 0);
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
    ssize_t sent = send(s->raw.talk.fd, bytes, size, MSG_NOSIGNAL | more);

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

/* Each piece of a message, and each answer to a ping, is an object of wslay's own. */
static void on_frame(wslay_event_context_ptr frames,
                     const struct wslay_event_on_frame_recv_start_arg *frame, void *user)
{
    struct websocket *s = user;

    (void)frame;
    if (exchange_add_line(&s->raw.request.exchange, 0) < 0)
        wslay_event_shutdown_read(frames);
}

static bool is_chat(const struct wslay_event_on_msg_recv_arg *message)
{
    static const char start[] = "{\"chat\"";

    return message->msg_length >= strlen(start) && memcmp(message->msg, start, strlen(start)) == 0;
}

static void on_message(wslay_event_context_ptr frames,
                       const struct wslay_event_on_msg_recv_arg *message, void *user)
{
    const struct wslay_event_msg same = {message->opcode, message->msg, message->msg_length};
    struct websocket *s = user;

    s->begun = false;
    if (wslay_is_ctrl_frame(message->opcode) || is_chat(message) || s->verified)
        return;
    s->raw.talk.recorder->records[s->raw.talk.id].first_byte_ns = clock_ns();
    s->verified = s->raw.talk.workload->verify == VERIFY_STATUS ||
                  request_verify_body(message->msg, message->msg_length,
                                      s->raw.talk.workload->first_id + s->raw.talk.id);
    s->wrong = !s->verified;
    if (s->verified)
        wslay_event_queue_msg(frames, &same);
}

/* ---- The upgrade ------------------------------------------------------------------------- */

static int open_frames(struct websocket *s)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = on_receive,
        .send_callback = on_send,
        .genmask_callback = on_mask,
        .on_frame_recv_start_callback = on_frame,
        .on_msg_recv_callback = on_message,
    };

    if (wslay_event_context_client_init(&s->frames, &callbacks, s) < 0)
        return -ENOMEM;
    wslay_event_config_set_max_recv_msg_length(s->frames, MESSAGE_MAX);
    return 0;
}

static short go_on(struct talk *talk);

/* The request for the upgrade has ended. What came is in the body: the answer, and what follows. */
static short begin_frames(struct websocket *s)
{
    const struct exchange *seen = &s->raw.request.exchange;
    enum outcome outcome = outcome_of_transfer(s->raw.code, seen->head_ended);
    const char *answer = seen->body.bytes, *end_of_head;

    if (seen->os_error > 0)
        recorder_note_error(s->raw.talk.recorder, seen->os_error);
    if (outcome != OUTCOME_OK)
        return end(s, outcome, s->raw.code);
    if (seen->status != 101)
        return end(s, OUTCOME_HTTP_STATUS, seen->status);
    end_of_head = strstr(answer, "\r\n\r\n"); /* the parser lets bare line feeds pass */
    if (end_of_head == NULL ||
        strcasestr(answer, "\r\nSec-WebSocket-Accept: " ACCEPT "\r\n") == NULL)
        return end(s, OUTCOME_OTHER, CURLE_WEIRD_SERVER_REPLY);
    if (open_frames(s) < 0)
        return end(s, OUTCOME_OTHER, CURLE_OUT_OF_MEMORY);
    s->early = end_of_head + strlen("\r\n\r\n");
    s->early_size = (size_t)(answer + seen->body.size - s->early);
    s->begun = s->early_size > 0;
    if (!s->begun)
        request_term(&s->raw.request);
    return go_on(&s->raw.talk);
}

static short upgraded(struct websocket *s, short events)
{
    return events != 0 ? events : begin_frames(s);
}

static short begin(struct talk *talk)
{
    return upgraded((struct websocket *)talk, raw_talk.begin(talk));
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

    if (s->frames == NULL)
        return upgraded(s, raw_talk.go_on(talk));
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
