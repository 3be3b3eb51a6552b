#include "workload/query_loop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "common/clock.h"
#include "workload/query.h"

/* A client, and what the loop waits for in its place. */
struct client {
    struct query query;
    struct query_loop *queries;
    uv_timer_t timeout;
    uv_poll_t *watch; /* of the socket `fd`, allocated: libuv closes it later; NULL: none */
    int fd;
    bool busy;
};

struct query_loop {
    uv_loop_t *loop;
    const struct workload *workload;
    struct client *clients;
    uint64_t open; /* timers that libuv has not closed yet */
    void (*ended)(void *user, uint64_t slot);
    void *user;
};

int query_loop_new(struct query_loop **queries, uv_loop_t *loop, const struct workload *w,
                   struct recorder *r, void (*ended)(void *user, uint64_t slot), void *user)
{
    struct query_loop *made = calloc(1, sizeof(*made));
    struct client *clients = calloc(w->concurrency, sizeof(*clients));

    if (made == NULL || clients == NULL) {
        free(made);
        free(clients);
        return -ENOMEM;
    }
    *made = (struct query_loop){.loop = loop,
                                .workload = w,
                                .clients = clients,
                                .open = w->concurrency,
                                .ended = ended,
                                .user = user};
    for (uint64_t slot = 0; slot < w->concurrency; slot++) {
        query_init(&clients[slot].query, w, r);
        clients[slot].queries = made;
        uv_timer_init(loop, &clients[slot].timeout);
    }
    *queries = made;
    return 0;
}

static void on_watch_closed(uv_handle_t *watch)
{
    free(watch);
}

/* Before libpq closes the socket. */
static void unwatch(struct client *client)
{
    if (client->watch != NULL)
        uv_close((uv_handle_t *)client->watch, on_watch_closed);
    client->watch = NULL;
}

static void on_ready(uv_poll_t *watch, int status, int events);

/* libpq may change the socket while it connects. */
static int watch(struct client *client, int events)
{
    int fd = PQsocket(client->query.connection), error;

    if (client->watch != NULL && client->fd != fd)
        unwatch(client);
    if (client->watch == NULL) {
        uv_poll_t *made = malloc(sizeof(*made));

        error = made != NULL ? uv_poll_init(client->queries->loop, made, fd) : -ENOMEM;
        if (error < 0) {
            free(made);
            return error;
        }
        made->data = client;
        client->watch = made;
        client->fd = fd;
    }
    return uv_poll_start(client->watch,
                         (events & POLLIN ? UV_READABLE : 0) | (events & POLLOUT ? UV_WRITABLE : 0),
                         on_ready);
}

static void end(struct client *client)
{
    client->busy = false;
    uv_timer_stop(&client->timeout);
    if (client->watch != NULL)
        uv_poll_stop(client->watch);
    if (query_rests(&client->query))
        return;
    unwatch(client);
    query_term(&client->query);
}

/* Waits for what the query needs next. Returns false where it has ended. */
static bool go_on(struct client *client, int events)
{
    if (events != 0 && watch(client, events) < 0) {
        recorder_end(client->query.recorder, client->query.id, OUTCOME_OTHER, ENOMEM);
        events = 0;
    }
    if (events == 0)
        end(client);
    return events != 0;
}

static void tell(struct client *client)
{
    struct query_loop *queries = client->queries;

    queries->ended(queries->user, (uint64_t)(client - queries->clients));
}

static void on_ready(uv_poll_t *handle, int status, int events)
{
    struct client *client = handle->data;

    (void)status, (void)events; /* what is wrong with the socket libpq finds out */
    if (client->query.connecting)
        uv_poll_stop(handle); /* libpq may close the socket */
    if (!go_on(client, query_go_on(&client->query)))
        tell(client);
}

static void on_timeout(uv_timer_t *timer)
{
    struct client *client = timer->data;

    if (!query_expire(&client->query))
        return;
    end(client);
    tell(client);
}

bool query_loop_begin(struct query_loop *queries, uint64_t slot, uint64_t id)
{
    struct client *client = &queries->clients[slot];

    client->busy = true;
    client->timeout.data = client;
    /* One millisecond later than asked: libuv's timers may be early. */
    uv_timer_start(&client->timeout, on_timeout, queries->workload->timeout_ns / NS_PER_MS + 1, 1);
    return go_on(client, query_begin(&client->query, id));
}

static void on_timer_closed(uv_handle_t *timer)
{
    struct query_loop *queries = timer->data;

    if (--queries->open > 0)
        return;
    free(queries->clients);
    free(queries);
}

void query_loop_free(struct query_loop *queries)
{
    if (queries == NULL)
        return;
    for (uint64_t slot = 0; slot < queries->workload->concurrency; slot++) {
        struct client *client = &queries->clients[slot];

        if (client->busy)
            query_expire(&client->query);
        unwatch(client);
        query_term(&client->query);
        client->timeout.data = queries;
        uv_close((uv_handle_t *)&client->timeout, on_timer_closed);
    }
}
