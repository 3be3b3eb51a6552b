/* Plans: what is accepted, how grids expand, what is refused and with which words; schedules. */
#include "tests/helpers.h"

#include "tests/plan_text.h"

#include <unistd.h>

#include "common/count.h"
#include "common/clock.h"
#include "common/error.h"
#include "harness/plan/command.h"
#include "harness/plan/keys.h"
#include "harness/plan/plan.h"
#include "harness/plan/schedule.h"

#define CELL "{\"lane\": \"threads\", \"requests\": 10, \"latency\": \"1ms\"}"

static void defaults_follow_the_model(void **state)
{
    struct plan plan =
        load_good(HEAD "\"cells\": [{\"lane\": [\"sync\", \"threads\", \"procs\", \"async\"], "
                       "\"requests\": \"1k\", \"latency\": \"200ms\"}]}");

    (void)state;
    assert_int_equal(plan.cell_count, 4);
    assert_string_equal(plan.cells[0].id, "sync-n1000-c1-200ms");
    assert_string_equal(plan.cells[1].id, "threads-n1000-c10-200ms");
    assert_string_equal(plan.cells[2].id, "procs-n1000-c10-200ms");
    assert_string_equal(plan.cells[3].id, "async-n1000-c1000-200ms");
    assert_string_equal(plan.cells[1].lane->path, "/programs/lane-threads");
    assert_int_equal(plan.rounds, 5);
    assert_int_equal(plan.cells[0].rounds, 5);
    assert_int_equal(cell_floor_ns(&plan.cells[0]), 200 * NS_PER_S);
    assert_int_equal(cell_floor_ns(&plan.cells[1]), 20 * NS_PER_S);
    assert_int_equal(cell_floor_ns(&plan.cells[3]), 200 * NS_PER_MS);
    plan_free(&plan);
}

static void lists_expand_to_every_combination(void **state)
{
    static const char *const expected[] = {
        "threads-n7-c2-1ms", "threads-n7-c2-1500us", "threads-n7-c3-1ms", "threads-n7-c3-1500us",
        "threads-n9-c2-1ms", "threads-n9-c2-1500us", "threads-n9-c3-1ms", "threads-n9-c3-1500us",
        "async-n7-c2-1ms",   "async-n7-c2-1500us",   "async-n7-c3-1ms",   "async-n7-c3-1500us",
        "async-n9-c2-1ms",   "async-n9-c2-1500us",   "async-n9-c3-1ms",   "async-n9-c3-1500us",
    };
    struct plan plan =
        load_good(HEAD "\"cells\": [{\"lane\": [\"threads\", \"async\"], \"requests\": [7, 9], "
                       "\"concurrency\": [2, 3], \"latency\": [\"1ms\", \"1.5ms\"]}]}");

    (void)state;
    assert_int_equal(plan.cell_count, 16);
    for (size_t i = 0; i < plan.cell_count; i++)
        assert_string_equal(plan.cells[i].id, expected[i]);
    assert_int_equal(cell_floor_ns(&plan.cells[0]), 4 * NS_PER_MS);
    assert_int_equal(cell_in_flight(&plan.cells[0]), 2);
    plan_free(&plan);
}

/* As where a list of numbers of requests meets one of places. */
static void no_more_are_in_flight_than_there_are(void **state)
{
    struct plan plan = load_good(HEAD "\"cells\": [{\"lane\": \"threads\", \"requests\": [4, 9], "
                                      "\"concurrency\": 7, \"latency\": \"1ms\"}]}");

    (void)state;
    assert_int_equal(cell_in_flight(&plan.cells[0]), 4);
    assert_int_equal(cell_floor_ns(&plan.cells[0]), NS_PER_MS);
    assert_int_equal(cell_in_flight(&plan.cells[1]), 7);
    assert_int_equal(cell_floor_ns(&plan.cells[1]), 2 * NS_PER_MS);
    plan_free(&plan);
}

