/* Requests, threads and processes: results, errors, cancellation, and what is left behind. */
#include <curl/curl.h>
#include <signal.h>
#include <unistd.h>

#include "co/http.h"
#include "co/offload.h"
#include "co/pool.h"
#include "common/json.h"
#include "tests/co/fixture.h"

static struct server server;

static int get_user(struct co_task *self, struct co_http *http, int id, const char *query)
{
    struct co_response response;
    char url[128], expected[32];
    int error;

    snprintf(url, sizeof(url), "%s/users/%d%s", server.url, id, query);
    snprintf(expected, sizeof(expected), "\"User %d\"", id);
    error = co_get(self, http, url, &response);
    if (error == 0 && strstr(response.body, expected) == NULL)
        error = UV_EPROTO;
    co_response_free(&response);
    return error;
}

static double server_number(const char *path)
{
    char *text = server_request(&server, "/stats", 0);
    json_t *stats = json_loads(text, 0, NULL);
    double number = json_number_at(stats, path, -1);

    json_decref(stats);
    free(text);
    return number;
}

static void wait_for_number(const char *path, double number)
{
    for (int i = 0; i < 2000 && server_number(path) != number; i++)
        usleep(5000);
    assert_int_equal((int)server_number(path), (int)number);
}

/* ---- Requests ---------------------------------------------------------------------------- */

struct request {
    struct co_http *http;
    int id;
    const char *query;
};

static int request(struct co_task *self, void *argument)
{
    struct request *r = argument;

    return get_user(self, r->http, r->id, r->query);
}

static int fetch_many(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_http *http = co_http_new(f->loop, &(struct co_http_options){.connections = 50});
    struct request requests[200];
    struct co_task *tasks[200];
    struct co_semaphore permits;

    co_semaphore_init(&permits, f->loop, 50);
    for (int i = 0; i < 200; i++) {
        requests[i] = (struct request){http, i, "?delay=5ms"};
        tasks[i] = co_start_with(co_create(f->loop, request, &requests[i], "%d", i), &permits);
    }
    assert_int_equal(co_gather(self, tasks, 200, NULL, CO_FIRST_ERROR), 0);
    assert_int_equal(co_http_counts(http).requests, 200);
    assert_in_range(co_http_counts(http).in_flight_peak, 1, 50);
    assert_in_range(co_http_counts(http).connections, 1, 199); /* connections are used again */
    for (int i = 0; i < 200; i++)
        co_release(tasks[i]);
    co_http_free(http);
    return 0;
}

static int fetch_errors(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_http *http = co_http_new(f->loop, NULL);
    struct co_response response;
    struct co_request slow = {.timeout_ns = 50 * MS};
    char url[128];

    assert_int_equal(get_user(self, http, 1, "?delay=1ms"), 0);
    assert_int_equal(get_user(self, http, 1, "?fault=stale&delay=1ms"), 0); /* sent again */
    assert_int_equal(co_http_counts(http).resends, 1);
    assert_int_equal(get_user(self, http, 1, "?status=404"), CO_HTTP_ERROR(404));
    assert_int_equal(co_http_status(CO_HTTP_ERROR(404)), 404);
    assert_int_equal(get_user(self, http, 1, "?fault=reset"), UV_ECONNRESET);
    assert_int_equal(get_user(self, http, 1, "?fault=truncate"), UV_EPROTO);
    assert_int_equal(get_user(self, http, 1, "?fault=malformed"), UV_EPROTO);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/", free_port());
    assert_int_equal(co_get(self, http, url, &response), UV_ECONNREFUSED);
    assert_int_equal(co_get(self, http, "ftp://127.0.0.1/", &response), UV_EINVAL);
    snprintf(url, sizeof(url), "%s/users/1?delay=20s", server.url);
    slow.url = url;
    assert_int_equal(co_fetch(self, http, &slow, &response), UV_ETIMEDOUT);
    co_http_free(http);
    return 0;
}

