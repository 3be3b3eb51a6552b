/* The plots: gnuplot draws what a run has, in well-formed pictures that hold every point, and takes
 * no text of a run for a command. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/run_fixture.h"
#include "tests/helpers.h"

#include "common/file.h"
#include "report/plots.h"

#define PYTHON "/usr/bin/python3"
#define PLOTS  23 /* in plots.json */

/* ---- Helpers ----------------------------------------------------------------------------- */

/* Draws the plots of the run in `folder`; the reason of a failure is in *error. */
static int draw(struct dataset *dataset, const char *folder, bool png, struct error *error)
{
    *error = (struct error){""};
    if (dataset_open(dataset, error) < 0 || dataset_load(dataset, folder, true, error) < 0 ||
        dataset_freeze(dataset, error) < 0)
        fail_msg("%s", error->text);
    return plots_draw(dataset, folder, png, error);
}

static void expect_drawn(const char *folder, bool png)
{
    struct dataset dataset;
    struct error error;

    if (draw(&dataset, folder, png, &error) != 0)
        fail_msg("%s", error.text);
    dataset_close(&dataset);
}

static void expect_state(struct dataset *dataset, const char *name, const char *expected)
{
    char sql[128], *state;

    snprintf(sql, sizeof(sql), "SELECT state FROM plots WHERE name = '%s'", name);
    state = dataset_text(dataset, sql);
    if (state == NULL || strcmp(state, expected) != 0)
        fail_msg("%s is %s, not %s", name, state != NULL ? state : "missing", expected);
    free(state);
}

static bool is_there(const char *folder, const char *file)
{
    return access(path_in(folder, file), F_OK) == 0;
}

static int count_in(const char *text, const char *part)
{
    int count = 0;

    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        count++;
    return count;
}

/* Returns the picture, which must be well-formed and have a size that a page can scale. */
static char *picture(const char *folder, const char *name)
{
    char file[64], *svg;

    snprintf(file, sizeof(file), "plots/%s.svg", name);
    svg = read_in(folder, file);
    assert_non_null(strstr(svg, "viewBox=\"0 0 540 "));
    if (access(PYTHON, X_OK) == 0) {
        const char *const argv[] = {PYTHON, "-c",
                                    "import sys, xml.dom.minidom as x; x.parse(sys.argv[1])",
                                    path_in(folder, file), NULL};
        struct finished finished = run_argv(argv);

        if (finished.status != 0)
            fail_msg("%s: %s", file, finished.err);
        finished_free(&finished);
    }
    return svg;
}

/* The first line of a table: the names of its columns. */
static void expect_columns(const char *folder, const char *name, const char *columns)
{
    char file[64], *csv;

    snprintf(file, sizeof(file), "plots/%s.csv", name);
    csv = read_in(folder, file);
    csv[strcspn(csv, "\r\n")] = '\0';
    assert_string_equal(csv, columns);
    free(csv);
}

#define ROWS                                                                                       \
    "title,more,heading,label,low,value,value_min,value_max,extra,article,text,colour,point,"      \
    "samples"
#define CURVES    "title,more,panel,series,label,colour,point,dash,x,y,y_min,y_max,extra,samples,shift"
#define REQUESTS  "title,more,panel,label,colour,place,start_s,connected_s,end_s,last_s,zoom_s"
#define IN_FLIGHT "title,more,panel,label,colour,t_s,in_flight,waiting,last_s,zoom_s"

/* ---- What is drawn ----------------------------------------------------------------------- */