static void every_key_is_read(void **state)
{
    struct plan plan = load_good(
        HEAD "\"description\": \"d\", \"seed\": 7, \"rounds\": 4, "
             "\"server\": {\"args\": [\"--seed\", \"3\"]}, "
             "\"lanes\": {\"go\": {\"path\": \"bin/go\", \"model\": \"async\"}, "
             "\"sync\": {\"path\": \"/x/s\", \"model\": \"sync\"}}, "
             "\"cells\": [{\"lane\": \"go\", \"requests\": 5, \"concurrency\": 2, "
             "\"latency\": \"0\", \"rounds\": 2, \"optional\": true, \"connections\": \"fresh\", "
             "\"timeout\": \"3s\", \"limit\": \"1m\", \"args\": [\"-x\", \"a b\"]}], "
             "\"memory\": {\"hold\": \"2s\", \"cells\": [{\"lane\": \"sync\", \"requests\": 1}, "
             "{\"lane\": \"go\", \"requests\": 1, \"hold\": \"1s\"}]}}");
    const struct cell *cell = plan.cells;

    (void)state;
    assert_int_equal(plan.seed, 7);
    assert_int_equal(plan.rounds, 4);
    assert_int_equal(json_array_size(plan.server_arguments), 2);
    assert_int_equal(plan.lane_count, 6);
    assert_string_equal(cell->id, "go-n5-c2-0-fresh");
    assert_non_null(strstr(cell->lane->path, "/bin/go"));
    assert_int_equal(cell->lane->path[0], '/'); /* relative to the plan, which is in /tmp */
    assert_int_equal(cell->rounds, 2);
    assert_true(cell->optional);
    assert_int_equal(cell->timeout_ns, 3 * NS_PER_S);
    assert_int_equal(cell->limit_ns, 60 * NS_PER_S);
    assert_int_equal(json_array_size(cell->arguments), 2);
    assert_true(plan.cells[1].memory);
    assert_string_equal(plan.cells[1].lane->path, "/x/s");
    assert_int_equal(plan.cells[1].latency_ns, 2 * NS_PER_S);
    assert_int_equal(plan.cells[2].latency_ns, NS_PER_S);
    assert_string_equal(plan.cells[2].id, "go-n1-c1-memory");
    plan_free(&plan);
}

static void rounds_can_be_replaced(void **state)
{
    struct plan plan =
        load_good(HEAD "\"rounds\": 5, \"cells\": [" CELL ", {\"lane\": \"sync\", \"requests\": 1, "
                       "\"latency\": \"1ms\", \"rounds\": 3}]}");

    (void)state;
    plan_set_rounds(&plan, 8);
    assert_int_equal(plan.cells[0].rounds, 8);
    assert_int_equal(plan.cells[1].rounds, 3);
    plan_set_rounds(&plan, 2);
    assert_int_equal(plan.cells[0].rounds, 2);
    assert_int_equal(plan.cells[1].rounds, 2);
    plan_free(&plan);
}

