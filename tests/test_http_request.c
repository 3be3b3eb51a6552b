/* Requests in pieces of every size, refusals, routes and the bytes of replies. */
#include "tests/helpers.h"

#include <stdbool.h>

#include "common/count.h"
#include "mockserver/connection.h"
#include "mockserver/http_request.h"
#include "mockserver/reply.h"
#include "mockserver/route.h"

#define TARGET "/users/42?delay=5ms"

/* Feeds `text` in pieces of `piece` bytes; returns the bytes used when it stopped. */
static size_t feed(struct http_request *request, const char *text, size_t size, size_t piece)
{
    size_t used = 0;

    while (used < size && !request->complete && request->refusal == 0) {
        size_t part = size - used < piece ? size - used : piece;
        char *copy = malloc(part); /* of its own, so that a look beyond it is noticed */

        memcpy(copy, text + used, part);
        used += http_request_feed(request, copy, part);
        if (request->complete) {
            assert_int_equal(request->target_size, strlen(TARGET));
            assert_memory_equal(request->target, TARGET, strlen(TARGET));
        }
        free(copy);
    }
    return used;
}

static void pieces_of_every_size(void **state)
{
    static const char text[] = "POST " TARGET " HTTP/1.1\r\nHost: a\r\nexpect: "
                               "100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "3\r\nabc\r\n0\r\n\r\nGET /next";
    struct http_request request;

    (void)state;
    for (size_t piece = 1; piece < sizeof(text); piece++) {
        http_request_init(&request);
        assert_int_equal(feed(&request, text, sizeof(text) - 1, piece), sizeof(text) - 10);
        assert_true(request.complete && request.keep_alive && request.wants_continue);
        assert_int_equal(request.body_size, 3);
        http_request_next(&request);
        assert_false(request.complete || request.started);
        http_request_term(&request);
    }
}

static void feed_refused(struct http_request *request, const char *text, size_t size)
{
    for (size_t used = 0; used < size && !request->complete && request->refusal == 0;)
        used += http_request_feed(request, text + used, size - used < 999 ? size - used : 999);
}

static void check_refusal(const char *text, size_t size, unsigned refusal)
{
    struct http_request request;

    http_request_init(&request);
    feed_refused(&request, text, size);
    if (request.refusal != refusal)
        fail_msg("refused with %u instead of %u: %.60s", request.refusal, refusal, text);
    http_request_term(&request);
}

