/* Claims held against a run of one cell: each criterion on both sides of its boundary, each reason
 * for which a claim is not measured, and what is wrong with claims that are refused. */
#include <errno.h>
#include <unistd.h>

#include "common/file.h"
#include "common/json.h"
#include "report/claim_reason.h"
#include "report/claims.h"
#include "tests/helpers.h"
#include "tests/run_fixture.h"

#define CELLS                                                                                      \
    "\"cells\": [{\"id\": \"a\", \"lane\": \"async\", \"requests\": 100, \"concurrency\": 10, "    \
    "\"latency_ns\": 200000000, \"floor_ns\": 2000000000, \"rounds\": 1}, "                        \
    "{\"id\": \"b\", \"lane\": \"/opt/lane-threads\", \"requests\": 100, \"concurrency\": 10, "    \
    "\"latency_ns\": 200000000, \"rounds\": 1}]"
#define PASSES                                                                                     \
    "\"memory_cells\": [{\"id\": \"m\", \"lane\": \"async\", \"requests\": 10, "                   \
    "\"concurrency\": 10}, {\"id\": \"m1\", \"lane\": \"async\", \"requests\": 1, "                \
    "\"concurrency\": 1}]"
#define SELECT                                                                                     \
    "\"select\": {\"lane\": \"async\", \"requests\": 100, \"concurrency\": 10, "                   \
    "\"latency\": \"200ms\"}"

/* One run folder for all tests of this file, and the claims held against it. */
struct fixture {
    char *folder;
    struct run run;
    struct claims claims;
    char error[JSON_ERROR_SIZE];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    fixture->folder = folder_make();
    fixture_put(fixture->folder, "run.json", "{\"status\": \"complete\", " CELLS ", " PASSES "}");
    fixture_put(fixture->folder, "results.jsonl", "");
    fixture_put(fixture->folder, "memory.jsonl", "");
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    claims_free(&fixture->claims);
    if (fixture->run.run != NULL)
        run_free(&fixture->run);
    folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

static void add(struct fixture *fixture, const char *file, const char *line)
{
    assert_int_equal(file_append_line(path_in(fixture->folder, file), line), 0);
}

static void add_wall(struct fixture *fixture, const char *cell, double ns)
{
    char line[512];

    snprintf(line, sizeof(line), "{\"cell\": \"%s\", \"valid\": true, \"wall_ns\": %.17g}", cell,
             ns);
    add(fixture, "results.jsonl", line);
}

static void add_peak(struct fixture *fixture, const char *cell, int peak, int verified)
{
    char line[512];

    snprintf(line, sizeof(line),
             "{\"cell\": \"%s\", \"valid\": true, \"wall_ns\": 1, \"server\": {\"in_flight_peak\": "
             "%d}, \"lane\": {\"verified\": %d}}",
             cell, peak, verified);
    add(fixture, "results.jsonl", line);
}

static void add_pass(struct fixture *fixture, const char *cell, double bytes, int in_flight)
{
    char line[512];

    snprintf(line, sizeof(line),
             "{\"cell\": \"%s\", \"confirmed\": true, \"problems\": [], \"pss_bytes\": %.0f, "
             "\"threads\": 1, \"in_flight\": %d}",
             cell, bytes, in_flight);
    add(fixture, "memory.jsonl", line);
}

/* Evaluates one claim with the members `rest`; returns it. */
static const struct claim *evaluate(struct fixture *fixture, const char *rest)
{
    char text[2048];

    snprintf(text, sizeof(text),
             "{\"claims\": [{\"id\": \"x\", \"claim\": \"c\", \"article\": {\"text\": \"2 s\", "
             "\"value\": 2}, %s}]}",
             rest);
    claims_free(&fixture->claims);
    if (fixture->run.run != NULL)
        run_free(&fixture->run);
    assert_int_equal(run_load(&fixture->run, fixture->folder, fixture->error), 0);
    if (claims_evaluate(&fixture->claims, text, &fixture->run, fixture->error) < 0)
        fail_msg("%s", fixture->error);
    return &fixture->claims.list[0];
}

static enum verdict wall_verdict(struct fixture *fixture, double ns, const char *criterion)
{
    char rest[1024];