static void wrong_plans_are_refused_by_key(void **state)
{
    (void)state;
    assert_refused("{\"schema\": \n oops", "plan.json:2:");
    assert_refused("", "plan.json");
    assert_refused("[1]", "must be a JSON object");
    assert_refused("{\"name\": \"t\", \"cells\": [" CELL "]}", "schema: is missing");
    assert_refused("{\"schema\": \"bench.plan/2\", \"name\": \"t\", \"cells\": [" CELL "]}",
                   "schema: must be \"bench.plan/1\", not \"bench.plan/2\"");
    assert_refused(HEAD "\"name\": \"u\", \"cells\": []}", "duplicate");
    assert_refused("{\"schema\": \"bench.plan/1\", \"name\": \"../x\", \"cells\": [" CELL "]}",
                   "name: must be a name");
    assert_refused(HEAD "\"cels\": [" CELL "]}", "cels: unknown key; known here: schema, name");
    assert_refused(HEAD "\"cells\": []}", "cells: must be a list of at least one cell");
    assert_refused(HEAD "\"description\": \"d\"}", "cells: is missing");
    assert_refused(HEAD "\"cells\": {}}", "cells: must be a list");
    assert_refused(HEAD "\"cells\": [3]}", "cells[0]: must be an object, not 3");
    assert_refused(HEAD "\"seed\": 0, \"cells\": [" CELL "]}", "seed: must be a whole number");
    assert_refused(HEAD "\"rounds\": 2.5, \"cells\": [" CELL "]}", "rounds: must be");
    assert_refused(HEAD "\"rounds\": 1001, \"cells\": [" CELL "]}", "from 1 to 1000");
    assert_refused(HEAD "\"server\": {\"port\": 1}, \"cells\": [" CELL "]}",
                   "server.port: unknown key");
    assert_refused(HEAD "\"server\": {\"args\": [1]}, \"cells\": [" CELL "]}",
                   "server.args[0]: must be a text, not 1");
    assert_refused(HEAD "\"memory\": {\"cells\": [{\"lane\": \"sync\", \"requests\": 1, "
                        "\"latency\": \"1s\"}]}, \"cells\": [" CELL "]}",
                   "memory.cells[0].latency: unknown key");
    assert_refused(HEAD "\"memory\": {\"hold\": 3, \"cells\": []}, \"cells\": [" CELL "]}",
                   "memory.hold: must be a duration");
}

static void errors_name_the_line(void **state)
{
    (void)state;
    assert_refused("{\"schema\": \"bench.plan/1\", \"name\": \"t\",\n\"cells\": [\n" CELL
                   ",\n{\"lane\": \"sync\", \"args\": [\"{\\\"]\"],\n\"requests\": 0, "
                   "\"latency\": \"1ms\"}]}",
                   "plan.json:5: cells[1].requests: must be");
    assert_refused(
        "{\"schema\": \"bench.plan/1\", \"name\": \"t\",\n\"cells\": [\n" CELL
        ",\n{\"lane\": [\"sync\",\n\"fibers\"], \"requests\": 1, \"latency\": \"1ms\"}]}",
        "plan.json:5: cells[1].lane[1]: must be");
    /* What is missing has the line of what lacks it. */
    assert_refused("{\"schema\": \"bench.plan/1\", \"name\": \"t\",\n\"cells\": [\n" CELL
                   ",\n\n{\"lane\": \"sync\"}]}",
                   "plan.json:5: cells[1].requests: is missing");
}

static void wrong_ends_of_rounds_are_refused(void **state)
{
    (void)state;
    assert_refused(HEAD "\"until\": 2, \"cells\": [" CELL "]}", "until: must be a share");
    assert_refused(HEAD "\"until\": \"0%\", \"cells\": [" CELL "]}", "until: must be a share");
    assert_refused(HEAD "\"until\": \"2\", \"cells\": [" CELL "]}", "until: must be a share");
    assert_refused(HEAD "\"until\": \"101%\", \"cells\": [" CELL "]}", "until: must be a share");
    assert_refused(HEAD "\"until\": \"nan%\", \"cells\": [" CELL "]}", "until: must be a share");
    assert_refused(HEAD "\"budget\": 900, \"cells\": [" CELL "]}", "budget: must be a duration");
    assert_refused(HEAD "\"rounds_max\": 4, \"cells\": [" CELL "]}", "rounds_max: must be");
    assert_refused(HEAD "\"lateness\": \"-2%\", \"cells\": [" CELL "]}", "lateness: must be");
    assert_refused(HEAD "\"server\": {\"url\": \"ftp://h/x\"}, \"cells\": [" CELL "]}",
                   "server.url: must be a URL");
    assert_refused(HEAD "\"server\": {\"url\": \"http://h/{id}\", \"args\": []}, \"cells\": [" CELL
                        "]}",
                   "takes no args");
    assert_refused(HEAD "\"server\": {\"url\": \"http://h/{id}\", \"request\": [\"--verify\", "
                        "\"status\", \"--records\", \"/x\"]}, \"cells\": [" CELL "]}",
                   "server.request[2]: must be a list of the options --verify, --method, --header "
                   "and --body, each with its value, not \"--records\"");
    assert_refused(HEAD "\"server\": {\"url\": \"http://h/{id}\", \"request\": [\"--body\"]}, "
                        "\"cells\": [" CELL "]}",
                   "server.request[0]: must be a list of the options --verify");
}

