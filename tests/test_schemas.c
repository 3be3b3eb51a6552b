/* The schemas themselves: what follows them and what does not, the tables that are made of them,
 * and the runs that are kept. */
#include <jansson.h>
#include <unistd.h>

#include "common/file.h"
#include "common/json.h"
#include "tests/helpers.h"
#include "tests/schema.h"

#define PYTHON        "/usr/bin/python3"
#define NO_JSONSCHEMA 3

/* A lane's line with all that is needed, then `more`. */
#define LANE(more)                                                                                 \
    "{\"schema\": \"lane.result/1\", \"lane\": \"x\", \"workload\": {\"requests\": 2, \"work\": "  \
    "\"io\"}, \"wall_ns\": 5, \"max_rss_bytes\": 9, \"outcomes\": {\"ok\": 2, \"timeout\": 0, "    \
    "\"connect\": 0, \"reset\": 0, \"truncated\": 0, \"http_status\": 0, \"bad_body\": 0, "        \
    "\"cancelled\": 0, \"other\": 0}, \"verified\": 2, \"latency_ns\": null, "                     \
    "\"connections_opened\": 1, \"valid\": true, \"error\": null" more "}"

/* Later members of one name count. */
static const struct {
    const char *line;
    const char *fault; /* where it is; NULL: the line is right */
} lines[] = {
    {LANE(""), NULL},
    {LANE(", \"libraries\": {\"libfoo\": \"1.2\"}, \"loop\": null, \"floor_ns\": null"), NULL},
    {LANE(", \"error\": \"no memory\""), NULL},
    {LANE(", \"wall_ns\": \"5\""), "$.wall_ns"},
    {LANE(", \"wall_ns\": -5"), "$.wall_ns"},
    {LANE(", \"wall_ns\": 5.5"), "$.wall_ns"},
    {LANE(", \"valid\": 1"), "$.valid"},
    {LANE(", \"lane\": \"\""), "$.lane"},
    {LANE(", \"outcomes\": {\"ok\": 2}"), "$.outcomes"},
    {LANE(", \"workload\": {\"requests\": 2, \"work\": \"play\"}"), "$.workload.work"},
    {LANE(", \"workload\": {\"requests\": 2, \"work\": \"io\", \"url\": \"x\"}"), "$.workload"},
    {LANE(", \"latency_ns\": {\"p50\": 1, \"p90\": 2, \"max\": 3}"), "$.latency_ns"},
    {LANE(", \"libraries\": {\"libfoo\": 1}"), "$.libraries.libfoo"},
    {LANE(", \"mood\": \"good\""), "$"},
    {"{\"schema\": \"lane.result/1\"}", "$"},
};
#define LINES (sizeof(lines) / sizeof(lines[0]))

/* Runs tools/schemas with these arguments; skips the test where what it needs is not there. */
#define EXPECT(status, text, ...)                                                                  \
    expect(status, text, (const char *const[]){PYTHON, "tools/schemas", __VA_ARGS__, NULL})

static void expect(int status, const char *text, const char *const argv[])
{
    struct finished finished;

    if (access(PYTHON, X_OK) < 0)
        skip();
    finished = run_argv(argv);
    if (finished.status == NO_JSONSCHEMA) {
        finished_free(&finished);
        skip();
    }
    if (finished.status != status || strstr(finished.out, text) == NULL)
        fail_msg("status %d, expected %d and '%s':\n%s%s", finished.status, status, text,
                 finished.out, finished.err);
    finished_free(&finished);
}

static void checker_of_lanes_knows_right_from_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < LINES; i++) {
        json_t *line = json_loads(lines[i].line, 0, NULL);
        char fault[SCHEMA_FAULT_SIZE] = "nothing";
        bool accepted = schema_accepts("lane-result.json", line, fault);

        if (accepted != (lines[i].fault == NULL) ||
            (!accepted && strncmp(fault, lines[i].fault, strlen(lines[i].fault)) != 0))
            fail_msg("%s: %s", lines[i].line, fault);
        json_decref(line);
    }
}

