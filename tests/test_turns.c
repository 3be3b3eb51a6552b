/* Turns: a client that sends without waiting for answers gets as much of them as fits into a turn,
 * and then the others have theirs. */
#include "tests/helpers.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mockserver/connection.h"

#define REQUEST  "GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n"
#define REQUESTS 150 /* whose answers fit into the socket, unread */
#define TURN_MAX 32  /* requests of one connection before the others */

struct client {
    struct connection *connection;
    int fd;
};

static void service_make(struct service *service, const struct settings *settings)
{
    service_init(service, settings, counters_new());
    service->epoll = epoll_create1(EPOLL_CLOEXEC);
    assert_non_null(service->counters);
    assert_true(service->epoll >= 0);
}

static void service_end(struct service *service)
{
    counters_free(service->counters);
    close(service->epoll);
}

static struct client client_make(struct service *service, size_t requests)
{
    char text[REQUESTS * sizeof(REQUEST)];
    struct client client;
    size_t size;
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    client.fd = pair[1];
    assert_true(gauge_try_up(&service->counters->connections, 0));
    client.connection = connection_new(service, pair[0]);
    assert_non_null(client.connection);
    for (size_t i = 0; i < requests; i++)
        memcpy(text + i * strlen(REQUEST), REQUEST, strlen(REQUEST));
    size = requests * strlen(REQUEST);
    assert_int_equal(send(client.fd, text, size, 0), size);
    return client;
}

static void client_end(struct client *client)
{
    connection_free(client->connection);
    close(client->fd);
}

static size_t answers(const struct service *service)
{
    return counters_read(&service->counters->responses);
}

static void the_greedy_get_turns(void **state)
{
    static const struct settings settings = {.seed = 1, .request_ns_max = 1000000000};
    struct service service;
    struct client greedy, modest;
    size_t turns = 1;

    (void)state;
    service_make(&service, &settings);
    greedy = client_make(&service, REQUESTS);
    modest = client_make(&service, 1);
    assert_true(connection_ready(greedy.connection, EPOLLIN));
    assert_in_range(answers(&service), 1, TURN_MAX);
    assert_true(greedy.connection->wants_turn);
    assert_true(connection_ready(modest.connection, EPOLLIN));
    assert_false(modest.connection->wants_turn);
    for (; !TAILQ_EMPTY(&service.turns); turns++) {
        size_t before = answers(&service);

        assert_ptr_equal(TAILQ_FIRST(&service.turns), greedy.connection);
        assert_true(connection_turn(greedy.connection));
        assert_in_range(answers(&service) - before, 0, TURN_MAX);
    }
    assert_int_equal(answers(&service), REQUESTS + 1);
    assert_true(turns >= REQUESTS / TURN_MAX);
    client_end(&greedy);
    client_end(&modest);
    service_end(&service);
}

/* Two of them take turns, and one that ends meanwhile leaves the ring whole. */
static void the_greedy_alternate(void **state)
{
    static const struct settings settings = {.seed = 1, .request_ns_max = 1000000000};
    struct service service;
    struct client clients[3];

    (void)state;
    service_make(&service, &settings);
    for (int i = 0; i < 3; i++) {
        clients[i] = client_make(&service, REQUESTS);
        assert_true(connection_ready(clients[i].connection, EPOLLIN));
    }
    for (int i = 0; i < 6; i++) {
        assert_ptr_equal(TAILQ_FIRST(&service.turns), clients[i % 3].connection);
        assert_true(connection_turn(TAILQ_FIRST(&service.turns)));
    }
    client_end(&clients[1]);
    for (int i = 0; i < 4; i++) {
        assert_ptr_equal(TAILQ_FIRST(&service.turns), clients[i % 2 == 0 ? 0 : 2].connection);
        assert_true(connection_turn(TAILQ_FIRST(&service.turns)));
    }
    client_end(&clients[0]);
    client_end(&clients[2]);
    assert_true(TAILQ_EMPTY(&service.turns));
    service_end(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_greedy_get_turns),
        cmocka_unit_test(the_greedy_alternate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
