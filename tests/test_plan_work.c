/* Plans of cells that compute or sleep, and of lanes in other languages: what is accepted, the
 * names and commands that it comes to, what is refused; how long such cells may take. */
#include "tests/helpers.h"
#include "tests/plan_text.h"

#include <unistd.h>

#include "common/cores.h"
#include "common/count.h"
#include "common/clock.h"
#include "harness/run/execute.h"
#include "harness/plan/command.h"
#include "harness/run/ready.h"
#include "harness/plan/schedule.h"

#define CELLS(list) HEAD "\"cells\": [" list "]}"
#define DIGEST      "6d1f5f0ab7d3ba0ee4e4a97fb7b5d4d2b6a5f0e3c2d1908f7e6d5c4b3a291807"

static uint64_t cores(void)
{
    return cores_usable();
}

static void names_say_what_is_not_default(void **state)
{
    static const char *const expected[] = {
        "sync-n64-c1-cpu20ms",
        "threads-n64-c1-cpu5ms",
        "threads-n64-c1-cpu5ms-gil",
        "threads-n64-c2-cpu5ms",
        "threads-n64-c2-cpu5ms-gil",
        "async-n64-c64-cpu20ms-threads-w1",
        "async-n64-c64-cpu20ms-threads-w2",
        "async-n64-c64-cpu20ms-processes-w1",
        "async-n64-c64-cpu20ms-processes-w2",
        "async-n9-c9-200ms-cpu2ms",
        "async-n9-c9-200ms-cpu2ms-l2",
        "async-n9-c9-200ms-cpu4ms",
        "async-n9-c9-200ms-cpu4ms-l2",
        "procs-n64-c10-cpu20ms-b64k",
        "procs-n64-c10-cpu20ms-b100",
        "async-n5-c5-1ms-l3-fresh",
        "async-n5-c5-1ms-curl",
        "async-n5-c5-1ms-raw",
        "async-n5-c5-cpu20ms-threads-gil",
    };
    struct plan plan = load_good(
        CELLS("{\"lane\": \"sync\", \"work\": \"cpu\", \"requests\": 64}, "
              "{\"lane\": \"threads\", \"work\": \"cpu\", \"requests\": 64, \"cpu\": \"5ms\", "
              "\"concurrency\": [1, 2], \"gil\": [false, true]}, "
              "{\"lane\": \"async\", \"work\": \"cpu\", \"requests\": 64, "
              "\"compute\": [\"threads\", \"processes\"], \"workers\": [1, 2]}, "
              "{\"lane\": \"async\", \"work\": \"mixed\", \"requests\": 9, \"latency\": \"200ms\", "
              "\"cpu\": [\"2ms\", \"4ms\"], \"loops\": [1, 2], \"compute\": \"loop\"}, "
              "{\"lane\": \"procs\", \"work\": \"cpu\", \"requests\": 64, \"block\": 65536}, "
              "{\"lane\": \"procs\", \"work\": \"cpu\", \"requests\": 64, \"block\": 100}, "
              "{\"lane\": \"async\", \"requests\": 5, \"latency\": \"1ms\", \"loops\": 3, "
              "\"connections\": \"fresh\"}, "
              "{\"lane\": \"async\", \"requests\": 5, \"latency\": \"1ms\", "
              "\"client\": [\"curl\", \"raw\"]}, "
              "{\"lane\": \"async\", \"work\": \"cpu\", \"requests\": 5, \"compute\": \"threads\", "
              "\"gil\": true}"));

    (void)state;
    assert_int_equal(plan.cell_count, COUNT_OF(expected));
    for (size_t i = 0; i < plan.cell_count; i++)
        assert_string_equal(plan.cells[i].id, expected[i]);
    plan_free(&plan);
}

/* What comes to the same number is one cell; a number that is there twice is a mistake all the
 * same. */
