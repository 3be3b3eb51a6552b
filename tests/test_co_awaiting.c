/* Awaiting and cancelling at the edges: tasks that wait for each other, deep chains, coroutines
 * that are awaited twice or released meanwhile, and cancellations that nobody asked for or that are
 * lost. Each case was once wrong. */
#include "co/pool.h"
#include "tests/co/fixture.h"

#define CHAIN 3000 /* links; one call each would need more than a task's stack */

/* The time of the loop is virtual, so that an hour is over at once. */
#define HOUR (3600 * NS_PER_S)

static int sleep_for_ever(struct co_task *self, void *unused)
{
    (void)unused;
    return co_sleep(self, 1000 * HOUR);
}

static int await_it(struct co_task *self, void *task)
{
    return co_await (self, *(struct co_task **)task);
}

static void run_case(co_body *body)
{
    struct co_options options = {.virtual_time = true};
    struct fixture fixture;

    assert_int_equal(fixture_run(&fixture, body, &options), 0);
    assert_string_equal(fixture.warnings.text, "");
}

/* ---- Chains and circles ------------------------------------------------------------------ */

static int cancel_chain(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_task **tasks = calloc(CHAIN, sizeof(*tasks));

    tasks[0] = co_start(co_create(f->loop, sleep_for_ever, NULL, "last"));
    for (int i = 1; i < CHAIN; i++)
        tasks[i] = co_start(co_create(f->loop, await_it, &tasks[i - 1], "link-%d", i));
    assert_int_equal(co_sleep(self, HOUR), 0);
    co_cancel(tasks[CHAIN - 1]);
    assert_int_equal(co_await (self, tasks[CHAIN - 1]), UV_ECANCELED);
    for (int i = 0; i < CHAIN; i++) {
        assert_true(co_is_cancelled(tasks[i]));
        assert_int_equal(co_cancelling(tasks[i]), 1);
        co_release(tasks[i]);
    }
    free(tasks);
    return 0;
}

static int gather_it(struct co_task *self, void *task)
{
    return co_gather(self, task, 1, NULL, CO_FIRST_ERROR);
}

static int cancel_chain_of_gathers(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_task **tasks = calloc(CHAIN, sizeof(*tasks));

    tasks[0] = co_start(co_create(f->loop, sleep_for_ever, NULL, "last"));
    for (int i = 1; i < CHAIN; i++)
        tasks[i] = co_start(co_create(f->loop, gather_it, &tasks[i - 1], "link-%d", i));
    assert_int_equal(co_sleep(self, HOUR), 0);
    co_cancel(tasks[CHAIN - 1]);
    assert_int_equal(co_await (self, tasks[CHAIN - 1]), UV_ECANCELED);
    for (int i = 0; i < CHAIN; i++) {
        assert_true(co_is_cancelled(tasks[i]));
        co_release(tasks[i]);
    }
    free(tasks);
    return 0;
}

static int cancel_circle_of(struct co_task *self, struct fixture *f, co_body *second)
{
    struct co_task *tasks[2];

    tasks[0] = co_start(co_create(f->loop, await_it, &tasks[1], "a"));
    tasks[1] = co_start(co_create(f->loop, second, &tasks[0], "b"));
    assert_int_equal(co_sleep(self, HOUR), 0);
    co_cancel(tasks[0]);
    assert_int_equal(co_await_for(self, tasks[0], HOUR), UV_ECANCELED);
    assert_int_equal(co_await_for(self, tasks[1], HOUR), UV_ECANCELED);
    co_release(tasks[0]);
    co_release(tasks[1]);
    return 0;
}

static int cancel_circle(struct co_task *self, void *argument)
{
    return cancel_circle_of(self, argument, await_it);
}

static int cancel_circle_with_gather(struct co_task *self, void *argument)
{
    return cancel_circle_of(self, argument, gather_it);
}

static int await_next(struct co_task *self, void *task)
{
    return co_await (self, *(struct co_task **)task);
}