/* Both judge the same. */
static void check_knows_right_from_wrong(void **state)
{
    char *path = strdup(path_in(*state, "lines.jsonl"));
    char faults[32], fault[64];
    int wrong = 0;

    for (size_t i = 0; i < LINES; i++) {
        wrong += lines[i].fault != NULL;
        assert_int_equal(file_append_line(path, lines[i].line), 0);
    }
    snprintf(faults, sizeof(faults), "schemas/, %d wrong", wrong);
    EXPECT(1, faults, "check", path);
    for (size_t i = 0; i < LINES; i += LINES - 1) { /* one that is right, and one that is not */
        assert_int_equal(file_replace(path, lines[i].line, strlen(lines[i].line)), 0);
        assert_int_equal(file_append_line(path, ""), 0);
        snprintf(fault, sizeof(fault), "lines.jsonl, line 1: %s", lines[i].fault);
        EXPECT(lines[i].fault != NULL, lines[i].fault != NULL ? fault : " 0 wrong", "check", path);
    }
    free(path);
}

static void foreign_lines_are_named(void **state)
{
    static const char text[] = "{\"schema\": \"lane.result/7\"}\n[]\n{\"a\":\n{\"cut off";
    char *path = strdup(path_in(*state, "lines.jsonl"));

    assert_int_equal(file_replace(path, text, strlen(text)), 0);
    EXPECT(1, "line 1: $.schema: 'lane.result/7' is none of ", "check", path);
    EXPECT(1, "line 3: this is no JSON", "check", path);
    EXPECT(1, "3 lines checked against schemas/, 3 wrong", "check", path);
    EXPECT(1, "No such file", "check", "nowhere.jsonl");
    free(path);
}

/* Of older versions: they may have more than the schemas name, and lack nothing that is needed. */
static void kept_runs_have_what_is_needed(void **state)
{
    (void)state;
    EXPECT(0, " 0 wrong", "check", "--kept", "results/reference", "results/reference-cpu",
           "results/reference-scale", "results/reference-tasks", "results/reference-twins",
           "results/reference-uses");
}

static void plans_follow_their_schema(void **state)
{
    (void)state;
    EXPECT(0, "11 lines checked against schemas/, 0 wrong", "check", "harness/plans/article.json",
           "harness/plans/quick.json", "harness/plans/ci.json", "harness/plans/sweep.json",
           "harness/plans/memory.json", "harness/plans/cpu.json", "harness/plans/twins.json",
           "harness/plans/tasks.json", "harness/plans/rate.json", "harness/plans/clients.json",
           "harness/plans/uses.json");
}

/* Every key of a plan that the schema knows is documented. That it knows all of them shows in the
 * plans that the tests run: run.json holds them. */
static void expect_documented(const json_t *schema, const char *readme)
{
    const char *name;
    json_t *member;
    char key[64];

    json_object_foreach(json_object_get(schema, "properties"), name, member)
    {
        snprintf(key, sizeof(key), "| `%s` |", name);
        if (strstr(readme, key) == NULL)
            fail_msg("%s is not in harness/plans/README.md", name);
        expect_documented(json_object_get(member, "items"), readme);
        expect_documented(json_object_get(member, "additionalProperties"), readme);
    }
}

static void keys_of_plans_are_documented(void **state)
{
    char *readme = read_in("harness/plans", "README.md"), error[JSON_ERROR_SIZE];
    json_t *schema = json_file_load("schemas/plan.json", error);

    (void)state;
    assert_non_null(schema);
    expect_documented(schema, readme);
    json_decref(schema);
    free(readme);
}

static void tables_of_the_readmes_are_those_of_the_schemas(void **state)
{
    (void)state;
    EXPECT(0, "", "tables", "--check");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checker_of_lanes_knows_right_from_wrong),
        cmocka_unit_test_setup_teardown(check_knows_right_from_wrong, state_make_folder,
                                        state_remove_folder),
        cmocka_unit_test_setup_teardown(foreign_lines_are_named, state_make_folder,
                                        state_remove_folder),
        cmocka_unit_test(kept_runs_have_what_is_needed),
        cmocka_unit_test(plans_follow_their_schema),
        cmocka_unit_test(keys_of_plans_are_documented),
        cmocka_unit_test(tables_of_the_readmes_are_those_of_the_schemas),
    };

    return cmocka_run_group_tests_name("schemas", tests, NULL, NULL);
}