static void test_all_of_a_run(void **state)
{
    static const struct {
        const char *name, *columns;
    } drawn[] = {
        {"wall", ROWS},
        {"memory", ROWS},
        {"concurrency", CURVES},
        {"headline-time", CURVES},
        {"headline-memory", CURVES},
        {"cpu-calls", CURVES},
        {"in-flight", IN_FLIGHT},
        {"requests", REQUESTS},
    };
    struct dataset dataset;
    struct error error;
    char *title;

    fixture_write(*state, 200);
    if (draw(&dataset, *state, true, &error) != 0)
        fail_msg("%s", error.text);
    for (size_t i = 0; i < sizeof(drawn) / sizeof(drawn[0]); i++) {
        char png[64];

        expect_state(&dataset, drawn[i].name, "made");
        expect_columns(*state, drawn[i].name, drawn[i].columns);
        free(picture(*state, drawn[i].name));
        snprintf(png, sizeof(png), "plots/%s.png", drawn[i].name);
        assert_true(is_there(*state, png));
    }
    expect_state(&dataset, "twins", "empty");
    title = dataset_text(&dataset, "SELECT title FROM plots WHERE name = 'wall'");
    assert_string_equal(title, "Wall time of the whole process, 1000 requests of 200 ms: 282 ms "
                               "(event loop) to 200.5 s (sequential)");
    free(title);
    assert_int_equal(dataset_number(&dataset, "SELECT count(*) FROM plots", 0), PLOTS);
    assert_int_equal(
        dataset_number(&dataset, "SELECT count(*) FROM sqlite_temp_schema WHERE name LIKE 'plot%'",
                       0),
        0);
    dataset_close(&dataset);
}

static void test_png_only_where_asked(void **state)
{
    fixture_write(*state, 200);
    expect_drawn(*state, false);
    assert_true(is_there(*state, "plots/wall.svg"));
    assert_false(is_there(*state, "plots/wall.png"));
}

/* Of a cell whose requests take `ns`, 2 `ns`, … 20 `ns`, told in whole or by three points only. */
static void append_latencies(const char *folder, const char *cell, json_int_t ns, bool whole)
{
    json_t *line = fixture_sample(cell, 1, 300), *latency, *twentieths = json_array();
    char *text;

    for (int i = 1; i <= 20; i++)
        json_array_append_new(twentieths, json_integer(i * ns));
    latency = json_pack("{s:I, s:I, s:I, s:I, s:o}", "p50", 10 * ns, "p90", 18 * ns, "p99", 20 * ns,
                        "max", 20 * ns, "twentieths", twentieths);
    if (!whole)
        json_object_del(latency, "twentieths");
    json_object_set_new(json_object_get(line, "lane"), "latency_ns", latency);
    text = json_dumps(line, JSON_COMPACT);
    assert_int_equal(file_append_line(path_in(folder, "results.jsonl"), text), 0);
    free(text);
    json_decref(line);
}

/* A curve has each twentieth; of older runs steps lead to the three points that are known. */
static void test_latency_is_drawn_by_twentieths(void **state)
{
    char *csv;

    fixture_write(*state, 200);
    unlink(path_in(*state, "results.jsonl"));
    append_latencies(*state, "async-n1000-c1000", 1000000, true);
    append_latencies(*state, "threads-n1000-c1000", 2000000, false);
    expect_drawn(*state, false);
    csv = read_in(*state, "plots/latency.csv");
    assert_int_equal(count_in(csv, ",event loop,"), 21);
    assert_non_null(strstr(csv, ",0,1,1,5,5,5,,1,0"));
    assert_non_null(strstr(csv, ",7,1,10,50,50,50,,1,0"));
    assert_non_null(strstr(csv, ",0,1,20,100,100,100,,1,0"));
    assert_int_equal(count_in(csv, ",thread pool,"), 6);
    assert_non_null(strstr(csv, ",0,1,36,50,50,50,,1,0"));
    assert_non_null(strstr(csv, ",7,1,36,90,90,90,,1,0"));
    assert_non_null(strstr(csv, "known are half"));
    free(csv);
    free(picture(*state, "latency"));
}

#define LANES 12

