/* Worker processes: jobs in order, cancelled ones, and what is left of a pool whose workers die. */
#include <signal.h>
#include <unistd.h>

#include "tests/helpers.h"
#include "tests/place.h"

#include "compute/process_pool.h"
#include "common/clock.h"

#define JOBS 6

struct fixture {
    uv_loop_t loop;
    struct process_pool *pool;
    struct job {
        struct process_job job; /* first */
        struct fixture *fixture;
        int number, result;
        bool ended;
        char out[PROCESS_JOB_BYTES_MAX];
    } jobs[JOBS];
    int order[JOBS], count; /* the numbers of the jobs, as they ended */
};

static void on_ended(struct process_job *ended, int result)
{
    struct job *job = (struct job *)ended;

    assert_false(job->ended);
    job->ended = true;
    job->result = result;
    job->fixture->order[job->fixture->count++] = job->number;
}

static struct fixture *fixture_new(size_t workers)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->pool = process_pool_fork(workers);
    assert_non_null(f->pool);
    assert_int_equal(uv_loop_init(&f->loop), 0);
    assert_int_equal(process_pool_attach(f->pool, &f->loop), 0);
    for (int i = 0; i < JOBS; i++)
        f->jobs[i] = (struct job){.fixture = f, .number = i};
    return f;
}

static void fixture_free(struct fixture *f)
{
    process_pool_free(f->pool);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&f->loop), 0);
    free(f);
    assert_int_equal(children_count(), 0);
}

static int submit(struct fixture *f, int number, process_work *work)
{
    struct job *job = &f->jobs[number];

    job->ended = false;
    job->job = (struct process_job){.work = work,
                                    .in = &job->number,
                                    .in_bytes = sizeof(job->number),
                                    .out = job->out,
                                    .ended = on_ended};
    return process_pool_submit(f->pool, &job->job);
}

/* ---- What the workers do ----------------------------------------------------------------- */

static int square(const void *in, size_t in_bytes, void *out)
{
    int number;

    assert_int_equal(in_bytes, sizeof(number));
    memcpy(&number, in, sizeof(number));
    number *= number;
    memcpy(out, &number, sizeof(number));
    return sizeof(number);
}

static int die(const void *in, size_t in_bytes, void *out)
{
    (void)in, (void)in_bytes, (void)out;
    raise(SIGKILL);
    return 0;
}

static int work_for_ever(const void *in, size_t in_bytes, void *out)
{
    (void)in, (void)in_bytes, (void)out;
    return pause();
}

static int most_bytes(const void *in, size_t in_bytes, void *out)
{
    (void)in, (void)in_bytes;
    memset(out, 'x', PROCESS_JOB_BYTES_MAX);
    return PROCESS_JOB_BYTES_MAX;
}

/* ---- The tests --------------------------------------------------------------------------- */

static void jobs_begin_in_order(void **state)
{
    struct fixture *f = fixture_new(1);

    (void)state;
    for (int i = 0; i < JOBS; i++)
        assert_int_equal(submit(f, i, square), 0);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(f->count, JOBS);
    for (int i = 0; i < JOBS; i++) {
        int squared;

        memcpy(&squared, f->jobs[i].out, sizeof(squared));
        assert_int_equal(f->order[i], i);
        assert_int_equal(f->jobs[i].result, sizeof(squared));
        assert_int_equal(squared, i * i);
    }
    fixture_free(f);
}

static void largest_answer_comes_whole(void **state)
{
    struct fixture *f = fixture_new(1);

    (void)state;
    assert_int_equal(submit(f, 0, most_bytes), 0);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(f->jobs[0].result, PROCESS_JOB_BYTES_MAX);
    assert_int_equal(f->jobs[0].out[PROCESS_JOB_BYTES_MAX - 1], 'x');
    fixture_free(f);
}

static void only_what_waits_is_cancelled(void **state)
{
    struct fixture *f = fixture_new(1);

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(submit(f, i, square), 0);
    assert_false(process_pool_cancel(f->pool, &f->jobs[0].job)); /* has begun */
    assert_true(process_pool_cancel(f->pool, &f->jobs[3].job));  /* the last, */
    assert_int_equal(submit(f, 4, square), 0);
    assert_true(process_pool_cancel(f->pool, &f->jobs[2].job)); /* and one between others */
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(f->count, 3);
    assert_int_equal(f->order[1], 1);
    assert_int_equal(f->order[2], 4);
    assert_false(process_pool_cancel(f->pool, &f->jobs[4].job)); /* has ended */
    fixture_free(f);
}