/* What is sent again has no more than what is left of its time. */
static int fetch_again_in_time(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_http *http = co_http_new(f->loop, NULL);
    struct co_response response;
    struct co_request late = {.timeout_ns = 1200 * MS};
    uint64_t start_ns;
    char url[128];

    snprintf(url, sizeof(url), "%s/users/1?fault=reset&delay=1s", server.url);
    late.url = url;
    assert_int_equal(get_user(self, http, 1, ""), 0); /* whose connection is used next */
    start_ns = clock_ns();
    assert_int_equal(co_fetch(self, http, &late, &response), UV_ETIMEDOUT);
    assert_true(clock_ns() - start_ns < 1700 * MS);
    assert_int_equal(co_http_counts(http).resends, 1);
    co_http_free(http);
    return 0;
}

/* What the set of descriptors holds that the loop watches: one line of the kernel's for each. */
static void count_watched(uv_handle_t *handle, void *count)
{
    char path[64], line[256];
    uv_os_fd_t fd;
    FILE *info;

    if (handle->type != UV_POLL || !uv_is_active(handle))
        return;
    assert_int_equal(uv_fileno(handle, &fd), 0);
    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
    info = fopen(path, "r");
    assert_non_null(info);
    while (fgets(line, sizeof(line), info) != NULL)
        *(size_t *)count += strncmp(line, "tfd:", 4) == 0;
    fclose(info);
}

/* libcurl closes the descriptors of its resolver without a word, and others get their numbers: they
 * must not be watched any more. A connection that is kept is. */
static int fetch_after_lookup(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_http *http = co_http_new(f->loop, NULL);
    struct co_response response;
    size_t watched;

    for (int i = 0; i < 5; i++) {
        watched = 0;
        assert_int_equal(co_get(self, http, "http://no-such-host.invalid/", &response),
                         UV_ECONNREFUSED);
        uv_walk(co_loop_uv(f->loop), count_watched, &watched);
        assert_int_equal(watched, i > 0);
        assert_int_equal(get_user(self, http, i, "?delay=1ms"), 0);
    }
    assert_int_equal(co_http_counts(http).connections, 1);
    co_http_free(http);
    return 0;
}

static int fetch_cancelled(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_http *http = co_http_new(f->loop, NULL);
    struct request slow = {http, 1, "?delay=20s"};
    struct co_task *task = co_start(co_create(f->loop, request, &slow, "slow"));

    free(server_request(&server, "/reset", 1));
    while (server_number("in_flight") < 1)
        assert_int_equal(co_sleep(self, 5 * MS), 0);
    co_cancel(task);
    assert_int_equal(co_join(self, task), UV_ECANCELED);
    assert_int_equal(co_http_counts(http).in_flight, 0);
    wait_for_number("aborted", 1);
    wait_for_number("in_flight", 0);
    co_http_free(http);
    return 0;
}

/* ---- Without a stack --------------------------------------------------------------------- */

struct light {
    struct co_call call; /* first */
    struct lights *all;
};

struct lights {
    struct co_semaphore permits;
    struct co_event done;
    size_t left, right;
};

static void light_ended(struct co_call *call, int error, struct co_response *response)
{
    struct lights *all = ((struct light *)call)->all;

    all->right += error == 0 && response->status == 200;
    co_semaphore_release(&all->permits);
    if (--all->left == 0)
        co_event_set(&all->done);
}

static void light_begin(struct co_waiter *waiter, int reason)
{
    assert_int_equal(reason, 0);
    assert_int_equal(co_call_start((struct co_call *)waiter), 0);
}

static int fetch_light(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_http *http = co_http_new(f->loop, NULL);
    struct lights all = {.left = 100};
    struct light lights[100];
    char url[128];
    struct co_request user = {.url = url};

    snprintf(url, sizeof(url), "%s/users/1?delay=1ms", server.url);
    co_semaphore_init(&all.permits, f->loop, 10);
    co_event_init(&all.done, f->loop);
    for (size_t i = 0; i < 100; i++) {
        lights[i] = (struct light){{.http = http, .request = &user, .ended = light_ended}, &all};
        co_waiter_init(&lights[i].call.waiter, light_begin);
        co_semaphore_queue(&all.permits, &lights[i].call.waiter);
    }
    assert_int_equal(co_event_wait(self, &all.done), 0);
    assert_int_equal(all.right, 100);
    assert_int_equal(all.permits.permits, 10);
    assert_in_range(co_http_counts(http).in_flight_peak, 1, 10);
    co_http_free(http);
    return 0;
}

