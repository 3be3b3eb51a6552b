/* Units of workload/ that compute: the hash chain, its calibration, the simulated interpreter lock,
 * a worker's computer. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "tests/helpers.h"

#include "common/clock.h"
#include "compute/chain.h"
#include "compute/computer.h"
#include "compute/gil.h"

/* ---- The hash chain ---------------------------------------------------------------------- */

/* Computed with Python's hashlib:
 *     h = bytes(32)
 *     for _ in range(rounds): h = hashlib.sha256(h + bytes(block - 32)).digest()
 * The first is also what `head -c 32 /dev/zero | sha256sum` says. */
static const struct {
    uint64_t rounds;
    size_t block_bytes;
    const char *digest;
} known[] = {
    {1, 32, "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"},
    {2, 32, "2b32db6c2c0a6235fb1397e8225ea85e0f0e6e8c7b126d0016ccbde0e667151e"},
    {1000, 32, "36c1cb4f826ae42ceba848227e0c5f786178ca9dceca6772e5d728d09c30a2f6"},
    {100000, 32, "b422bc9c0646a432433c2410991c95e2d89758e3b4f540aca863389f28a11379"},
    {5, 33, "14d3fc0e1e70aec2e5cad59da96d446eb6d0f9a8df56907f23aaa195cb4d5c5f"},
    {1, 64, "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b"},
    {3, 64, "68e036eef0a3dabb6028028315d3b0fcb8e3cede4fb3f62c17aff929069e996d"},
    {10, 65536, "e4b904f2071dcfa90e385e5fd721ed617de2879f4f93bd40f5d6246a518c3571"},
};

#define KNOWN (sizeof(known) / sizeof(known[0]))

static void chain_comes_to_what_others_compute(void **state)
{
    char text[CHAIN_DIGEST_TEXT];
    struct chain chain;

    (void)state;
    for (size_t i = 0; i < KNOWN; i++) {
        assert_int_equal(chain_init(&chain, known[i].block_bytes), 0);
        chain_advance(&chain, known[i].rounds);
        assert_string_equal(chain_format_digest(chain.block, text), known[i].digest);
        chain_term(&chain);
    }
}

/* In pieces, and from the start again, it comes to the same. */
static void chain_is_one_in_pieces(void **state)
{
    unsigned char expected[CHAIN_DIGEST_BYTES];
    struct chain chain;

    (void)state;
    assert_int_equal(chain_parse_digest(known[2].digest, expected), 0);
    assert_int_equal(chain_init(&chain, 32), 0);
    for (int again = 0; again < 2; again++) {
        chain_start(&chain);
        chain_advance(&chain, 0);
        chain_advance(&chain, 1);
        chain_advance(&chain, 998);
        assert_false(chain_is_at(&chain, expected));
        chain_advance(&chain, 1);
        assert_true(chain_is_at(&chain, expected));
    }
    chain.failed = true;
    assert_false(chain_is_at(&chain, expected));
    chain_term(&chain);
}

static void stretches_are_short_whatever_the_block(void **state)
{
    (void)state;
    assert_in_range(chain_stretch(32), 100, 1000);
    assert_in_range(chain_stretch(4096), 4, 100);
    assert_int_equal(chain_stretch(CHAIN_BLOCK_BYTES_MAX), 1);
}