/* Where nothing else is under way, the loop itself sees it, and ends them. */
static int circle_is_a_deadlock(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_task *tasks[3];

    for (int i = 0; i < 3; i++)
        tasks[i] = co_start(co_create(f->loop, await_next, &tasks[(i + 1) % 3], "%c", 'a' + i));
    assert_int_equal(co_await (self, tasks[0]), UV_ECANCELED);
    for (int i = 0; i < 3; i++)
        co_release(tasks[i]);
    return 0;
}

/* Two ways lead to the same task: it is cancelled once, and does not wait for the other way. */
static int cancel_diamond(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_task *leaf = co_start(co_create(f->loop, sleep_for_ever, NULL, "leaf"));
    struct co_task *middle = co_start(co_create(f->loop, await_it, &leaf, "middle"));
    struct co_task *sides[2], *top;

    for (int i = 0; i < 2; i++)
        sides[i] = co_start(co_create(f->loop, await_it, &middle, "side-%d", i));
    top = co_start(co_create(f->loop, gather_it, sides, "top"));
    assert_int_equal(co_sleep(self, HOUR), 0);
    co_cancel(top);
    co_cancel(sides[1]);
    assert_int_equal(co_join(self, top), UV_ECANCELED);
    for (int i = 0; i < 2; i++)
        assert_int_equal(co_join(self, sides[i]), UV_ECANCELED);
    assert_int_equal(co_join(self, middle), UV_ECANCELED);
    assert_int_equal(co_join(self, leaf), UV_ECANCELED);
    return 0;
}

static void test_chain(void **state)
{
    (void)state;
    run_case(cancel_chain);
}

static void test_chain_of_gathers(void **state)
{
    (void)state;
    run_case(cancel_chain_of_gathers);
}

static void test_circle(void **state)
{
    (void)state;
    run_case(cancel_circle);
}

static void test_circle_with_gather(void **state)
{
    (void)state;
    run_case(cancel_circle_with_gather);
}

static void test_circle_is_a_deadlock(void **state)
{
    struct fixture fixture;

    (void)state;
    assert_int_equal(fixture_run(&fixture, circle_is_a_deadlock, NULL), CO_EDEADLK);
    assert_non_null(strstr(fixture.warnings.text, "task 'b' waits for something"));
}

static void test_diamond(void **state)
{
    (void)state;
    run_case(cancel_diamond);
}

/* ---- Coroutines that run within another task ---------------------------------------------- */

static int nap(struct co_task *self, void *unused)
{
    int error = co_sleep(self, HOUR);

    (void)unused;
    return error < 0 ? error : 7;
}

static int release_itself(struct co_task *self, void *task)
{
    int error = co_sleep(self, HOUR);

    co_release(*(struct co_task **)task);
    return error < 0 ? error : 7;
}

static int await_released(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_task *coroutine = co_create(f->loop, release_itself, &coroutine, "coroutine");

    assert_int_equal(co_await (self, coroutine), 7);
    return 0;
}

static int await_twice(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_task *coroutine = co_create(f->loop, nap, NULL, "coroutine");
    struct co_task *first = co_start(co_create(f->loop, await_it, &coroutine, "first"));
    int outcome = 0;

    assert_int_equal(co_sleep(self, HOUR / 2), 0);
    assert_int_equal(co_await (self, coroutine), UV_EALREADY);
    assert_int_equal(co_shield(self, coroutine), UV_EALREADY);
    assert_int_equal(co_wait(self, coroutine), UV_EALREADY);
    assert_int_equal(co_gather(self, &coroutine, 1, &outcome, CO_ALL_OUTCOMES), 0);
    assert_int_equal(outcome, UV_EALREADY);
    assert_false(co_cancel(coroutine));
    assert_int_equal(co_join(self, first), 7);
    assert_int_equal(co_await (self, coroutine), 7);
    co_release(coroutine);
    return 0;
}

static void test_released_while_awaited(void **state)
{
    (void)state;
    run_case(await_released);
}

static void test_awaited_twice(void **state)
{
    (void)state;
    run_case(await_twice);
}

/* ---- Cancellations that nobody asked for --------------------------------------------------- */