static void further_rounds_depend_on_the_seed_alone(void **state)
{
    struct plan plan = load_good(
        HEAD "\"rounds\": 1, \"cells\": [{\"lane\": \"threads\", \"requests\": [1, 2, 3], "
             "\"latency\": \"1ms\"}], \"memory\": {\"cells\": [{\"lane\": \"sync\", "
             "\"requests\": 1}]}}");
    static const bool all[] = {true, true, true, false}, two[] = {true, false, true, false};
    struct schedule a, b;

    (void)state;
    assert_int_equal(schedule_make(&plan, 5, &a), 0);
    assert_int_equal(schedule_make(&plan, 5, &b), 0);
    assert_int_equal(schedule_extend(&a, &plan, a.count - 1, all), 3);
    assert_int_equal(schedule_extend(&b, &plan, b.count - 1, two), 2);
    assert_int_equal(schedule_extend(&a, &plan, a.count - 1, all), 3);
    assert_int_equal(schedule_extend(&b, &plan, b.count - 1, all), 3);
    assert_int_equal(a.steps[a.count - 1].kind, STEP_MEMORY);
    for (size_t i = 2; i <= 4; i++) {
        assert_ptr_equal(a.steps[a.count - i].cell, b.steps[b.count - i].cell);
        assert_int_equal(a.steps[a.count - i].round, 3);
    }
    schedule_free(&a);
    schedule_free(&b);
    plan_free(&plan);
}

static void wrong_cells_are_refused_by_key(void **state)
{
#define WITH(members) HEAD "\"cells\": [" CELL ", {" members "}]}"
#define GOOD          "\"lane\": \"threads\", \"requests\": 20, \"latency\": \"1ms\""
    (void)state;
    assert_refused(WITH("\"requests\": 1, \"latency\": \"1ms\""), "cells[1].lane: is missing");
    assert_refused(WITH("\"lane\": \"fibers\", \"requests\": 1, \"latency\": \"1ms\""),
                   "cells[1].lane: must be the name of a lane: sync threads procs async co, not "
                   "\"fibers\"");
    assert_refused(WITH("\"lane\": [\"sync\", \"fibers\"], \"requests\": 1, \"latency\": \"1ms\""),
                   "cells[1].lane[1]: must be the name of a lane");
    assert_refused(WITH("\"lane\": [], \"requests\": 1, \"latency\": \"1ms\""),
                   "cells[1].lane: must be a value, or a list that is not empty");
    assert_refused(WITH("\"lane\": \"sync\", \"requests\": 0, \"latency\": \"1ms\""),
                   "cells[1].requests: must be a whole number from 1");
    assert_refused(WITH("\"lane\": \"sync\", \"requests\": -4, \"latency\": \"1ms\""),
                   "cells[1].requests");
    assert_refused(WITH("\"lane\": \"sync\", \"requests\": \"many\", \"latency\": \"1ms\""),
                   "cells[1].requests");
    assert_refused(WITH("\"lane\": \"sync\", \"requests\": 1"), "cells[1].latency: is missing");
    assert_refused(WITH("\"lane\": \"sync\", \"requests\": 1, \"latency\": 200"),
                   "cells[1].latency: must be a latency");
    assert_refused(WITH("\"lane\": \"sync\", \"requests\": 1, \"latency\": \"11m\""),
                   "cells[1].latency: must be a latency");
    assert_refused(WITH("\"lane\": \"sync\", \"requests\": 5, \"concurrency\": 2, "
                        "\"latency\": \"1ms\""),
                   "cells[1].concurrency: must be 1 of a lane that makes one request");
    assert_refused(WITH(GOOD ", \"concurrency\": [1, \"x\"]"), "cells[1].concurrency[1]");
    assert_refused(WITH(GOOD ", \"rounds\": 6"), "cells[1].rounds: must be");
    assert_refused(WITH(GOOD ", \"optional\": 1"), "cells[1].optional: must be true or false");
    assert_refused(WITH(GOOD ", \"connections\": \"both\""), "cells[1].connections: must be");
    assert_refused(WITH(GOOD ", \"timeout\": \"0\""), "cells[1].timeout: must be");
    assert_refused(WITH(GOOD ", \"args\": \"-x\""), "cells[1].args: must be a list");
    assert_refused(WITH(GOOD ", \"hold\": \"1s\""), "cells[1].hold: unknown key");
    assert_refused(WITH("\"lane\": \"threads\", \"requests\": 10, \"latency\": \"1ms\""),
                   "two cells come to the same id threads-n10-c10-1ms");
}

