/* The mock server from outside, over real sockets. */
#include "tests/raw_http.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/file.h"
#include "common/json.h"

#define CLIENTS 100

#define CLOSE " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

static void every_endpoint_answers(void **state)
{
    static const struct {
        const char *request, *start, *end;
    } cases[] = {
        {"GET /users/7" CLOSE, "HTTP/1.1 200 OK\r\n", "\r\n\r\n{\"id\": 7, \"name\": \"User 7\"}"},
        {"GET /users/7/orders" CLOSE, "HTTP/1.1 200 OK\r\n", "]}"},
        {"GET /users/7/preferences" CLOSE, "HTTP/1.1 200 OK\r\n", "}}"},
        {"GET /users/7/profile" CLOSE, "HTTP/1.1 200 OK\r\n", "\"}"},
        {"POST /analytics" CLOSE, "HTTP/1.1 202 Accepted\r\n", "{\"accepted\": true}"},
        {"GET /healthz" CLOSE, "HTTP/1.1 200 OK\r\n", "{\"status\": \"ok\"}"},
        {"POST /reset" CLOSE, "HTTP/1.1 200 OK\r\n", "{\"reset\": true}"},
        {"GET /users/7?status=503" CLOSE, "HTTP/1.1 503 Service Unavailable\r\n", "\"}"},
        {"GET /users/seven" CLOSE, "HTTP/1.1 400 Bad Request\r\n", "\"}"},
        {"GET /nothing" CLOSE, "HTTP/1.1 404 Not Found\r\n", "\"}"},
        {"DELETE /users/7" CLOSE, "HTTP/1.1 405 Method Not Allowed\r\n", "\"}"},
        {"GET http://mock.example/users/7" CLOSE, "HTTP/1.1 200 OK\r\n", "User 7\"}"},
        {"HEAD /users/7" CLOSE, "HTTP/1.1 200 OK\r\n", "Connection: close\r\n\r\n"},
        {"HEAD /stats" CLOSE, "HTTP/1.1 200 OK\r\n", "Connection: close\r\n\r\n"},
        {"GET /users/7 HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", "User 7\"}"},
        {"\r\n\r\nGET /users/7" CLOSE, "HTTP/1.1 200 OK\r\n", "User 7\"}"},
    };
    struct server server = server_start("--latency", "10ms", NULL);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const char *answer = ask(&server, cases[i].request);

        assert_starts(answer, cases[i].start);
        assert_ends(answer, cases[i].end);
    }
    server_stop(&server);
}