/* Nothing is left of a cancellation: the task can go on. */
static void assert_undisturbed(struct co_task *self)
{
    assert_int_equal(co_cancelling(self), 0);
    assert_int_equal(co_sleep(self, HOUR), 0);
    assert_int_equal(co_yield (self), 0);
}

static int two_timeouts_at_once(struct co_task *self, void *argument)
{
    uint64_t due_ns = co_now_ns(co_loop_of(self)) + HOUR;
    struct co_timeout outer, inner;
    int error;

    (void)argument;
    co_timeout_begin(self, &outer, 2 * HOUR);
    co_timeout_begin(self, &inner, 2 * HOUR);
    co_timeout_move(&outer, due_ns);
    co_timeout_move(&inner, due_ns);
    error = co_timeout_end(&inner, co_sleep(self, 2 * HOUR));
    assert_int_equal(error, UV_ECANCELED);
    assert_int_equal(co_timeout_end(&outer, error), UV_ETIMEDOUT);
    assert_undisturbed(self);
    return 0;
}

static int cancel_twice_body(struct co_task *self, void *unused)
{
    int error = co_sleep(self, 2 * HOUR);

    (void)unused;
    assert_int_equal(error, UV_ECANCELED);
    assert_int_equal(co_cancelling(self), 2);
    return co_sleep(self, HOUR); /* the cleanup */
}

static int cancel_twice(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_task *task = co_start(co_create(f->loop, cancel_twice_body, NULL, "a"));

    assert_int_equal(co_sleep(self, HOUR), 0);
    co_cancel(task);
    co_cancel(task);
    assert_int_equal(co_join(self, task), 0);
    return 0;
}

/* The timeout expires together with what it waits for, which ended as cancelled by another. */
static int timeout_and_anothers_cancellation(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_task *task = co_start(co_create(f->loop, sleep_for_ever, NULL, "a"));
    struct co_timeout timeout;
    int error;

    assert_int_equal(co_yield (self), 0);
    co_cancel(task);
    co_timeout_begin(self, &timeout, 0);
    error = co_await (self, task);
    assert_int_equal(error, UV_ECANCELED);
    error = co_timeout_end(&timeout, error);
    assert_true(error == UV_ETIMEDOUT || error == UV_ECANCELED);
    assert_undisturbed(self);
    co_release(task);
    return 0;
}

static int fail_at_once(struct co_task *self, void *unused)
{
    (void)self, (void)unused;
    return UV_EIO;
}

/* The body of the group gives up with the result of a task that somebody else had cancelled. */
static int group_and_anothers_cancellation(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_task *other = co_start(co_create(f->loop, sleep_for_ever, NULL, "other"));
    struct co_group group;

    assert_int_equal(co_yield (self), 0);
    co_cancel(other);
    assert_int_equal(co_await (self, other), UV_ECANCELED);
    co_group_begin(self, &group);
    co_group_start(&group, fail_at_once, NULL, "a");
    assert_int_equal(co_yield (self), UV_ECANCELED); /* by the group */
    assert_int_equal(co_group_end(&group, UV_ECANCELED), UV_EIO);
    co_group_term(&group);
    assert_undisturbed(self);
    co_release(other);
    return 0;
}

static int fail_in_cleanup(struct co_task *self, void *unused)
{
    (void)unused;
    return co_sleep(self, HOUR) == UV_ECANCELED ? UV_EIO : 0;
}

static int group_ends_with_anothers(struct co_task *self, void *argument)
{
    struct co_group group;

    (void)argument;
    co_group_begin(self, &group);
    co_group_start(&group, fail_in_cleanup, NULL, "a");
    assert_int_equal(co_yield (self), 0);
    assert_int_equal(co_group_end(&group, UV_ECANCELED), UV_EIO); /* of a task of another's */
    co_group_term(&group);
    assert_undisturbed(self);
    return 0;
}

static void test_two_timeouts_at_once(void **state)
{
    (void)state;
    run_case(two_timeouts_at_once);
}

static void test_cancelled_twice_is_told_once(void **state)
{
    (void)state;
    run_case(cancel_twice);
}

static void test_timeout_and_anothers_cancellation(void **state)
{
    (void)state;
    run_case(timeout_and_anothers_cancellation);
}

