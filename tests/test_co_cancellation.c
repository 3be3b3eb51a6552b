/* Random schedules with random cancellations: whatever is cut short where, no permit, item,
 * descriptor or byte is lost (bytes: under the address sanitizer), nobody waits for ever, and
 * nobody is told of a cancellation that was not asked for.
 *
 * Each schedule comes from its seed alone, which a failure names, and time is virtual, so that it
 * comes again: CO_SEED=17 CO_SCHEDULES=1. One in sixteen has requests to a server and work in
 * threads as well: these come back when they do, and a failure there may take several tries. */
#include <curl/curl.h>
#include <dirent.h>

#include "co/http.h"
#include "co/offload.h"
#include "co/pool.h"
#include "tests/co/fixture.h"

#define ACTORS    8
#define STEPS     12
#define DEPTH_MAX 2
#define IO_EVERY  16
#ifdef __SANITIZE_THREAD__
#define SCHEDULES 200 /* of which each costs a new loop, and that is dear here */
#else
#define SCHEDULES 2000
#endif

static struct server server;

struct world {
    struct fixture *fixture;
    struct co_http *http; /* NULL: a schedule on virtual time only */
    unsigned short random[3];
    struct co_semaphore semaphores[2], lock;
    struct co_condition condition;
    struct co_queue queue;
    struct co_event event;
    size_t permits[2];
    size_t made, freed;  /* items */
    size_t held;         /* locks, at this moment */
    uint64_t steps_hash; /* of who did what, in order */
};

struct player {
    struct world *world;
    int depth;
    bool within; /* a coroutine, which must not take back what others of its task have asked */
};

static uint64_t seed_of_run;

static unsigned draw(struct world *world, unsigned sides)
{
    return (unsigned)(nrand48(world->random) % (long)sides);
}

static int play(struct co_task *self, void *argument);

/* Never none: when what is due at once gets its turn depends on the true time as well. */
static uint64_t draw_ns(struct world *world, unsigned us_max)
{
    return (1 + draw(world, us_max)) * NS_PER_US;
}

static int pause_briefly(struct co_task *self, struct world *world)
{
    return draw(world, 16) > 0 ? co_yield (self) : co_sleep(self, draw_ns(world, 500));
}

static int hold_permit(struct co_task *self, struct world *world)
{
    struct co_semaphore *semaphore = &world->semaphores[draw(world, 2)];
    int error = co_semaphore_acquire(self, semaphore);

    if (error < 0)
        return error;
    error = pause_briefly(self, world);
    co_semaphore_release(semaphore);
    return error;
}

/* It knows its world, where it is counted. */
static void *make_item(struct world *world)
{
    struct world **item = malloc(sizeof(struct world *));

    assert_non_null(item);
    *item = world;
    world->made++;
    return item;
}

static void free_item(void *item)
{
    (*(struct world **)item)->freed++;
    free(item);
}

static int put_item(struct co_task *self, struct world *world)
{
    void *item = make_item(world);
    int error;

    error = co_queue_put(self, &world->queue, item);
    if (error < 0) {
        free_item(item);
    }
    return error;
}

static int take_item(struct co_task *self, struct world *world)
{
    void *item;
    int error = co_queue_get(self, &world->queue, &item);

    if (error < 0)
        return error;
    free_item(item);
    return co_queue_done(&world->queue);
}

static int wait_event(struct co_task *self, struct world *world)
{
    if (draw(world, 2) == 0)
        return co_event_wait(self, &world->event);
    co_event_set(&world->event);
    if (draw(world, 2) == 0)
        co_event_clear(&world->event);
    return 0;
}

static int run_group(struct co_task *self, struct player *player)
{
    struct player child = {player->world, player->depth + 1, false};
    struct co_group group;
    int error = 0;

    co_group_begin(self, &group);
    for (int i = 0; i < 2; i++)
        co_group_start(&group, play, &child, NULL);
    if (draw(player->world, 2) == 0)
        error = pause_briefly(self, player->world);
    error = co_group_end(&group, error);
    co_group_term(&group);
    return error;
}

/* Whoever began a task sees to its end, cancelled himself or not. */
static void end_task(struct co_task *self, struct co_task *task)
{
    int result;

    co_cancel(task);
    while (co_wait(self, task) == UV_ECANCELED)
        co_cancel(task);
    assert_int_equal(co_result(task, &result), 0);
    co_release(task);
}

static int run_gather(struct co_task *self, struct player *player)
{
    struct player child = {player->world, player->depth + 1, false};
    struct co_task *tasks[2];
    int outcomes[2], error;

    for (int i = 0; i < 2; i++)
        tasks[i] = co_create(co_loop_of(self), play, &child, NULL);
    error = co_gather(self, tasks, 2, outcomes,
                      draw(player->world, 2) == 0 ? CO_ALL_OUTCOMES : CO_FIRST_ERROR);
    for (int i = 0; i < 2; i++) /* after the first error the other goes on */
        end_task(self, tasks[i]);
    return error;
}