static void stats_keep_the_schema(void **state)
{
    static const char *const numbers[] = {
        "uptime_ns",
        "seed",
        "requests",
        "responses",
        "aborted",
        "bad_requests",
        "in_flight",
        "in_flight_peak",
        "connections",
        "connections_peak",
        "connections_accepted",
        "unaccepted_peak",
        "unaccepted_ns_max",
        "unread_ns.max",
        "bytes_in",
        "bytes_out",
        "cpu_ns",
        "rss_bytes",
        "lateness_ns.count",
        "lateness_ns.min",
        "lateness_ns.mean",
        "lateness_ns.p50",
        "lateness_ns.p90",
        "lateness_ns.p99",
        "lateness_ns.p999",
        "lateness_ns.max",
        "lateness_ns.early",
        "statuses.200",
    };
    struct server server = server_start("--latency", "1ms", "--seed", "9", NULL);
    json_t *stats;
    char *text;

    (void)state;
    for (int i = 0; i < 3; i++)
        free(server_request(&server, "/users/7", 0));
    text = server_request(&server, "/stats", 0);
    stats = json_loads(text, 0, NULL);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        if (!json_is_integer(json_at(stats, numbers[i])))
            fail_msg("%s is not there", numbers[i]);
    assert_string_equal(json_text_at(stats, "schema", ""), "mockserver.stats/1");
    assert_string_equal(json_text_at(stats, "latency", ""), "1ms");
    assert_true(json_is_object(json_at(stats, "faults")));
    assert_int_equal(json_number_at(stats, "seed", 0), 9);
    assert_int_equal(json_number_at(stats, "requests", 0), 3);
    assert_int_equal(json_number_at(stats, "responses", 0), 3);
    assert_int_equal(json_number_at(stats, "statuses.200", 0), 3);
    assert_int_equal(json_number_at(stats, "ids", 0), 1); /* three times the same */
    assert_int_equal(json_number_at(stats, "id_max", 0), 7);
    assert_int_equal(json_number_at(stats, "lateness_ns.count", 0), 3);
    assert_true(json_number_at(stats, "rss_bytes", 0) > 100000);
    json_decref(stats);
    free(text);
    free(server_request(&server, "/reset", 1));
    text = server_request(&server, "/stats", 0);
    stats = json_loads(text, 0, NULL);
    assert_int_equal(json_number_at(stats, "requests", -1), 0);
    assert_int_equal(json_number_at(stats, "ids", -1), 0);
    assert_int_equal(json_number_at(stats, "in_flight_peak", -1), 0);
    assert_true(json_is_null(json_at(stats, "lateness_ns.p50")));
    assert_int_equal(json_array_size(json_at(stats, "lateness_histogram")), 0);
    json_decref(stats);
    free(text);
    server_stop(&server);
}

static void every_endpoint_of_a_user_has_its_id(void **state)
{
    struct server server = server_start("--latency", "0", NULL);

    (void)state;
    ask(&server, "GET /users/1" CLOSE);
    ask(&server, "GET /users/2/orders" CLOSE);
    ask(&server, "GET /users/3/preferences" CLOSE);
    ask(&server, "GET /users/4/profile" CLOSE);
    ask(&server, "POST /analytics" CLOSE);
    assert_int_equal(stat_of(&server, "ids"), 4);
    assert_int_equal(stat_of(&server, "id_max"), 4);
    assert_int_equal(stat_of(&server, "requests"), 5);
    server_stop(&server);
}

/* A burst and its answers, timed by the client. The delays are long: one that is short by a share
 * of itself must not hide behind the time that a reply takes. */