    fixture_put(fixture->folder, "results.jsonl", "");
    add_wall(fixture, "a", ns);
    snprintf(rest, sizeof(rest), "\"metric\": \"wall\", " SELECT ", \"criterion\": {%s}",
             criterion);
    return evaluate(fixture, rest)->verdict;
}

static void test_within_percent(void **state)
{
    static const char criterion[] = "\"within_percent\": 15";

    assert_int_equal(wall_verdict(*state, 2.3e9, criterion), VERDICT_REPRODUCED);
    assert_int_equal(wall_verdict(*state, 2.301e9, criterion), VERDICT_NOT_REPRODUCED);
    assert_int_equal(wall_verdict(*state, 1.7e9, criterion), VERDICT_REPRODUCED);
    assert_int_equal(wall_verdict(*state, 1.699e9, criterion), VERDICT_NOT_REPRODUCED);
    assert_int_equal(wall_verdict(*state, 0, criterion), VERDICT_NOT_REPRODUCED);
}

static void test_at_most_and_at_least(void **state)
{
    assert_int_equal(wall_verdict(*state, 5e9, "\"at_most\": 5"), VERDICT_REPRODUCED);
    assert_int_equal(wall_verdict(*state, 5.001e9, "\"at_most\": 5"), VERDICT_NOT_REPRODUCED);
    assert_int_equal(wall_verdict(*state, 180e9, "\"at_least\": 180"), VERDICT_REPRODUCED);
    assert_int_equal(wall_verdict(*state, 179.99e9, "\"at_least\": 180"), VERDICT_NOT_REPRODUCED);
}

static void test_factor(void **state)
{
    assert_int_equal(wall_verdict(*state, 4e9, "\"factor\": 2"), VERDICT_REPRODUCED);
    assert_int_equal(wall_verdict(*state, 4.01e9, "\"factor\": 2"), VERDICT_NOT_REPRODUCED);
    assert_int_equal(wall_verdict(*state, 1e9, "\"factor\": 2"), VERDICT_REPRODUCED);
    assert_int_equal(wall_verdict(*state, 0.99e9, "\"factor\": 2"), VERDICT_NOT_REPRODUCED);
}

static void test_median_decides(void **state)
{
    const struct claim *claim;

    add_wall(*state, "a", 1.9e9);
    add_wall(*state, "a", 9e9);
    add_wall(*state, "a", 2.1e9);
    claim = evaluate(*state, "\"metric\": \"wall\", " SELECT ", \"criterion\": {\"at_most\": 3}");
    assert_int_equal(claim->verdict, VERDICT_REPRODUCED);
    assert_int_equal(claim->measured.count, 3);
    assert_true(claim->measured.median == 2.1e9 && claim->measured.max == 9e9);
}

/* Too few for an interval, but enough to show that another run may come to another verdict. */
static void test_executions_on_both_sides(void **state)
{
    static const char rest[] = "\"metric\": \"wall\", " SELECT ", \"criterion\": {\"at_most\": 3}";

    add_wall(*state, "a", 1.9e9);
    add_wall(*state, "a", 2.1e9);
    assert_string_equal(evaluate(*state, rest)->reason, "");
    add_wall(*state, "a", 9e9);
    assert_string_equal(evaluate(*state, rest)->reason,
                        " The range of the executions reaches across the limit: another run may "
                        "come to another verdict.");
}

/* The worst cell decides over a limit, whichever lane it is of. */
static void test_peak_is_the_highest(void **state)
{
    static const char rest[] = "\"metric\": \"in_flight_peak\", \"select\": {\"concurrency\": 10}, "
                               "\"criterion\": {\"at_most\": 10}";

    add_peak(*state, "a", 10, 100);
    add_peak(*state, "b", 9, 100);
    assert_int_equal(evaluate(*state, rest)->verdict, VERDICT_REPRODUCED);
    add_peak(*state, "b", 11, 100);
    assert_int_equal(evaluate(*state, rest)->verdict, VERDICT_NOT_REPRODUCED);
}

static void test_verified_is_the_lowest(void **state)
{
    static const char rest[] =
        "\"metric\": \"verified\", " SELECT ", \"criterion\": {\"at_least\": 100}";

    add_peak(*state, "a", 10, 100);
    assert_int_equal(evaluate(*state, rest)->verdict, VERDICT_REPRODUCED);
    add_peak(*state, "a", 10, 99);
    assert_int_equal(evaluate(*state, rest)->verdict, VERDICT_NOT_REPRODUCED);
}

static void test_ratio(void **state)
{
    static const char rest[] =
        "\"metric\": \"wall_ratio\", \"select\": {\"lane\": \"threads\"}, \"to\": {\"lane\": "
        "\"async\"}, \"criterion\": {\"at_least\": 2}";

    add_wall(*state, "a", 1e9);
    assert_int_equal(evaluate(*state, rest)->verdict, VERDICT_NOT_MEASURED);
    add_wall(*state, "b", 2e9);
    assert_int_equal(evaluate(*state, rest)->verdict, VERDICT_REPRODUCED);
    add_wall(*state, "b", 1e9);
    assert_int_equal(evaluate(*state, rest)->verdict, VERDICT_NOT_REPRODUCED);
}

static void test_ratio_to_nothing(void **state)
{
    add_wall(*state, "a", 0);
    add_wall(*state, "b", 2e9);
    assert_int_equal(evaluate(*state, "\"metric\": \"wall_ratio\", \"select\": {\"lane\": "
                                      "\"threads\"}, \"to\": {\"lane\": \"async\"}, "
                                      "\"criterion\": {\"at_least\": 2}")
                         ->verdict,
                     VERDICT_NOT_MEASURED);
}

static void assert_not_measured(struct fixture *fixture, const char *rest, const char *reason)
{
    const struct claim *claim = evaluate(fixture, rest);

    assert_int_equal(claim->verdict, VERDICT_NOT_MEASURED);
    assert_string_equal(claim->reason, reason);
}

static void test_why_not_measured(void **state)
{
    assert_not_measured(*state, "\"metric\": \"wall\", " SELECT ", \"criterion\": {\"at_most\": 1}",
                        "The run holds no execution of it.");
    assert_not_measured(*state,
                        "\"metric\": \"wall\", \"select\": {\"lane\": \"procs\"}, "
                        "\"criterion\": {\"at_most\": 1}",
                        "No cell of this plan measures it.");
    add_wall(*state, "a", 1e9);
    assert_not_measured(*state,
                        "\"metric\": \"wall\", \"select\": {\"lane\": \"async\", \"latency\": "
                        "\"1s\"}, \"criterion\": {\"at_most\": 1}",
                        "This run's latency is 200 ms; the article speaks of 1 s.");
    assert_not_measured(*state,
                        "\"metric\": \"verified\", " SELECT ", \"criterion\": {\"at_least\": 1}",
                        "Its executions lack this figure.");
    assert_not_measured(*state,
                        "\"metric\": \"none\", \"reasons\": {\"not_measured\": [\"Because.\"]}",
                        "Because.");
}

static void test_skipped_and_invalid(void **state)
{
    struct fixture *fixture = *state;

    add(fixture, "results.jsonl",
        "{\"cell\": \"a\", \"valid\": false, \"wall_ns\": 2e9, \"problems\": [\"1 < 2 | x\"]}");
    assert_not_measured(fixture,
                        "\"metric\": \"wall\", " SELECT ", \"criterion\": {\"at_most\": 3}",
                        "No execution of it counts: 1 &lt; 2 \\| x.");
    fixture_put(fixture->folder, "results.jsonl", "");
    fixture_set(fixture->folder, "skipped",
                json_pack("[{s:s, s:s}]", "id", "a", "reason", "too few descriptors"));
    assert_not_measured(fixture,
                        "\"metric\": \"wall\", " SELECT ", \"criterion\": {\"at_most\": 3}",
                        "This machine could not run it: too few descriptors.");
}

static void test_unconfirmed_memory_does_not_count(void **state)
{
    static const char rest[] = "\"metric\": \"pss\", \"select\": {\"lane\": \"async\", "
                               "\"concurrency\": 10}, \"criterion\": {\"at_most\": 50}";

    add(*state, "memory.jsonl",
        "{\"cell\": \"m\", \"confirmed\": false, \"pss_bytes\": 1000, \"problems\": []}");
    assert_int_equal(evaluate(*state, rest)->verdict, VERDICT_NOT_MEASURED);
    add_pass(*state, "m", 50e6, 10);
    assert_int_equal(evaluate(*state, rest)->verdict, VERDICT_REPRODUCED);
}

static void test_reasons_take_figures_of_the_run(void **state)
{
    static const char rest[] =
        "\"metric\": \"pss\", \"select\": {\"lane\": \"async\", \"concurrency\": 10}, "
        "\"criterion\": {\"within_percent\": 1}, \"reasons\": {\"higher\": [\"{pss} for {held}.\", "
        "\"Kernel {kernel}.\", \"{per_request} on {base}.\"], \"lower\": [\"no\"]}";

    add_pass(*state, "m", 50e6, 10);
    assert_string_equal(evaluate(*state, rest)->reason, "50.0 MB for 10.");
    add_pass(*state, "m1", 5e6, 1);
    assert_string_equal(evaluate(*state, rest)->reason, "50.0 MB for 10. 5.00 MB on 5.00 MB.");
}

static void test_reason_follows_the_direction(void **state)
{
    static const char rest[] =
        "\"metric\": \"wall\", " SELECT ", \"criterion\": {\"within_percent\": 10}, \"reasons\": "
        "{\"higher\": [\"{overhead} above {floor}\"], \"lower\": "
        "[\"below\"], \"reproduced\": [\"as said\"]}";

    add_wall(*state, "a", 3e9);
    assert_string_equal(evaluate(*state, rest)->reason, "1.00 s above 2.00 s");
    fixture_put(((struct fixture *)*state)->folder, "results.jsonl", "");
    add_wall(*state, "a", 1e9);
    assert_string_equal(evaluate(*state, rest)->reason, "below");
    fixture_put(((struct fixture *)*state)->folder, "results.jsonl", "");
    add_wall(*state, "a", 2e9);
    assert_string_equal(evaluate(*state, rest)->reason, "as said");
}

static void assert_refused(struct fixture *fixture, const char *text, const char *why)
{
    struct claims claims;

    assert_int_equal(claims_evaluate(&claims, text, &fixture->run, fixture->error), -EINVAL);
    if (strstr(fixture->error, why) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", fixture->error, why);
}

#define HEAD  "{\"claims\": [{\"id\": \"x\", \"claim\": \"c\", \"article\": {\"text\": \"t\"}, "
#define CLOSE "}]}"

static void test_refused_claims(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(run_load(&fixture->run, fixture->folder, fixture->error), 0);
    assert_refused(fixture, "{", "line 1");
    assert_refused(fixture, "{\"claims\": 1}", "no array");
    assert_refused(fixture, "{\"claims\": [1]}", "claim 1 (without id)");
    assert_refused(fixture, HEAD "\"metric\": \"speed\"" CLOSE, "metric is not known");
    assert_refused(fixture, HEAD "\"metric\": \"wall\"" CLOSE, "needs a criterion");
    assert_refused(fixture, HEAD "\"metric\": \"wall\", \"criterion\": {\"factor\": 2}" CLOSE,
                   "needs article.value");
    assert_refused(fixture,
                   HEAD "\"metric\": \"none\", \"reasons\": {\"not_measured\": [\"{x}\"]}" CLOSE,
                   "names a figure");
}

/* What the report says of the article comes from the data; it has to be complete and sound. */
static void test_built_in_claims(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(run_load(&fixture->run, fixture->folder, fixture->error), 0);
    assert_int_equal(claims_evaluate(&fixture->claims, NULL, &fixture->run, fixture->error), 0);
    assert_true(fixture->claims.count >= 20);
    for (size_t i = 0; i < fixture->claims.count; i++) {
        assert_int_equal(fixture->claims.list[i].verdict, VERDICT_NOT_MEASURED);
        if (fixture->claims.list[i].reason[0] == '\0')
            fail_msg("claim %zu is not measured without a reason", i + 1);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(json_text_at(fixture->claims.list[i].json, "id", ""),
                                    json_text_at(fixture->claims.list[j].json, "id", ""));
    }
}

static void test_articles_figures_for_plots(void **state)
{
    struct fixture *fixture = *state;
    struct cell cell = {
        .of = {.lane = "sync", .language = language_of(NULL), .requests = 100, .concurrency = 1}};
    struct memory_cell memory = {.of = {.lane = "threads",
                                        .language = language_of(NULL),
                                        .requests = 1000,
                                        .concurrency = 1000}};

    assert_int_equal(run_load(&fixture->run, fixture->folder, fixture->error), 0);
    assert_int_equal(claims_evaluate(&fixture->claims, NULL, &fixture->run, fixture->error), 0);
    cell.of.latency_ns = 200e6;
    assert_true(claims_article_wall_ns(&fixture->claims, &cell) == 20e9);
    cell.of.latency_ns = 20e6;
    assert_false(claims_article_wall_ns(&fixture->claims, &cell) > 0);
    assert_true(claims_article_pss_bytes(&fixture->claims, &memory) == 500e6);
    memory.of.lane = "procs";
    assert_false(claims_article_pss_bytes(&fixture->claims, &memory) > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_within_percent),
        TEST(test_at_most_and_at_least),
        TEST(test_factor),
        TEST(test_median_decides),
        TEST(test_executions_on_both_sides),
        TEST(test_peak_is_the_highest),
        TEST(test_verified_is_the_lowest),
        TEST(test_ratio),
        TEST(test_ratio_to_nothing),
        TEST(test_why_not_measured),
        TEST(test_skipped_and_invalid),
        TEST(test_unconfirmed_memory_does_not_count),
        TEST(test_reasons_take_figures_of_the_run),
        TEST(test_reason_follows_the_direction),
        TEST(test_refused_claims),
        TEST(test_built_in_claims),
        TEST(test_articles_figures_for_plots),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
