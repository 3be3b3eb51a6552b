/* Practice: a small HTTP service on the loop. For each request it calls three back ends at the same
 * time; under load, one thread waits for all of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/count.h"
#include "patterns/pattern.h"

#define REQUEST     "GET /users/"
#define REQUEST_MAX 1024
#define SLOWEST_NS  (300 * NS_PER_MS)

static const char *const back_ends[] = {
    "?delay=200ms",
    "/orders?delay=300ms",
    "/preferences?delay=250ms",
};

#define BACK_ENDS COUNT_OF(back_ends)

struct service {
    uv_tcp_t listener;
    struct context *context;
    size_t open, open_most; /* connections */
};

/* A connection, which carries one request. */
struct client {
    uv_tcp_t stream;
    uv_write_t write;
    struct service *service;
    char request[REQUEST_MAX], answer[REQUEST_MAX];
    size_t bytes;
};

/* ---- One request ---- */

/* lesson: service */
static int call_back_ends(struct co_task *self, struct user_fetch calls[])
{
    struct co_group group;
    int error;

    co_group_begin(self, &group);
    for (size_t i = 0; i < BACK_ENDS; i++)
        co_group_start(&group, fetch_user, &calls[i], "back-end");
    error = co_group_end(&group, 0); /* the slowest decides */
    co_group_term(&group);
    return error;
}
/* end */

static void free_client(uv_handle_t *handle)
{
    struct client *client = handle->data;

    client->service->open--;
    free(client);
}

static void end_answer(uv_write_t *write, int status)
{
    (void)status;
    uv_close((uv_handle_t *)write->handle, free_client);
}

static int answer(struct co_task *self, void *argument)
{
    struct client *client = argument;
    uint64_t id = strtoull(client->request + strlen(REQUEST), NULL, 10);
    struct user_fetch calls[BACK_ENDS];
    char body[128];
    uv_buf_t buffer;
    int error;

    for (size_t i = 0; i < BACK_ENDS; i++)
        calls[i] = (struct user_fetch){client->service->context, id, .path = back_ends[i]};
    error = call_back_ends(self, calls);
    snprintf(body, sizeof(body), "{\"id\": %llu, \"name\": \"%s\"}", (unsigned long long)id,
             calls[0].name);
    snprintf(client->answer, sizeof(client->answer), "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s",
             error == 0 ? "200 OK" : "502 Bad Gateway", strlen(body), body);
    buffer = uv_buf_init(client->answer, (unsigned)strlen(client->answer));
    error = uv_write(&client->write, (uv_stream_t *)&client->stream, &buffer, 1, end_answer);
    if (error < 0)
        uv_close((uv_handle_t *)&client->stream, free_client);
    return error;
}

/* ---- Connections: callbacks, which only start tasks ---- */

static void give_room(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
    struct client *client = handle->data;

    (void)size;
    *buffer =
        uv_buf_init(client->request + client->bytes, (unsigned)(REQUEST_MAX - 1 - client->bytes));
}

static void take(uv_stream_t *stream, ssize_t bytes, const uv_buf_t *buffer)
{
    struct client *client = stream->data;
    struct co_task *task = NULL;

    (void)buffer;
    client->bytes += bytes > 0 ? (size_t)bytes : 0;
    if (bytes >= 0 && strstr(client->request, "\r\n\r\n") == NULL)
        return;
    uv_read_stop(stream);
    if (bytes >= 0 && strncmp(client->request, REQUEST, strlen(REQUEST)) == 0)
        task = co_start(co_create(client->service->context->loop, answer, client, "answer"));
    if (task == NULL)
        uv_close((uv_handle_t *)stream, free_client);
    co_release(task);
}

static void greet(uv_stream_t *listener, int status)
{
    struct service *service = listener->data;
    struct client *client = status == 0 ? calloc(1, sizeof(*client)) : NULL;

    if (client == NULL)
        return;
    client->service = service;
    uv_tcp_init(listener->loop, &client->stream);
    client->stream.data = client;
    service->open++;
    service->open_most = service->open > service->open_most ? service->open : service->open_most;
    if (uv_accept(listener, (uv_stream_t *)&client->stream) < 0 ||
        uv_read_start((uv_stream_t *)&client->stream, give_room, take) < 0)
        uv_close((uv_handle_t *)&client->stream, free_client);
}

static int open_service(struct service *service, char *url)
{
    struct sockaddr_in address;
    int size = sizeof(address);
    int error = uv_tcp_init(co_loop_uv(service->context->loop), &service->listener);

    if (error < 0)
        return error;
    service->listener.data = service;
    uv_ip4_addr("127.0.0.1", 0, &address);
    error = uv_tcp_bind(&service->listener, (struct sockaddr *)&address, 0);
    if (error == 0)
        error = uv_listen((uv_stream_t *)&service->listener, 511, greet);
    if (error == 0)
        error = uv_tcp_getsockname(&service->listener, (struct sockaddr *)&address, &size);
    snprintf(url, URL_SIZE, "http://127.0.0.1:%d", ntohs(address.sin_port));
    return error;
}

/* Returns once libuv has let go of all of it. */
static int close_service(struct co_task *self, struct service *service)
{
    int error;

    uv_close((uv_handle_t *)&service->listener, NULL);
    do
        error = co_sleep(self, NS_PER_MS);
    while (error == 0 && service->open > 0);
    return error;
}

/* ---- Load ---- */

int run_service(struct co_task *self, struct context *context)
{
    struct service service = {.context = context};
    struct context client = *context;
    char url[URL_SIZE];
    struct users users;
    double failed = -1;
    uint64_t start_ns;
    int error = open_service(&service, url);

    client.url = url;
    start_ns = clock_ns();
    if (error == 0)
        error = users_make(&users, &client, "", fetch_user);
    if (error == 0) {
        failed = users_failed(self, &users, 0);
        users_free(&users);
    }
    bar(context, "all requests", "service_ns", (double)(clock_ns() - start_ns));
    if (close_service(self, &service) < 0)
        return UV_ECANCELED;
    bar(context, "the slowest back end alone", "slowest_latency_ns", SLOWEST_NS);
    figure(context, "connections_most", (double)service.open_most);
    figure(context, "back_end_calls", server_count(self, context, "responses"));
    check(context, error == 0 && failed == 0, "every request is answered with its own user");
    return 0;
}