/* Each point of many series at one place is within the axes: gnuplot leaves out the others. */
static void test_axes_hold_all_points(void **state)
{
    json_t *cells = json_array();
    char *svg;

    fixture_write(*state, 200);
    fixture_put(*state, "results.jsonl", "");
    unlink(path_in(*state, "results.jsonl"));
    for (int i = 0; i <= LANES; i++) {
        char lane[32], id[64];

        snprintf(lane, sizeof(lane), i == 0 ? "sync" : "pool%d", i);
        snprintf(id, sizeof(id), "%s-cpu", lane);
        json_array_append_new(cells,
                              json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:I}", "id", id,
                                        "lane", lane, "model", i == 0 ? "sync" : "threads", "work",
                                        "cpu", "requests", 64, "concurrency", i == 0 ? 1 : 2,
                                        "latency_ns", 0, "cpu_ns", (json_int_t)20000000));
        for (int round = 1; round <= 3; round++) {
            json_t *line = json_pack("{s:s, s:i, s:b, s:I}", "cell", id, "round", round, "valid", 1,
                                     "wall_ns", (json_int_t)(i == 0 ? 1280000000 : 650000000 + i));
            char *text = json_dumps(line, JSON_COMPACT);

            assert_int_equal(file_append_line(path_in(*state, "results.jsonl"), text), 0);
            free(text);
            json_decref(line);
        }
    }
    fixture_set(*state, "cells", cells);
    expect_drawn(*state, false);
    svg = picture(*state, "speed-up");
    assert_int_equal(count_in(svg, "' color='rgb("), 2 * LANES); /* once in the key */
    free(svg);
}

/* Between the end of one request and the begin of the next is no gap that a picture could show. */
static void test_requests_in_a_row_have_no_gaps(void **state)
{
    char records[8192] = "id,worker,start_ns,connected_ns,first_byte_ns,end_ns,outcome\n", *csv;
    size_t length = strlen(records);

    for (int i = 0; i < 100; i++)
        length += (size_t)snprintf(records + length, sizeof(records) - length,
                                   "%d,0,%d00000000,%d00000000,%d99980000,%d99990000,ok\n", i,
                                   2 * i, 2 * i, 2 * i + 1, 2 * i + 1);
    fixture_write(*state, 200);
    fixture_put(*state, "records/sync-n1000-c1.csv", records);
    expect_drawn(*state, false);
    csv = read_in(*state, "plots/in-flight.csv");
    if (count_in(csv, "sequential: 20.00 s") != 4) /* it begins, and it ends */
        fail_msg("%s", csv);
    free(csv);
}

/* ---- What is not trusted ----------------------------------------------------------------- */

static const char hostile[] = "`touch pwned`$(touch pwned)\"'; system 'touch pwned' #\\,<b>&amp;"
                              "\n\r\t\x01 @title %s {x}^2 \xEF\xBF\xBF";

static void test_texts_are_no_commands(void **state)
{
    char *svg;

    fixture_write(*state, 200);
    fixture_set(*state, "cells",
                json_pack("[{s:s, s:s, s:i, s:i, s:I}]", "id", "sync-n100-c1", "lane", hostile,
                          "requests", 100, "concurrency", 10, "latency_ns", (json_int_t)200000000));
    fixture_put(*state, "patterns.jsonl",
                "{\"title\":\"=1+`touch pwned`, \\\"$(touch pwned)\\n\",\"bars\":[[\"a, "
                "`touch pwned`\\u0001\\\\\",1e9,\"a_ns\"]]}\n");
    expect_drawn(*state, true);
    svg = picture(*state, "wall");
    assert_non_null(strstr(svg, "`touch pwned`$(touch pwn"));
    free(svg);
    svg = picture(*state, "patterns");
    assert_non_null(strstr(svg, "a\u201A `touch pwned` \u2216"));
    free(svg);
    assert_false(is_there(*state, "plots/pwned"));
    assert_false(is_there(*state, "pwned"));
    assert_int_equal(access("pwned", F_OK), -1);
}

static void test_links_are_not_followed(void **state)
{
    struct dataset dataset;
    struct error error;
    char *text;

    fixture_write(*state, 200);
    fixture_put(*state, "mine", "untouched");
    assert_int_equal(mkdir(path_in(*state, "plots"), 0777), 0);
    assert_int_equal(symlink("../mine", path_in(*state, "plots/wall.svg")), 0);
    assert_int_equal(symlink("../mine", path_in(*state, "plots/wall.csv")), 0);
    expect_drawn(*state, false);
    free(picture(*state, "wall"));
    text = read_in(*state, "mine");
    assert_string_equal(text, "untouched");
    free(text);

    assert_int_equal(rename(path_in(*state, "plots"), path_in(*state, "elsewhere")), 0);
    assert_int_equal(symlink("elsewhere", path_in(*state, "plots")), 0);
    assert_int_equal(draw(&dataset, *state, false, &error), -ENOTDIR);
    assert_non_null(strstr(error.text, "plots/"));
    dataset_close(&dataset);
}