static void wrong_lanes_are_refused_by_key(void **state)
{
#define LANES(value) HEAD "\"lanes\": " value ", \"cells\": [" CELL "]}"
    (void)state;
    assert_refused(LANES("[]"), "lanes: must be an object");
    assert_refused(LANES("{\"a b\": {\"path\": \"x\", \"model\": \"sync\"}}"),
                   "lanes.a b: must be");
    assert_refused(LANES("{\"x\": {\"model\": \"sync\"}}"), "lanes.x.path: is missing");
    assert_refused(LANES("{\"x\": {\"path\": \"x\", \"model\": \"csp\"}}"),
                   "lanes.x.model: must be");
    assert_refused(LANES("{\"x\": {\"path\": \"x\\u0000y\", \"model\": \"sync\"}}"), "plan.json");
    assert_refused(LANES("{\"x\": {\"path\": \"x\", \"model\": \"sync\", \"y\": 1}}"),
                   "lanes.x.y: unknown key");
}

static void grids_are_bounded(void **state)
{
    char *text = malloc(1 << 20);
    size_t length = 0;

    (void)state;
    assert_non_null(text);
    length += (size_t)sprintf(text, HEAD "\"cells\": [{\"lane\": \"threads\", \"requests\": 9, "
                                         "\"latency\": \"1ms\", \"concurrency\": [1");
    for (int i = 2; i < 10002; i++)
        length += (size_t)sprintf(text + length, ",%d", i);
    sprintf(text + length, "]}]}");
    assert_refused(text, "the plan has more than 10000 cells");
    free(text);
}

/* Lanes that are not built are there as they are. */
static void check_script(const char *path)
{
    if (strstr(path, "build/") == NULL && access(path, X_OK) < 0)
        fail_msg("%s cannot be executed", path);
}

static void the_plans_of_the_suite_are_right(void **state)
{
    static const char *const names[] = {"article", "quick",   "ci",        "sweep",
                                        "memory",  "cpu",     "twins",     "tasks",
                                        "rate",    "clients", "calibrate", "validate"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[64];
        struct error error;
        struct plan plan;

        snprintf(path, sizeof(path), "harness/plans/%s.json", names[i]);
        if (plan_load(path, "build", &plan, &error) < 0)
            fail_msg("%s", error.text);
        assert_string_equal(plan.name, names[i]);
        for (size_t k = 0; k < plan.lane_count; k++)
            check_script(plan.lanes[k].path);
        plan_free(&plan);
    }
}

