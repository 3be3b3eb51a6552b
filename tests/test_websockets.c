/* WebSockets: the server's framing, by cases of the list of Autobahn's test suite; the lanes that
 * wait for their messages; and bench with cells that do. */
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/count.h"
#include "common/json.h"
#include "tests/attack.h"
#include "tests/lane_run.h"
#include "tests/peer.h"
#include "tests/raw_http.h"

#define HOSTILE "answers to WebSockets, lanes in C"
#define UPGRADE                                                                                    \
    "GET /users/7?delay=20s HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"  \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" /* of that key, both of RFC 6455, 1.3 */

#define FRAMES_MAX 6
#define BYTES_MAX  (1 << 18)

/* ---- The server's framing ---------------------------------------------------------------- */

struct frame {
    unsigned char head;  /* FIN, reserved bits, opcode */
    const char *content; /* NULL: no frame */
    size_t size;
};

#define F(head, text)                                                                              \
    {                                                                                              \
        head, text, sizeof(text) - 1                                                               \
    }
#define TEXT(text)   F(0x81, text)
#define CLOSE(bytes) F(0x88, bytes)
#define BROKEN       CLOSE("\x03\xea") /* 1002 */
#define NOT_UTF8     CLOSE("\x03\xef") /* 1007 */
#define BYE          CLOSE("\x03\xe8") /* 1000 */
#define DROPPED      F(0xff, "")       /* the connection ends without a close */

#define X5   "*****"
#define X25  X5 X5 X5 X5 X5
#define X123 X25 X25 X25 X25 X5 X5 X5 X5 "***"
#define X125 X25 X25 X25 X25 X25

/* A case by its number in that list: what a client says, and what the server answers. Of a close
 * only the code is compared. Without one the client closes, which must be answered. That list lets
 * a server drop a client whose control frame is none (2.5, 5.1, 5.2, 7.3.6). */
