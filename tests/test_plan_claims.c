/* What the plans of the suite measure of the article: each claim is held against the run that a
 * plan would be, before its first execution. A claim that has its cells says that they have not
 * been executed; one that has none says so. */
#include "common/count.h"
#include "common/file.h"
#include "common/json.h"
#include "harness/plan/plan.h"
#include "harness/run/session.h"
#include "report/claims.h"
#include "report/dataset/dataset.h"
#include "tests/helpers.h"
#include "tests/run_fixture.h"

#define USES    "'use-files', 'use-websockets', 'use-blocking', 'use-database'"
#define MISSING "reason LIKE 'No cell of this plan measures it%'"

/* The claims of a run of the plan `name` that has not begun. */
static struct dataset judge_plan(const char *folder, const char *name)
{
    struct dataset dataset;
    struct error error;
    const struct suite suite = {.root = ""};
    const struct bench_options options = {0};
    struct session session = {.options = &options, .suite = &suite, .seed = 1};
    json_t *run;

    snprintf(session.plan_file, sizeof(session.plan_file), "harness/plans/%s.json", name);
    if (plan_load(session.plan_file, "build", &session.plan, &error) < 0)
        fail_msg("%s", error.text);
    run = session_document(&session, json_object());
    assert_int_equal(json_file_write(path_in(folder, "run.json"), run), 0);
    json_decref(run);
    plan_free(&session.plan);
    fixture_put(folder, "results.jsonl", "");
    fixture_put(folder, "memory.jsonl", "");
    assert_int_equal(dataset_open(&dataset, &error), 0);
    if (dataset_load(&dataset, folder, false, &error) < 0 || dataset_freeze(&dataset, &error) < 0 ||
        claims_judge(&dataset, NULL, &error) < 0)
        fail_msg("%s", error.text);
    return dataset;
}

/* No claim of Python or C by any lanes may be what `having` says of all of them. */
static void expect_none(struct dataset *dataset, const char *where, const char *having)
{
    char sql[1024], *found;

    snprintf(sql, sizeof(sql),
             "SELECT group_concat(text, char(10)) FROM (SELECT id || ' (' || lane || '): ' || "
             "max(reason) text FROM claims WHERE language IN ('c', 'python') AND lane IS NOT NULL "
             "AND %s HAVING min(%s))",
             where, having);
    found = dataset_text(dataset, sql);
    if (found != NULL)
        fail_msg("%s", found);
}

/* All claims but those of the plan `uses`, by any lanes. What takes a minute by nature and shows no
 * more than its neighbour stays in the plan `twins`. */
static void article_has_the_cells_of_every_claim(void **state)
{
    struct dataset dataset = judge_plan(*state, "article");

    expect_none(&dataset,
                "id NOT IN (" USES ") AND (id, lane) NOT IN (VALUES ('sequential-100', "
                "'python-session'), ('loop-10000-answered', 'python-httpx-unlimited, 200 ms')) "
                "GROUP BY id, lane",
                MISSING);
    dataset_close(&dataset);
}

/* What is no call of HTTP. */
static void uses_has_the_use_cases(void **state)
{
    struct dataset dataset = judge_plan(*state, "uses");

    expect_none(&dataset, "id IN (" USES ") GROUP BY id, lane", MISSING);
    dataset_close(&dataset);
}

/* Those of the article's tables, in both languages. */
static void quick_has_the_headline_figures(void **state)
{
    struct dataset dataset = judge_plan(*state, "quick");

    expect_none(&dataset,
                "id IN ('loop-1000', 'threads-100', 'loop-100', 'loop-memory', 'threads-memory', "
                "'memory-ratio', 'threads-heavier', 'loop-one-thread', 'threads-below-100', "
                "'interpreter-lock', 'processes-for-cpu', 'processes-not-threads', "
                "'loop-all-at-once') GROUP BY id, language",
                MISSING);
    dataset_close(&dataset);
}

/* The others name the plan that has them. */
static void what_quick_leaves_out_names_the_plan(void **state)
{
    struct dataset dataset = judge_plan(*state, "quick");

    expect_none(&dataset, MISSING " GROUP BY id, lane",
                "reason NOT LIKE '%plan `article` does.' AND reason NOT LIKE '%plan `uses` does.'");
    assert_true(dataset_number(&dataset,
                               "SELECT count(*) FROM claims WHERE id = 'sequential-1000' AND "
                               "language = 'c' AND " MISSING,
                               0) == 1);
    dataset_close(&dataset);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, state_make_folder, state_remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(article_has_the_cells_of_every_claim),
        TEST(uses_has_the_use_cases),
        TEST(quick_has_the_headline_figures),
        TEST(what_quick_leaves_out_names_the_plan),
    };

    return cmocka_run_group_tests_name("plan_claims", tests, NULL, NULL);
}