/* A task that is awaited, shielded, awaited for a while, or that waits for a permit first. */
static int run_task(struct co_task *self, struct player *player)
{
    struct world *world = player->world;
    struct player child = {world, player->depth + 1, false};
    struct co_task *task = co_create(co_loop_of(self), play, &child, NULL);
    int error;

    switch (draw(world, 4)) {
    case 0:
        child.within = true;
        error = co_await (self, task);
        break;
    case 1:
        error = co_shield(self, task);
        break;
    case 2:
        error = co_await_for(self, co_start(task), draw_ns(world, 1000));
        break;
    default:
        error = co_await (self, co_start_with(task, &world->semaphores[draw(world, 2)]));
    }
    end_task(self, task);
    return error;
}

static int handle_item(struct co_task *self, void *item, void *user)
{
    struct world *world = user;
    int error = pause_briefly(self, world);

    free_item(item);
    return error < 0 ? error : draw(world, 20) == 0 ? UV_EIO : 0;
}

static int run_pool(struct co_task *self, struct world *world)
{
    struct co_pool pool;
    void *item;
    int error = co_pool_begin(self, &pool, 1 + draw(world, 2), 1, handle_item, world, free_item);

    for (int i = 0; i < 3 && error == 0; i++) {
        item = make_item(world);
        error = co_pool_put(self, &pool, item);
        if (error < 0) {
            free_item(item);
        }
    }
    return co_pool_end(self, &pool, error);
}

static int wait_notified(struct co_task *self, struct world *world)
{
    int error = co_semaphore_acquire(self, &world->lock);

    if (error < 0)
        return error;
    assert_int_equal(world->held++, 0);
    if (draw(world, 2) == 0) {
        co_condition_notify(&world->condition, 1 + draw(world, 2));
    } else {
        world->held--;
        error = co_condition_wait(self, &world->condition);
        assert_int_equal(world->held++, 0);
    }
    world->held--;
    co_semaphore_release(&world->lock);
    return error;
}

static int fetch(struct co_task *self, struct world *world)
{
    struct co_response response;
    char url[128];
    int error;

    snprintf(url, sizeof(url), "%s/users/%u?delay=%uus", server.url, draw(world, 1000),
             draw(world, 2000));
    error = co_get(self, world->http, url, &response);
    co_response_free(&response);
    return error;
}

static int work(void *unused)
{
    (void)unused;
    return 0;
}

static int take_io_step(struct co_task *self, struct world *world)
{
    if (world->http == NULL)
        return wait_event(self, world);
    return draw(world, 2) == 0 ? co_offload(self, work, NULL) : fetch(self, world);
}

static int take_simple_step(struct co_task *self, struct world *world, unsigned what)
{
    switch (what) {
    case 0:
        return pause_briefly(self, world);
    case 1:
    case 2:
        return hold_permit(self, world);
    case 3:
    case 4:
        return put_item(self, world);
    case 5:
    case 6:
        return take_item(self, world);
    case 7:
        return wait_event(self, world);
    case 8:
        return wait_notified(self, world);
    case 9:
        return run_pool(self, world);
    default:
        return take_io_step(self, world);
    }
}

static int take_step(struct co_task *self, struct player *player)
{
    struct world *world = player->world;
    unsigned what = draw(world, player->depth < DEPTH_MAX ? 14 : 11);

    world->steps_hash = (world->steps_hash ^ what) * 0x100000001b3ULL; /* FNV-1a */
    switch (what) {
    case 11:
        return run_group(self, player);
    case 12:
        return run_gather(self, player);
    case 13:
        return run_task(self, player);
    default:
        return take_simple_step(self, world, what);
    }
}

static int take_step_in_time(struct co_task *self, struct player *player)
{
    struct co_timeout outer, inner;
    bool nested = draw(player->world, 3) == 0;
    int error;

    co_timeout_begin(self, &outer, draw_ns(player->world, 1000));
    if (nested)
        co_timeout_begin(self, &inner, draw_ns(player->world, 1000));
    error = take_step(self, player);
    if (nested)
        error = co_timeout_end(&inner, error);
    return co_timeout_end(&outer, error);
}

/* One in four cancellations is swallowed, and some players fail. */
static int play(struct co_task *self, void *argument)
{
    struct player player = *(struct player *)argument;
    struct world *world = player.world;

    for (int i = 0; i < STEPS; i++) {
        int error =
            draw(world, 3) == 0 ? take_step_in_time(self, &player) : take_step(self, &player);

        if (error == UV_ECANCELED && co_cancelling(self) == 0)
            fail_msg("seed %llu: a cancellation that nobody asked for",
                     (unsigned long long)seed_of_run);
        if (error == UV_ECANCELED && draw(world, 4) > 0)
            return error;
        while (error == UV_ECANCELED && !player.within && co_uncancel(self) > 0)
            continue;
        if (draw(world, 40) == 0)
            return UV_EIO;
    }
    return 0;
}