static const struct framing {
    const char *number;
    struct frame said[FRAMES_MAX], heard[FRAMES_MAX];
} framings[] = {
    {"1.1.1", {TEXT("")}, {TEXT("")}},
    {"1.1.2", {TEXT(X125)}, {TEXT(X125)}},
    {"1.1.3", {TEXT(X125 "*")}, {TEXT(X125 "*")}},
    {"1.1.5", {TEXT(X125 "***")}, {TEXT(X125 "***")}},
    {"1.2.1", {F(0x82, "")}, {F(0x82, "")}},
    {"1.2.2", {F(0x82, "\xff\0" X123)}, {F(0x82, "\xff\0" X123)}},
    {"1.2.4", {F(0x82, "\xfe\0" X125)}, {F(0x82, "\xfe\0" X125)}},
    {"2.1", {F(0x89, "")}, {F(0x8a, "")}},
    {"2.2", {F(0x89, "Hello")}, {F(0x8a, "Hello")}},
    {"2.3", {F(0x89, "\0\xff\xfe\xfd")}, {F(0x8a, "\0\xff\xfe\xfd")}},
    {"2.4", {F(0x89, X125)}, {F(0x8a, X125)}},
    {"2.5", {F(0x89, X125 "*")}, {DROPPED}},
    {"2.7", {F(0x8a, "")}, {{0}}},
    {"2.8", {F(0x8a, "unasked")}, {{0}}},
    {"2.9", {F(0x8a, "unasked"), F(0x89, "asked")}, {F(0x8a, "asked")}},
    {"2.10",
     {F(0x89, "1"), F(0x89, "2"), F(0x89, "3")},
     {F(0x8a, "1"), F(0x8a, "2"), F(0x8a, "3")}},
    {"3.1", {F(0x91, "Hello")}, {BROKEN}},
    {"3.2", {TEXT("small"), F(0xa1, "Hello"), F(0x89, "")}, {TEXT("small"), BROKEN}},
    {"3.3", {TEXT("small"), F(0xb1, "Hello")}, {TEXT("small"), BROKEN}},
    {"3.5", {F(0xd2, "\xff\xff")}, {BROKEN}},
    {"3.6", {F(0xe9, "ping")}, {BROKEN}},
    {"3.7", {F(0xf8, "")}, {BROKEN}},
    {"4.1.1", {F(0x83, "")}, {BROKEN}},
    {"4.1.2", {F(0x84, "reserved")}, {BROKEN}},
    {"4.1.3", {TEXT("Hello"), F(0x85, ""), F(0x89, "")}, {TEXT("Hello"), BROKEN}},
    {"4.1.5", {F(0x87, "")}, {BROKEN}},
    {"4.2.1", {F(0x8b, "")}, {BROKEN}},
    {"4.2.2", {F(0x8c, "reserved")}, {BROKEN}},
    {"4.2.3", {TEXT("Hello"), F(0x8d, "")}, {TEXT("Hello"), BROKEN}},
    {"4.2.5", {F(0x8f, "")}, {BROKEN}},
    {"5.1", {F(0x09, "1"), F(0x80, "2")}, {DROPPED}},
    {"5.2", {F(0x0a, "1"), F(0x80, "2")}, {DROPPED}},
    {"5.3", {F(0x01, "frag"), F(0x80, "ment")}, {TEXT("fragment")}},
    {"5.6", {F(0x01, "frag"), F(0x89, "!"), F(0x80, "ment")}, {F(0x8a, "!"), TEXT("fragment")}},
    {"5.9", {F(0x80, "no beginning"), TEXT("Hello")}, {BROKEN}},
    {"5.12", {F(0x00, "no beginning"), TEXT("Hello")}, {BROKEN}},
    {"5.15",
     {F(0x01, "frag"), F(0x80, "ment"), F(0x00, "no"), F(0x01, "beginning")},
     {TEXT("fragment"), BROKEN}},
    {"5.18", {F(0x01, "one"), F(0x81, "other")}, {BROKEN}},
    {"5.19",
     {F(0x01, "a"), F(0x00, "b"), F(0x89, "1"), F(0x00, "c"), F(0x89, "2"), F(0x80, "d")},
     {F(0x8a, "1"), F(0x8a, "2"), TEXT("abcd")}},
    {"6.1.1", {TEXT("")}, {TEXT("")}},
    {"6.1.2", {F(0x01, ""), F(0x00, ""), F(0x80, "")}, {TEXT("")}},
    {"6.1.3", {F(0x01, ""), F(0x00, "middle"), F(0x80, "")}, {TEXT("middle")}},
    {"6.2.1", {TEXT("Hello-\xc2\xb5@\xc3\x9f\xc3\xb6")}, {TEXT("Hello-\xc2\xb5@\xc3\x9f\xc3\xb6")}},
    {"6.2.3", {F(0x01, "\xce"), F(0x80, "\xba")}, {TEXT("\xce\xba")}},
    {"6.3.1",
     {TEXT("\xce\xba\xed\xa0\x80"
           "edited")},
     {NOT_UTF8}},
    {"6.3.2", {F(0x01, "\xce\xba\xed"), F(0x00, "\xa0"), F(0x80, "\x80")}, {NOT_UTF8}},
    {"6.4.1", {F(0x01, "\xce\xba"), F(0x00, "\xf4\x90\x80\x80"), F(0x80, "")}, {NOT_UTF8}},
    {"6.5.1", {TEXT("\xce\xba\xe1\xbd\xb9")}, {TEXT("\xce\xba\xe1\xbd\xb9")}},
    {"6.6.1", {TEXT("\xce")}, {NOT_UTF8}},
    {"6.7.1", {TEXT("\0")}, {TEXT("\0")}},
    {"6.7.4", {TEXT("\xf0\x90\x80\x80")}, {TEXT("\xf0\x90\x80\x80")}},
    {"6.8.1", {TEXT("\xf8\x88\x80\x80\x80")}, {NOT_UTF8}},
    {"6.9.4", {TEXT("\xf4\x8f\xbf\xbf")}, {TEXT("\xf4\x8f\xbf\xbf")}},
    {"6.10.1", {TEXT("\xf7\xbf\xbf\xbf")}, {NOT_UTF8}},
    {"6.11.2", {TEXT("\xee\x80\x80")}, {TEXT("\xee\x80\x80")}},
    {"6.12.1", {TEXT("\x80")}, {NOT_UTF8}},
    {"6.14.1", {TEXT("\xc0 ")}, {NOT_UTF8}},
    {"6.18.1", {TEXT("\xc1\xbf")}, {NOT_UTF8}},
    {"6.19.1", {TEXT("\xc0\x80")}, {NOT_UTF8}},
    {"6.20.1", {TEXT("\xed\xa0\x80")}, {NOT_UTF8}},
    {"6.22.1", {TEXT("\xef\xbf\xbe")}, {TEXT("\xef\xbf\xbe")}},
    {"7.1.1", {TEXT("Hello"), BYE}, {TEXT("Hello"), BYE}},
    {"7.1.2", {BYE, BYE}, {BYE}},
    {"7.1.3", {BYE, F(0x89, "late")}, {BYE}},
    {"7.1.4", {BYE, TEXT("late")}, {BYE}},
    {"7.1.5", {F(0x01, "frag"), BYE, F(0x80, "ment")}, {BYE}},
    {"7.3.1", {CLOSE("")}, {CLOSE("")}},
    {"7.3.2",
     {CLOSE("a")},
     {CLOSE("")}}, /* the list wants 1002; to wslay it is one without a code */
    {"7.3.4", {CLOSE("\x03\xe8Hello")}, {BYE}},
    {"7.3.5", {CLOSE("\x03\xe8" X123)}, {BYE}},
    {"7.3.6", {CLOSE("\x03\xe8" X123 "*")}, {DROPPED}},
    {"7.5.1", {CLOSE("\x03\xe8\xce\xba\xed\xa0\x80")}, {NOT_UTF8}},
    {"7.7.2", {CLOSE("\x03\xe9")}, {CLOSE("\x03\xe9")}},  /* 1001 */
    {"7.7.5", {CLOSE("\x03\xef")}, {CLOSE("\x03\xef")}},  /* 1007 */
    {"7.7.9", {CLOSE("\x03\xf3")}, {CLOSE("\x03\xf3")}},  /* 1011 */
    {"7.7.10", {CLOSE("\x0b\xb8")}, {CLOSE("\x0b\xb8")}}, /* 3000 */
    {"7.7.13", {CLOSE("\x13\x87")}, {CLOSE("\x13\x87")}}, /* 4999 */
    {"7.9.1", {CLOSE("\0\0")}, {BROKEN}},                 /* 0 */
    {"7.9.2", {CLOSE("\x03\xe7")}, {BROKEN}},             /* 999 */
    {"7.9.3", {CLOSE("\x03\xec")}, {BROKEN}},             /* 1004 */
    {"7.9.4", {CLOSE("\x03\xed")}, {BROKEN}},             /* 1005 */
    {"7.9.5", {CLOSE("\x03\xee")}, {BROKEN}},             /* 1006 */
    {"7.9.10", {CLOSE("\x04\x4c")}, {BROKEN}},            /* 1100 */
    {"7.9.12", {CLOSE("\x0b\xb7")}, {BROKEN}},            /* 2999 */
};