static void malformed_requests_are_refused(void **state)
{
    static const char nul[] = "GET /us\0ers/42 HTTP/1.1\r\nHost: a\r\n\r\n";
    static const char nul_field[] = "GET /users/42 HTTP/1.1\r\nHost: a\r\nA: \0\r\n\r\n";
    static const struct {
        const char *text;
        unsigned refusal;
    } cases[] = {
        {"\x16\x03\x01\x02garbage\r\n\r\n", 400},
        {"GET\r\n\r\n", 400},
        {"GET /users/42 FTP/1.1\r\n\r\n", 400},
        {"GET /users/42 HTTP/2.0\r\n\r\n", 505},
        {"GET /users/42 HTTP/1.1\r\nHost: a\r\nContent-Length: 12x\r\n\r\n", 400},
        {"GET /users/42 HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        {"GET /users/42 HTTP/1.1\r\nHost: a\r\nName : b\r\n\r\n", 400},
        {"GET /users/42 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
         400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
         400},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", 413},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        check_refusal(cases[i].text, strlen(cases[i].text), cases[i].refusal);
    check_refusal(nul, sizeof(nul) - 1, 400);
    check_refusal(nul_field, sizeof(nul_field) - 1, 400);
}

static void oversized_requests_are_refused(void **state)
{
    size_t size = 40000;
    char *text = malloc(size + 1);

    (void)state;
    memset(text, 'a', size);
    memcpy(text, "GET /", 5);
    check_refusal(text, size, 414);
    memset(text, 'a', size);
    memcpy(text, "GET / HTTP/1.1\r\nHost: ", 22);
    check_refusal(text, size, 431);
    memset(text, 'b', size);
    memcpy(text, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n",
           66);
    check_refusal(text, size, 0); /* not yet: a chunk counts once it is here */
    free(text);
}

/* A megabyte in chunks is a body; a byte more is not. */
static void bodies_in_chunks_have_an_end(void **state)
{
    static const char head[] = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "100000\r\n";
    static const char end[] = "\r\n0\r\n\r\n", more[] = "\r\n1\r\nc\r\n0\r\n\r\n";
    size_t size = sizeof(head) - 1 + HTTP_BODY_SIZE_MAX;
    char *text = malloc(size + sizeof(more));

    (void)state;
    memset(text, 'b', size);
    memcpy(text, head, sizeof(head) - 1);
    memcpy(text + size, end, sizeof(end));
    check_refusal(text, size + sizeof(end) - 1, 0);
    memcpy(text + size, more, sizeof(more));
    check_refusal(text, size + sizeof(more) - 1, 413);
    free(text);
}

static struct route find(unsigned method, const char *target)
{
    struct route route;
    size_t size = strlen(target);
    char *copy = malloc(size + 1);

    memcpy(copy, target, size);
    route_find(method, copy, size, &route);
    free(copy);
    return route;
}

static void routes(void **state)
{
    static const struct {
        unsigned method;
        const char *target;
        unsigned status;
        enum endpoint endpoint;
    } cases[] = {
        {HTTP_GET, "/users/7", 200, ENDPOINT_USER},
        {HTTP_HEAD, "/users/7", 200, ENDPOINT_USER},
        {HTTP_GET, "/users/7/orders", 200, ENDPOINT_ORDERS},
        {HTTP_GET, "/users/7/preferences", 200, ENDPOINT_PREFERENCES},
        {HTTP_GET, "/users/7/profile", 200, ENDPOINT_PROFILE},
        {HTTP_GET, "http://mock.example:80/users/7/profile?a#b", 200, ENDPOINT_PROFILE},
        {HTTP_GET, "/%75sers/%37", 200, ENDPOINT_USER},
        {HTTP_POST, "/analytics", 202, ENDPOINT_ANALYTICS},
        {HTTP_GET, "/healthz", 200, ENDPOINT_HEALTH},
        {HTTP_GET, "/stats?x=1", 200, ENDPOINT_STATS},
        {HTTP_POST, "/reset", 200, ENDPOINT_RESET},
        {HTTP_GET, "/users/7?status=503&delay=1ms", 503, ENDPOINT_USER},
        {HTTP_GET, "/users/7?other&&=&delay=0", 200, ENDPOINT_USER},
        {HTTP_GET, "/", 404, ENDPOINT_NONE},
        {HTTP_GET, "/users", 404, ENDPOINT_NONE},
        {HTTP_GET, "/users/7/", 404, ENDPOINT_NONE},
        {HTTP_GET, "/users/7/orders/1", 404, ENDPOINT_NONE},
        {HTTP_GET, "/analyticsx", 404, ENDPOINT_NONE},
        {HTTP_OPTIONS, "*", 404, ENDPOINT_NONE},
        {HTTP_POST, "/users/7", 405, ENDPOINT_NONE},
        {HTTP_GET, "/reset", 405, ENDPOINT_NONE},
        {HTTP_CONNECT, "mock.example:80", 405, ENDPOINT_NONE},
        {HTTP_GET, "/users/", 400, ENDPOINT_NONE},
        {HTTP_GET, "/users/-7", 400, ENDPOINT_NONE},
        {HTTP_GET, "/users/7x", 400, ENDPOINT_NONE},
        {HTTP_GET, "/users/1000000000000000000", 400, ENDPOINT_NONE},
        {HTTP_GET, "/users/%zz", 400, ENDPOINT_NONE},
        {HTTP_GET, "/users/%0", 400, ENDPOINT_NONE},
        {HTTP_GET, "/users/7%00", 400, ENDPOINT_NONE},
        {HTTP_GET, "/users/7?delay=soon", 400, ENDPOINT_NONE},
        {HTTP_GET, "/users/7?delay", 400, ENDPOINT_NONE},
        {HTTP_GET, "/users/7?status=600", 400, ENDPOINT_NONE},
        {HTTP_GET, "/users/7?status=199", 400, ENDPOINT_NONE},
        {HTTP_GET, "/users/7?status=%", 400, ENDPOINT_NONE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct route route = find(cases[i].method, cases[i].target);

        if (route.status != cases[i].status || route.endpoint != cases[i].endpoint)
            fail_msg("%s: status %u", cases[i].target, route.status);
        assert_true((route.problem != NULL) == (route.endpoint == ENDPOINT_NONE));
        assert_true((route.allow != NULL) == (route.status == 405));
    }
}

static void queries(void **state)
{
    struct route route = find(HTTP_GET, "/users/999999999999999999?attempt=3&delay=1.5%6Ds");

    (void)state;
    assert_int_equal(route.id, 999999999999999999);
    assert_int_equal(route.attempt, 3);
    assert_true(route.has_delay);
    assert_int_equal((uint64_t)route.delay.a_ns, 1500000);
    route = find(HTTP_GET, "/users/7?id=12");
    assert_int_equal(route.id, 7); /* its own */
    route = find(HTTP_POST, "/analytics?id=12");
    assert_int_equal(route.id, 12);
    assert_false(route.has_delay);
}

static void check_reply(struct reply reply, const char *expected)
{
    char text[REPLY_SIZE_MAX + 1];
    size_t head_size, size = reply_write(&reply, text, &head_size);

    text[size] = '\0';
    assert_string_equal(text, expected);
}

static void replies(void **state)
{
    (void)state;
    check_reply((struct reply){.id = 7, .status = 200, .endpoint = ENDPOINT_USER, .keep_alive = 1},
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n"
                "{\"id\": 7, \"name\": \"User 7\"}");
    check_reply((struct reply){.id = 10, .status = 200, .endpoint = ENDPOINT_USER, .head = true},
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 29\r\n"
                "Connection: close\r\n\r\n");
    check_reply((struct reply){.status = 503, .endpoint = ENDPOINT_USER, .keep_alive = true},
                "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
                "Content-Length: 32\r\nRetry-After: 1\r\n\r\n{\"error\": \"Service Unavailable\"}");
    check_reply((struct reply){.status = 204, .endpoint = ENDPOINT_USER, .keep_alive = true},
                "HTTP/1.1 204 No Content\r\n\r\n");
}

static void a_connection_is_small(void **state)
{
    (void)state;
    assert_true(sizeof(struct connection) < 300);
}

#define LINE " HTTP/1.1\r\nHost: a\r\n"

/* Feeds all of `text` in pieces. The target is left where it was. */
static struct http_request fed(const char *text, size_t piece)
{
    struct http_request request;
    size_t size = strlen(text);

    http_request_init(&request);
    for (size_t used = 0; used < size && !request.complete && request.refusal == 0;)
        used += http_request_feed(&request, text + used, size - used < piece ? size - used : piece);
    return request;
}

static bool is_same(const struct http_request *a, const struct http_request *b)
{
    return a->complete == b->complete && a->keep_alive == b->keep_alive && a->head == b->head &&
           a->http_1_0 == b->http_1_0 && a->wants_continue == b->wants_continue &&
           a->body_size == b->body_size && a->parser.state == b->parser.state &&
           a->parser.method == b->parser.method && a->target_size == b->target_size &&
           memcmp(a->target, b->target, b->target_size) == 0;
}

/* A request means the same whatever came before it, and in how many pieces. */
static void what_came_before_changes_nothing(void **state)
{
    static const char *const texts[] = {
        "GET /users/1" LINE "\r\n",
        "GET /users/23?delay=1ms" LINE "\r\n",
        "HEAD /users/1" LINE "\r\n",
        "GET users/1" LINE "\r\n",
        "GET /users/1 x" LINE "\r\n",
        "GET /users/\x01" LINE "\r\n",
        "GET /users/1#a" LINE "\r\n",
        "GET /users/1" LINE "Connection: close\r\n\r\n",
        "GET /users/1 HTTP/1.0\r\nHost: a\r\n\r\n",
        "CONNECT a:1" LINE "\r\n",
        "CONNECT /users/1" LINE "\r\n",
        "POST /analytics" LINE "Content-Length: 3\r\n\r\nabc",
        "POST /analytics" LINE "Content-Length: 4\r\n\r\nabc",
        "POST /analytics" LINE "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
        "GET /users/1" LINE "\r\nGET /users/2" LINE "\r\n",
        "\r\nGET /users/1" LINE "\r\n",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts) * COUNT_OF(texts); i++) {
        const char *before = texts[i / COUNT_OF(texts)], *text = texts[i % COUNT_OF(texts)];
        struct http_request one = fed(before, 1000), pieces = fed(text, 3), whole;

        http_request_term(&one);
        whole = fed(text, 1000);
        if (pieces.refusal != whole.refusal || (whole.refusal == 0 && !is_same(&pieces, &whole)))
            fail_msg("after '%s' another thing is '%s'", before, text);
        http_request_term(&pieces);
        http_request_term(&whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_of_every_size),
        cmocka_unit_test(malformed_requests_are_refused),
        cmocka_unit_test(what_came_before_changes_nothing),
        cmocka_unit_test(oversized_requests_are_refused),
        cmocka_unit_test(bodies_in_chunks_have_an_end),
        cmocka_unit_test(routes),
        cmocka_unit_test(queries),
        cmocka_unit_test(replies),
        cmocka_unit_test(a_connection_is_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
