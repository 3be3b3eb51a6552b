/* The mock server from outside: faults, limits, several processes, and how it ends. */
#include "tests/raw_http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/file.h"
#include "mockserver/faults.h"
#include "mockserver/counters.h"

#define CLOSE   " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
#define REQUEST " HTTP/1.1\r\nHost: a\r\n\r\n"

static void faults_are_chosen_by_share(void **state)
{
    struct faults faults;
    struct error error = {0};
    int counts[FAULT_COUNT] = {0};

    (void)state;
    assert_int_equal(faults_parse("503=10%,reset=0.05,hang=0", &faults, &error), 0);
    for (uint64_t id = 0; id < 100000; id++) {
        enum fault fault = faults_choose(&faults, 3, id, 0);

        counts[fault]++;
        assert_int_equal(fault, faults_choose(&faults, 3, id, 0));
    }
    /* Four standard deviations. */
    assert_in_range(counts[FAULT_503], 10000 - 380, 10000 + 380);
    assert_in_range(counts[FAULT_RESET], 5000 - 280, 5000 + 280);
    assert_int_equal(counts[FAULT_NONE] + counts[FAULT_503] + counts[FAULT_RESET], 100000);
}

static void malformed_faults_are_refused(void **state)
{
    static const char *const specs[] = {
        "",           "503",     "503=",    "503=2",           "503=-1",
        "none=1",     "odd=1%",  "503=1%%", "503=0.6,500=0.6", "503=1%,,500=1%",
        "refused=1%", "503=nan",
    };
    struct faults faults;
    struct error error = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(specs) / sizeof(*specs); i++)
        if (faults_parse(specs[i], &faults, &error) != -EINVAL || strlen(error.text) < 20)
            fail_msg("'%s' was taken", specs[i]);
}

static void a_rate_is_kept(void **state)
{
    _Atomic uint64_t next_ns = 0;
    uint64_t allowed = 0, start_ns = 5 * NS_PER_S;

    (void)state;
    /* Ten requests come for each that may, for two seconds. */
    for (uint64_t i = 0; i < 20000; i++)
        allowed += rate_allows(&next_ns, 1000, start_ns + i * 100000);
    assert_in_range(allowed, 2000 + 90, 2000 + 110);
    /* After a rest a burst of a tenth of a second may come again, and no more. */
    allowed = 0;
    for (uint64_t i = 0; i < 1000; i++)
        allowed += rate_allows(&next_ns, 1000, start_ns + 60 * NS_PER_S);
    assert_in_range(allowed, 100, 101);
    next_ns = 0;
    assert_true(rate_allows(&next_ns, 1, start_ns));
    assert_false(rate_allows(&next_ns, 1, start_ns + NS_PER_S / 2));
    assert_true(rate_allows(&next_ns, 1, start_ns + NS_PER_S));
    assert_true(rate_allows(&next_ns, 0, start_ns));
}

/* How a connection ended after `request`: the bytes that came, and whether with a reset. */
static const char *ask_for_fault(const struct server *server, const char *request, bool *reset)
{
    static char text[4096];
    size_t size = 0;
    ssize_t got;
    int fd = dial(server);

    say(fd, request);
    do {
        got = recv(fd, text + size, sizeof(text) - 1 - size, 0);
        size += got > 0 ? (size_t)got : 0;
    } while (got > 0);
    *reset = got < 0 && errno == ECONNRESET;
    text[size] = '\0';
    close(fd);
    return text;
}

