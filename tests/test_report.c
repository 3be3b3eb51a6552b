/* The program report, from run folders of invented figures: whole, partial, broken and hostile. */
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "common/json.h"
#include "tests/report_run.h"
#include "tests/run_fixture.h"

static void test_complete_run(void **state)
{
    char *markdown;

    fixture_write(*state, 200);
    markdown = report_of(*state);
    assert_has(markdown, "| Lane | 1000 calls, 1 at once | 10 at once |");
    assert_has(markdown, "\n| sequential | 200.5 s |  |");
    assert_has(markdown, " 390 ms |");
    assert_has(markdown, "| 31.5 MB |\n");
    assert_has(markdown, " 282 ms |");
    assert_has(markdown, "| 16.8 MB |\n");
    assert_has(markdown, "\n| *floor: no model can take less* | *200.0 s* | *20.00 s* |");
    assert_has(
        markdown,
        "**Fastest:** event loop; **lowest PSS:** event loop (too few passes for a verdict).");
    assert_has(markdown,
               "| event loop (async) | 7 of 7 | 200 ms | **282 ms** | [280 ms, 284 ms] | 1.64 ms | "
               "82.0 ms | [79.5 ms, 84.5 ms] | +41 % | 1000 / 871 (1) | 95.0 ms | "
               "19.0 MB | 4.09 ms |");
    assert_has(markdown, "| 20 s (±15 %) | 20.06 s [20.06 s, 20.06 s] | ✓ reproduced |");
    assert_has(markdown, "| 10 : 1 (within a factor of 2) | 1.87 : 1 | ✗ not reproduced |");
    assert_has(markdown, "None: every planned execution was made and counts.");
    assert_lacks(markdown, "not complete");
    free(markdown);
}

static void test_order_of_sections(void **state)
{
    static const char *const sections[] = {
        "# Four concurrency models",
        "## The article's claims",
        "## Wall time",
        "## Memory",
        "## Wall time against",
        "## Requests over time",
        "## How to read this",
        "## Method in short",
        "## Environment",
        "## Problems and skipped cells",
        "## Noise and outliers",
    };
    char *markdown, *at;

    fixture_write(*state, 200);
    markdown = report_of(*state);
    at = markdown;
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        char *found = strstr(at, sections[i]);

        if (found == NULL)
            fail_msg("%s is missing or not in its place", sections[i]);
        else
            at = found;
    }
    free(markdown);
}

static void test_pictures(void **state)
{
    static const char *const names[] = {"wall", "memory", "concurrency", "in-flight", "requests"};

    fixture_write(*state, 200);
    free(make_report(*state, 0));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[64], *text;
        struct stat status;

        snprintf(path, sizeof(path), "plots/%s.svg", names[i]);
        text = read_in(*state, path);
        assert_has(text, "<svg");
        assert_has(text, "</svg>");
        free(text);
        snprintf(path, sizeof(path), "plots/%s.png", names[i]);
        text = read_in(*state, path);
        assert_memory_equal(text, "\x89PNG", 4);
        free(text);
        assert_int_equal(stat(path_in(*state, path), &status), 0);
        assert_true(status.st_size > 4000);
    }
}

