#include "tests/raw_http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/json.h"

#define ANSWER_SIZE_MAX (1U << 20)

int dial(const struct server *server)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)server->port)};
    struct timeval patience = {.tv_sec = 60};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

void say_bytes(int fd, const char *text, size_t size)
{
    assert_int_equal(send(fd, text, size, MSG_NOSIGNAL), size);
}

void say(int fd, const char *text)
{
    say_bytes(fd, text, strlen(text));
}

static const char *find_header_end(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");

    return end != NULL ? end + 4 : NULL;
}

const char *hear(int fd)
{
    static char text[ANSWER_SIZE_MAX];
    size_t size = 0, wanted = SIZE_MAX;

    /* Byte by byte, so as to leave the next answer in the socket. */
    while (size < wanted && size < sizeof(text) - 1) {
        const char *length, *body;
        ssize_t got = recv(fd, text + size, wanted == SIZE_MAX ? 1 : wanted - size, 0);

        if (got <= 0)
            fail_msg("the connection ended after: %.*s", (int)size, text);
        size += (size_t)got;
        text[size] = '\0';
        body = wanted == SIZE_MAX ? find_header_end(text) : NULL;
        if (body == NULL)
            continue;
        length = strstr(text, "Content-Length: ");
        wanted = (size_t)(body - text) + (length != NULL ? strtoul(length + 16, NULL, 10) : 0);
    }
    return text;
}

const char *hear_all(int fd)
{
    static char text[ANSWER_SIZE_MAX];
    size_t size = 0;
    ssize_t got;

    do {
        got = recv(fd, text + size, sizeof(text) - 1 - size, 0);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            fail_msg("the server did not close the connection");
        size += got > 0 ? (size_t)got : 0;
    } while (got > 0);
    text[size] = '\0';
    close(fd);
    return text;
}

const char *ask(const struct server *server, const char *request)
{
    int fd = dial(server);

    say(fd, request);
    return hear_all(fd);
}

void assert_starts(const char *text, const char *start)
{
    if (strncmp(text, start, strlen(start)) != 0)
        fail_msg("'%.200s' does not start with '%s'", text, start);
}

void assert_ends(const char *text, const char *end)
{
    if (strlen(text) < strlen(end) || strcmp(text + strlen(text) - strlen(end), end) != 0)
        fail_msg("'%s' does not end with '%s'", text, end);
}

static double number_in(const char *text, const char *path)
{
    json_t *stats = json_loads(text, 0, NULL);
    double value = json_number_at(stats, path, -1);

    assert_non_null(stats);
    json_decref(stats);
    return value;
}

double stat_of(const struct server *server, const char *path)
{
    char *text = server_request(server, "/stats", 0);
    double value = number_in(text, path);

    free(text);
    return value;
}

double stat_heard(int fd, const char *path)
{
    return number_in(find_header_end(hear(fd)), path);
}

static void wait_range(const struct server *server, const char *path, double least, double most)
{
    uint64_t until_ns = clock_ns() + 60 * NS_PER_S;
    double value = stat_of(server, path);

    while ((value < least || value > most) && clock_ns() < until_ns) {
        usleep(5000);
        value = stat_of(server, path);
    }
    if (value < least || value > most)
        fail_msg("%s is %g, which is not from %g to %g", path, value, least, most);
}

void wait_stat(const struct server *server, const char *path, double expected)
{
    wait_range(server, path, expected, expected);
}

void wait_stat_from(const struct server *server, const char *path, double least)
{
    wait_range(server, path, least, INFINITY);
}