/* Of a client: masked, with zeros. Returns its size. */
static size_t write_frame(const struct frame *frame, unsigned char *bytes)
{
    size_t at = 0;

    bytes[at++] = frame->head;
    if (frame->size < 126) {
        bytes[at++] = (unsigned char)(0x80 | frame->size);
    } else if (frame->size < 65536) {
        bytes[at++] = 0x80 | 126;
        bytes[at++] = (unsigned char)(frame->size >> 8);
        bytes[at++] = (unsigned char)frame->size;
    } else {
        bytes[at++] = 0x80 | 127;
        for (int shift = 56; shift >= 0; shift -= 8)
            bytes[at++] = (unsigned char)((uint64_t)frame->size >> shift);
    }
    memset(bytes + at, 0, 4);
    at += 4;
    memcpy(bytes + at, frame->content, frame->size);
    return at + frame->size;
}

/* The frame that begins at `bytes`, of which `size` are there. Returns its size, 0 where it is not
 * whole. */
static size_t read_frame(const unsigned char *bytes, size_t size, struct frame *frame)
{
    size_t head = 2, length;

    if (size < 2)
        return 0;
    assert_int_equal(bytes[1] & 0x80, 0); /* a server never masks */
    length = bytes[1];
    head += length == 126 ? 2 : length == 127 ? 8 : 0;
    if (size < head)
        return 0;
    if (head > 2)
        length = 0;
    for (size_t i = 2; i < head; i++)
        length = length << 8 | bytes[i];
    *frame = (struct frame){bytes[0], (const char *)bytes + head, length};
    return size >= head + length ? head + length : 0;
}

