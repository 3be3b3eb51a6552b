#include "tests/peer.h"

#include <arpa/inet.h>
#include <fnmatch.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/helpers.h"

static const char *wanted; /* what requests are like that are answered; NULL: any */

static int listen_anywhere(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(fd, 1024), 0);
    getsockname(fd, (struct sockaddr *)&address, &length);
    *port = ntohs(address.sin_port);
    return fd;
}

/* The id that is asked for, or 0. */
static size_t id_of(const char *request)
{
    const char *path = strstr(request, "/users/");

    return path != NULL ? strtoul(path + strlen("/users/"), NULL, 10) : 0;
}

/* Replaces the first `mark` in the bytes by a number, as wide as the mark. */
static void fill(char *text, size_t size, const char *mark, const char *format, size_t number)
{
    size_t width = strlen(mark);
    char *at = memmem(text, size, mark, width), digits[16] = "";

    snprintf(digits, sizeof(digits), format, (int)width, number);
    if (at != NULL)
        memcpy(at, digits, strlen(digits));
}

static bool send_all(int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, text, size, MSG_NOSIGNAL);

        if (sent < 0)
            return false;
        text += sent;
        size -= (size_t)sent;
    }
    return true;
}

/* In pieces that are not too small, but where it pauses; where it is left open, until the client
 * has gone. */
static void send_again(int fd, const struct peer_answer *answer)
{
    size_t length = answer->again_size > 0 ? answer->again_size : strlen(answer->again);
    char piece[16384];
    size_t size = 0, sent = 0;

    do {
        memcpy(piece + size, answer->again, length);
        size += length;
    } while (answer->pause_us == 0 && size + length <= sizeof(piece));
    while (answer->end == PEER_HANGS || sent < answer->again_bytes) {
        if (!send_all(fd, piece, size))
            return;
        sent += size;
        usleep(answer->pause_us);
    }
}

static void send_answer(int fd, const struct peer_answer *answer, size_t id)
{
    size_t size = answer->size > 0 ? answer->size : strlen(answer->text);
    char *text = malloc(size + 1), *end;

    memcpy(text, answer->text, size);
    for (int i = 0; i < 2; i++) /* some answers hold two bodies */
        fill(text, size, "@@@", "%-*zu", id);
    fill(text, size, "###", "%*zu", id);
    end = memmem(text, size, "\r\n\r\n", 4);
    if (end != NULL)
        fill(text, size, "%%%%", "%-*zu", size - (size_t)(end + 4 - text));
    if (send_all(fd, text, size) && answer->again != NULL)
        send_again(fd, answer);
    free(text);
}

struct served {
    int fd;
    const struct peer_answer *answers;
    size_t count;
};

static void *serve(void *argument)
{
    static const struct peer_answer refused = {.text = "HTTP/1.1 401 No\r\n"
                                                       "Content-Length: 0\r\n\r\n"};
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    struct served *served = argument;
    const struct peer_answer *answer;
    char request[4096] = "";
    bool refuses;

    if (read(served->fd, request, sizeof(request) - 1) < 0)
        _exit(1);
    refuses = strcasestr(request, "\nAuthorization:") != NULL;
    answer = refuses ? &refused : &served->answers[id_of(request) % served->count];
    if (wanted == NULL || fnmatch(wanted, request, 0) == 0)
        send_answer(served->fd, answer, id_of(request));
    while (answer->end == PEER_HANGS && read(served->fd, request, sizeof(request)) > 0)
        continue;
    usleep(answer->close_us);
    if (answer->end == PEER_RESETS) {
        usleep(50000);
        setsockopt(served->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    }
    close(served->fd);
    free(served);
    return NULL;
}

static void serve_all(int listener, const struct peer_answer *answers, size_t count)
{
    pthread_attr_t small;

    pthread_attr_init(&small);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&small, 256 << 10);
    for (;;) {
        struct served *served = malloc(sizeof(*served));
        pthread_t thread;

        *served = (struct served){accept(listener, NULL, NULL), answers, count};
        if (pthread_create(&thread, &small, serve, served) != 0)
            _exit(1);
    }
}

struct peer peer_start(const char *answer, enum peer_end end)
{
    return peer_start_each(&(struct peer_answer){.text = answer, .end = end}, 1);
}

struct peer peer_start_each(const struct peer_answer *answers, size_t count)
{
    struct peer peer;
    int listener = listen_anywhere(&peer.port);

    peer.pid = fork();
    assert_true(peer.pid >= 0);
    if (peer.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
        serve_all(listener, answers, count);
    }
    close(listener);
    return peer;
}

struct peer peer_start_for(const char *must)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    struct peer peer;

    wanted = must;
    peer = peer_start(answer, PEER_CLOSES);
    wanted = NULL;
    return peer;
}

const char *peer_url(const struct peer *peer)
{
    static char url[64];

    snprintf(url, sizeof(url), "http://127.0.0.1:%d/users/{id}", peer->port);
    return url;
}

void peer_stop(struct peer *peer)
{
    kill(peer->pid, SIGKILL);
    waitpid(peer->pid, NULL, 0);
}