/* Cancels players at random until all have ended. */
static int disturb(struct co_task *self, struct world *world, struct co_task *tasks[])
{
    size_t running = ACTORS;

    for (int round = 0; running > 0; round++) {
        int error = pause_briefly(self, world);

        assert_int_equal(error, 0);
        running = 0;
        for (size_t i = 0; i < ACTORS; i++)
            running += !co_is_done(tasks[i]);
        if (draw(world, 3) == 0)
            co_cancel(tasks[draw(world, ACTORS)]);
        if (round > 2000) /* those that wait for each other, and for nobody else */
            for (size_t i = 0; i < ACTORS; i++)
                co_cancel(tasks[i]);
        if (round > 100000)
            fail_msg("seed %llu: %zu tasks never end", (unsigned long long)seed_of_run, running);
    }
    return 0;
}

static void check_world(struct world *world)
{
    void *item;

    while (co_queue_get_now(&world->queue, &item) == 0) {
        free_item(item);
    }
    for (int i = 0; i < 2; i++)
        if (world->semaphores[i].permits != world->permits[i])
            fail_msg("seed %llu: %zu permits of %zu", (unsigned long long)seed_of_run,
                     world->semaphores[i].permits, world->permits[i]);
    if (world->lock.permits != 1)
        fail_msg("seed %llu: the lock is lost", (unsigned long long)seed_of_run);
    if (world->made != world->freed)
        fail_msg("seed %llu: %zu items made, %zu freed", (unsigned long long)seed_of_run,
                 world->made, world->freed);
    if (world->http != NULL)
        assert_int_equal(co_http_counts(world->http).in_flight, 0);
}

static void make_world(struct world *world, struct fixture *fixture)
{
    *world = (struct world){
        .fixture = fixture,
        .random = {(unsigned short)seed_of_run, (unsigned short)(seed_of_run >> 16), 7},
    };
    for (size_t i = 0; i < 2; i++) {
        world->permits[i] = 1 + draw(world, 2);
        co_semaphore_init(&world->semaphores[i], fixture->loop, world->permits[i]);
    }
    co_semaphore_init(&world->lock, fixture->loop, 1);
    co_condition_init(&world->condition, &world->lock);
    co_queue_init(&world->queue, fixture->loop, 1 + draw(world, 3));
    co_event_init(&world->event, fixture->loop);
    if (seed_of_run % IO_EVERY == 0)
        world->http = co_http_new(fixture->loop, NULL);
}

static uint64_t hash_of_run;

static int run_schedule(struct co_task *self, void *argument)
{
    struct fixture *fixture = argument;
    struct world world;
    struct player player = {&world, 0, false};
    struct co_task *tasks[ACTORS];
    int result;

    make_world(&world, fixture);
    for (size_t i = 0; i < ACTORS; i++)
        tasks[i] = co_start(co_create(fixture->loop, play, &player, "player-%zu", i));
    assert_int_equal(disturb(self, &world, tasks), 0);
    for (size_t i = 0; i < ACTORS; i++) {
        assert_int_equal(co_result(tasks[i], &result), 0);
        co_release(tasks[i]);
    }
    check_world(&world);
    co_queue_term(&world.queue);
    co_http_free(world.http);
    hash_of_run = world.steps_hash;
    return 0;
}

static void run_seed(uint64_t seed)
{
    struct co_options options = {.virtual_time = seed % IO_EVERY != 0};
    struct fixture fixture;

    seed_of_run = seed;
    assert_int_equal(fixture_run(&fixture, run_schedule, &options), 0);
    if (fixture.warnings.text[0] != '\0')
        fail_msg("seed %llu: %s", (unsigned long long)seed, fixture.warnings.text);
}

static int descriptors_open(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    assert_non_null(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);

    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void test_nothing_is_lost(void **state)
{
    uint64_t first = number_from("CO_SEED", 1), count = number_from("CO_SCHEDULES", SCHEDULES);
    int before;

    (void)state;
    run_seed(IO_EVERY); /* the threads of libuv start here */
    before = descriptors_open();
    for (uint64_t i = 0; i < count; i++)
        run_seed(first + i);
    assert_int_equal(descriptors_open(), before);
}

static void test_schedule_comes_again(void **state)
{
    uint64_t hash;

    (void)state;
    for (uint64_t seed = 1; seed < IO_EVERY; seed++) {
        run_seed(seed);
        hash = hash_of_run;
        run_seed(seed);
        assert_int_equal(hash_of_run, hash);
    }
}

static int set_up(void **state)
{
    (void)state;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    server = server_start("--latency", "0ms", NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    server_stop(&server);
    curl_global_cleanup();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_lost),
        cmocka_unit_test(test_schedule_comes_again),
    };

    return cmocka_run_group_tests_name("cancellation", tests, set_up, tear_down);
}
