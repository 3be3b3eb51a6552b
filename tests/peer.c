#include "tests/peer.h"

#include <arpa/inet.h>
#include <fnmatch.h>
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

static void serve(int fd, const struct peer_answer *answers, size_t count)
{
    static const struct peer_answer refused = {"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n",
                                               PEER_CLOSES};
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    const struct peer_answer *answer;
    char request[4096] = "";

    if (read(fd, request, sizeof(request) - 1) < 0)
        _exit(1);
    answer = strcasestr(request, "\nAuthorization:") != NULL ? &refused
                                                            : &answers[id_of(request) % count];
    if ((wanted == NULL || fnmatch(wanted, request, 0) == 0) &&
        write(fd, answer->text, strlen(answer->text)) < 0)
        _exit(1);
    if (answer->end == PEER_HANGS)
        return; /* the descriptor stays open until the process ends */
    if (answer->end == PEER_RESETS) {
        usleep(50000);
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    }
    close(fd);
}

/* In a process of its own, since others are to be answered meanwhile. */
static void serve_flood(int fd, const struct peer_flood *flood)
{
    char request[4096];
    bool served = fork() != 0;

    if (served) {
        close(fd);
        return;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (read(fd, request, sizeof(request)) > 0 &&
        write(fd, flood->text, strlen(flood->text)) >= 0)
        while (write(fd, flood->more, strlen(flood->more)) > 0)
            usleep(flood->pause_us);
    _exit(0);
}

struct peer peer_start(const char *answer, enum peer_end end)
{
    return peer_start_each(&(struct peer_answer){answer, end}, 1);
}

/* Returns in the parent only. */
static struct peer start_any(const struct peer_answer *answers, size_t count,
                         const struct peer_flood *flood)
{
    struct peer peer;
    int listener = listen_anywhere(&peer.port);

    peer.pid = fork();
    assert_true(peer.pid >= 0);
    if (peer.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
        signal(SIGCHLD, SIG_IGN);
        for (;;) {
            int fd = accept(listener, NULL, NULL);

            if (flood != NULL)
                serve_flood(fd, flood);
            else
                serve(fd, answers, count);
        }
    }
    close(listener);
    return peer;
}

struct peer peer_start_each(const struct peer_answer *answers, size_t count)
{
    return start_any(answers, count, NULL);
}

struct peer peer_start_flood(const struct peer_flood *flood)
{
    return start_any(NULL, 0, flood);
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