static void test_light_size(void **state)
{
    (void)state;
    assert_in_range(sizeof(struct co_call), 1, 96);
    assert_in_range(sizeof(struct co_waiter) + 16, 1, 96); /* a sleeper and its place in the heap */
}

/* ---- Processes --------------------------------------------------------------------------- */

static struct process_pool *processes; /* forked by main, before all else */

static int count_letters(const void *in, size_t in_bytes, void *out)
{
    (void)in;
    memcpy(out, &in_bytes, sizeof(in_bytes));
    return sizeof(in_bytes);
}

static int fail_work(const void *in, size_t in_bytes, void *out)
{
    (void)in, (void)in_bytes, (void)out;
    return UV_EIO;
}

static int die(const void *in, size_t in_bytes, void *out)
{
    (void)in, (void)in_bytes, (void)out;
    raise(SIGKILL);
    return 0;
}

static int in_process(struct co_task *self, void *argument)
{
    char out[PROCESS_JOB_BYTES_MAX];

    (void)argument;
    return co_offload_process(self, processes, count_letters, "seven!!", 7, out);
}

static int use_processes(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_task *tasks[8];
    char out[PROCESS_JOB_BYTES_MAX];
    int outcomes[8];
    size_t bytes = 0;

    assert_int_equal(process_pool_attach(processes, co_loop_uv(f->loop)), 0);
    assert_int_equal(co_offload_process(self, processes, count_letters, "seven!!", 7, out),
                     sizeof(bytes));
    memcpy(&bytes, out, sizeof(bytes));
    assert_int_equal(bytes, 7);
    assert_int_equal(co_offload_process(self, processes, fail_work, "", 0, out), UV_EIO);
    for (size_t i = 0; i < 8; i++)
        tasks[i] = co_create(f->loop, in_process, NULL, NULL);
    assert_int_equal(co_gather(self, tasks, 8, outcomes, CO_FIRST_ERROR), 0);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(outcomes[i], sizeof(bytes));
        co_release(tasks[i]);
    }
    assert_int_equal(co_offload_process(self, processes, die, "", 0, out), UV_EPIPE);
    assert_int_equal(co_offload_process(self, processes, count_letters, "", 0, out), 8);
    assert_int_equal(co_offload_process(self, processes, die, "", 0, out), UV_EPIPE);
    assert_int_equal(co_offload_process(self, processes, count_letters, "", 0, out), UV_ESRCH);
    process_pool_free(processes);
    return 0;
}

/* ---- Pool and pipeline ------------------------------------------------------------------- */

static int handle_item(struct co_task *self, void *item, void *user)
{
    (*(int *)user)++;
    return co_yield (self) < 0 ? UV_ECANCELED : *(int *)item == 5 ? UV_EIO : 0;
}

static int use_pool(struct co_task *self, void *argument)
{
    int items[20], handled = 0;
    struct co_pool pool;

    (void)argument;
    assert_int_equal(co_pool_begin(self, &pool, 3, 2, handle_item, &handled, NULL), 0);
    for (int i = 0; i < 20; i++) {
        items[i] = i;
        assert_int_equal(co_pool_put(self, &pool, &items[i]), 0);
    }
    assert_int_equal(co_pool_end(self, &pool, 0), UV_EIO);
    assert_int_equal(pool.failed, 1);
    assert_int_equal(handled, 20);
    return 0;
}

static int copy_step(struct co_task *self, void **item, void *user)
{
    char *copy = strdup(*item);

    (void)user;
    free(*item);
    *item = copy;
    return co_sleep(self, MS);
}

