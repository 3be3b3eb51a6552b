#include "tests/peer.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/helpers.h"

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

static void serve(int fd, const char *answer, enum peer_end end)
{
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    char request[4096];

    if (read(fd, request, sizeof(request)) > 0 && write(fd, answer, strlen(answer)) < 0)
        _exit(1);
    if (end == PEER_HANGS)
        return; /* the descriptor stays open until the process ends */
    if (end == PEER_RESETS)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    close(fd);
}

struct peer peer_start(const char *answer, enum peer_end end)
{
    struct peer peer;
    int listener = listen_anywhere(&peer.port);

    peer.pid = fork();
    assert_true(peer.pid >= 0);
    if (peer.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
        for (;;)
            serve(accept(listener, NULL, NULL), answer, end);
    }
    close(listener);
    return peer;
}

void peer_stop(struct peer *peer)
{
    kill(peer->pid, SIGKILL);
    waitpid(peer->pid, NULL, 0);
}