#define PLAN_OF_FIVE                                                                               \
    HEAD "\"rounds\": 6, \"cells\": [" CELL                                                        \
         ", {\"lane\": \"threads\", \"requests\": [1, 2, 3], \"latency\": \"1ms\"}, "              \
         "{\"lane\": \"sync\", \"requests\": 3, \"latency\": \"1s\", \"rounds\": 2}], "            \
         "\"memory\": {\"cells\": [{\"lane\": \"sync\", \"requests\": 1}]}}"

/* Every cell once in each round that it takes part in, places counted from 1, records in the first
 * round or in an execution of their own. */
static void check_schedule(const struct plan *plan, const struct schedule *schedule)
{
    unsigned seen[8][8] = {0}, last_order = 0, round = 1, records[8] = {0};

    for (size_t i = 0; i < schedule->count; i++) {
        const struct schedule_step *step = &schedule->steps[i];

        if (step->kind == STEP_WARM_UP)
            continue;
        records[step->cell - plan->cells] += step->records;
        if (step->kind != STEP_TIMED)
            continue;
        if (step->round != round) {
            assert_int_equal(step->round, round + 1);
            round++;
            last_order = 0;
        }
        assert_int_equal(step->order, ++last_order);
        assert_true(step->round <= step->cell->rounds);
        seen[step->cell - plan->cells][step->round]++;
    }
    for (size_t c = 0; c < plan->cell_count; c++) {
        assert_int_equal(records[c], plan->cells[c].memory ? 0 : 1);
        for (unsigned r = 1; r <= plan->rounds; r++)
            assert_int_equal(seen[c][r], !plan->cells[c].memory && r <= plan->cells[c].rounds);
    }
}

/* Records once; all else in each run, in another order. A short cell is run in, one that the plan
 * caps, or that takes long, is not. */
static void runs_have_all_of_it(void **state)
{
    struct plan plan = load_good(
        HEAD
        "\"rounds\": 3, \"runs\": 2, \"cells\": [" CELL ", {\"lane\": \"threads\", "
        "\"requests\": 9, \"latency\": \"1ms\", \"records\": false, \"rounds\": 1}, {\"lane\": "
        "\"threads\", \"requests\": 9, \"latency\": \"3s\"}], \"memory\": {\"cells\": "
        "[{\"lane\": \"sync\", \"requests\": 1}]}}");
    size_t of_kind[2][STEP_MEMORY + 1] = {{0}}, records = 0;
    struct schedule schedule;

    (void)state;
    assert_int_equal(schedule_make(&plan, 5, &schedule), 0);
    for (size_t i = 0; i < schedule.count; i++) {
        const struct schedule_step *step = &schedule.steps[i];

        assert_true(step->run == (i < schedule.count / 2 ? 1 : 2));
        of_kind[step->run - 1][step->kind]++;
        records += step->records;
        assert_true(step->kind != STEP_RUN_IN || step->cell == &plan.cells[0]);
    }
    assert_memory_equal(of_kind[0], of_kind[1], sizeof(of_kind[0]));
    assert_int_equal(of_kind[0][STEP_RUN_IN], 1);
    assert_int_equal(of_kind[0][STEP_TIMED], 3 + 1 + 3);
    assert_int_equal(of_kind[0][STEP_MEMORY], 1);
    assert_int_equal(records, 2);
    schedule_free(&schedule);
    plan_free(&plan);
}

static void schedules_are_seeded_permutations(void **state)
{
    struct plan plan = load_good(PLAN_OF_FIVE);
    unsigned first[8] = {0}, same = 0;

    (void)state;
    for (uint32_t seed = 1; seed <= 100; seed++) {
        struct schedule a, b, other;
        size_t start;

        assert_int_equal(schedule_make(&plan, seed, &a), 0);
        assert_int_equal(schedule_make(&plan, seed, &b), 0);
        assert_int_equal(schedule_make(&plan, seed + 1, &other), 0);
        check_schedule(&plan, &a);
        assert_memory_equal(a.steps + 2, b.steps + 2, (a.count - 2) * sizeof(*a.steps));
        same += memcmp(a.steps + 2, other.steps + 2, (a.count - 2) * sizeof(*a.steps)) == 0;
        for (start = 0; a.steps[start].kind != STEP_TIMED;)
            start++;
        first[a.steps[start].cell - plan.cells]++;
        schedule_free(&a);
        schedule_free(&b);
        schedule_free(&other);
    }
    assert_int_equal(same, 0);
    for (size_t c = 0; c < 5; c++)
        assert_in_range(first[c], 5, 45); /* 20 expected; 5 and 45 are beyond four sigma */
    plan_free(&plan);
}