static void connections_break_as_asked(void **state)
{
    struct server server = server_start("--latency", "1ms", NULL);
    const char *answer;
    bool reset;

    (void)state;
    answer = ask_for_fault(&server, "GET /users/7?fault=reset" REQUEST, &reset);
    assert_true(reset && answer[0] == '\0');
    answer = ask_for_fault(&server, "GET /users/7?fault=reset-body" REQUEST, &reset);
    assert_true(reset);
    assert_ends(answer, "\r\n\r\n{\"id\": 7, \"na");
    answer = ask_for_fault(&server, "GET /users/7?fault=truncate" REQUEST, &reset);
    assert_false(reset);
    assert_non_null(strstr(answer, "Content-Length: 27\r\n"));
    assert_non_null(strstr(answer, "Connection: close\r\n"));
    assert_ends(answer, "\r\n\r\n{\"id\": 7, \"na");
    answer = ask_for_fault(&server, "GET /users/7?fault=malformed" REQUEST, &reset);
    assert_false(reset || strncmp(answer, "HTTP", 4) == 0);
    assert_int_equal(stat_of(&server, "faults.reset"), 1);
    assert_int_equal(stat_of(&server, "faults.reset-body"), 1);
    assert_int_equal(stat_of(&server, "faults.truncate"), 1);
    assert_int_equal(stat_of(&server, "faults.malformed"), 1);
    assert_int_equal(stat_of(&server, "requests"), 4);
    assert_int_equal(stat_of(&server, "responses"), 3); /* a reset is no answer */
    assert_int_equal(stat_of(&server, "in_flight"), 0);
    server_stop(&server);
}

/* What cannot be seen in an answer did not happen, and is not counted. */
static void faults_count_where_they_show(void **state)
{
    struct server server = server_start("--latency", "0", NULL);

    (void)state;
    assert_ends(ask(&server, "HEAD /users/7?fault=truncate" CLOSE), "\r\n\r\n");
    assert_ends(ask(&server, "HEAD /users/7?fault=drip" CLOSE), "\r\n\r\n");
    assert_ends(ask(&server, "HEAD /users/7?fault=wrong-body" CLOSE), "\r\n\r\n");
    assert_starts(ask(&server, "GET /users/7?status=204&fault=reset-body" CLOSE), "HTTP/1.1 204");
    assert_starts(ask(&server, "GET /users/7?status=404&fault=wrong-body" CLOSE), "HTTP/1.1 404");
    assert_int_equal(stat_of(&server, "faults.truncate"), -1);
    assert_int_equal(stat_of(&server, "faults.drip"), -1);
    assert_int_equal(stat_of(&server, "faults.wrong-body"), -1);
    assert_int_equal(stat_of(&server, "faults.reset-body"), -1);
    assert_int_equal(stat_of(&server, "responses"), 5);
    server_stop(&server);
}

/* It has answered before, and then closes without a byte. */
static void a_stale_connection_was_kept(void **state)
{
    struct server server = server_start("--latency", "0", NULL);
    int fd = dial(&server);

    (void)state;
    say(fd, "GET /users/7?fault=stale" REQUEST);
    assert_ends(hear(fd), "User 7\"}");
    say(fd, "GET /users/7?fault=stale" REQUEST);
    assert_string_equal(hear_all(fd), "");
    assert_int_equal(stat_of(&server, "faults.stale"), 1);
    assert_int_equal(stat_of(&server, "responses"), 1);
    server_stop(&server);
}

static void who_asks_for_a_status_meets_no_fault(void **state)
{
    struct server server = server_start("--latency", "0", "--faults", "503=100%", NULL);

    (void)state;
    assert_starts(ask(&server, "GET /users/7?status=404" CLOSE), "HTTP/1.1 404 ");
    assert_int_equal(stat_of(&server, "faults.503"), -1);
    assert_starts(ask(&server, "GET /users/7" CLOSE), "HTTP/1.1 503 ");
    assert_int_equal(stat_of(&server, "faults.503"), 1);
    server_stop(&server);
}

static void answers_are_wrong_as_asked(void **state)
{
    static const struct {
        const char *query, *start;
    } cases[] = {
        {"500", "HTTP/1.1 500 Internal Server Error\r\n"},
        {"503", "HTTP/1.1 503 Service Unavailable\r\n"},
        {"429", "HTTP/1.1 429 Too Many Requests\r\n"},
        {"none", "HTTP/1.1 200 OK\r\n"},
    };
    struct server server = server_start("--latency", "1ms", "--faults", "503=100%", NULL);
    char request[64];
    int fd = dial(&server);

    (void)state;
    say(fd, "GET /users/7" REQUEST);
    assert_non_null(strstr(hear(fd), "Retry-After: 1\r\n"));
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        snprintf(request, sizeof(request), "GET /users/7?fault=%s" REQUEST, cases[i].query);
        say(fd, request);
        assert_starts(hear(fd), cases[i].start);
    }
    say(fd, "GET /users/7?fault=wrong-body" REQUEST);
    assert_ends(hear(fd), "{\"id\": 8, \"name\": \"User 8\"}");
    assert_int_equal(stat_of(&server, "faults.503"), 2);
    assert_int_equal(stat_of(&server, "statuses.200"), 2);
    close(fd);
    server_stop(&server);
}