/* Figures that no logarithmic axis can show, or that lie beyond all others. */
static void test_impossible_figures(void **state)
{
    static const char head[] = "id,worker,start_ns,connected_ns,first_byte_ns,end_ns,outcome\n";
    char records[512];

    fixture_write(*state, 200);
    fixture_put(*state, "results.jsonl",
                "{\"cell\":\"async-n1000-c1000\",\"round\":1,\"wall_ns\":0,\"valid\":true}\n"
                "{\"cell\":\"threads-n1000-c10\",\"round\":1,\"wall_ns\":1,\"valid\":true}\n"
                "{\"cell\":\"threads-n1000-c100\",\"round\":1,\"wall_ns\":1e18,\"valid\":true}\n"
                "{\"cell\":\"sync-n100-c1\",\"round\":1,\"wall_ns\":1e9,\"valid\":true}\n"
                "{\"cell\":\"procs-n100-c10\",\"round\":1,\"wall_ns\":1e9,\"valid\":true}\n");
    fixture_put(*state, "memory.jsonl",
                "{\"cell\":\"memory-async-n1000-c1000\",\"confirmed\":true,\"pss_bytes\":0}\n"
                "{\"cell\":\"memory-threads-n1000-c1000\",\"confirmed\":true,\"pss_bytes\":1e18,"
                "\"samples\":[{\"t_ns\":0,\"rss_bytes\":1},{\"t_ns\":1e18,\"rss_bytes\":1e18}]}\n");
    snprintf(
        records, sizeof(records),
        "%s0,0,nan,inf,,1,ok\n,,,,,\n1,0,5,9,3,2,ok\n2,0,-5,0x10,1e400,7e99,ok\n3,0,0,,,9,ok\nx",
        head);
    fixture_put(*state, "records/sync-n100-c1.csv", records);
    snprintf(records, sizeof(records), "%s0,0,0,0,0,0,ok\n", head);
    fixture_put(*state, "records/procs-n100-c10.csv", records);
    expect_drawn(*state, true);
    free(picture(*state, "wall"));
    free(picture(*state, "memory"));
    free(picture(*state, "memory-time"));
    free(picture(*state, "requests"));
}

/* ---- What is not drawn ------------------------------------------------------------------- */

static void test_nothing_to_draw(void **state)
{
    static const char *const old[] = {"plots/wall.svg", "plots/wall.png", "plots/wall.csv",
                                      "plots/wall.gp", "plots/wall.dat"};
    struct dataset dataset;
    struct error error;

    fixture_write(*state, 200);
    fixture_put(*state, "results.jsonl", "");
    fixture_put(*state, "memory.jsonl", "");
    assert_int_equal(mkdir(path_in(*state, "plots"), 0777), 0);
    for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++)
        fixture_put(*state, old[i], "of an earlier report");
    assert_int_equal(draw(&dataset, *state, true, &error), 0);
    assert_int_equal(
        dataset_number(&dataset, "SELECT count(*) FROM plots WHERE state = 'empty'", 0), PLOTS);
    for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++)
        assert_false(is_there(*state, old[i]));
    dataset_close(&dataset);
}

/* What is at PATH in place of gnuplot's folder. */
static int draw_with_path(struct dataset *dataset, const char *folder, const char *path,
                          struct error *error)
{
    char *old = strdup(getenv("PATH"));
    int status;

    setenv("PATH", path, 1);
    status = draw(dataset, folder, false, error);
    setenv("PATH", old, 1);
    free(old);
    return status;
}

