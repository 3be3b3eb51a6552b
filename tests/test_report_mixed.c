/* Where the single loop stops being the best choice, from invented wall times: every order of won,
 * lost and unclear. */
#include "common/stats.h"
#include "tests/report_run.h"
#include "tests/run_fixture.h"

#define ROUNDS 6

/* Checks that the report of the run in `folder` says `part`, wherever its lines end. */
static void assert_says(const char *folder, const char *part)
{
    char *text = report_of(folder), *end = text;

    for (const char *at = text; *at != '\0'; at++)
        if (*at != ' ' || end == text || end[-1] != ' ')
            *end++ = *at == '\n' ? ' ' : *at;
    *end = '\0';
    assert_has(text, part);
    free(text);
}

static void test_lost_from_a_share_on(void **state)
{
    const double times[] = {0.5, 1, 2, 3};

    fixture_write_shares(*state, times, 4, ROUNDS);
    assert_says(
        *state,
        "Up to a CPU share of 20 % none is clearly faster than the single loop. **From 30 % "
        "on the single loop is no longer the best choice** with 20 at once; the fastest there is "
        "20 threads "
        "(100 items/s against 50.0, 2.00 [1.98, 2.02] times as fast). At 1 of 4 shares the "
        "single loop is clearly the fastest. At 1 of 4 shares there is no clear difference");
}

static void test_lost_everywhere(void **state)
{
    const double times[] = {1.5, 2};

    fixture_write_shares(*state, times, 2, ROUNDS);
    assert_says(*state,
                "Already at the smallest CPU share measured, 10 %, **the single loop is not the "
                "best choice** with 20 at once; the fastest there is 20 threads");
}

static void test_lost_nowhere(void **state)
{
    const double times[] = {0.5, 0.9, 1};

    fixture_write_shares(*state, times, 3, ROUNDS);
    assert_says(*state,
                "Between CPU shares of 10 % and 30 % none is clearly faster than the single loop.");
}

/* One share that is lost among others that are not is no point from which on. */
static void test_lost_here_and_there(void **state)
{
    const double lost_won[] = {2, 0.5}, lost_won_lost[] = {2, 0.5, 2};

    fixture_write_shares(*state, lost_won, 2, ROUNDS);
    assert_says(*state,
                "others are clearly faster than the single loop at 1 of 2, but not from one");
    fixture_write_shares(*state, lost_won_lost, 3, ROUNDS);
    assert_says(*state,
                "Up to a CPU share of 20 % others are clearly faster than the single loop at 1 of "
                "2 shares. **From 30 % on");
}

/* One that is faster by a hundredth in every round is no better choice. */
static void test_trifles_do_not_count(void **state)
{
    const double times[] = {1.025, 1.025, 1.5};

    fixture_write_shares(*state, times, 3, ROUNDS);
    assert_says(*state, "**From 30 % on the single loop is no longer the best choice**");
}

static void test_too_few_rounds(void **state)
{
    const double times[] = {0.5, 2};

    fixture_write_shares(*state, times, 2, STATS_INTERVAL_MIN - 1);
    assert_says(*state, "There are too few rounds to say up to which CPU share");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, state_make_folder, state_remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_lost_from_a_share_on), TEST(test_lost_everywhere),      TEST(test_lost_nowhere),
        TEST(test_lost_here_and_there),  TEST(test_trifles_do_not_count), TEST(test_too_few_rounds),
    };

    return cmocka_run_group_tests_name("report_mixed", tests, NULL, NULL);
}
