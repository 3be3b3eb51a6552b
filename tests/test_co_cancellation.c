/* Random schedules with random cancellations: whatever is cut short where, no permit, item,
 * descriptor or byte is lost (bytes: under the address sanitizer), and nobody waits for ever.
 *
 * Each schedule comes from its seed alone, which a failure names. CO_SEED and CO_SCHEDULES choose
 * others. */
#include <dirent.h>

#include "async/co/offload.h"
#include "tests/co/fixture.h"

#define ACTORS    8
#define STEPS     12
#define DEPTH_MAX 2
#define SCHEDULES 2000

struct world {
    struct fixture *fixture;
    unsigned short random[3];
    struct co_semaphore semaphores[2];
    struct co_queue queue;
    struct co_event event;
    size_t permits[2];
    size_t made, freed; /* items */
};

struct player {
    struct world *world;
    int depth;
};

static uint64_t seed_of_run;

static unsigned draw(struct world *world, unsigned sides)
{
    return (unsigned)(nrand48(world->random) % (long)sides);
}

static int play(struct co_task *self, void *argument);

static int pause_briefly(struct co_task *self, struct world *world)
{
    return draw(world, 16) > 0 ? co_yield (self) : co_sleep(self, draw(world, 500) * NS_PER_US);
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

static int put_item(struct co_task *self, struct world *world)
{
    char *item = malloc(16);
    int error;

    world->made++;
    error = co_queue_put(self, &world->queue, item);
    if (error < 0) {
        free(item);
        world->freed++;
    }
    return error;
}

static int take_item(struct co_task *self, struct world *world)
{
    void *item;
    int error = co_queue_get(self, &world->queue, &item);

    if (error < 0)
        return error;
    free(item);
    world->freed++;
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
    struct player child = {player->world, player->depth + 1};
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

static int run_gather(struct co_task *self, struct player *player)
{
    struct player child = {player->world, player->depth + 1};
    struct co_task *tasks[2];
    int outcomes[2], error, result;

    for (int i = 0; i < 2; i++)
        tasks[i] = co_create(co_loop_of(self), play, &child, NULL);
    error = co_gather(self, tasks, 2, outcomes,
                      draw(player->world, 2) == 0 ? CO_ALL_OUTCOMES : CO_FIRST_ERROR);
    for (int i = 0; i < 2; i++) { /* after the first error the other goes on */
        co_cancel(tasks[i]);
        while (co_wait(self, tasks[i]) == UV_ECANCELED)
            co_cancel(tasks[i]);
        assert_int_equal(co_result(tasks[i], &result), 0);
        co_release(tasks[i]);
    }
    return error;
}

static int work(void *unused)
{
    (void)unused;
    return 0;
}

static int take_step(struct co_task *self, struct player *player)
{
    struct world *world = player->world;

    switch (draw(world, player->depth < DEPTH_MAX ? 10 : 8)) {
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
        return draw(world, 8) == 0 ? co_offload(self, work, NULL) : wait_event(self, world);
    case 8:
        return run_group(self, player);
    default:
        return run_gather(self, player);
    }
}

static int take_step_in_time(struct co_task *self, struct player *player)
{
    struct co_timeout outer, inner;
    bool nested = draw(player->world, 3) == 0;
    int error;

    co_timeout_begin(self, &outer, draw(player->world, 1000) * NS_PER_US);
    if (nested)
        co_timeout_begin(self, &inner, draw(player->world, 1000) * NS_PER_US);
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

        if (error == UV_ECANCELED && draw(world, 4) > 0)
            return error;
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
        if (round > 200) /* those that wait for each other, and for nobody else */
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
        free(item);
        world->freed++;
    }
    for (int i = 0; i < 2; i++)
        if (world->semaphores[i].permits != world->permits[i])
            fail_msg("seed %llu: %zu permits of %zu", (unsigned long long)seed_of_run,
                     world->semaphores[i].permits, world->permits[i]);
    if (world->made != world->freed)
        fail_msg("seed %llu: %zu items made, %zu freed", (unsigned long long)seed_of_run,
                 world->made, world->freed);
}

static int run_schedule(struct co_task *self, void *argument)
{
    struct fixture *fixture = argument;
    struct world world = {
        .fixture = fixture,
        .random = {(unsigned short)seed_of_run, (unsigned short)(seed_of_run >> 16), 7},
    };
    struct player player = {&world, 0};
    struct co_task *tasks[ACTORS];
    int result;

    for (size_t i = 0; i < 2; i++) {
        world.permits[i] = 1 + draw(&world, 2);
        co_semaphore_init(&world.semaphores[i], fixture->loop, world.permits[i]);
    }
    co_queue_init(&world.queue, fixture->loop, 1 + draw(&world, 3));
    co_event_init(&world.event, fixture->loop);
    for (size_t i = 0; i < ACTORS; i++)
        tasks[i] = co_start(co_create(fixture->loop, play, &player, "player-%zu", i));
    assert_int_equal(disturb(self, &world, tasks), 0);
    for (size_t i = 0; i < ACTORS; i++) {
        assert_int_equal(co_result(tasks[i], &result), 0);
        co_release(tasks[i]);
    }
    check_world(&world);
    co_queue_term(&world.queue);
    return 0;
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
    struct fixture fixture;
    int before;

    (void)state;
    seed_of_run = first;
    assert_int_equal(fixture_run(&fixture, run_schedule, NULL), 0); /* threads start here */
    before = descriptors_open();
    for (uint64_t i = 1; i < count; i++) {
        seed_of_run = first + i;
        assert_int_equal(fixture_run(&fixture, run_schedule, NULL), 0);
        assert_string_equal(fixture.warnings.text, "");
    }
    assert_int_equal(descriptors_open(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nothing_is_lost)};

    return cmocka_run_group_tests_name("cancellation", tests, NULL, NULL);
}
