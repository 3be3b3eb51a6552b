/* The program report: its options, its files, and what it does where they are broken. What it says
 * is in the golden folders. */
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/count.h"
#include "common/file.h"
#include "common/json.h"
#include "tests/report_run.h"
#include "tests/run_fixture.h"
#include "tests/twins_fixture.h"

static void test_pictures(void **state)
{
    static const char *const names[] = {"wall", "memory", "concurrency", "in-flight", "requests"};

    struct finished finished;

    fixture_write(*state, 200);
    finished = run("report", "--png", *state, NULL);
    assert_int_equal(finished.status, 0);
    finished_free(&finished);
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

static void test_page_needs_nothing_else(void **state)
{
    char *html;

    fixture_write(*state, 200);
    free(make_report(*state, 0));
    html = read_in(*state, "report.html");
    assert_int_equal(expect_alone(html), 9);
    assert_has(html, "<title>Concurrency models, one workload: 20261122T200000Z-article<");
    assert_has(html, "<table class=\"claims\">");
    assert_has(html, "<b class=\"yes\">✓ reproduced:</b>");
    assert_has(html, "<b class=\"no\">✗ not reproduced:</b>");
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

/* Figures below the floor, which are not ranked, or that lie beyond all others. */
static void test_impossible_figures(void **state)
{
    static const double walls_ms[] = {0, 1, 1e11, 0};
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
    assert_has(markdown, "| event loop (async) | 0 of 1");
    assert_has(markdown, "Its wall time is not positive");
    assert_has(markdown, "It took 1.00 ms, but nothing can take less than 20.00 s (floor)");
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

/* What a run folder holds already in the place of an output is never written through. */
static void test_outputs_are_new_files(void **state)
{
    static const char *const outputs[] = {"report.md", "report.html", "tables.json", "run.db",
                                          "tables/wall.csv"};
    struct stat status;

    fixture_write(*state, 200);
    fixture_put(*state, "mine", "untouched");
    assert_int_equal(mkdir(path_in(*state, "tables"), 0777), 0);
    for (int pipe = 0; pipe <= 1; pipe++) {
        struct finished finished;
        char *text;

        for (size_t i = 0; i < COUNT_OF(outputs); i++) {
            const char *path = path_in(*state, outputs[i]);

            unlink(path);
            assert_int_equal(pipe ? mkfifo(path, 0600) : symlink(path_in(*state, "mine"), path), 0);
        }
        finished = run("report", "--db", *state, NULL);
        assert_int_equal(finished.status, 0);
        finished_free(&finished);
        for (size_t i = 0; i < COUNT_OF(outputs); i++) {
            assert_int_equal(lstat(path_in(*state, outputs[i]), &status), 0);
            assert_true(S_ISREG(status.st_mode) && status.st_size > 0);
        }
        text = read_in(*state, "mine");
        assert_string_equal(text, "untouched");
        free(text);
    }
}

static void test_folder_of_tables_is_no_link(void **state)
{
    char *err;

    fixture_write(*state, 200);
    assert_int_equal(mkdir(path_in(*state, "elsewhere"), 0777), 0);
    assert_int_equal(symlink("elsewhere", path_in(*state, "tables")), 0);
    err = make_report(*state, 1);
    assert_has(err, ": tables/: Not a directory\n");
    assert_int_equal(rmdir(path_in(*state, "elsewhere")), 0); /* still empty */
    free(err);
}

/* What files and their faults are called reaches the terminal without control characters. */
static void test_messages_are_plain(void **state)
{
    char *err;

    fixture_write(*state, 200);
    fixture_put(*state, "run.json", "{\"a\": \x1b[2J\xc2\x9b");
    err = make_report(*state, 1);
    assert_has(err, "run.json:1:");
    assert_lacks(err, "\x1b");
    assert_lacks(err, "\xc2\x9b");
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

/* Makes a report that gets no plot, where gnuplot is this script. Returns what it said. */
static char *make_report_by(const char *folder, const char *gnuplot)
{
    char *path = strdup(getenv("PATH")), *err, search[4096];

    fixture_write(folder, 200);
    fixture_put(folder, "gnuplot", gnuplot);
    assert_int_equal(chmod(path_in(folder, "gnuplot"), 0755), 0);
    snprintf(search, sizeof(search), "%s:%s", folder, path);
    setenv("PATH", search, 1);
    err = make_report(folder, 1);
    setenv("PATH", path, 1);
    free(path);
    return err;
}

static void test_gnuplot_fails(void **state)
{
    char *err, *markdown;

    err = make_report_by(*state, "#!/bin/sh\necho 'line 3: no | such <terminal>' >&2\nexit 1\n");
    assert_has(err, "plots/headline-time: line 3: no | such <terminal>");
    markdown = read_in(*state, "report.md");
    assert_has(markdown, "The plot wall is missing: line 3: no \\| such &lt;terminal&gt;");
    free(err);
    free(markdown);
}

/* All plots have one minute together: what the alarm has left is less at the second start. */
static void test_gnuplot_hangs(void **state)
{
    char *err, *markdown, *left;
    int first, second, length = 0;

    err = make_report_by(*state, "#!/usr/bin/python3\n"
                                 "import os, signal, time\n"
                                 "again = os.path.exists('../left')\n"
                                 "print(signal.alarm(0), file=open('../left', 'a'))\n"
                                 "if again:\n"
                                 "    os.kill(os.getpid(), signal.SIGALRM)\n"
                                 "time.sleep(2)\n"
                                 "raise SystemExit('no such terminal')\n");
    left = read_in(*state, "left");
    assert_int_equal(sscanf(left, "%d %d %n", &first, &second, &length), 2);
    assert_int_equal(left[length], '\0'); /* a third start would wait in vain as well */
    assert_true(first <= 61 && second < first);
    markdown = read_in(*state, "report.md");
    assert_has(markdown, "The plot wall is missing: gnuplot did not end within a minute");
    assert_lacks(markdown, "](plots/");
    free(err);
    free(left);
    free(markdown);
}

/* It is there, but the loader cannot start it: another remedy. */
static void test_gnuplot_cannot_start(void **state)
{
    char *err;

    err = make_report_by(*state, "#!/bin/sh\necho 'cannot allocate memory' >&2\nexit 127\n");
    assert_has(err, "cannot allocate memory");
    assert_lacks(err, "apt-get");
    free(err);
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

/* The last that the terminal says: the verdict, and how many claims each language reproduces. */
static void test_verdict_on_the_terminal(void **state)
{
    struct finished finished;

    twins_fixture_write(*state);
    finished = run("report", *state, NULL);
    assert_int_equal(finished.status, 0);
    assert_has(finished.out, "report.html\nFastest, 1");
    assert_has(finished.out, " times as fast as ");
    assert_has(finished.out, "\nPython: 1 of 4 reproduced, 3 not, 0 undecided; ");
    assert_has(finished.out, " not measured\nC: 3 of 7 reproduced, 4 not, 0 undecided; ");
    finished_free(&finished);
}

static void test_claims_from_a_file(void **state)
{
    struct finished finished;
    char *markdown;

    fixture_write(*state, 200);
    fixture_put(*state, "mine.json",
                "{\"claims\": [{\"id\": \"a\", \"claim\": \"only <this>\", \"article\": "
                "{\"text\": \"x\"}, \"why\": \"Nobody can.\"}]}");
    finished = run("report", "--claims", path_in(*state, "mine.json"), *state, NULL);
    assert_int_equal(finished.status, 0);
    finished_free(&finished);
    markdown = read_in(*state, "report.md");
    assert_has(markdown, "- **C:** Nobody can. *only &lt;this&gt;*");
    assert_has(markdown,
               "- **The article's claims:** Python, its own language: not in this run; none "
               "is measured.");
    free(markdown);
    finished = run("report", "--claims", path_in(*state, "run.json"), *state, NULL);
    assert_int_equal(finished.status, 1);
    assert_has(finished.err, "there is no array \"claims\"");
    finished_free(&finished);
    finished = run("report", "--claims", "/nonexistent", *state, NULL);
    assert_int_equal(finished.status, 1);
    finished_free(&finished);
}

/* Of several runs the texts are of the first, and hold nothing of the others. */
/* But for what is said of the machines. */
static void test_texts_are_of_the_first_run(void **state)
{
    char *other = folder_make(), *there = folder_make(), *alone, *text, *machines, *next;
    char both[PATH_MAX]; /* which is made */
    struct finished finished;

    fixture_write(*state, 200);
    twins_fixture_write(other);
    alone = report_of(*state);
    snprintf(both, sizeof(both), "%s/of/both", there);
    finished = run("report", "--output", both, *state, other, NULL);
    assert_int_equal(finished.status, 0);
    text = read_in(both, "report.md");
    machines = strstr(text, "## Machines\n");
    assert_non_null(machines);
    next = strstr(machines + 1, "\n## ") + 1;
    memmove(machines, next, strlen(next) + 1);
    assert_string_equal(text, alone);
    finished_free(&finished);
    free(alone);
    free(text);
    folder_remove(other);
    folder_remove(there);
}

static void test_read_only_folder(void **state)
{
    char *err;

    fixture_write(*state, 200);
    assert_int_equal(mkdir(path_in(*state, "report.md"), 0755), 0);
    fixture_put(*state, "plots", "no folder");
    err = make_report(*state, 1);
    assert_has(err, ": report.md: Is a directory");
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
    assert_has(finished.err, "--output DIR");
    finished_free(&finished);
    finished = run("report", "--colour", "a", NULL);
    assert_int_equal(finished.status, 2);
    assert_has(finished.err, "unrecognized option '--colour'");
    finished_free(&finished);
    finished = run("report", "--claims", NULL);
    assert_int_equal(finished.status, 2);
    finished_free(&finished);
    finished = run("report", "--help", NULL);
    assert_int_equal(finished.status, 0);
    assert_has(finished.out, "Usage: report [OPTION...] RUN");
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
        TEST(test_pictures),
        TEST(test_page_needs_nothing_else),
        TEST(test_again_gives_the_same),
        TEST(test_impossible_figures),
        TEST(test_hostile_records),
        TEST(test_special_files),
        TEST(test_outputs_are_new_files),
        TEST(test_folder_of_tables_is_no_link),
        TEST(test_messages_are_plain),
        TEST(test_broken_run_json),
        TEST(test_gnuplot_missing),
        TEST(test_gnuplot_fails),
        TEST(test_gnuplot_hangs),
        TEST(test_gnuplot_cannot_start),
        TEST(test_works_from_any_folder),
        TEST(test_verdict_on_the_terminal),
        TEST(test_claims_from_a_file),
        TEST(test_texts_are_of_the_first_run),
        TEST(test_read_only_folder),
        cmocka_unit_test(test_usage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