static void a_body_drips(void **state)
{
    struct server server = server_start("--latency", "10ms", NULL);
    uint64_t start_ns = clock_ns();
    int fd = dial(&server);

    (void)state;
    /* 27 bytes at 200 a second; the first comes at once. */
    say(fd, "GET /users/7?fault=drip&rate=200" REQUEST "GET /users/8" REQUEST);
    assert_ends(hear(fd), "{\"id\": 7, \"name\": \"User 7\"}");
    assert_true(clock_ns() - start_ns >= 140 * NS_PER_MS);
    assert_ends(hear(fd), "{\"id\": 8, \"name\": \"User 8\"}");
    say(fd, "GET /users/7?fault=drip&rate=1000000" REQUEST "HEAD /users/8?fault=drip" REQUEST);
    assert_ends(hear(fd), "{\"id\": 7, \"name\": \"User 7\"}");
    wait_stat(&server, "responses", 4);
    close(fd);
    /* A client that leaves in the middle. */
    fd = dial(&server);
    say(fd, "GET /users/7?fault=drip&rate=1" REQUEST);
    wait_stat(&server, "in_flight", 1);
    close(fd);
    wait_stat(&server, "in_flight", 0);
    assert_int_equal(stat_of(&server, "aborted"), 1);
    server_stop(&server);
}

/* Each request ends in one way only. */
static void a_reset_that_nobody_waits_for_is_none(void **state)
{
    struct server server = server_start("--latency", "60s", NULL);
    int fd = dial(&server);

    (void)state;
    say(fd, "GET /users/7?fault=reset" REQUEST);
    wait_stat(&server, "in_flight", 1);
    assert_int_equal(stat_of(&server, "faults.reset"), -1);
    close(fd);
    wait_stat(&server, "aborted", 1);
    assert_int_equal(stat_of(&server, "faults.reset"), -1);
    server_stop(&server);
}

static void a_hanging_request_ends_with_its_client(void **state)
{
    struct server server = server_start("--latency", "1ms", NULL);
    int fd = dial(&server);
    char byte;

    (void)state;
    say(fd, "GET /users/7?fault=hang" REQUEST "GET /users/8" REQUEST);
    wait_stat(&server, "in_flight", 1);
    usleep(100000);
    assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
    close(fd);
    wait_stat(&server, "aborted", 1);
    server_stop(&server);
}

static void too_many_in_flight_are_turned_away(void **state)
{
    struct server server = server_start("--latency", "4s", "--max-in-flight", "2", NULL);
    int fds[4];

    (void)state;
    for (int i = 0; i < 4; i++) {
        fds[i] = dial(&server);
        say(fds[i], "GET /users/7" REQUEST);
        wait_stat(&server, "requests", i + 1);
    }
    assert_starts(hear(fds[2]), "HTTP/1.1 503 ");
    assert_starts(hear(fds[3]), "HTTP/1.1 503 ");
    assert_starts(hear(fds[0]), "HTTP/1.1 200 ");
    assert_starts(hear(fds[1]), "HTTP/1.1 200 ");
    assert_int_equal(stat_of(&server, "in_flight_peak"), 2);
    assert_int_equal(stat_of(&server, "faults.overload"), 2);
    for (int i = 0; i < 4; i++)
        close(fds[i]);
    server_stop(&server);
}

static void too_many_requests_are_turned_away(void **state)
{
    struct server server = server_start("--latency", "0", "--rate", "1/s", NULL);
    int fd = dial(&server), refused = 0;

    (void)state;
    for (int i = 0; i < 10; i++) {
        say(fd, "GET /users/7" REQUEST);
        refused += strncmp(hear(fd), "HTTP/1.1 429 ", 13) == 0;
    }
    assert_in_range(refused, 1, 9);
    assert_int_equal(stat_of(&server, "faults.rate"), refused);
    usleep(2500000);
    say(fd, "GET /users/7" REQUEST);
    assert_starts(hear(fd), "HTTP/1.1 200 ");
    close(fd);
    server_stop(&server);
}

