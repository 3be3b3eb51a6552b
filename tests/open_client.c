#include "tests/open_client.h"

#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

#include "tests/raw_http.h"

#include "common/clock.h"

struct client_connection {
    uint64_t next; /* the id that it asks for next, or waits for */
    bool waits;    /* for the answer */
    size_t heard;
    char answer[1024];
};

/* Whether all of an answer is there. */
static bool is_whole(const struct client_connection *c)
{
    const char *length = strcasestr(c->answer, "content-length:"),
               *body = strstr(c->answer, "\r\n\r\n");

    if (length == NULL || body == NULL)
        return false;
    return c->heard >= (size_t)(body + 4 - c->answer) + strtoul(length + 15, NULL, 10);
}

static void ask_next(struct client_connection *c, int fd, const char *query)
{
    char request[512];

    snprintf(request, sizeof(request), "GET /users/%llu%s HTTP/1.1\r\nHost: h\r\n\r\n",
             (unsigned long long)c->next, query);
    say(fd, request);
    c->waits = true;
    c->heard = 0;
}

/* Reads what there is. Returns whether the answer came to its end. */
static bool hear_some(struct client_connection *c, int fd)
{
    ssize_t count = read(fd, c->answer + c->heard, sizeof(c->answer) - 1 - c->heard);

    assert_true(count > 0);
    c->heard += (size_t)count;
    c->answer[c->heard] = '\0';
    if (!is_whole(c))
        return false;
    assert_starts(c->answer, "HTTP/1.1 200");
    c->waits = false;
    return true;
}

void open_client_run(const struct server *server, const char *query, uint64_t requests,
                     uint64_t connections, uint64_t rate, uint64_t *latencies)
{
    struct client_connection *all = calloc(connections, sizeof(*all));
    struct pollfd *fds = calloc(connections, sizeof(*fds));
    uint64_t answered = 0, start_ns;

    for (uint64_t i = 0; i < connections; i++) {
        all[i].next = i;
        fds[i] = (struct pollfd){dial(server), POLLIN, 0};
    }
    start_ns = clock_ns();
    while (answered < requests) {
        uint64_t now_ns = clock_ns(), wake_ns = now_ns + NS_PER_S;
        struct timespec wait;

        for (uint64_t i = 0; i < connections; i++) {
            uint64_t due_ns = start_ns + all[i].next * NS_PER_S / rate;

            if (all[i].waits || all[i].next >= requests)
                continue;
            if (due_ns <= now_ns)
                ask_next(&all[i], fds[i].fd, query);
            else if (due_ns < wake_ns)
                wake_ns = due_ns;
        }
        wait = clock_timespec(wake_ns - now_ns);
        assert_true(ppoll(fds, connections, &wait, NULL) >= 0);
        for (uint64_t i = 0; i < connections; i++) {
            if (fds[i].revents == 0 || !hear_some(&all[i], fds[i].fd))
                continue;
            latencies[all[i].next] = clock_ns() - (start_ns + all[i].next * NS_PER_S / rate);
            all[i].next += connections;
            answered++;
        }
    }
    for (uint64_t i = 0; i < connections; i++)
        close(fds[i].fd);
    free(fds);
    free(all);
}