static int fail_step(struct co_task *self, void **item, void *user)
{
    (void)self, (void)user;
    return strcmp(*item, "7") == 0 ? UV_EIO : 0;
}

static int count_step(struct co_task *self, void **item, void *user)
{
    (void)self;
    free(*item);
    *item = NULL;
    ++*(int *)user;
    return 0;
}

static int pipe_items(struct co_task *self, const struct co_stage stages[], int count)
{
    struct co_pipeline pipeline;
    int error = co_pipeline_begin(self, &pipeline, stages, 3, free);

    for (int i = 0; i < count && error == 0; i++) {
        char text[16], *item;

        snprintf(text, sizeof(text), "%d", i);
        item = strdup(text);
        error = co_pipeline_put(self, &pipeline, item);
        if (error < 0)
            free(item);
    }
    return co_pipeline_end(&pipeline, error);
}

static int use_pipeline(struct co_task *self, void *argument)
{
    int counted = 0;
    const struct co_stage all[] = {{"copy", 4, 2, copy_step, NULL},
                                   {"again", 2, 0, copy_step, NULL},
                                   {"count", 1, 1, count_step, &counted}};
    const struct co_stage some[] = {{"copy", 4, 2, copy_step, NULL},
                                    {"fail", 2, 0, fail_step, NULL},
                                    {"count", 1, 1, count_step, &counted}};

    (void)argument;
    assert_int_equal(pipe_items(self, all, 30), 0);
    assert_int_equal(counted, 30);
    assert_int_equal(pipe_items(self, some, 30), UV_EIO);
    return 0;
}

/* ---- Slow tasks -------------------------------------------------------------------------- */

static int block_loop(struct co_task *self, void *argument)
{
    (void)self, (void)argument;
    clock_sleep_until(clock_ns() + 60 * MS);
    return 0;
}

static int run_blocking(struct co_task *self, void *argument)
{
    struct fixture *f = argument;

    return co_join(self, co_start(co_create(f->loop, block_loop, NULL, "slow-poke")));
}

static void test_slow_task_is_named(void **state)
{
    struct co_options options = {.slow_ns = 30 * MS};
    struct fixture fixture;

    (void)state;
    assert_int_equal(fixture_run(&fixture, run_blocking, &options), 0);
    assert_non_null(strstr(fixture.warnings.text, "task 'slow-poke' blocked the loop for "));
}

static void run_quietly(co_body *body)
{
    struct fixture fixture;

    assert_int_equal(fixture_run(&fixture, body, NULL), 0);
    assert_string_equal(fixture.warnings.text, "");
}

#define TEST(name, body)                                                                           \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        run_quietly(body);                                                                         \
    }

TEST(test_fetch, fetch_many)
TEST(test_fetch_errors, fetch_errors)
TEST(test_fetch_again_in_time, fetch_again_in_time)
TEST(test_fetch_after_lookup, fetch_after_lookup)
TEST(test_fetch_cancelled, fetch_cancelled)
TEST(test_fetch_light, fetch_light)
TEST(test_processes, use_processes)
TEST(test_pool, use_pool)
TEST(test_pipeline, use_pipeline)

static int set_up(void **state)
{
    (void)state;
    curl_global_init(CURL_GLOBAL_NOTHING);
    server = server_start("--latency", "5ms", NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    server_stop(&server);
    curl_global_cleanup();
    assert_int_equal(children_count(), 0);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fetch),
        cmocka_unit_test(test_fetch_errors),
        cmocka_unit_test(test_fetch_again_in_time),
        cmocka_unit_test(test_fetch_after_lookup),
        cmocka_unit_test(test_fetch_cancelled),
        cmocka_unit_test(test_fetch_light),
        cmocka_unit_test(test_light_size),
        cmocka_unit_test(test_processes),
        cmocka_unit_test(test_pool),
        cmocka_unit_test(test_pipeline),
        cmocka_unit_test(test_slow_task_is_named),
    };

    processes = process_pool_fork(2);
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("http", tests, set_up, tear_down);
}