static void counts_may_go_by_the_cores(void **state)
{
    struct plan plan = load_good(
        CELLS("{\"lane\": \"threads\", \"work\": \"cpu\", \"requests\": 64, "
              "\"concurrency\": [\"cores\", \"1*cores\", \"3*cores\"]}, "
              "{\"lane\": \"async\", \"work\": \"cpu\", \"requests\": 64, \"loops\": \"cores\"}, "
              "{\"lane\": \"async\", \"work\": \"cpu\", \"requests\": 64, "
              "\"compute\": \"threads\", \"workers\": \"2*cores\"}"));

    (void)state;
    assert_int_equal(plan.cell_count, 4);
    assert_int_equal(plan.cells[0].concurrency, cores());
    assert_int_equal(plan.cells[1].concurrency, 3 * cores());
    assert_int_equal(plan.cells[2].work.loops, cores());
    assert_int_equal(plan.cells[3].work.workers, 2 * cores());
    plan_free(&plan);
#define COUNT(list)                                                                                \
    CELLS("{\"lane\": \"threads\", \"work\": \"cpu\", \"requests\": 64, "                          \
          "\"concurrency\": " list "}")
    assert_refused(COUNT("[2, 2]"), "two cells come to the same id");
    assert_refused(COUNT("\"0*cores\""), "cells[0].concurrency: must be a whole number");
    assert_refused(COUNT("\"*cores\""), "cells[0].concurrency: must be a whole number");
    assert_refused(COUNT("\"2xcores\""), "cells[0].concurrency: must be a whole number");
    assert_refused(COUNT("\"99999999999999999999*cores\""), "cells[0].concurrency: must be");
#undef COUNT
}

static void cells_of_a_kind_share_a_calibration(void **state)
{
    struct plan plan = load_good(
        CELLS("{\"lane\": [\"sync\", \"threads\"], \"work\": \"cpu\", \"requests\": 4}, "
              "{\"lane\": \"sync\", \"work\": \"mixed\", \"latency\": \"1ms\", \"requests\": 4, "
              "\"cpu\": [\"20ms\", \"2ms\"]}, "
              "{\"lane\": \"procs\", \"work\": \"cpu\", \"requests\": 4, \"block\": \"64k\"}, "
              "{\"lane\": \"sync\", \"requests\": 4, \"latency\": \"1ms\"}"));

    (void)state;
    assert_int_equal(plan.calibration_count, 3);
    assert_ptr_equal(plan.cells[0].work.calibration, &plan.calibrations[0]);
    assert_ptr_equal(plan.cells[1].work.calibration, &plan.calibrations[0]);
    assert_ptr_equal(plan.cells[2].work.calibration, &plan.calibrations[0]);
    assert_ptr_equal(plan.cells[3].work.calibration, &plan.calibrations[1]);
    assert_ptr_equal(plan.cells[4].work.calibration, &plan.calibrations[2]);
    assert_null(plan.cells[5].work.calibration);
    assert_int_equal(plan.calibrations[0].cpu_ns, 20 * NS_PER_MS);
    assert_int_equal(plan.calibrations[0].block_bytes, 32);
    assert_int_equal(plan.calibrations[1].cpu_ns, 2 * NS_PER_MS);
    plan_free(&plan);
}

static void expect_command_at(const char *url, const struct cell *cell,
                              const struct cell_files *files, const char *expected)
{
    struct command command;
    char *text;

    assert_int_equal(cell_command(cell, url, files, &command), 0);
    text = command_text(&command);
    assert_string_equal(text, expected);
    free(text);
    command_free(&command);
}

static void expect_command(const struct cell *cell, const struct cell_files *files,
                           const char *expected)
{
    expect_command_at("http://h:1", cell, files, expected);
}

/* Only our own server is known to listen on as many. */
static void processes_have_addresses_at_our_server(void **state)
{
    const struct cell_files none = {0};
    struct plan plan =
        load_good(HEAD "\"cells\": [{\"lane\": \"async\", \"processes\": 2, \"requests\": 6, "
                       "\"concurrency\": 6, \"latency\": \"50ms\"}]}");

    (void)state;
    expect_command(plan.cells, &none,
                   "/programs/lane-async -n 6 -c 6 --latency 50ms --processes 2 --quiet "
                   "--addresses 127.0.0.1-2 'http://h:1/users/{id}?delay=50ms'");
    plan.server_url = "http://other/{id}";
    plan.cells[0].plan = &plan;
    expect_command_at("http://other/{id}", plan.cells, &none,
                      "/programs/lane-async -n 6 -c 6 --latency 50ms --processes 2 --quiet "
                      "'http://other/{id}'");
    plan_free(&plan);
}