static void test_group_and_anothers_cancellation(void **state)
{
    (void)state;
    run_case(group_and_anothers_cancellation);
}

static void test_group_ends_with_anothers(void **state)
{
    (void)state;
    run_case(group_ends_with_anothers);
}

/* ---- Cancellations that must not be lost ---------------------------------------------------- */

static bool refuse(void *unused)
{
    (void)unused;
    return false;
}

/* Waits for something that no cancellation can cut short. */
static void wait_firmly(struct co_task *self)
{
    struct co_loop *loop = co_loop_of(self);

    assert_int_equal(co_wake_at(loop, co_waiter_of(self), co_now_ns(loop) + HOUR), 0);
    assert_int_equal(co_park(self, refuse, NULL), 0);
}

/* The scope takes back its own request, never the one that came before it. */
static int group_in_cancelled(struct co_task *self, void *unused)
{
    struct co_group group;

    (void)unused;
    co_cancel(self);
    co_group_begin(self, &group);
    co_group_start(&group, fail_at_once, NULL, "a");
    wait_firmly(self);
    assert_int_equal(co_group_end(&group, 0), UV_EIO);
    co_group_term(&group);
    return co_sleep(self, HOUR);
}

static int timeout_in_cancelled(struct co_task *self, void *unused)
{
    struct co_timeout timeout;

    (void)unused;
    co_cancel(self);
    co_timeout_begin(self, &timeout, HOUR / 2);
    wait_firmly(self);
    assert_int_equal(co_timeout_end(&timeout, 0), 0);
    assert_true(timeout.expired);
    return co_sleep(self, HOUR);
}

/* The earlier one has been told meanwhile: what is pending is the timeout's own. */
static int timeout_in_told(struct co_task *self, void *unused)
{
    struct co_timeout timeout;

    (void)unused;
    co_cancel(self);
    co_timeout_begin(self, &timeout, HOUR / 2);
    assert_int_equal(co_sleep(self, HOUR), UV_ECANCELED);
    wait_firmly(self);
    assert_int_equal(co_timeout_end(&timeout, 0), 0);
    assert_true(timeout.expired);
    return co_sleep(self, HOUR);
}

static int cancelled_before(struct co_task *self, void *argument)
{
    struct fixture *f = argument;

    assert_int_equal(co_join(self, co_create(f->loop, group_in_cancelled, NULL, "group")),
                     UV_ECANCELED);
    while (co_uncancel(self) > 0)
        continue;
    assert_int_equal(co_join(self, co_create(f->loop, timeout_in_cancelled, NULL, "timeout")),
                     UV_ECANCELED);
    while (co_uncancel(self) > 0)
        continue;
    assert_int_equal(co_join(self, co_create(f->loop, timeout_in_told, NULL, "told")), 0);
    return 0;
}

static void test_outer_cancellation_is_kept(void **state)
{
    (void)state;
    run_case(cancelled_before);
}

/* ---- Errors that must not be lost ----------------------------------------------------------- */

static int gather_two_failing(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_task *tasks[2];
    int outcomes[2], error;

    tasks[0] = co_create(f->loop, fail_in_cleanup, NULL, "a");
    tasks[1] = co_create(f->loop, sleep_for_ever, NULL, "b");
    error = co_gather(self, tasks, 2, outcomes, CO_FIRST_ERROR);
    assert_int_equal(outcomes[0], UV_EIO);
    co_release(tasks[0]);
    co_release(tasks[1]);
    return error;
}

static int cancel_gather(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_task *task = co_start(co_create(f->loop, gather_two_failing, f, "gather"));

    assert_int_equal(co_sleep(self, HOUR / 2), 0);
    co_cancel(task);
    assert_int_equal(co_join(self, task), UV_ECANCELED);
    return 0;
}

static int gather_without_slots(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_task *task = co_create(f->loop, fail_at_once, NULL, "a");

    assert_int_equal(co_gather(self, &task, 1, NULL, CO_ALL_OUTCOMES), 0);
    co_release(task);
    return 0;
}