static int dial_upgraded(const struct server *server)
{
    int fd = dial(server);
    char text[512] = "";
    size_t size = 0;

    say(fd, UPGRADE "\r\n");
    while (strstr(text, "\r\n\r\n") == NULL) {
        assert_int_equal(recv(fd, text + size, 1, 0), 1);
        text[++size] = '\0';
    }
    assert_starts(text, "HTTP/1.1 101 ");
    assert_non_null(strstr(text, "\r\nSec-WebSocket-Accept: " ACCEPT "\r\n"));
    return fd;
}

/* The server may have closed after the first of what is said too much. */
static void say_frames(int fd, const struct frame *frames, bool chopped)
{
    static unsigned char bytes[BYTES_MAX];

    for (size_t i = 0; i < FRAMES_MAX && frames[i].content != NULL; i++) {
        size_t size = write_frame(&frames[i], bytes), step = chopped ? 1 : size;

        for (size_t at = 0; at < size; at += step)
            if (send(fd, bytes + at, step, MSG_NOSIGNAL) < 0)
                return;
    }
}

static bool is_close(const struct frame *frame)
{
    return (frame->head & 0x0f) == 8;
}

/* Hears to the end, and compares frame by frame. */
static void expect_frames(int fd, const struct framing *framing, size_t count)
{
    static unsigned char bytes[BYTES_MAX];
    size_t size = 0, at = 0, used, found = 0;
    struct frame frame;
    ssize_t got;

    while ((got = recv(fd, bytes + size, sizeof(bytes) - size, 0)) > 0)
        size += (size_t)got;
    for (; (used = read_frame(bytes + at, size - at, &frame)) > 0; at += used, found++) {
        const struct frame *wanted = &framing->heard[found];
        size_t compared = is_close(wanted) && wanted->size > 0 ? 2 : wanted->size;

        if (found >= count || frame.head != wanted->head ||
            (!is_close(wanted) && frame.size != wanted->size) || frame.size < compared ||
            memcmp(frame.content, wanted->content, compared) != 0)
            fail_msg("case %s: frame %zu is %02x with %zu bytes: %.*s", framing->number, found,
                     frame.head, frame.size, (int)frame.size, frame.content);
    }
    if (found != count || at != size)
        fail_msg("case %s: %zu frames instead of %zu", framing->number, found, count);
}

static void meet(const struct server *server, const struct framing *framing, bool chopped)
{
    static const struct frame bye[FRAMES_MAX] = {BYE};
    struct framing whole = *framing;
    int fd = dial_upgraded(server);
    size_t count = 0;

    say_frames(fd, framing->said, chopped);
    while (count < FRAMES_MAX && whole.heard[count].content != NULL)
        count++;
    if (count > 0 && whole.heard[count - 1].head == 0xff) {
        count--;
    } else if (count == 0 || !is_close(&whole.heard[count - 1])) {
        say_frames(fd, bye, false);
        whole.heard[count++] = bye[0];
    }
    expect_frames(fd, &whole, count);
    close(fd);
}

static void frames_are_those_of_the_list(void **state)
{
    struct server server = server_start("--latency", "1s", NULL);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(framings); i++) {
        meet(&server, &framings[i], false);
        meet(&server, &framings[i], true);
    }
    wait_stat(&server, "in_flight", 0);
    wait_stat(&server, "aborted", 2 * COUNT_OF(framings));
    server_stop(&server);
}