static void digest_is_read_whole_or_not(void **state)
{
    const char *const wrong[] = {
        "",
        "66687aad",
        "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f292",   /* 63 digits */
        "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f29255", /* 65 */
        "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f292g",
        "+6687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925",
    };
    unsigned char digest[CHAIN_DIGEST_BYTES];
    char text[CHAIN_DIGEST_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(chain_parse_digest(wrong[i], digest), -EINVAL);
    assert_int_equal(
        chain_parse_digest("66687AADF862BD776C8FC18B8E9F8E20089714856EE233B3902A591D0D5F2925",
                           digest),
        0);
    assert_int_equal(digest[0], 0x66);
    assert_int_equal(digest[31], 0x25);
    assert_string_equal(chain_format_digest(digest, text), known[0].digest);
}

/* ---- Calibration ------------------------------------------------------------------------- */

static uint64_t thread_cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* The bounds are wide: a busy neighbour can slow a core down by half, and its clock may change. */
static void rounds_take_about_the_time_asked_for(void **state)
{
    struct computation what = {.cpu_ns = 20 * NS_PER_MS, .block_bytes = 32};
    struct chain chain;
    uint64_t before_ns, took_ns;

    (void)state;
    assert_int_equal(computation_complete(&what), 0);
    assert_int_equal(chain_init(&chain, 32), 0);
    before_ns = thread_cpu_ns();
    chain_advance(&chain, what.rounds);
    took_ns = thread_cpu_ns() - before_ns;
    assert_true(chain_is_at(&chain, what.digest));
    assert_in_range(took_ns, what.cpu_ns / 3, what.cpu_ns * 10);
    chain_term(&chain);
}

static void what_is_known_is_kept(void **state)
{
    struct computation rounds = {.cpu_ns = NS_PER_S, .rounds = 10, .block_bytes = 65536};
    struct computation all = {.rounds = 5, .block_bytes = 33, .digest_known = true};
    char text[CHAIN_DIGEST_TEXT];

    (void)state;
    assert_int_equal(computation_complete(&rounds), 0);
    assert_int_equal(rounds.rounds, 10);
    assert_true(rounds.digest_known);
    assert_string_equal(chain_format_digest(rounds.digest, text), known[7].digest);
    assert_int_equal(computation_complete(&all), 0);
    assert_int_equal(all.rounds, 5);
    assert_int_equal(all.digest[0], 0); /* as it was given, right or wrong */
}

static void time_shorter_than_a_round_is_one_round(void **state)
{
    struct computation what = {.cpu_ns = 1, .block_bytes = 32};

    (void)state;
    assert_int_equal(computation_complete(&what), 0);
    assert_int_equal(what.rounds, 1);
}

/* ---- A worker's computer ----------------------------------------------------------------- */

static void item_is_computed_and_judged(void **state)
{
    struct computation what = {.rounds = 1000, .block_bytes = 32};
    struct stop stop = {0};
    struct computer computer;

    (void)state;
    chain_parse_digest(known[2].digest, what.digest);
    assert_int_equal(computer_init(&computer, &what, &stop), 0);
    assert_int_equal(computer_run(&computer), COMPUTED_RIGHT);
    assert_int_equal(computer_run(&computer), COMPUTED_RIGHT);
    what.digest[31] ^= 1;
    assert_int_equal(computer_run(&computer), COMPUTED_WRONG);
    what.rounds = 1001;
    what.digest[31] ^= 1;
    assert_int_equal(computer_run(&computer), COMPUTED_WRONG);
    stop_ask(&stop);
    assert_int_equal(computer_run(&computer), COMPUTED_STOPPED);
    computer_term(&computer);
}

/* Days of rounds: the test ends because the deadline is seen in the midst of them. */
static void long_item_ends_at_the_deadline(void **state)
{
    struct computation what = {.rounds = 1ULL << 42};
    struct stop stop = {.deadline_ns = clock_ns() + 20 * NS_PER_MS};
    struct computer computer;

    (void)state;
    for (int large = 0; large < 2; large++) {
        what.block_bytes = large ? CHAIN_BLOCK_BYTES_MAX : 32;
        assert_int_equal(computer_init(&computer, &what, &stop), 0);
        assert_int_equal(computer_run(&computer), COMPUTED_STOPPED);
        assert_true(clock_ns() >= stop.deadline_ns);
        computer_term(&computer);
    }
}

/* ---- The simulated interpreter lock ------------------------------------------------------ */

#define THREADS 4

struct shared {
    struct gil gil;
    long plain; /* guarded by the lock, and by nothing else */
    pthread_barrier_t start;
    uint64_t spin_ns;
    uint64_t asked_ns;  /* when the second thread asked for the lock */
    _Atomic bool taken; /* by the second thread */
};

static void shared_init(struct shared *s, unsigned threads)
{
    *s = (struct shared){0};
    assert_int_equal(gil_init(&s->gil), 0);
    pthread_barrier_init(&s->start, NULL, threads);
}

static void shared_term(struct shared *s)
{
    pthread_barrier_destroy(&s->start);
    gil_term(&s->gil);
}

static void run_threads(struct shared *s, unsigned count, void *(*work)(void *))
{
    pthread_t threads[THREADS];

    for (unsigned i = 0; i < count; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, s), 0);
    for (unsigned i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

static void *count_up(void *argument)
{
    struct shared *s = argument;

    pthread_barrier_wait(&s->start);
    for (int i = 0; i < 2000; i++) {
        long seen;

        gil_take(&s->gil);
        seen = s->plain;
        if (i % 500 == 0)
            sched_yield(); /* a chance for others to be where they should not be */
        s->plain = seen + 1;
        gil_check(&s->gil);
        gil_release(&s->gil);
    }
    return NULL;
}

static void one_thread_at_a_time_has_the_lock(void **state)
{
    struct shared s;

    (void)state;
    shared_init(&s, THREADS);
    run_threads(&s, THREADS, count_up);
    assert_int_equal(s.plain, THREADS * 2000);
    assert_false(s.gil.held);
    shared_term(&s);
}

static void *ask(void *argument)
{
    struct shared *s = argument;

    pthread_barrier_wait(&s->start); /* the lock is held by the other now */
    s->asked_ns = clock_ns();
    gil_take(&s->gil);
    s->taken = true;
    gil_release(&s->gil);
    return NULL;
}

/* The holder never lets go of itself. It is asked to after an interval, not sooner, and when its
 * check returns the other thread has had the lock: it could not be overtaken, not once in ten
 * times. */
static void holder_hands_over_when_asked(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        uint64_t handed_over_ns, switches;
        bool taken_early, taken;
        struct shared s;
        pthread_t thread;

        shared_init(&s, 2);
        gil_take(&s.gil);
        assert_int_equal(pthread_create(&thread, NULL, ask, &s), 0);
        pthread_barrier_wait(&s.start);
        while (!s.gil.drop_request)
            sched_yield();
        taken_early = s.taken;
        gil_check(&s.gil);
        handed_over_ns = clock_ns();
        taken = s.taken;
        switches = s.gil.switches;
        gil_release(&s.gil);
        pthread_join(thread, NULL);
        assert_false(taken_early);
        assert_true(taken);
        assert_int_equal(switches, 3); /* here, there, and here again */
        assert_true(handed_over_ns - s.asked_ns >= GIL_SWITCH_INTERVAL_NS);
        assert_false(s.gil.drop_request);
        shared_term(&s);
    }
}

/* A lock that is let go is taken at once: nobody waits for an interval to pass. */
static void lock_that_is_free_is_taken_without_asking(void **state)
{
    struct shared s;
    pthread_t thread;

    (void)state;
    shared_init(&s, 2);
    gil_take(&s.gil);
    gil_check(&s.gil);
    assert_int_equal(s.gil.switches, 1); /* nobody asked: it was kept */
    gil_release(&s.gil);
    assert_int_equal(pthread_create(&thread, NULL, ask, &s), 0);
    pthread_barrier_wait(&s.start);
    pthread_join(thread, NULL);
    assert_true(s.taken);
    assert_false(s.gil.drop_request);
    assert_int_equal(s.gil.switches, 2);
    shared_term(&s);
}

static void *spin(void *argument)
{
    struct shared *s = argument;
    uint64_t until_ns;

    pthread_barrier_wait(&s->start);
    until_ns = clock_ns() + s->spin_ns;
    gil_take(&s->gil);
    while (clock_ns() < until_ns) {
        s->plain++;
        gil_check(&s->gil);
    }
    gil_release(&s->gil);
    return NULL;
}

/* In a second the lock changes hands about 200 times: not once, and not with every check. */
static void lock_goes_round_at_the_interval(void **state)
{
    struct shared s;

    (void)state;
    shared_init(&s, 2);
    s.spin_ns = NS_PER_S;
    run_threads(&s, 2, spin);
    assert_in_range(s.gil.switches, 4, 300);
    assert_true(s.plain > 1000);
    shared_term(&s);
}

/* Stops the run once it has got the lock from the thread that computes. */
static void *stop_run(void *argument)
{
    struct computer *computer = argument;
    struct gil *gil = computer->computation->gil;
    struct stop *stop = (struct stop *)computer->stop;
    bool held = false;

    while (!held) {
        pthread_mutex_lock(&gil->mutex);
        held = gil->held;
        pthread_mutex_unlock(&gil->mutex);
    }
    gil_take(gil);
    stop_ask(stop);
    gil_release(gil);
    return NULL;
}

/* The item would take hours: it ends only if its computer hands the lock over meanwhile. */
static void computer_holds_the_lock_and_hands_it_over(void **state)
{
    struct gil gil;
    struct computation what = {.rounds = 1000, .block_bytes = 32, .gil = &gil};
    struct stop stop = {0};
    struct computer computer;
    pthread_t thread;

    (void)state;
    chain_parse_digest(known[2].digest, what.digest);
    assert_int_equal(gil_init(&gil), 0);
    assert_int_equal(computer_init(&computer, &what, &stop), 0);
    assert_int_equal(computer_run(&computer), COMPUTED_RIGHT);
    assert_int_equal(gil.switches, 1);
    assert_false(gil.held);
    what.rounds = 1ULL << 42;
    assert_int_equal(pthread_create(&thread, NULL, stop_run, &computer), 0);
    assert_int_equal(computer_run(&computer), COMPUTED_STOPPED);
    pthread_join(thread, NULL);
    assert_int_equal(gil.switches, 3);
    assert_false(gil.held);
    computer_term(&computer);
    gil_term(&gil);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain_comes_to_what_others_compute),
        cmocka_unit_test(chain_is_one_in_pieces),
        cmocka_unit_test(stretches_are_short_whatever_the_block),
        cmocka_unit_test(digest_is_read_whole_or_not),
        cmocka_unit_test(rounds_take_about_the_time_asked_for),
        cmocka_unit_test(what_is_known_is_kept),
        cmocka_unit_test(time_shorter_than_a_round_is_one_round),
        cmocka_unit_test(item_is_computed_and_judged),
        cmocka_unit_test(long_item_ends_at_the_deadline),
        cmocka_unit_test(one_thread_at_a_time_has_the_lock),
        cmocka_unit_test(holder_hands_over_when_asked),
        cmocka_unit_test(lock_that_is_free_is_taken_without_asking),
        cmocka_unit_test(lock_goes_round_at_the_interval),
        cmocka_unit_test(computer_holds_the_lock_and_hands_it_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