static void commands_say_what_is_calibrated(void **state)
{
    const struct cell_files none = {0}, ready = {.output = "/o", .ready = "/r"};
    struct plan plan = load_good(
        HEAD "\"lanes\": {\"py\": {\"path\": \"/py\", \"model\": \"async\", \"language\": "
             "\"python\", \"packages\": [\"p\"], \"args\": [\"--kind\", \"k\"]}}, \"cells\": ["
             "{\"lane\": \"async\", \"work\": \"cpu\", \"requests\": 6, \"concurrency\": 3, "
             "\"compute\": \"threads\", \"workers\": 2, \"gil\": true, \"block\": 65536}, "
             "{\"lane\": \"py\", \"work\": \"mixed\", \"requests\": 6, \"latency\": \"50ms\", "
             "\"cpu\": \"1ms\", \"loops\": 2, \"args\": [\"-x\"]}], \"memory\": {\"hold\": "
             "\"3s\", \"cells\": [{\"lane\": \"py\", \"work\": \"sleep\", \"requests\": 7}]}}");

    (void)state;
    expect_command(plan.cells, &none,
                   "/programs/lane-async -n 6 -c 3 --work cpu --cpu 20ms --block 65536 --compute "
                   "threads --workers 2 --gil --quiet");
    plan.calibrations[1].rounds = 4711;
    strcpy(plan.calibrations[1].digest, DIGEST);
    expect_command(
        &plan.cells[1], &none,
        "/py -n 6 -c 6 --latency 50ms --work mixed --cpu 1ms --rounds 4711 --digest " DIGEST
        " --loops 2 --kind k -x --quiet 'http://h:1/users/{id}?delay=50ms'");
    expect_command(&plan.cells[2], &ready,
                   "/py -n 7 -c 7 --latency 3s --work sleep --kind k --quiet --output /o --ready "
                   "/r");
    assert_string_equal(plan.cells[2].id, "py-n7-c7-memory-sleep");
    assert_string_equal(plan.cells[2].lane->language, "python");
    assert_string_equal(plan.cells[0].lane->language, "c");
    plan_free(&plan);
}

static void floors_count_waiting_and_cores(void **state)
{
    struct plan plan = load_good(CELLS(
        "{\"lane\": \"threads\", \"work\": \"cpu\", \"requests\": 64, \"concurrency\": [1, 1000], "
        "\"gil\": [false, true]}, "
        "{\"lane\": \"async\", \"work\": \"mixed\", \"requests\": 100, \"concurrency\": 10, "
        "\"latency\": \"200ms\", \"cpu\": [\"2ms\", \"500ms\"]}"));
    uint64_t on_all = (64 + cores() - 1) / cores() * 20 * NS_PER_MS;

    (void)state;
    assert_int_equal(cell_floor_ns(&plan.cells[0]), 64 * 20 * NS_PER_MS);
    assert_int_equal(cell_floor_ns(&plan.cells[2]), on_all);
    assert_int_equal(cell_expected_ns(&plan.cells[2]), on_all);
    assert_int_equal(cell_least_ns(&plan.cells[2]), on_all / 2); /* calibrated too slowly */
    /* The lock is what the cell is about, and no law of nature: it does not raise the floor. */
    assert_int_equal(cell_floor_ns(&plan.cells[3]), on_all);
    assert_int_equal(cell_expected_ns(&plan.cells[3]), 64 * 20 * NS_PER_MS);
    assert_int_equal(cell_serial_ns(&plan.cells[2]), 64 * 20 * NS_PER_MS);
    /* Ten in turn for each of ten; and 100 halves of a second. */
    assert_int_equal(cell_floor_ns(&plan.cells[4]), 2020 * NS_PER_MS);
    assert_int_equal(cell_expected_ns(&plan.cells[5]), 50 * NS_PER_S);
    assert_true(execution_limit_ns(&plan.cells[5]) > 150 * NS_PER_S);
    plan_free(&plan);
}