static int gather_goes_on(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_task *tasks[2];
    int outcomes[2];

    tasks[0] = co_create(f->loop, fail_at_once, NULL, "a");
    tasks[1] = co_create(f->loop, nap, NULL, "b");
    assert_int_equal(co_gather(self, tasks, 2, outcomes, CO_FIRST_ERROR), UV_EIO);
    assert_int_equal(outcomes[0], UV_EIO);
    assert_int_equal(outcomes[1], UV_EBUSY); /* it is not done: no outcome, and no success */
    co_release(tasks[0]);
    assert_int_equal(co_join(self, tasks[1]), 7);
    return 0;
}

static void expect_named(co_body *body)
{
    struct co_options options = {.virtual_time = true};
    struct fixture fixture;

    assert_int_equal(fixture_run(&fixture, body, &options), 0);
    assert_string_equal(fixture.warnings.text, "error of task 'a' was never retrieved: i/o error;");
}

static void test_error_in_cancelled_gather_is_named(void **state)
{
    (void)state;
    expect_named(cancel_gather);
}

static void test_error_without_a_slot_is_named(void **state)
{
    (void)state;
    expect_named(gather_without_slots);
}

static void test_unfinished_is_no_success(void **state)
{
    (void)state;
    run_case(gather_goes_on);
}

/* ---- A step that says "cancelled" of its own accord ------------------------------------------ */

static int say_cancelled(struct co_task *self, void *item, void *user)
{
    size_t *handled = user;
    int error = co_sleep(self, HOUR);

    ++*handled;
    return error < 0 ? error : item != NULL ? UV_ECANCELED : 0;
}

static int pool_goes_on(struct co_task *self, void *argument)
{
    struct co_pool pool;
    size_t handled = 0;
    int item;

    (void)argument;
    assert_int_equal(co_pool_begin(self, &pool, 2, 0, say_cancelled, &handled, NULL), 0);
    for (int i = 0; i < 6; i++)
        assert_int_equal(co_pool_put(self, &pool, &item), 0);
    assert_int_equal(co_pool_end(self, &pool, 0), UV_ECANCELED);
    assert_int_equal(handled, 6);
    assert_int_equal(pool.failed, 6);
    assert_undisturbed(self);
    return 0;
}

static int step_says_cancelled(struct co_task *self, void **item, void *user)
{
    int error = co_sleep(self, HOUR);

    (void)item, (void)user;
    return error < 0 ? error : UV_ECANCELED;
}

static int step_passes(struct co_task *self, void **item, void *user)
{
    (void)user;
    *item = NULL;
    return co_yield (self);
}

static int pipeline_ends(struct co_task *self, void *argument)
{
    const struct co_stage stages[] = {
        {.name = "a", .workers = 2, .capacity = 1, .step = step_says_cancelled},
        {.name = "b", .workers = 1, .capacity = 1, .step = step_passes},
    };
    struct co_pipeline pipeline;
    int item, error = 0;

    (void)argument;
    assert_int_equal(co_pipeline_begin(self, &pipeline, stages, 2, NULL), 0);
    for (int i = 0; i < 9 && error == 0; i++)
        error = co_pipeline_put(self, &pipeline, &item);
    assert_int_equal(error, UV_ECANCELED);
    assert_int_equal(co_pipeline_end(&pipeline, error), UV_ECANCELED);
    assert_undisturbed(self);
    return 0;
}

static void test_pool_goes_on(void **state)
{
    (void)state;
    run_case(pool_goes_on);
}

static void test_pipeline_ends(void **state)
{
    (void)state;
    run_case(pipeline_ends);
}

struct turns {
    int slow; /* so far, of both tasks */
    bool over;
};

/* Quick turns first, so that the loop has no reason to look at the time often; then slow ones. */
static int take_turns(struct co_task *self, void *argument)
{
    struct turns *turns = argument;

    for (int i = 0; i < 100000; i++)
        if (co_yield (self) < 0)
            return UV_ECANCELED;
    for (; !turns->over; turns->slow++) {
        uint64_t until_ns = clock_ns() + MS;

        while (clock_ns() < until_ns)
            ;
        if (co_yield (self) < 0)
            return UV_ECANCELED;
    }
    return 0;
}