/* Cases 1.1.6 to 1.1.8, and one above the server's limit, 1009. */
static void long_messages_come_back(void **state)
{
    static char content[(1 << 16) + 1];
    static const size_t sizes[] = {65535, 65536};
    struct server server = server_start("--latency", "1s", NULL);
    static const unsigned char too_long[] = {0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1};
    struct framing refused = {"9 (too long)", {{0}}, {CLOSE("\x03\xf1")}};
    int fd;

    (void)state;
    memset(content, 'x', sizeof(content));
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct framing framing = {
            "1.1.6", {{0x81, content, sizes[i]}}, {{0x81, content, sizes[i]}}};

        meet(&server, &framing, false);
    }
    fd = dial_upgraded(&server);
    say_bytes(fd, (const char *)too_long, sizeof(too_long));
    expect_frames(fd, &refused, 1);
    close(fd);
    server_stop(&server);
}

/* Each takes memory of the server, however short it is. */
static void messages_in_too_many_pieces_are_refused(void **state)
{
    static const char first[] = "\x01\x81\0\0\0\0x", next[] = "\0\x81\0\0\0\0x";
    struct server server = server_start("--latency", "1s", NULL);
    struct framing refused = {"5 (pieces)", {{0}}, {CLOSE("\x03\xf1")}};
    char bytes[1100 * (sizeof(next) - 1)];
    int fd = dial_upgraded(&server);

    (void)state;
    memcpy(bytes, first, sizeof(first) - 1);
    for (size_t at = sizeof(first) - 1; at < sizeof(bytes); at += sizeof(next) - 1)
        memcpy(bytes + at, next, sizeof(next) - 1);
    say_bytes(fd, bytes, sizeof(bytes));
    expect_frames(fd, &refused, 1);
    close(fd);
    server_stop(&server);
}

/* A client must mask (RFC 6455, 5.1). */
static void frames_without_a_mask_are_refused(void **state)
{
    struct server server = server_start("--latency", "1s", NULL);
    struct framing refused = {"no mask", {{0}}, {BROKEN}};
    int fd = dial_upgraded(&server);

    (void)state;
    say_bytes(fd, "\x81\x02Hi", 4);
    expect_frames(fd, &refused, 1);
    close(fd);
    server_stop(&server);
}

static void wrong_upgrades_are_refused(void **state)
{
    static const struct {
        const char *said, *heard;
    } cases[] = {
        {"Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "426 "},
        {"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n", "400 "},
        {"Sec-WebSocket-Version: 13\r\n", "200 "}, /* an offer that is not taken up */
    };
    struct server server = server_start("--latency", "1ms", NULL);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[512], start[16];

        snprintf(text, sizeof(text),
                 "GET /users/7 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                 "Connection: Upgrade, close\r\n%s\r\n",
                 cases[i].said);
        snprintf(start, sizeof(start), "HTTP/1.1 %s", cases[i].heard);
        assert_starts(ask(&server, text), start);
    }
    server_stop(&server);
}

/* ---- The lanes --------------------------------------------------------------------------- */

static void messages_are_verified_and_sent_back(void **state)
{
    struct server server = server_start("--latency", "5ms", NULL);
    struct lane_run run = run_lane(*state, users_url(&server, ""), "--work", "websocket", "-n",
                                   "60", "--latency", "5ms", NULL);
    long at_once = number(&run, "workload.concurrency");

    expect_outcomes(&run, "outcomes.ok", 60, 60);
    assert_int_equal(run.finished.status, 0);
    assert_int_equal(number(&run, "verified"), 60);
    assert_int_equal(number(&run, "connections_opened"), 60);
    assert_string_equal(json_text_at(run.result, "workload.work", ""), "websocket");
    assert_non_null(json_text_at(run.result, "libraries.http_parser", NULL));
    assert_true(number(&run, "wall_ns") >= number(&run, "floor_ns"));
    assert_true(number(&run, "latency_ns.p50") >= (long)(5 * NS_PER_MS));
    assert_int_equal(stat_of(&server, "requests"), 60);
    assert_int_equal(stat_of(&server, "responses"), 60);
    assert_int_equal(stat_of(&server, "statuses.101"), 60);
    assert_int_equal(stat_of(&server, "lateness_ns.early"), 0);
    assert_true(stat_of(&server, "in_flight_peak") <= (double)at_once);
    lane_run_free(&run);
    server_stop(&server);
}