static void sleeping_cells_need_no_descriptors(void **state)
{
    struct plan plan = load_good(
        HEAD "\"cells\": [], \"memory\": {\"cells\": [{\"lane\": \"async\", \"requests\": "
             "\"1M\", \"work\": \"sleep\"}, {\"lane\": \"async\", \"requests\": \"1M\"}]}}");
    json_t *environment = json_pack("{s:{s:i}}", "limits", "nofile_hard", 20000);
    struct error why;

    (void)state;
    assert_int_equal(plan.cells[0].concurrency, 1000000);
    assert_true(ready_cell(&plan.cells[0], environment, &why));
    assert_false(ready_cell(&plan.cells[1], environment, &why));
    json_decref(environment);
    plan_free(&plan);
}

/* A lane is run in with work that it can do. */
static void warm_ups_do_the_work_of_the_first_cell(void **state)
{
    struct plan plan = load_good(
        HEAD "\"rounds\": 1, \"cells\": [{\"lane\": \"sync\", \"work\": \"cpu\", \"requests\": 2, "
             "\"records\": false}, {\"lane\": \"sync\", \"requests\": 2, \"latency\": \"1ms\"}], "
             "\"memory\": {\"cells\": [{\"lane\": \"async\", \"work\": \"sleep\", "
             "\"requests\": 5}]}}");
    struct schedule schedule;

    (void)state;
    assert_int_equal(schedule_make(&plan, 1, &schedule), 0);
    assert_int_equal(schedule.steps[0].kind, STEP_WARM_UP);
    assert_int_equal(schedule.steps[0].cell->work.kind, CELL_CPU);
    assert_ptr_equal(schedule.steps[0].cell->work.calibration, plan.calibrations);
    assert_int_equal(schedule.steps[1].kind, STEP_WARM_UP);
    assert_int_equal(schedule.steps[1].cell->work.kind, CELL_SLEEP);
    assert_int_equal(schedule.steps[2].kind, STEP_RUN_IN);
    assert_ptr_equal(schedule.steps[2].cell, &plan.cells[0]);
    for (size_t i = 0; i < schedule.count; i++)
        assert_false(schedule.steps[i].records && schedule.steps[i].cell == &plan.cells[0]);
    schedule_free(&schedule);
    plan_free(&plan);
}