static void dead_worker_loses_only_its_job(void **state)
{
    struct fixture *f = fixture_new(2);

    (void)state;
    for (int i = 0; i < JOBS; i++)
        assert_int_equal(submit(f, i, i == 0 ? die : square), 0);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(f->count, JOBS);
    assert_int_equal(f->jobs[0].result, UV_EPIPE);
    for (int i = 1; i < JOBS; i++)
        assert_int_equal(f->jobs[i].result, sizeof(int));
    assert_int_equal(children_count(), 1); /* and none that nobody has waited for */
    fixture_free(f);
}

static void without_workers_nothing_begins(void **state)
{
    struct fixture *f = fixture_new(2);

    (void)state;
    for (int i = 0; i < JOBS; i++)
        assert_int_equal(submit(f, i, i < 2 ? die : square), 0);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(f->count, JOBS);
    for (int i = 0; i < JOBS; i++)
        assert_int_equal(f->jobs[i].result, i < 2 ? UV_EPIPE : UV_ESRCH);
    assert_int_equal(submit(f, 0, square), UV_ESRCH);
    assert_false(f->jobs[0].ended);
    fixture_free(f);
}

static void submit_again(struct process_job *ended, int result)
{
    struct job *job = (struct job *)ended;

    on_ended(ended, result);
    assert_int_equal(process_pool_submit(job->fixture->pool, ended), UV_ESRCH);
}

/* Whoever is told so, and asks again at once, while others still wait to be told. */
static void without_workers_asking_again_is_refused(void **state)
{
    struct fixture *f = fixture_new(1);

    (void)state;
    for (int i = 0; i < JOBS; i++) {
        assert_int_equal(submit(f, i, i == 0 ? die : square), 0);
        f->jobs[i].job.ended = submit_again;
    }
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(f->count, JOBS);
    for (int i = 0; i < JOBS; i++)
        assert_int_equal(f->order[i], i);
    fixture_free(f);
}

static void idle_worker_that_died_is_passed_over(void **state)
{
    struct fixture *f = fixture_new(2);
    pid_t pids[4];

    (void)state;
    assert_int_equal(children_of(getpid(), pids, 4), 2);
    kill(pids[0], SIGKILL);
    for (int i = 0; i < JOBS; i++) /* noticed when a job is sent to it, or by its socket's end */
        assert_int_equal(submit(f, i, square), 0);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(f->count, JOBS);
    for (int i = 0; i < JOBS; i++)
        if (f->jobs[i].result != UV_EPIPE) /* it may have been given one before it died */
            assert_int_equal(f->jobs[i].result, sizeof(int));
    fixture_free(f);
}

static void pool_is_freed_at_work(void **state)
{
    struct fixture *f = fixture_new(2);
    uint64_t before = clock_ns();

    (void)state;
    for (int i = 0; i < JOBS; i++)
        assert_int_equal(submit(f, i, work_for_ever), 0);
    fixture_free(f);
    assert_true(clock_ns() - before < 20 * NS_PER_S);
}

static void pool_is_freed_without_a_loop(void **state)
{
    (void)state;
    process_pool_free(process_pool_fork(3));
    process_pool_free(NULL);
    assert_int_equal(children_count(), 0);
}

static void workers_heed_no_signal_of_the_group(void **state)
{
    struct fixture *f = fixture_new(1);
    pid_t pid;

    (void)state;
    assert_int_equal(submit(f, 0, square), 0); /* once it has answered, it has made ready */
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(children_of(getpid(), &pid, 1), 1);
    kill(pid, SIGINT);
    kill(pid, SIGTERM);
    kill(pid, SIGHUP);
    assert_int_equal(submit(f, 1, square), 0);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(f->jobs[1].result, sizeof(int));
    fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(jobs_begin_in_order, end_leftovers),
        cmocka_unit_test_teardown(largest_answer_comes_whole, end_leftovers),
        cmocka_unit_test_teardown(only_what_waits_is_cancelled, end_leftovers),
        cmocka_unit_test_teardown(dead_worker_loses_only_its_job, end_leftovers),
        cmocka_unit_test_teardown(without_workers_nothing_begins, end_leftovers),
        cmocka_unit_test_teardown(without_workers_asking_again_is_refused, end_leftovers),
        cmocka_unit_test_teardown(idle_worker_that_died_is_passed_over, end_leftovers),
        cmocka_unit_test_teardown(pool_is_freed_at_work, end_leftovers),
        cmocka_unit_test_teardown(pool_is_freed_without_a_loop, end_leftovers),
        cmocka_unit_test_teardown(workers_heed_no_signal_of_the_group, end_leftovers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