static void messages_are_due_at_a_rate(void **state)
{
    struct server server = server_start("--latency", "5ms", NULL);
    struct lane_run run = run_lane(*state, users_url(&server, ""), "--work", "websocket", "-n",
                                   "20", "--rate", "100", NULL);

    expect_outcomes(&run, "outcomes.ok", 20, 20);
    assert_true(number(&run, "wall_ns") >= (long)(195 * NS_PER_MS));
    assert_true(number(&run, "load.latency_from_due_ns.p50") >= (long)(5 * NS_PER_MS));
    lane_run_free(&run);
    server_stop(&server);
}

static void faults_end_in_their_outcomes(void **state)
{
    static const struct {
        const char *fault, *outcome;
    } cases[] = {
        {"500", "outcomes.http_status"},    {"reset", "outcomes.reset"},
        {"truncate", "outcomes.truncated"}, {"reset-body", "outcomes.truncated"},
        {"malformed", "outcomes.other"},    {"long", "outcomes.other"},
        {"close", "outcomes.http_status"},  {"wrong-body", "outcomes.bad_body"},
        {"hang", "outcomes.timeout"},
    };
    struct server server = server_start("--latency", "1ms", NULL);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char query[32];
        struct lane_run run;

        snprintf(query, sizeof(query), "?fault=%s", cases[i].fault);
        run = run_lane(*state, users_url(&server, query), "--work", "websocket", "-n", "3",
                       "--timeout", "300ms", NULL);
        assert_int_equal(run.finished.status, 1);
        expect_outcomes(&run, cases[i].outcome, 3, 3);
        lane_run_free(&run);
    }
    wait_stat(&server, "connections", 1); /* none is left open but ours */
    server_stop(&server);
}

#define WRONG_UPGRADE "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: none\r\n\r\n"
#define ACCEPTED      "HTTP/1.1 101 Yes\r\nSec-WebSocket-Accept: oVXV1uJK0jljV7QSoSCSFgw1tbA=\r\n"
#define RIGHT_UPGRADE                                                                              \
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"                                   \
    "Sec-WebSocket-Accept: oVXV1uJK0jljV7QSoSCSFgw1tbA=\r\n\r\n"