static void no_reply_is_early(void **state)
{
    struct server server = server_start("--latency", "4s", NULL);
    uint64_t sent_ns[CLIENTS];
    int fds[CLIENTS];

    (void)state;
    for (int i = 0; i < CLIENTS; i++)
        fds[i] = dial(&server);
    for (int i = 0; i < CLIENTS; i++) {
        /* Every third takes another delay, so that list and heap are both at work. */
        sent_ns[i] = clock_ns();
        say(fds[i], i % 3 != 0 ? "GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n"
                               : "GET /users/1?delay=3700ms HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    for (int n = 0; n < CLIENTS; n++) {
        int i = (n * 37) % CLIENTS;

        assert_starts(hear(fds[i]), "HTTP/1.1 200");
        assert_true(clock_ns() - sent_ns[i] >= (i % 3 != 0 ? 4000 : 3700) * NS_PER_MS);
        close(fds[i]);
    }
    assert_int_equal(stat_of(&server, "lateness_ns.early"), 0);
    assert_int_equal(stat_of(&server, "lateness_ns.count"), CLIENTS);
    assert_int_equal(stat_of(&server, "requests"), CLIENTS);
    assert_int_equal(stat_of(&server, "responses"), CLIENTS);
    assert_true(stat_of(&server, "in_flight_peak") <= CLIENTS);
    assert_true(stat_of(&server, "in_flight_peak") > CLIENTS / 2);
    assert_int_equal(stat_of(&server, "in_flight"), 0);
    server_stop(&server);
}

/* Whenever the server looks at its timers, the next one is not due yet, but soon. */
static void no_reply_is_early_beside_others(void **state)
{
    struct server server = server_start("--latency", "1s", NULL);
    int fds[CLIENTS];
    char text[80];

    (void)state;
    for (int i = 0; i < CLIENTS; i++)
        fds[i] = dial(&server);
    for (int i = 0; i < CLIENTS; i++) {
        snprintf(text, sizeof(text), "GET /users/1?delay=%dus HTTP/1.1\r\nHost: a\r\n\r\n",
                 300000 + 400 * i);
        say(fds[i], text);
    }
    for (int i = 0; i < CLIENTS; i++) {
        assert_starts(hear(fds[i]), "HTTP/1.1 200");
        close(fds[i]);
    }
    assert_int_equal(stat_of(&server, "lateness_ns.early"), 0);
    assert_int_equal(stat_of(&server, "lateness_ns.count"), CLIENTS);
    server_stop(&server);
}

static void pipelined_requests_wait_their_turn(void **state)
{
    struct server server = server_start("--latency", "0", NULL);
    uint64_t start_ns = clock_ns();
    int fd = dial(&server);

    (void)state;
    say(fd, "GET /users/1?delay=40ms HTTP/1.1\r\nHost: a\r\n\r\nGET /users/2 HTTP/1.1\r\nHost: "
            "a\r\n\r\n"
            "GET /users/3?delay=20ms HTTP/1.1\r\nHost: a\r\n\r\nGET /us");
    assert_ends(hear(fd), "User 1\"}");
    assert_true(clock_ns() - start_ns >= 40 * NS_PER_MS);
    assert_ends(hear(fd), "User 2\"}");
    assert_ends(hear(fd), "User 3\"}");
    assert_true(clock_ns() - start_ns >= 60 * NS_PER_MS);
    say(fd, "ers/4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert_ends(hear_all(fd), "User 4\"}");
    assert_int_equal(stat_of(&server, "in_flight_peak"), 1);
    server_stop(&server);
}

/* Far more than the server keeps at once; the rest waits in the sockets. */
static void a_deep_pipeline_is_answered_whole(void **state)
{
    static const char request[] = "GET /users/5 HTTP/1.1\r\nHost: mock.example\r\n\r\n";
    enum { DEPTH = 3000 };
    struct server server = server_start("--latency", "20us", NULL);
    int fd = dial(&server);
    char *text = malloc(DEPTH * sizeof(request));
    size_t size = 0, answered = 0;

    (void)state;
    for (int i = 0; i < DEPTH; i++, size += sizeof(request) - 1)
        memcpy(text + size, request, sizeof(request));
    say_bytes(fd, text, size);
    for (; answered < DEPTH; answered++)
        assert_ends(hear(fd), "User 5\"}");
    assert_int_equal(stat_of(&server, "responses"), DEPTH);
    free(text);
    close(fd);
    server_stop(&server);
}

/* 50 clients ask for 50 documents each, which takes the server long: another one has its answer
 * before the first of them have theirs. */
static void documents_are_made_in_turns(void **state)
{
    static const char request[] = "GET /stats HTTP/1.1\r\nHost: a\r\n\r\n";
    enum { OTHERS = 50, DEPTH = 50 };
    struct server server = server_start("--latency", "0", NULL);
    char text[DEPTH * sizeof(request)] = "";
    uint64_t start_ns, healthy_ns;
    int fds[OTHERS], other = dial(&server);

    (void)state;
    for (int i = 0; i < DEPTH; i++)
        strcat(text, request);
    for (int i = 0; i < OTHERS; i++)
        fds[i] = dial(&server);
    start_ns = clock_ns();
    for (int i = 0; i < OTHERS; i++)
        say(fds[i], text);
    say(other, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_starts(hear(other), "HTTP/1.1 200 ");
    healthy_ns = clock_ns() - start_ns;
    for (int i = 0; i < OTHERS; i++) {
        for (int k = 0; k < DEPTH; k++)
            assert_starts(hear(fds[i]), "HTTP/1.1 200 ");
        close(fds[i]);
    }
    if (healthy_ns > (clock_ns() - start_ns) / 4)
        fail_msg("healthy after %.3f s of %.3f s", (double)healthy_ns / NS_PER_S,
                 (double)(clock_ns() - start_ns) / NS_PER_S);
    close(other);
    server_stop(&server);
}

static void connections_close_as_asked(void **state)
{
    struct server server = server_start("--latency", "0", NULL);
    int fd = dial(&server);

    (void)state;
    say(fd, "GET /users/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_non_null(strstr(hear(fd), "Connection: keep-alive\r\n"));
    say(fd, "GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_null(strstr(hear(fd), "Connection:"));
    say(fd, "GET /users/1 HTTP/1.0\r\n\r\n");
    assert_non_null(strstr(hear_all(fd), "Connection: close\r\n"));
    wait_stat(&server, "connections", 1);
    server_stop(&server);
}

/* Closes a connection with a reset. */
static void leave(int fd)
{
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1},
                                sizeof(struct linger)),
                     0);
    close(fd);
}

/* When the server looks again, the answers are due and the clients have left. */
static void an_answer_that_reaches_nobody_is_none(void **state)
{
    enum { LEFT = 20 };
    struct server server = server_start("--latency", "500ms", NULL);
    int fds[LEFT];

    (void)state;
    for (int i = 0; i < LEFT; i++) {
        fds[i] = dial(&server);
        say(fds[i], "GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    wait_stat(&server, "requests", LEFT);
    kill(server.pid, SIGSTOP);
    for (int i = 0; i < LEFT; i++)
        leave(fds[i]);
    usleep(600000);
    kill(server.pid, SIGCONT);
    wait_stat(&server, "connections", 1);
    assert_int_equal(stat_of(&server, "aborted"), LEFT);
    assert_int_equal(stat_of(&server, "responses"), 0);
    assert_int_equal(stat_of(&server, "in_flight"), 0);
    server_stop(&server);
}

static void a_client_that_leaves_is_noticed(void **state)
{
    struct server server = server_start("--latency", "60s", NULL);
    int fds[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        fds[i] = dial(&server);
        say(fds[i], "GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    wait_stat(&server, "in_flight", 3);
    close(fds[0]);
    wait_stat(&server, "in_flight", 2);
    wait_stat(&server, "aborted", 1);
    shutdown(fds[1], SHUT_WR);
    wait_stat(&server, "aborted", 2);
    leave(fds[2]);
    wait_stat(&server, "aborted", 3);
    assert_int_equal(stat_of(&server, "in_flight"), 0);
    assert_int_equal(stat_of(&server, "connections"), 1);
    assert_int_equal(stat_of(&server, "responses"), 0);
    close(fds[1]);
    server_stop(&server);
}

static void malformed_input_gets_its_status(void **state)
{
    static const struct {
        const char *request, *start;
    } cases[] = {
        {"garbage\r\n\r\n", "HTTP/1.1 400 "},
        {"\x16\x03\x01\x02\x01\x01\xfc\x03\x03", "HTTP/1.1 400 "},
        {"GET /users/1 HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", "HTTP/1.1 400 "},
        {"POST /analytics HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n",
         "HTTP/1.1 413 "},
        {"GET /users/1 HTTP/3.0\r\n\r\n", "HTTP/1.1 505 "},
        {"GET /users/1 HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
        {"GET /users/1 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "HTTP/1.1 400 "},
        {"GET /users/1 HTTP/1.1\r\nHost : a\r\n\r\n", "HTTP/1.1 400 "},
        {"GET /users/1 HTTP/1.1\r\nHost: a\r\nExpect: money\r\n\r\n", "HTTP/1.1 417 "},
        {"GET /users/1 HTTP/1.1\r\nHost: a\r\nExpect: 100-cont\r\n\r\n", "HTTP/1.1 417 "},
        {"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 405 "},
    };
    struct server server = server_start("--latency", "0", NULL);
    char *text = malloc(200000);
    int fd = dial(&server);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_starts(ask(&server, cases[i].request), cases[i].start);
    /* The whole of it is sent before the answer is read: it must not be lost to a reset. */
    memset(text, 'x', 200000);
    memcpy(text, "GET /", 5);
    say_bytes(fd, text, 200000);
    assert_starts(hear_all(fd), "HTTP/1.1 414 ");
    assert_int_equal(stat_of(&server, "bad_requests"), 11);
    assert_int_equal(stat_of(&server, "connections"), 1);
    free(text);
    server_stop(&server);
}

static void bodies_are_read(void **state)
{
    struct server server = server_start("--latency", "0", NULL);
    int fd = dial(&server);
    char *text = malloc(100000);

    (void)state;
    say(fd,
        "POST /analytics HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    assert_string_equal(hear(fd), "HTTP/1.1 100 Continue\r\n\r\n");
    say(fd,
        "abcPOST /analytics HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    assert_starts(hear(fd), "HTTP/1.1 202 ");
    say(fd, "0\r\n\r\nPOST /analytics HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
    assert_starts(hear(fd), "HTTP/1.1 202 ");
    memset(text, 'x', 100000);
    say_bytes(fd, text, 100000);
    assert_starts(hear(fd), "HTTP/1.1 202 ");
    free(text);
    close(fd);
    server_stop(&server);
}

static void slow_requests_are_given_up(void **state)
{
    struct server server = server_start("--latency", "0", "--request-timeout", "200ms", NULL);
    int idle = dial(&server), slow = dial(&server);
    uint64_t start_ns = clock_ns();

    (void)state;
    say(slow, "GET /users/1 HTT");
    assert_starts(hear_all(slow), "HTTP/1.1 408 ");
    assert_true(clock_ns() - start_ns >= 200 * NS_PER_MS);
    /* One that has sent nothing yet may take its time. */
    say(idle, "GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_starts(hear(idle), "HTTP/1.1 200 ");
    close(idle);
    server_stop(&server);
}

/* Of two times that it waits for, the server wakes up at the earlier one. */
static void a_slow_request_delays_no_other(void **state)
{
    struct server server = server_start("--latency", "100ms", "--request-timeout", "10s", NULL);
    int slow = dial(&server), other = dial(&server);
    uint64_t start_ns = clock_ns();

    (void)state;
    say(slow, "GET /users/1 HTT");
    say(other, "GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_starts(hear(other), "HTTP/1.1 200 ");
    assert_true(clock_ns() - start_ns < 10 * NS_PER_S);
    close(slow);
    close(other);
    server_stop(&server);
}

/* More of them than the server deals with at a time: none is forgotten. */
static void many_slow_requests_are_given_up(void **state)
{
    struct server server = server_start("--latency", "0", "--request-timeout", "500ms", NULL);
    int fds[600];

    (void)state;
    for (int i = 0; i < 600; i++) {
        fds[i] = dial(&server);
        say(fds[i], "GET /users/1 HTT");
    }
    for (int i = 0; i < 600; i++)
        assert_starts(hear_all(fds[i]), "HTTP/1.1 408 ");
    wait_stat(&server, "connections", 1);
    server_stop(&server);
}

/* At every byte of a request, and while it waits: with a proper end and with a reset. */
static void connections_may_be_cut_at_every_stage(void **state)
{
    static const char request[] = "POST /analytics?delay=50s HTTP/1.1\r\nHost: mock\r\n"
                                  "Content-Length: 5\r\nX-Long: abcdefgh\r\n\r\nhello";
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    struct server server = server_start("--latency", "0", NULL);

    (void)state;
    for (size_t size = 0; size < 2 * sizeof(request); size++) {
        int fd = dial(&server);

        say_bytes(fd, request, size / 2);
        if (size % 4 < 2)
            usleep(1000); /* so that the server has read it by then */
        if (size % 2 == 1)
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        close(fd);
    }
    wait_stat(&server, "connections", 1);
    assert_int_equal(stat_of(&server, "in_flight"), 0);
    assert_int_equal(stat_of(&server, "requests"), stat_of(&server, "aborted"));
    assert_true(stat_of(&server, "requests") >= 1);
    free(server_request(&server, "/users/1", 0));
    server_stop(&server);
}

/* Whether what the server takes is not mostly the sanitizer's or valgrind's. */
static bool memory_is_its_own(void)
{
#ifdef __SANITIZE_ADDRESS__
    return false;
#else
    return !on_valgrind();
#endif
}

/* Sends `request` again and again, until the server has taken no byte for 300 ms, or `most` bytes
 * are sent, or it has closed the connection. Returns how many bytes are. */
static size_t say_until_full(int fd, const char *request, size_t most)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
    size_t sent = 0, size = strlen(request);

    while (sent < most && poll(&poll_fd, 1, 300) != 0) {
        ssize_t got =
            send(fd, request + sent % size, size - sent % size, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (got < 0 && errno != EAGAIN)
            break;
        sent += got > 0 ? (size_t)got : 0;
    }
    return sent;
}

/* The answers to all that a client says before it reads are more than the sockets hold. */
static void a_client_that_reads_late_gets_all(void **state)
{
    static const char request[] = "GET /users/5 HTTP/1.1\r\nHost: a\r\n\r\n";
    struct server server = server_start("--latency", "20us", NULL);
    int fd = dial(&server);
    size_t sent = say_until_full(fd, request, 64U << 20);

    (void)state;
    for (size_t n = 0; n < sent / strlen(request); n++)
        assert_ends(hear(fd), "User 5\"}");
    say(fd, request + sent % strlen(request));
    assert_ends(hear(fd), "User 5\"}");
    assert_int_equal(stat_of(&server, "responses"), sent / strlen(request) + 1);
    close(fd);
    server_stop(&server);
}

/* Asks for far more than the sockets hold, and reads nothing of it. */
static void a_client_that_never_reads_costs_little(void **state)
{
    struct server server = server_start("--latency", "0", "--request-timeout", "1s", NULL);
    int fd = dial(&server);
    size_t sent = say_until_full(fd, "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", 64U << 20);

    (void)state;
    assert_true(sent < (64U << 20));
    free(server_request(&server, "/users/1", 0));
    if (memory_is_its_own())
        assert_true(stat_of(&server, "rss_bytes") < 10e6);
    /* The server does not wait for it for ever. */
    wait_stat(&server, "connections", 1);
    close(fd);
    server_stop(&server);
}

/* With no descriptor left, clients wait in the backlog, and the server does not spin. */
static void exhausted_descriptors_only_delay(void **state)
{
    char command[256], *folder, *text;
    const char *const argv[] = {"sh", "-c", command, NULL};
    struct server server;
    int fds[40], asker;
    const char *told;
    double cpu_ns;

    (void)state;
    if (on_valgrind()) /* which keeps the limit to itself: no program that is started has it */
        skip();
    folder = folder_make();
    snprintf(command, sizeof(command), "ulimit -n 20; exec %s --listen 127.0.0.1:0 --latency 0",
             program("mockserver"));
    server = server_run(argv, path_in(folder, "out"), path_in(folder, "err"));
    for (int i = 0; i < 40; i++) {
        fds[i] = dial(&server);
        say(fds[i], "GET /users/1" CLOSE);
    }
    for (int i = 0; i < 40; i++)
        assert_ends(hear_all(fds[i]), "User 1\"}");
    free(server_request(&server, "/reset", 1));
    asker = dial(&server);
    for (int i = 0; i < 40; i++)
        fds[i] = dial(&server);
    usleep(1000000);
    say(asker, "GET /stats HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(stat_heard(asker, "unaccepted_peak") >= 20);
    close(asker);
    for (int i = 0; i < 40; i++)
        close(fds[i]);
    cpu_ns = stat_of(&server, "cpu_ns");
    if (cpu_ns > 0.3e9)
        fail_msg("it took %g s of CPU time to wait", cpu_ns / 1e9);
    assert_true(stat_of(&server, "unaccepted_ns_max") >= 0.9e9);
    text = read_in(folder, "err");
    told = strstr(text, "further clients wait in the backlog");
    assert_non_null(told);
    assert_null(strstr(told + 1, "further clients"));
    free(text);
    folder_remove(folder);
    server_stop(&server);
}

static void signals_end_it(void **state)
{
    struct server server = server_start("--latency", "60s", NULL);
    int fd = dial(&server);

    (void)state;
    say(fd, "GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n");
    wait_stat(&server, "in_flight", 1);
    kill(server.pid, SIGINT);
    assert_int_equal(wait_for(server.pid, 60), 0);
    close(fd);
}

/* Clients that have connected are not dropped, though nobody has looked at them yet: the server is
 * stopped meanwhile. */
static void what_has_come_in_is_answered_at_the_end(void **state)
{
    struct server server = server_start("--latency", "20ms", NULL);
    int fds[50], idle = dial(&server);

    (void)state;
    wait_stat(&server, "connections", 2);
    kill(server.pid, SIGSTOP);
    for (int i = 0; i < 50; i++) {
        fds[i] = dial(&server);
        say(fds[i], "GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    say(idle, "GET /users/2 HTTP/1.1\r\nHost: a\r\n\r\n");
    kill(server.pid, SIGTERM);
    kill(server.pid, SIGCONT);
    for (int i = 0; i < 50; i++)
        assert_ends(hear_all(fds[i]), "User 1\"}");
    assert_ends(hear_all(idle), "User 2\"}");
    assert_int_equal(wait_for(server.pid, 60), 0);
}

/* For how long at most the server did not look: known once it had much to do at a time. */
static void the_busiest_moment_is_told(void **state)
{
    struct server server = server_start("--latency", "0", NULL);
    int fds[50];

    (void)state;
    for (int i = 0; i < 50; i++)
        fds[i] = dial(&server);
    wait_stat(&server, "connections", 51);
    kill(server.pid, SIGSTOP);
    for (int i = 0; i < 50; i++)
        say(fds[i], "GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n");
    kill(server.pid, SIGCONT);
    for (int i = 0; i < 50; i++) {
        assert_ends(hear(fds[i]), "User 1\"}");
        close(fds[i]);
    }
    assert_true(stat_of(&server, "busy_ns_max") > 0);
    server_stop(&server);
}

/* What waits in the socket while the server does not look is in no lateness: it is told apart. */
static void what_waits_unread_is_told(void **state)
{
    struct server server = server_start("--latency", "1ms", NULL);
    int fd = dial(&server);

    (void)state;
    wait_stat(&server, "connections", 2);
    free(server_request(&server, "/reset", 1));
    kill(server.pid, SIGSTOP);
    say(fd, "GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n");
    usleep(200000);
    kill(server.pid, SIGCONT);
    assert_ends(hear(fd), "User 1\"}");
    close(fd);
    assert_true(stat_of(&server, "unread_ns.max") >= 200e6);
    assert_true(stat_of(&server, "unread_ns.count") >= 1);
    server_stop(&server);
    server = server_start("--latency", "0", NULL);
    free(server_request(&server, "/users/1", 0));
    assert_int_equal(stat_of(&server, "unread_ns.count"), 0);
    server_stop(&server);
}

static void bad_usage_and_bad_luck(void **state)
{
    struct server server = server_start("--latency", "1ms", NULL);
    char address[32];
    struct finished finished;
    static const char *const wrong[][2] = {
        {"--latency", "fast"}, {"--latency", "5"},     {"--seed", "x"},
        {"--listen", "8080"},  {"--listen", "[::1:1"}, {"--unknown", "1"},
        {"extra", "--help="},  {"--listen", "a:b"},    {"--listen", "127.0.0.1:99999"},
    };

    (void)state;
    snprintf(address, sizeof(address), "127.0.0.1:%d", server.port);
    finished = run("mockserver", "--listen", address, NULL);
    assert_int_equal(finished.status, 3);
    assert_non_null(strstr(finished.err, "in use; end the program that uses it"));
    finished_free(&finished);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        finished = run("mockserver", wrong[i][0], wrong[i][1], NULL);
        if (finished.status != 2 || finished.err[0] == '\0')
            fail_msg("%s %s: status %d", wrong[i][0], wrong[i][1], finished.status);
        finished_free(&finished);
    }
    finished = run("mockserver", "--help", NULL);
    assert_int_equal(finished.status, 0);
    assert_non_null(strstr(finished.out, "--latency"));
    finished_free(&finished);
    server_stop(&server);
}

/* Starts it for a moment with these addresses, and checks how often it warns of them. */
static void expect_warnings(const char *one, const char *two, int expected)
{
    const char *argv[] = {program("mockserver"), "--listen", one, "--listen", two, NULL};
    char *folder = folder_make(), *err;
    struct server server = server_run(argv, path_in(folder, "out"), path_in(folder, "err"));
    int found = 0;

    server_stop(&server);
    err = read_in(folder, "err");
    for (const char *at = err; (at = strstr(at, "other machines may reach")) != NULL; at++)
        found++;
    assert_int_equal(found, expected);
    if (expected == 0)
        assert_string_equal(err, "");
    free(err);
    folder_remove(folder);
}

static void it_warns_where_others_may_reach_it(void **state)
{
    (void)state;
    expect_warnings("127.0.0.1:0", "127.0.0.2-3:0", 0);
    expect_warnings("127.0.0.1:0", "0.0.0.0:0", 1);
    expect_warnings("0.0.0.0:0", "127.0.0.1:0", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_endpoint_answers),
        cmocka_unit_test(stats_keep_the_schema),
        cmocka_unit_test(every_endpoint_of_a_user_has_its_id),
        cmocka_unit_test(no_reply_is_early),
        cmocka_unit_test(no_reply_is_early_beside_others),
        cmocka_unit_test(pipelined_requests_wait_their_turn),
        cmocka_unit_test(a_deep_pipeline_is_answered_whole),
        cmocka_unit_test(documents_are_made_in_turns),
        cmocka_unit_test(connections_close_as_asked),
        cmocka_unit_test(an_answer_that_reaches_nobody_is_none),
        cmocka_unit_test(a_client_that_leaves_is_noticed),
        cmocka_unit_test(malformed_input_gets_its_status),
        cmocka_unit_test(bodies_are_read),
        cmocka_unit_test(slow_requests_are_given_up),
        cmocka_unit_test(a_slow_request_delays_no_other),
        cmocka_unit_test(many_slow_requests_are_given_up),
        cmocka_unit_test(connections_may_be_cut_at_every_stage),
        cmocka_unit_test(a_client_that_reads_late_gets_all),
        cmocka_unit_test(a_client_that_never_reads_costs_little),
        cmocka_unit_test(exhausted_descriptors_only_delay),
        cmocka_unit_test(signals_end_it),
        cmocka_unit_test(what_has_come_in_is_answered_at_the_end),
        cmocka_unit_test(the_busiest_moment_is_told),
        cmocka_unit_test(what_waits_unread_is_told),
        cmocka_unit_test(it_warns_where_others_may_reach_it),
        cmocka_unit_test(bad_usage_and_bad_luck),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