static void test_plots_can_be_drawn_again(void **state)
{
    char command[1024], *before, *after;

    fixture_write(*state, 200);
    free(make_report(*state, 0));
    before = read_in(*state, "plots/wall.svg");
    snprintf(command, sizeof(command), "cd %s/plots && rm *.svg *.png && gnuplot wall.gp",
             (char *)*state);
    assert_int_equal(system(command), 0);
    after = read_in(*state, "plots/wall.svg");
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static void test_page_needs_nothing_else(void **state)
{
    static const char *const foreign[] = {"http:",   "https:", "<link",  "<script", "url(",
                                          "@import", "href=",  "srcset", "<iframe", "<object"};
    char *html;
    int pictures = 0;

    fixture_write(*state, 200);
    free(make_report(*state, 0));
    html = read_in(*state, "report.html");
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
        assert_lacks(html, foreign[i]);
    for (char *at = strstr(html, "src="); at != NULL; at = strstr(at + 1, "src=")) {
        if (strncmp(at, "src=\"data:image/svg+xml;base64,", 31) != 0)
            fail_msg("a picture is not in the page: %.60s", at);
        pictures++;
    }
    assert_int_equal(pictures, 5);
    assert_has(html, "<title>Four concurrency models, one workload: 20261122T200000Z-article<");
    assert_has(html, "<table class=\"claims\">");
    assert_has(html, "<td class=\"yes\">✓ reproduced</td>");
    assert_has(html, "<td class=\"no\">✗ not reproduced</td>");
    assert_has(html, "<td class=\"open\">– not measured</td>");
    free(html);
}

static void test_again_gives_the_same(void **state)
{
    char *first, *second, *first_page, *second_page;

    fixture_write(*state, 200);
    first = report_of(*state);
    first_page = read_in(*state, "report.html");
    second = report_of(*state);
    second_page = read_in(*state, "report.html");
    assert_string_equal(first, second);
    assert_string_equal(first_page, second_page);
    free(first);
    free(second);
    free(first_page);
    free(second_page);
}

static void test_other_latency_is_not_measured(void **state)
{
    char *markdown;

    fixture_write(*state, 20);
    markdown = report_of(*state);
    assert_has(markdown, "| 0.2 s (±15 %) | – | – not measured | This run's latency is 20 ms; the "
                         "article speaks of 200 ms. |");
    assert_has(markdown, "| about 50 MB (±25 %) | 16.8 MB | ✗ not reproduced |");
    free(markdown);
}

/* A run that was killed in its first round: a line cut off, no memory passes, nothing finished. */
static void test_partial_run(void **state)
{
    char *lines, *markdown, *second;

    fixture_write(*state, 200);
    fixture_set(*state, "status", json_string("running"));
    fixture_set(*state, "finished_at", json_null());
    lines = read_in(*state, "results.jsonl");
    second = strchr(strchr(lines, '\n') + 1, '\n') + 1;
    second[200] = '\0';
    fixture_put(*state, "results.jsonl", lines);
    unlink(path_in(*state, "memory.jsonl"));
    markdown = report_of(*state);
    assert_has(markdown, "**This run is not complete** (status: running): 2 of 91 planned");
    assert_has(markdown, "The run holds no execution of it.");
    assert_has(markdown, "- async-n100-c100 was executed 0 times of 7");
    assert_has(markdown, "Run from 2026-11-22T20:00:00.000Z to –, plan article.");
    free(lines);
    free(markdown);
}

static void test_nothing_was_run(void **state)
{
    char *markdown;

    fixture_write(*state, 200);
    fixture_set(*state, "status", json_string("interrupted"));
    unlink(path_in(*state, "results.jsonl"));
    unlink(path_in(*state, "memory.jsonl"));
    markdown = report_of(*state);
    assert_has(markdown, "No execution of this run counts");
    assert_has(markdown, "0 are reproduced, 0 are not reproduced and 35 are not measured");
    assert_lacks(markdown, "plots/");
    free(markdown);
}

static void test_invalid_executions_are_not_ranked(void **state)
{
    json_t *sample;
    char *markdown;

    fixture_write(*state, 200);
    fixture_put(*state, "results.jsonl", "");
    for (int round = 1; round <= 3; round++) {
        sample = fixture_sample("async-n1000-c1000", round, 150);
        json_object_set_new(sample, "valid", json_false());
        json_object_set_new(sample, "problems", json_pack("[s]", "998 of 1000 verified"));
        assert_int_equal(json_line_append(path_in(*state, "results.jsonl"), sample), 0);
        json_decref(sample);
        sample = fixture_sample("threads-n1000-c1000", round, 390);
        assert_int_equal(json_line_append(path_in(*state, "results.jsonl"), sample), 0);
        json_decref(sample);
    }
    markdown = report_of(*state);
    assert_has(markdown, "**1000 requests of 200 ms:** 1000 threads 390 ms;");
    assert_has(markdown, "| event loop (async) | 0 of 3 | 200 ms | 150 ms (not ranked) |");
    assert_has(markdown, "- async-n1000-c1000, round 2: 998 of 1000 verified");
    assert_has(markdown, "No execution of it counts: 998 of 1000 verified.");
    assert_true(strstr(markdown, "| 1000 threads (threads) | 7 of 7") <
                strstr(markdown, "| event loop (async) | 0 of 3"));
    free(markdown);
}

static void test_skipped_cell(void **state)
{
    char *markdown;

    fixture_write(*state, 200);
    fixture_set(*state, "skipped",
                json_pack("[{s:s, s:s}]", "id", "threads-n10000-c10000", "reason",
                          "30,000 descriptors are needed, 20,000 are allowed"));
    markdown = report_of(*state);
    assert_has(markdown, "- threads-n10000-c10000 was left out: 30,000 descriptors are needed");
    free(markdown);
}

static void test_fewer_in_flight_is_explained(void **state)
{
    char *markdown;

    fixture_write(*state, 200);
    markdown = report_of(*state);
    assert_has(markdown, "1. The server saw fewer requests at one moment than were allowed");
    assert_has(markdown, "1000 connections stood after 220 ms, the first answer came after 200 ms");
    free(markdown);
}

/* More in flight than asked for would make the concurrency of every figure a lie. */
static void test_more_in_flight_is_told(void **state)
{
    json_t *sample;
    char *markdown;

    fixture_write(*state, 200);
    sample = fixture_sample("threads-n100-c10", 4, 2010);
    json_object_set_new(json_object_get(sample, "server"), "in_flight_peak", json_integer(12));
    assert_int_equal(json_line_append(path_in(*state, "results.jsonl"), sample), 0);
    json_decref(sample);
    markdown = report_of(*state);
    assert_has(markdown, "| 10 / 10 … 12 (1) |");
    assert_has(markdown, "1. The server saw more requests at once than were asked for");
    assert_has(markdown, "| 10 (at most 10) | 12 | ✗ not reproduced | The server counted 12: the "
                         "limit does not hold. |");
    free(markdown);
}

static const char hostile_name[] = "x</td><script>alert(1)</script>|`touch pwned`$(touch pwned)"
                                   "\"'; system 'touch pwned' #\\\n# [a](http://evil) ![b](c.png)";

static void write_hostile_run(const char *folder)
{
    json_t *cells = json_pack(
        "[{s:s, s:s, s:i, s:i, s:I, s:i}, {s:s, s:s, s:f, s:f, s:f}, {s:i, s:[], s:s, s:n}, i, n]",
        "id", "../../../etc/passwd", "lane", hostile_name, "requests", 10, "concurrency", 5,
        "latency_ns", (json_int_t)1000000, "rounds", 1, "id", hostile_name, "lane", "async",
        "requests", -5.0, "concurrency", 1e300, "latency_ns", 1e17, "id", 7, "lane", "requests",
        "many", "concurrency", 3);
    json_t *sample =
        json_pack("{s:s, s:b, s:f, s:s, s:i, s:{s:i}, s:[s]}", "cell", "../../../etc/passwd",
                  "valid", 1, "wall_ns", 5e6, "user_ns", "much", "system_ns", -7, "lane",
                  "max_rss_bytes", -1, "problems", hostile_name);
    json_t *huge = json_pack("{s:s, s:b, s:f, s:s}", "cell", hostile_name, "valid", 1, "wall_ns",
                             9e17, "server", "none");

    fixture_set(folder, "cells", cells);
    fixture_set(folder, "id", json_string(hostile_name));
    fixture_set(folder, "skipped", json_pack("[{s:s}, i]", "id", hostile_name, 3));
    fixture_set(
        folder, "environment",
        json_pack("{s:s, s:[], s:{s:i}}", "cpu_model", hostile_name, "limits", "versions", "x", 1));
    fixture_put(folder, "results.jsonl", "{\"cell\": \n[1,2]\n{\"cell\":1e999}\n\n");
    assert_int_equal(json_line_append(path_in(folder, "results.jsonl"), sample), 0);
    assert_int_equal(json_line_append(path_in(folder, "results.jsonl"), huge), 0);
    fixture_put(folder, "memory.jsonl", "not json\n");
    json_decref(sample);
    json_decref(huge);
}

static void test_hostile_run(void **state)
{
    char *err, *markdown, *html;

    fixture_write(*state, 200);
    write_hostile_run(*state);
    err = make_report(*state, 1);
    assert_has(err, "results.jsonl, line 1:");
    assert_has(err, "results.jsonl, line 2: this is no JSON object");
    assert_has(err, "memory.jsonl, line 1:");
    markdown = read_in(*state, "report.md");
    assert_has(markdown, "**Parts of the run folder could not be read:**");
    assert_lacks(markdown, "<script>");
    html = read_in(*state, "report.html");
    assert_lacks(html, "<script");
    assert_lacks(html, "href=");
    assert_lacks(html, "src=\"c.png");
    assert_int_equal(access(path_in(*state, "plots/pwned"), F_OK), -1);
    assert_int_equal(access(path_in(*state, "pwned"), F_OK), -1);
    assert_int_equal(access("pwned", F_OK), -1);
    free(err);
    free(markdown);
    free(html);
}

/* Figures that no logarithmic axis can show, or that lie beyond all others. */
static void test_impossible_figures(void **state)
{
    static const double walls_ms[] = {0, 1e-9, 1e11, 0};
    static const char *const ids[] = {"async-n1000-c1000", "threads-n1000-c10",
                                      "threads-n1000-c1000", "sync-n100-c1"};
    char *markdown;

    fixture_write(*state, 200);
    fixture_put(*state, "results.jsonl", "");
    for (size_t i = 0; i < 4; i++) {
        json_t *sample = fixture_sample(ids[i], 1, walls_ms[i]);

        assert_int_equal(json_line_append(path_in(*state, "results.jsonl"), sample), 0);
        json_decref(sample);
    }
    fixture_put(*state, "memory.jsonl",
                "{\"cell\": \"memory-async-n1000-c1000\", \"confirmed\": true, \"pss_bytes\": 0}\n"
                "{\"cell\": \"memory-threads-n1000-c1000\", \"confirmed\": true, \"pss_bytes\": "
                "1e18}\n");
    markdown = report_of(*state);
    assert_has(markdown, "| event loop (async) | 1 of 1 | 200 ms | **0 ns** |");
    free(markdown);
}

static void test_hostile_records(void **state)
{
    fixture_write(*state, 200);
    fixture_put(*state, "records/async-n100-c100.csv", "");
    fixture_put(*state, "records/sync-n100-c1.csv",
                "id,worker,start_ns,connected_ns,first_byte_ns,end_ns,outcome\n"
                "0,0,nan,inf,,1,ok\n,,,,,\n1,0,5,9,3,2,ok\n2,0,-5,0x10,1e400,7e99,ok\nx");
    fixture_put(*state, "records/procs-n100-c10.csv",
                "id,worker,start_ns,connected_ns,first_byte_ns,end_ns,outcome\n0,0,0,0,0,0,ok\n");
    unlink(path_in(*state, "records/threads-n100-c10.csv"));
    free(make_report(*state, 0));
}

/* A pipe in place of a file would block whoever opens it. */
static void test_special_files(void **state)
{
    char *err;

    fixture_write(*state, 200);
    unlink(path_in(*state, "results.jsonl"));
    assert_int_equal(mkfifo(path_in(*state, "results.jsonl"), 0600), 0);
    unlink(path_in(*state, "records/async-n100-c100.csv"));
    assert_int_equal(mkfifo(path_in(*state, "records/async-n100-c100.csv"), 0600), 0);
    err = make_report(*state, 1);
    assert_has(err, "results.jsonl");
    free(err);
}

static void test_broken_run_json(void **state)
{
    static const char *const texts[] = {"", "{", "[]", "\"run\"", "{\"cells\": 1} x"};
    char *err;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        fixture_put(*state, "run.json", texts[i]);
        err = make_report(*state, 1);
        assert_has(err, "run.json:");
        free(err);
    }
    fixture_put(*state, "run.json", "{\"cells\": {}, \"memory_cells\": \"x\", \"status\": []}");
    free(make_report(*state, 0));
}