static void too_many_connections_are_reset(void **state)
{
    struct server server = server_start("--latency", "0", "--max-connections", "3", NULL);
    char byte;
    int fds[4];

    (void)state;
    for (int i = 0; i < 3; i++) {
        fds[i] = dial(&server);
        say(fds[i], "GET /users/7" REQUEST);
        assert_ends(hear(fds[i]), "User 7\"}");
    }
    fds[3] = dial(&server);
    assert_int_equal(recv(fds[3], &byte, 1, 0), -1);
    assert_int_equal(errno, ECONNRESET);
    say(fds[0], "GET /users/7" REQUEST);
    assert_ends(hear(fds[0]), "User 7\"}");
    for (int i = 0; i < 4; i++)
        close(fds[i]);
    usleep(200000);
    assert_int_equal(stat_of(&server, "faults.refused"), 1);
    assert_int_equal(stat_of(&server, "connections_peak"), 3);
    server_stop(&server);
}

/* Waits until the server has `expected` processes that serve; they go into `pids`. */
static void wait_workers(const struct server *server, pid_t *pids, int expected)
{
    uint64_t until_ns = clock_ns() + 60 * NS_PER_S;

    while (children_of(server->pid, pids, expected) != expected && clock_ns() < until_ns)
        usleep(2000);
    assert_int_equal(children_of(server->pid, pids, expected), expected);
}

static void workers_speak_with_one_voice(void **state)
{
    enum { CLIENTS = 60 };
    struct server server = server_start("--latency", "4s", "--workers", "3", NULL);
    int fds[CLIENTS];
    pid_t workers[3];

    (void)state;
    wait_workers(&server, workers, 3);
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = dial(&server);
        say(fds[i], "GET /users/7" REQUEST);
    }
    for (int i = 0; i < CLIENTS; i++)
        assert_ends(hear(fds[i]), "User 7\"}");
    /* Whichever process answers, it tells of all. */
    for (int i = 0; i < 10; i++) {
        wait_stat(&server, "responses", CLIENTS); /* another may be about to count its last */
        assert_int_equal(stat_of(&server, "in_flight_peak"), CLIENTS);
        wait_stat(&server, "lateness_ns.count", CLIENTS);
        assert_int_equal(stat_of(&server, "lateness_ns.early"), 0);
    }
    for (int i = 0; i < CLIENTS; i++)
        close(fds[i]);
    wait_stat(&server, "connections", 1);
    server_stop(&server);
}

static void a_worker_that_dies_ends_the_server(void **state)
{
    struct server server = server_start("--workers", "2", NULL);
    pid_t workers[2];

    (void)state;
    wait_workers(&server, workers, 2);
    kill(workers[0], SIGKILL);
    assert_int_equal(wait_for(server.pid, 60), 1);
}

/* Nobody else's port is taken over quietly, though workers could share it. */
static void workers_do_not_join_another_server(void **state)
{
    struct server server = server_start("--workers", "2", NULL);
    char address[32];
    struct finished finished;

    (void)state;
    snprintf(address, sizeof(address), "127.0.0.1:%d", server.port);
    finished = run("mockserver", "--listen", address, "--workers", "2", NULL);
    assert_int_equal(finished.status, 3);
    assert_non_null(strstr(finished.err, "in use"));
    finished_free(&finished);
    server_stop(&server);
}

static void ranges_of_addresses(void **state)
{
    static const char *const wrong[] = {"127.0.0.8-1:0",   "127.0.0.1-:0",  "127.0.0.-3:0",
                                        "127.0.0.1-256:0", "127.0.0-3.1:0", "1-3:0"};
    char *folder = folder_make(), *text = NULL, spec[32];
    const char *const argv[] = {program("mockserver"), "--listen", spec, "--workers", "2", NULL};
    int port = free_port();
    pid_t pid;

    (void)state;
    snprintf(spec, sizeof(spec), "127.0.0.1-3:%d", port);
    pid = start(argv, path_in(folder, "out"), NULL);
    for (int i = 0; i < 20000 && (text == NULL || strstr(text, "0.3:") == NULL); i++) {
        free(text);
        usleep(2000);
        text = file_read(path_in(folder, "out"), 1000, NULL);
    }
    for (int i = 1; i <= 3; i++) {
        struct server server;
        char line[96];

        snprintf(server.url, sizeof(server.url), "http://127.0.0.%d:%d", i, port);
        snprintf(line, sizeof(line), "listening on %s\n", server.url);
        assert_non_null(strstr(text, line));
        free(server_request(&server, "/healthz", 0));
    }
    kill(pid, SIGTERM);
    assert_int_equal(wait_for(pid, 60), 0);
    free(text);
    folder_remove(folder);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        struct finished finished = run("mockserver", "--listen", wrong[i], NULL);

        if (finished.status != 2)
            fail_msg("%s: status %d", wrong[i], finished.status);
        finished_free(&finished);
    }
}