/* What follows the upgrade at once is heard, too. */
static void peers_that_misbehave_are_told_apart(void **state)
{
    static const struct {
        struct peer_answer answer;
        const char *outcome;
    } cases[] = {
        {{.text = WRONG_UPGRADE, .end = PEER_HANGS}, "outcomes.other"},
        {{.text = "SSH-2.0-none\r\n\r\n", .end = PEER_HANGS}, "outcomes.other"},
        {{.text = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .end = PEER_HANGS},
         "outcomes.http_status"},
        {{.text = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", .end = PEER_HANGS},
         "outcomes.http_status"},
        {{.text = ACCEPTED "\n", .end = PEER_HANGS}, "outcomes.other"},
        {{.text = "HTTP/1.1 101 Switch", .end = PEER_CLOSES}, "outcomes.reset"},
        {{.text = RIGHT_UPGRADE, .end = PEER_CLOSES}, "outcomes.reset"},
        {{.text = RIGHT_UPGRADE "\x81\x1a{\"id\": 0,", .end = PEER_CLOSES}, "outcomes.truncated"},
        {{.text = RIGHT_UPGRADE "\x81\x09{\"id\": 5}", .end = PEER_HANGS}, "outcomes.bad_body"},
        {{.text = RIGHT_UPGRADE "\x81\x09{\"id\": 0}\x88\x02\x03\xe8", .end = PEER_HANGS},
         "outcomes.ok"},
        {{.text = RIGHT_UPGRADE "\x81\x09{\"id\": 0}\x88\x02\x03\xf0", .end = PEER_HANGS},
         "outcomes.http_status"},
        {{.text = RIGHT_UPGRADE "\x88\x02\x03\xe8", .end = PEER_HANGS}, "outcomes.http_status"},
        {{.text = RIGHT_UPGRADE "\xc1\x02Hi", .end = PEER_HANGS}, "outcomes.other"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct peer peer = peer_start(cases[i].answer.text, cases[i].answer.end);
        struct lane_run run;

        attack_try(HOSTILE, cases[i].answer.text, *state);
        run = run_lane(*state, peer_url(&peer), "--work", "websocket", "-n", "1", "--timeout",
                       "20s", NULL);
        expect_outcomes(&run, cases[i].outcome, 1, 1);
        assert_true(number(&run, "wall_ns") < (long)(10 * NS_PER_S));
        attack_held(HOSTILE, cases[i].answer.text, *state);
        lane_run_free(&run);
        peer_stop(&peer);
    }
}

/* Each answer to a ping, and each piece of a message, takes memory: of a peer that has no end of
 * them no more is heard. */
static void frames_without_end_are_refused(void **state)
{
    static const struct peer_answer pings = {
        .text = RIGHT_UPGRADE, .again = "\x89\x01x\x89\x01y\x89\x01z", .end = PEER_HANGS};
    struct peer peer = peer_start_each(&pings, 1);
    struct lane_run run = run_lane(*state, peer_url(&peer), "--work", "websocket", "-n", "1",
                                   "--timeout", "20s", NULL);

    expect_outcomes(&run, "outcomes.other", 1, 1);
    assert_true(number(&run, "wall_ns") < (long)(10 * NS_PER_S));
    lane_run_free(&run);
    peer_stop(&peer);
}

static pid_t start_waiting(const char *lane, const struct server *server, const char *output)
{
    bool alone = strcmp(lane, "lane-sync") == 0;
    const char *argv[] = {program(lane), "--work", "websocket", "-n", "40", "-c", "",
                          "-o",          output,   "--quiet",   "",   NULL};
    pid_t pid;

    argv[6] = alone ? "1" : "8";
    argv[10] = users_url(server, "?delay=20s");
    pid = start(argv, NULL, NULL);
    wait_stat(server, "in_flight", alone ? 1 : 8);
    return pid;
}

static void expect_all(const char *path, const char *outcome, bool every)
{
    char error[JSON_ERROR_SIZE];
    json_t *lines = json_lines_load(path, error);
    struct lane_run run = {.result = json_array_get(lines, 0)};

    assert_int_equal(json_array_size(lines), 1);
    assert_int_equal(outcomes_sum(&run), 40);
    assert_true(number(&run, outcome) >= (every ? 40 : 1));
    json_decref(lines);
}

static void a_server_that_dies_resets_them(void **state)
{
    char *folder = folder_make(), *output = strdup(path_in(folder, "result"));
    struct server server = server_start("--latency", "1s", NULL);
    pid_t lane = start_waiting(*state, &server, output);

    kill(server.pid, SIGKILL);
    wait_for(server.pid, 60);
    assert_int_equal(wait_for(lane, 60), 1);
    expect_all(output, "outcomes.reset", false);
    folder_remove(folder);
    free(output);
}

static void an_interrupt_closes_them(void **state)
{
    char *folder = folder_make(), *output = strdup(path_in(folder, "result"));
    struct server server = server_start("--latency", "1s", NULL);
    pid_t lane = start_waiting(*state, &server, output);

    assert_int_equal(interrupt_lane(lane, SIGINT, 1000), 130);
    expect_all(output, "outcomes.cancelled", true);
    wait_stat(&server, "in_flight", 0);
    server_stop(&server);
    folder_remove(folder);
    free(output);
}

/* Ids 0 to 2 hear something while they wait, one each 100 ms. */
static void a_chat_is_heard_and_not_taken_for_the_message(void **state)
{
    struct server server = server_start("--latency", "1s", NULL);
    struct lane_run run = run_lane(*state, users_url(&server, "?delay=350ms&chat=100ms"), "--work",
                                   "websocket", "-n", "3", NULL);

    expect_outcomes(&run, "outcomes.ok", 3, 3);
    assert_true(number(&run, "latency_ns.p50") >= (long)(350 * NS_PER_MS));
    lane_run_free(&run);
    server_stop(&server);
}

static void what_no_websocket_has_is_refused(void **state)
{
    static const struct {
        const char *arguments[6], *text;
    } cases[] = {
        {{"--work", "websocket"}, "the URL is missing"},
        {{"--work", "websocket", "https://a/{id}"}, "is not an http:// or ws:// URL"},
        {{"--work", "websocket", "ws://a/#{id}"}, "{id} must stand in the path or the query"},
        {{"--work", "websocket", "ws://u:p@a/{id}"}, "they know no user and password"},
        {{"ws://a/{id}"}, "is not an http:// or https:// URL"},
        {{"--work", "websocket", "--connections", "reuse", "ws://a/{id}"}, "--connections: each"},
        {{"--work", "websocket", "--blocking", "loop", "ws://a/{id}"}, "--blocking: a loop"},
        {{"--work", "websocket", "--client", "raw", "ws://a/{id}"}, "no request is made by HTTP"},
        {{"--work", "websocket", "--cpu", "1ms", "ws://a/{id}"}, "nothing is computed"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_usage_error("lane-async", cases[i].arguments, cases[i].text);
}

/* ---- bench ------------------------------------------------------------------------------- */

static void bench_measures_websockets_and_their_memory(void **state)
{
    struct place place = make_place(
        PLAN("\"rounds\": 1, \"cells\": [{\"lane\": [\"threads\", \"async\"], \"work\": "
             "\"websocket\", \"latency\": \"20ms\", \"requests\": 20, \"concurrency\": 20}], "
             "\"memory\": {\"hold\": \"2s\", \"cells\": [{\"lane\": [\"threads\", \"co\"], "
             "\"work\": \"websocket\", \"requests\": 20, \"concurrency\": 20}]}"));
    struct finished finished = expect_run(&place, 0);
    json_t *samples = load(&place, "results.jsonl"), *passes = load(&place, "memory.jsonl"), *line;
    size_t i;

    (void)state;
    assert_int_equal(json_array_size(samples), 2);
    json_array_foreach(samples, i, line)
    {
        assert_int_equal(json_number_at(line, "lane.verified", 0), 20);
        assert_int_equal(json_number_at(line, "server.requests", 0), 20);
        assert_true(json_is_true(json_at(line, "valid")));
    }
    assert_int_equal(json_array_size(passes), 2);
    json_array_foreach(passes, i, line)
    {
        assert_true(json_is_true(json_at(line, "confirmed")));
        assert_true(json_number_at(line, "pss_bytes", 0) > 0);
    }
    json_decref(samples);
    json_decref(passes);
    finished_free(&finished);
    remove_place(&place);
}

#define TEST(name) cmocka_unit_test_teardown(name, end_leftovers)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(frames_are_those_of_the_list),
        TEST(long_messages_come_back),
        TEST(messages_in_too_many_pieces_are_refused),
        TEST(frames_without_a_mask_are_refused),
        TEST(wrong_upgrades_are_refused),
        FOR_EACH_LANE(messages_are_verified_and_sent_back),
        FOR_EACH_LANE(messages_are_due_at_a_rate),
        FOR_EACH_LANE(faults_end_in_their_outcomes),
        FOR_EACH_LANE(peers_that_misbehave_are_told_apart),
        FOR_EACH_LANE(frames_without_end_are_refused),
        FOR_EACH_LANE(a_server_that_dies_resets_them),
        FOR_EACH_LANE(an_interrupt_closes_them),
        FOR_EACH_LANE(a_chat_is_heard_and_not_taken_for_the_message),
        TEST(what_no_websocket_has_is_refused),
        TEST(bench_measures_websockets_and_their_memory),
    };

    return cmocka_run_group_tests_name("websockets", tests, NULL, NULL);
}