static void test_gnuplot_missing(void **state)
{
    char *path = strdup(getenv("PATH")), *err, *markdown;

    fixture_write(*state, 200);
    free(make_report(*state, 0));
    setenv("PATH", "/nonexistent", 1);
    err = make_report(*state, 3);
    setenv("PATH", path, 1);
    assert_has(err, "apt-get install gnuplot-nox");
    markdown = read_in(*state, "report.md");
    assert_has(markdown, "| event loop (async) | 7 of 7 | 200 ms | **282 ms** |");
    assert_has(markdown, "The plot wall is missing: gnuplot is not installed");
    assert_lacks(markdown, "](plots/");
    assert_int_equal(access(path_in(*state, "plots/wall.svg"), F_OK), -1);
    free(err);
    free(markdown);
    free(path);
}

static void test_gnuplot_fails(void **state)
{
    char *path = strdup(getenv("PATH")), *err, *markdown, search[4096];

    fixture_write(*state, 200);
    fixture_put(*state, "gnuplot", "#!/bin/sh\necho 'line 3: no | such <terminal>' >&2\nexit 1\n");
    assert_int_equal(chmod(path_in(*state, "gnuplot"), 0755), 0);
    snprintf(search, sizeof(search), "%s:%s", (char *)*state, path);
    setenv("PATH", search, 1);
    err = make_report(*state, 1);
    setenv("PATH", path, 1);
    assert_has(err, "plots/wall: line 3: no | such <terminal>");
    markdown = read_in(*state, "report.md");
    assert_has(markdown, "The plot wall is missing: line 3: no \\| such &lt;terminal&gt;");
    free(err);
    free(markdown);
    free(path);
}