/* Python computes longer for each request, and the patterns come after all that is measured. */
static void estimates_know_python_and_patterns(void **state)
{
#define CELL_OF(lane)                                                                              \
    "\"rounds\": 1, \"cells\": [{\"lane\": \"" lane "\", \"requests\": 1000, \"latency\": "        \
    "\"1ms\"}]"
    static const char *const plans[] = {
        HEAD CELL_OF("async") "}",
        HEAD "\"lanes\": {\"twin\": {\"path\": \"lane-async\", \"model\": \"async\", "
             "\"language\": \"python\"}}, " CELL_OF("twin") "}",
        HEAD CELL_OF("async") ", \"patterns\": [\"gather\", \"retry\"]}",
    };
    uint64_t expected_ns[COUNT_OF(plans)];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(plans); i++) {
        struct plan plan = load_good(plans[i]);
        struct schedule schedule;

        assert_int_equal(schedule_make(&plan, 1, &schedule), 0);
        expected_ns[i] = schedule_left_ns(&schedule, 0);
        schedule_free(&schedule);
        plan_free(&plan);
    }
    assert_true(expected_ns[1] > expected_ns[0] + 500 * NS_PER_MS);
    assert_true(expected_ns[2] > expected_ns[0] + NS_PER_S);
}

static void commands_are_quoted_for_a_shell(void **state)
{
    struct plan plan = load_good(
        HEAD "\"cells\": [{\"lane\": \"threads\", \"requests\": 5, \"latency\": \"0\", "
             "\"timeout\": \"1500ms\", \"connections\": \"reuse\", "
             "\"client\": \"raw\", \"args\": [\"a b\", \"it's\", \"\", \"$HOME\", \"x;y\"]}]}");
    const struct cell_files files = {.output = "/o", .records = "/r"};
    struct command command;
    char *text;

    (void)state;
    assert_int_equal(cell_command(plan.cells, "http://h:1", &files, &command), 0);
    text = command_text(&command);
    assert_string_equal(
        text, "/programs/lane-threads -n 5 -c 10 --latency 0 --client raw "
              "--connections reuse --timeout 1500ms 'a b' 'it'\\''s' '' '$HOME' 'x;y' --quiet "
              "--output /o --records /r 'http://h:1/users/{id}?delay=0'");
    free(text);
    command_free(&command);
    plan_free(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_follow_the_model),
        cmocka_unit_test(lists_expand_to_every_combination),
        cmocka_unit_test(no_more_are_in_flight_than_there_are),
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(rounds_can_be_replaced),
        cmocka_unit_test(wrong_plans_are_refused_by_key),
        cmocka_unit_test(errors_name_the_line),
        cmocka_unit_test(wrong_ends_of_rounds_are_refused),
        cmocka_unit_test(further_rounds_depend_on_the_seed_alone),
        cmocka_unit_test(wrong_cells_are_refused_by_key),
        cmocka_unit_test(wrong_lanes_are_refused_by_key),
        cmocka_unit_test(grids_are_bounded),
        cmocka_unit_test(the_plans_of_the_suite_are_right),
        cmocka_unit_test(runs_have_all_of_it),
        cmocka_unit_test(schedules_are_seeded_permutations),
        cmocka_unit_test(estimates_know_python_and_patterns),
        cmocka_unit_test(commands_are_quoted_for_a_shell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