static void test_no_gnuplot(void **state)
{
    struct dataset dataset;
    struct error error;
    char *reason;

    fixture_write(*state, 200);
    assert_int_equal(draw_with_path(&dataset, *state, "/nonexistent", &error), -ENOENT);
    expect_state(&dataset, "wall", "failed");
    expect_state(&dataset, "twins", "empty");
    reason = dataset_text(&dataset, "SELECT error FROM plots WHERE name = 'wall'");
    assert_string_equal(reason, "gnuplot is not installed: apt-get install gnuplot-nox");
    free(reason);
    assert_false(is_there(*state, "plots/wall.svg"));
    assert_true(is_there(*state, "plots/wall.csv"));
    dataset_close(&dataset);
}

static void test_gnuplot_fails(void **state)
{
    struct dataset dataset;
    struct error error;
    char path[4096], *reason;

    fixture_write(*state, 200);
    fixture_put(*state, "gnuplot", "#!/bin/sh\necho 'line 3: no | such <terminal>' >&2\nexit 1\n");
    assert_int_equal(chmod(path_in(*state, "gnuplot"), 0755), 0);
    snprintf(path, sizeof(path), "%s:%s", (char *)*state, getenv("PATH"));
    assert_int_equal(draw_with_path(&dataset, *state, path, &error), -EIO);
    assert_string_equal(error.text, "plots/headline-time: line 3: no | such <terminal> ");
    expect_state(&dataset, "wall", "failed");
    reason = dataset_text(&dataset, "SELECT error FROM plots WHERE name = 'wall'");
    assert_string_equal(reason, "line 3: no | such <terminal> ");
    free(reason);
    dataset_close(&dataset);
}

/* A fault in the script of one plot: those before and behind it are drawn all the same. */
static void test_one_plot_fails(void **state)
{
    struct dataset dataset;
    struct error error;
    char path[4096], program[8192], *reason;

    fixture_write(*state, 200);
    snprintf(program, sizeof(program),
             "#!/bin/sh\nPATH='%s'\nsed \"s/^output = 'memory.svg'/no gnuplot/\" | "
             "gnuplot -d /dev/stdin\n",
             getenv("PATH"));
    fixture_put(*state, "gnuplot", program);
    assert_int_equal(chmod(path_in(*state, "gnuplot"), 0755), 0);
    snprintf(path, sizeof(path), "%s:%s", (char *)*state, getenv("PATH"));
    assert_int_equal(draw_with_path(&dataset, *state, path, &error), -EIO);
    assert_non_null(strstr(error.text, "plots/memory: "));
    expect_state(&dataset, "wall", "made");
    expect_state(&dataset, "memory", "failed");
    expect_state(&dataset, "in-flight", "made");
    reason = dataset_text(&dataset, "SELECT error FROM plots WHERE name = 'memory'");
    assert_non_null(strstr(reason, "invalid command"));
    free(reason);
    assert_false(is_there(*state, "plots/memory.svg"));
    dataset_close(&dataset);
}

static void test_gnuplot_draws_nothing(void **state)
{
    struct dataset dataset;
    struct error error;
    char path[4096];

    fixture_write(*state, 200);
    fixture_put(*state, "gnuplot", "#!/bin/sh\nexit 0\n");
    assert_int_equal(chmod(path_in(*state, "gnuplot"), 0755), 0);
    snprintf(path, sizeof(path), "%s:%s", (char *)*state, getenv("PATH"));
    assert_int_equal(draw_with_path(&dataset, *state, path, &error), -EIO);
    assert_string_equal(error.text, "plots/headline-time: gnuplot wrote no picture");
    dataset_close(&dataset);
}

#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, state_make_folder, state_remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_all_of_a_run),
        TEST(test_png_only_where_asked),
        TEST(test_latency_is_drawn_by_twentieths),
        TEST(test_axes_hold_all_points),
        TEST(test_requests_in_a_row_have_no_gaps),
        TEST(test_texts_are_no_commands),
        TEST(test_links_are_not_followed),
        TEST(test_impossible_figures),
        TEST(test_nothing_to_draw),
        TEST(test_no_gnuplot),
        TEST(test_one_plot_fails),
        TEST(test_gnuplot_fails),
        TEST(test_gnuplot_draws_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