static void test_works_from_any_folder(void **state)
{
    char *program_path = realpath(program("report"), NULL), command[1024];

    assert_non_null(program_path);
    fixture_write(*state, 200);
    snprintf(command, sizeof(command), "cd %s && %s . >/dev/null", (char *)*state, program_path);
    assert_int_equal(system(command), 0);
    free(read_in(*state, "report.html"));
    free(program_path);
}

static void test_claims_from_a_file(void **state)
{
    struct finished finished;
    char *markdown;

    fixture_write(*state, 200);
    fixture_put(*state, "mine.json",
                "{\"claims\": [{\"id\": \"a\", \"claim\": \"only <this>\", \"article\": "
                "{\"text\": \"x\"}, \"metric\": \"none\"}]}");
    finished = run("report", "--claims", path_in(*state, "mine.json"), *state, NULL);
    assert_int_equal(finished.status, 0);
    finished_free(&finished);
    markdown = read_in(*state, "report.md");
    assert_has(markdown, "| only &lt;this&gt; | x | – | – not measured |  |");
    assert_has(markdown, "**Of the article's 1 claims** 0 are reproduced");
    free(markdown);
    finished = run("report", "--claims", path_in(*state, "run.json"), *state, NULL);
    assert_int_equal(finished.status, 1);
    assert_has(finished.err, "there is no array \"claims\"");
    finished_free(&finished);
    finished = run("report", "--claims", "/nonexistent", *state, NULL);
    assert_int_equal(finished.status, 1);
    finished_free(&finished);
}