/* 10,000 clients that connect at once, each with a request: none may be lost. */
static void an_accept_storm_loses_none(void **state)
{
    struct server server = server_start("--latency", "100ms", NULL);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)server.port)};
    struct rlimit limit;
    int *fds, count;

    (void)state;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    count = limit.rlim_cur > 10100 ? 10000 : (int)limit.rlim_cur - 100;
    fds = calloc((size_t)count, sizeof(*fds));
    for (int i = 0; i < count; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        assert_true(connect(fds[i], (struct sockaddr *)&to, sizeof(to)) == 0 ||
                    errno == EINPROGRESS);
    }
    for (int i = 0; i < count; i++) {
        struct pollfd writable = {.fd = fds[i], .events = POLLOUT};

        assert_int_equal(poll(&writable, 1, 60000), 1);
        say(fds[i], "GET /users/7" REQUEST);
    }
    for (int i = 0; i < count; i++) {
        struct pollfd readable = {.fd = fds[i], .events = POLLIN};

        assert_int_equal(poll(&readable, 1, 60000), 1);
        assert_ends(hear(fds[i]), "User 7\"}");
        close(fds[i]);
    }
    free(fds);
    assert_int_equal(stat_of(&server, "responses"), count);
    assert_int_equal(stat_of(&server, "aborted"), 0);
    server_stop(&server);
}

static void sigterm_lets_requests_finish(void **state)
{
    struct server server = server_start("--latency", "1s", NULL);
    int waiting = dial(&server), idle = dial(&server);
    char byte;

    (void)state;
    say(waiting, "GET /users/7" REQUEST "GET /users/8" REQUEST);
    wait_stat(&server, "in_flight", 1);
    kill(server.pid, SIGTERM);
    assert_int_equal(recv(idle, &byte, 1, 0), 0);
    assert_non_null(strstr(hear_all(waiting), "Connection: close\r\n"));
    assert_int_equal(wait_for(server.pid, 60), 0);
    close(idle);
}

/* Waits until nobody listens at the server's port any more. */
static void wait_refused(const struct server *server)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)server->port)};
    uint64_t until_ns = clock_ns() + 60 * NS_PER_S;
    int error = 0;

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    while (error == 0) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_true(clock_ns() < until_ns);
        error = connect(fd, (struct sockaddr *)&to, sizeof(to));
        close(fd);
        usleep(2000);
    }
}

static void grace_has_an_end(void **state)
{
    struct server server =
        server_start("--latency", "60s", "--grace", "300ms", "--workers", "2", NULL);
    uint64_t start_ns;
    int fd = dial(&server);

    (void)state;
    say(fd, "GET /users/7" REQUEST);
    wait_stat(&server, "in_flight", 1);
    start_ns = clock_ns();
    kill(server.pid, SIGTERM);
    assert_int_equal(wait_for(server.pid, 60), 0);
    assert_true(clock_ns() - start_ns >= 300 * NS_PER_MS);
    assert_string_equal(hear_all(fd), "");
    server = server_start("--latency", "60s", "--grace", "60s", NULL);
    fd = dial(&server);
    say(fd, "GET /users/7" REQUEST);
    wait_stat(&server, "in_flight", 1);
    kill(server.pid, SIGTERM);
    wait_refused(&server);     /* it has seen the first */
    kill(server.pid, SIGTERM); /* a second one does not wait */
    assert_int_equal(wait_for(server.pid, 50), 0);
    close(fd);
}