static void keys_that_say_nothing_are_refused(void **state)
{
#define WITH(members) CELLS("{\"requests\": 20, " members "}")
#define CPU           "\"work\": \"cpu\", "
    (void)state;
    assert_refused(WITH("\"lane\": \"sync\", \"work\": \"gpu\""),
                   "cells[0].work: must be \"io\" or \"cpu\" or \"mixed\" or \"file\" or "
                   "\"websocket\" or \"sql\", not \"gpu\"");
    assert_refused(WITH("\"lane\": \"async\", \"work\": \"sleep\""),
                   "cells[0].work: must be \"io\" or \"cpu\" or \"mixed\" or \"file\" or "
                   "\"websocket\" or \"sql\", not \"sleep\"");
    assert_refused(WITH(CPU "\"lane\": \"sync\", \"latency\": \"1ms\""),
                   "cells[0].latency: says nothing of cells with work \"cpu\"");
    assert_refused(
        WITH("\"work\": \"file\", \"lane\": \"sync\", \"latency\": \"uniform:1ms..2ms\""),
        "cells[0].latency: must be a time with work \"file\"");
    assert_refused(
        WITH("\"work\": \"sql\", \"lane\": \"sync\", \"latency\": \"1ms\", \"rate\": 10"),
        "cells[0].rate: says nothing of cells with work \"sql\"");
    assert_refused(WITH(CPU "\"lane\": \"sync\", \"connections\": \"fresh\""),
                   "cells[0].connections: says nothing");
    assert_refused(WITH("\"lane\": \"sync\", \"latency\": \"1ms\", \"cpu\": \"1ms\""),
                   "cells[0].cpu: says nothing of cells with work \"io\"");
    assert_refused(WITH("\"lane\": \"threads\", \"latency\": \"1ms\", \"gil\": true"),
                   "cells[0].gil: says nothing");
    assert_refused(WITH("\"work\": \"mixed\", \"lane\": \"sync\""), "cells[0].latency: is missing");
    assert_refused(WITH(CPU "\"lane\": \"sync\", \"cpu\": \"0\""), "cells[0].cpu: must be");
    assert_refused(WITH(CPU "\"lane\": \"sync\", \"cpu\": [\"1ms\", 2]"), "cells[0].cpu[1]: must");
    assert_refused(WITH(CPU "\"lane\": \"sync\", \"cpu\": []"), "cells[0].cpu: must be a value");
    assert_refused(WITH(CPU "\"lane\": \"sync\", \"block\": 31"), "cells[0].block: must be");
    assert_refused(WITH(CPU "\"lane\": \"sync\", \"gil\": true"), "cells[0].gil: is for lanes");
    assert_refused(WITH(CPU "\"lane\": \"async\", \"gil\": true"), "cells[0].gil: is for lanes");
    assert_refused(WITH(CPU "\"lane\": \"threads\", \"compute\": \"loop\""),
                   "cells[0].compute: is for lanes of the model \"async\"");
    assert_refused(WITH(CPU "\"lane\": \"async\", \"compute\": \"gpu\""),
                   "cells[0].compute: must be \"loop\" or \"threads\" or \"processes\"");
    assert_refused(WITH(CPU "\"lane\": \"async\", \"workers\": 2"),
                   "cells[0].workers: is for cells with compute");
    assert_refused(WITH(CPU "\"lane\": \"threads\", \"loops\": 2"),
                   "cells[0].loops: is for lanes of the model \"async\"");
    assert_refused(WITH(CPU "\"lane\": \"async\", \"loops\": 0"), "cells[0].loops: must be");
    assert_refused(WITH(CPU "\"lane\": \"sync\", \"may_fail\": 1"), "cells[0].may_fail: must be");
    assert_refused(HEAD "\"cells\": [], \"memory\": {\"cells\": [{\"lane\": \"sync\", "
                        "\"requests\": 2, \"work\": \"cpu\"}]}}",
                   "memory.cells[0].work: must be \"io\" or \"sleep\" or \"file\" or "
                   "\"websocket\" or \"sql\", not \"cpu\"");
    assert_refused(HEAD "\"cells\": [], \"memory\": {\"cells\": [{\"lane\": \"async\", "
                        "\"requests\": 2, \"work\": \"sleep\", \"concurrency\": 1}]}}",
                   "memory.cells[0].concurrency: says nothing");
}

static void wrong_languages_are_refused(void **state)
{
#define LANE(members)                                                                              \
    HEAD "\"lanes\": {\"x\": {\"path\": \"x\", \"model\": \"sync\", " members                      \
         "}}, \"cells\": [{\"lane\": \"x\", \"requests\": 1, \"latency\": \"1ms\"}]}"
    (void)state;
    assert_refused(LANE("\"language\": 3"), "lanes.x.language: must be a name");
    assert_refused(LANE("\"packages\": \"golang-go\""), "lanes.x.packages: must be a list");
    assert_refused(LANE("\"args\": [1]"), "lanes.x.args[0]: must be a text");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_say_what_is_not_default),
        cmocka_unit_test(counts_may_go_by_the_cores),
        cmocka_unit_test(cells_of_a_kind_share_a_calibration),
        cmocka_unit_test(processes_have_addresses_at_our_server),
        cmocka_unit_test(commands_say_what_is_calibrated),
        cmocka_unit_test(floors_count_waiting_and_cores),
        cmocka_unit_test(sleeping_cells_need_no_descriptors),
        cmocka_unit_test(warm_ups_do_the_work_of_the_first_cell),
        cmocka_unit_test(keys_that_say_nothing_are_refused),
        cmocka_unit_test(wrong_languages_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