static void test_read_only_folder(void **state)
{
    char *err;

    fixture_write(*state, 200);
    assert_int_equal(mkdir(path_in(*state, "report.md"), 0755), 0);
    fixture_put(*state, "plots", "no folder");
    err = make_report(*state, 1);
    assert_has(err, "/report.md: Is a directory");
    assert_has(err, "plots/");
    free(err);
}

static void test_usage(void **state)
{
    struct finished finished = run("report", NULL);

    (void)state;
    assert_int_equal(finished.status, 2);
    finished_free(&finished);
    finished = run("report", "a", "b", NULL);
    assert_int_equal(finished.status, 2);
    finished_free(&finished);
    finished = run("report", "--colour", "a", NULL);
    assert_int_equal(finished.status, 2);
    assert_has(finished.err, "unknown option --colour");
    finished_free(&finished);
    finished = run("report", "--claims", NULL);
    assert_int_equal(finished.status, 2);
    finished_free(&finished);
    finished = run("report", "--help", NULL);
    assert_int_equal(finished.status, 0);
    assert_has(finished.out, "Usage: report [options] RUN");
    finished_free(&finished);
    finished = run("report", "--version", NULL);
    assert_int_equal(finished.status, 0);
    assert_has(finished.out, "report " SUITE_VERSION);
    finished_free(&finished);
    finished = run("report", "/nonexistent", NULL);
    assert_int_equal(finished.status, 1);
    assert_has(finished.err, "is this the folder of a run?");
    finished_free(&finished);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, state_make_folder, state_remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_complete_run),
        TEST(test_order_of_sections),
        TEST(test_pictures),
        TEST(test_plots_can_be_drawn_again),
        TEST(test_page_needs_nothing_else),
        TEST(test_again_gives_the_same),
        TEST(test_other_latency_is_not_measured),
        TEST(test_partial_run),
        TEST(test_nothing_was_run),
        TEST(test_invalid_executions_are_not_ranked),
        TEST(test_skipped_cell),
        TEST(test_fewer_in_flight_is_explained),
        TEST(test_more_in_flight_is_told),
        TEST(test_hostile_run),
        TEST(test_impossible_figures),
        TEST(test_hostile_records),
        TEST(test_special_files),
        TEST(test_broken_run_json),
        TEST(test_gnuplot_missing),
        TEST(test_gnuplot_fails),
        TEST(test_works_from_any_folder),
        TEST(test_claims_from_a_file),
        TEST(test_read_only_folder),
        cmocka_unit_test(test_usage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