/* Much to do for one turn of the loop, from each of `count` clients. */
static void fill(const int *fds, int count)
{
    static char requests[16384];
    size_t used = 0;

    while (used + sizeof("GET /healthz" REQUEST) <= sizeof(requests))
        used += (size_t)sprintf(requests + used, "GET /healthz" REQUEST);
    for (int i = 0; i < count; i++)
        say_bytes(fds[i], requests, used);
}

static void close_fds(const int *fds, int count)
{
    for (int i = 0; i < count; i++)
        close(fds[i]);
}

/* What comes while the server is stopped it takes in one turn: much to do, new clients, and the
 * news that the old ones leave. Meanwhile replies to these come due one after the other and end
 * them, so that the new ones get their descriptors; the news is not about the new ones. */
static void a_descriptor_that_is_used_again_is_another_client(void **state)
{
    struct server server = server_start("--latency", "1ms", NULL);
    uint64_t start_ns = clock_ns();
    int busy[60], old[40], young[14];
    char request[96];

    (void)state;
    for (int i = 0; i < 40; i++) {
        old[i] = dial(&server);
        snprintf(request, sizeof(request),
                 "GET /users/7?delay=%dms HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                 1000 + 5 * i);
        say(old[i], request);
    }
    wait_stat(&server, "in_flight", 40);
    for (int i = 0; i < 60; i++)
        busy[i] = dial(&server);
    wait_stat_from(&server, "connections", 100);
    kill(server.pid, SIGSTOP);
    fill(busy, 60);
    for (int i = 0; i < 14; i++) {
        young[i] = dial(&server);
        say(young[i], "GET /users/8?delay=300ms" REQUEST);
    }
    for (int i = 0; i < 40; i++)
        close(old[i]);
    clock_sleep_until(start_ns + 1000 * NS_PER_MS);
    kill(server.pid, SIGCONT);
    for (int i = 0; i < 14; i++)
        assert_starts(hear(young[i]), "HTTP/1.1 200");
    close_fds(busy, 60);
    close_fds(young, 14);
    server_stop(&server);
}

/* Both have asked before the server looks: the second is not told of all that the first wants. */
static void who_asks_for_much_lets_others_have_their_turn(void **state)
{
    enum { ASKED = 200 };
    static char requests[ASKED * sizeof("GET /users/7" REQUEST)];
    struct server server = server_start("--latency", "0", NULL);
    int greedy = dial(&server), other = dial(&server);
    double answered;

    (void)state;
    wait_stat_from(&server, "connections", 3); /* and the one that asks */
    kill(server.pid, SIGSTOP);
    for (int i = 0; i < ASKED; i++)
        strcat(requests, "GET /users/7" REQUEST);
    say(greedy, requests);
    say(other, "GET /stats" REQUEST);
    kill(server.pid, SIGCONT);
    answered = stat_heard(other, "responses");
    assert_true(answered >= 1 && answered <= ASKED / 2);
    for (int i = 0; i < ASKED; i++)
        assert_starts(hear(greedy), "HTTP/1.1 200 ");
    close(greedy);
    close(other);
    server_stop(&server);
}

/* A terminal sends it to the whole group; here the workers get it before their parent does, which
 * then tells them to end as well. */
static void an_interrupt_of_the_group_lets_workers_finish(void **state)
{
    struct server server = server_start("--latency", "1s", "--workers", "2", NULL);
    int fd = dial(&server);
    pid_t workers[2];

    (void)state;
    wait_workers(&server, workers, 2);
    say(fd, "GET /users/7" REQUEST);
    wait_stat(&server, "in_flight", 1);
    kill(workers[0], SIGINT);
    kill(workers[1], SIGINT);
    kill(server.pid, SIGINT);
    assert_starts(hear(fd), "HTTP/1.1 200");
    close(fd);
    assert_int_equal(wait_for(server.pid, 60), 0);
}

/* Whoever starts it may ignore the end of children, and exec keeps that. */
static void workers_are_seen_to_end_where_sigchld_was_ignored(void **state)
{
    struct server server;

    (void)state;
    signal(SIGCHLD, SIG_IGN);
    server = server_start("--workers", "2", NULL);
    signal(SIGCHLD, SIG_DFL);
    server_stop(&server);
}

static void delays_can_be_printed_and_are_kept(void **state)
{
    struct finished finished =
        run("mockserver", "--print-delays", "20", "--latency", "uniform:20ms..80ms", "--seed", "5",
            "--faults", "503=30%", NULL);
    struct server server =
        server_start("--latency", "uniform:20ms..80ms", "--seed", "5", "--faults", "503=30%", NULL);
    char *rest, *line = strtok_r(finished.out, "\n", &rest);
    int fd = dial(&server);

    (void)state;
    assert_int_equal(finished.status, 0);
    assert_string_equal(line, "id,delay_ns,fault");
    for (int id = 0; id < 20; id++) {
        char request[64], fault[16];
        unsigned long long delay_ns, start_ns;
        int printed;

        line = strtok_r(NULL, "\n", &rest);
        assert_int_equal(sscanf(line, "%d,%llu,%15s", &printed, &delay_ns, fault), 3);
        assert_int_equal(printed, id);
        snprintf(request, sizeof(request), "GET /users/%d" REQUEST, id);
        start_ns = clock_ns();
        say(fd, request);
        assert_starts(hear(fd), strcmp(fault, "503") == 0 ? "HTTP/1.1 503" : "HTTP/1.1 200");
        assert_true(clock_ns() - start_ns >= delay_ns);
        assert_true(clock_ns() - start_ns < delay_ns + 10 * NS_PER_S);
    }
    finished_free(&finished);
    close(fd);
    server_stop(&server);
}

static void metrics_are_for_prometheus(void **state)
{
    struct server server = server_start("--latency", "1ms", NULL);
    char *text;

    (void)state;
    free(server_request(&server, "/users/1", 0));
    text = server_request(&server, "/metrics", 0);
    assert_non_null(strstr(text, ",latency=\"1ms\",faults=\"\",seed=\"1\"} 1\n"));
    assert_non_null(strstr(text, "# TYPE mockserver_requests_total counter\n"
                                 "mockserver_requests_total 1\n"));
    assert_non_null(strstr(text, "mockserver_replies_total{status=\"200\"} 1\n"));
    assert_non_null(strstr(text, "mockserver_faults_total{kind=\"reset\"} 0\n"));
    assert_non_null(strstr(text, "mockserver_lateness_seconds_bucket{le=\"+Inf\"} 1\n"));
    assert_non_null(strstr(text, "mockserver_lateness_seconds_count 1\n"));
    free(text);
    server_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_chosen_by_share),
        cmocka_unit_test(malformed_faults_are_refused),
        cmocka_unit_test(a_rate_is_kept),
        cmocka_unit_test(connections_break_as_asked),
        cmocka_unit_test(faults_count_where_they_show),
        cmocka_unit_test(a_stale_connection_was_kept),
        cmocka_unit_test(who_asks_for_a_status_meets_no_fault),
        cmocka_unit_test(answers_are_wrong_as_asked),
        cmocka_unit_test(a_body_drips),
        cmocka_unit_test(a_reset_that_nobody_waits_for_is_none),
        cmocka_unit_test(a_hanging_request_ends_with_its_client),
        cmocka_unit_test(too_many_in_flight_are_turned_away),
        cmocka_unit_test(too_many_requests_are_turned_away),
        cmocka_unit_test(too_many_connections_are_reset),
        cmocka_unit_test(workers_speak_with_one_voice),
        cmocka_unit_test(a_worker_that_dies_ends_the_server),
        cmocka_unit_test(workers_do_not_join_another_server),
        cmocka_unit_test(ranges_of_addresses),
        cmocka_unit_test(an_accept_storm_loses_none),
        cmocka_unit_test(sigterm_lets_requests_finish),
        cmocka_unit_test(grace_has_an_end),
        cmocka_unit_test(a_descriptor_that_is_used_again_is_another_client),
        cmocka_unit_test(who_asks_for_much_lets_others_have_their_turn),
        cmocka_unit_test(an_interrupt_of_the_group_lets_workers_finish),
        cmocka_unit_test(workers_are_seen_to_end_where_sigchld_was_ignored),
        cmocka_unit_test(delays_can_be_printed_and_are_kept),
        cmocka_unit_test(metrics_are_for_prometheus),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