static int sleep_beside(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct turns turns = {0};
    struct co_task *one = co_start(co_create(f->loop, take_turns, &turns, NULL));
    struct co_task *two = co_start(co_create(f->loop, take_turns, &turns, NULL));
    int most = 0;

    for (int i = 0; i < 20; i++) {
        int before = turns.slow, error = co_sleep(self, 10 * MS);

        if (error < 0)
            return error;
        most = turns.slow - before > most ? turns.slow - before : most;
    }
    turns.over = true;
    if (most > 100) /* of a millisecond each; who looks at each 256th only takes more */
        fail_msg("who slept for 10 ms slept for %d turns", most);
    return co_join(self, one) + co_join(self, two);
}

static void test_slow_turns_keep_nobody_waiting(void **state)
{
    struct fixture fixture;

    (void)state;
    assert_int_equal(fixture_run(&fixture, sleep_beside, NULL), 0);
}

/* ---- Virtual time goes by no clock ----------------------------------------------------------- */

struct beside {
    uint64_t busy_ns; /* of each turn */
    int turns;        /* of the busy task, so far */
    bool over;
};

static int be_busy(struct co_task *self, void *argument)
{
    struct beside *beside = argument;

    for (; !beside->over; beside->turns++) {
        uint64_t until_ns = clock_ns() + beside->busy_ns;

        while (clock_ns() < until_ns)
            ;
        if (co_yield (self) < 0)
            return UV_ECANCELED;
    }
    return 0;
}

static uint64_t busy_of_turn_ns;

/* Says how many turns the other task had, before a timeout that is over at once was seen. */
static int count_turns_beside(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct beside beside = {.busy_ns = busy_of_turn_ns};
    struct co_task *busy = co_start(co_create(f->loop, be_busy, &beside, NULL));
    struct co_timeout timeout;

    for (int i = 0; i < 300; i++) /* so that the loop has learnt how long turns take */
        if (co_yield (self) < 0)
            return UV_ECANCELED;
    co_timeout_begin(self, &timeout, 0);
    assert_int_equal(co_timeout_end(&timeout, co_sleep(self, HOUR)), UV_ETIMEDOUT);
    trace_say(&f->trace, "%d", beside.turns);
    beside.over = true;
    return co_join(self, busy);
}

static void test_virtual_order_is_the_same_on_a_busy_machine(void **state)
{
    struct co_options options = {.virtual_time = true};
    struct fixture quick, slow;

    (void)state;
    busy_of_turn_ns = 0;
    assert_int_equal(fixture_run(&quick, count_turns_beside, &options), 0);
    busy_of_turn_ns = 200000;
    assert_int_equal(fixture_run(&slow, count_turns_beside, &options), 0);
    assert_string_equal(slow.trace.text, quick.trace.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chain),
        cmocka_unit_test(test_chain_of_gathers),
        cmocka_unit_test(test_circle),
        cmocka_unit_test(test_circle_with_gather),
        cmocka_unit_test(test_circle_is_a_deadlock),
        cmocka_unit_test(test_diamond),
        cmocka_unit_test(test_released_while_awaited),
        cmocka_unit_test(test_awaited_twice),
        cmocka_unit_test(test_two_timeouts_at_once),
        cmocka_unit_test(test_cancelled_twice_is_told_once),
        cmocka_unit_test(test_timeout_and_anothers_cancellation),
        cmocka_unit_test(test_group_and_anothers_cancellation),
        cmocka_unit_test(test_group_ends_with_anothers),
        cmocka_unit_test(test_outer_cancellation_is_kept),
        cmocka_unit_test(test_error_in_cancelled_gather_is_named),
        cmocka_unit_test(test_error_without_a_slot_is_named),
        cmocka_unit_test(test_unfinished_is_no_success),
        cmocka_unit_test(test_pool_goes_on),
        cmocka_unit_test(test_pipeline_ends),
        cmocka_unit_test(test_slow_turns_keep_nobody_waiting),
        cmocka_unit_test(test_virtual_order_is_the_same_on_a_busy_machine),
    };

    return cmocka_run_group_tests_name("awaiting", tests, NULL, NULL);
}
