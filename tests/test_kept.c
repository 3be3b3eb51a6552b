/* What leaves a run in other forms: bench show and compare in the terminal, run.db, the tables of
 * views in results/README.md, and the runs that git keeps. */
#include <stdbool.h>
#include <unistd.h>

#include "tests/report_run.h"
#include "tests/run_fixture.h"

#include "common/file.h"
#include "common/json.h"
#include "report/dataset/dataset.h"
#include "report/table.h"

/* ---- Terminal ---------------------------------------------------------------------------- */

static struct dataset opened(const char *folder)
{
    struct dataset dataset;
    struct error error;

    if (dataset_open(&dataset, &error) < 0 ||
        (folder != NULL && dataset_load(&dataset, folder, false, &error) < 0))
        fail_msg("%s", error.text);
    return dataset;
}

static void terminal_tables_align_by_characters(void **state)
{
    struct dataset dataset = opened(NULL);
    struct error error;
    sqlite3_stmt *rows =
        dataset_query(&dataset,
                      "SELECT 'a…b' name, 7 \"value>\", 'x' note, 'red' colour UNION ALL "
                      "SELECT 'lang', 123456, 'y' || char(27) || 'y', NULL",
                      &error);
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    (void)state;
    assert_int_equal(table_write(stream, rows, TABLE_TERMINAL), 2);
    fclose(stream);
    assert_string_equal(text, "name   value  note\n"
                              "a…b        7  x\n"
                              "lang  123456  y\\x1by\n");
    free(text);
    sqlite3_finalize(rows);
    dataset_close(&dataset);
}

/* Compares what a command prints with tests/golden/NAME; with GOLDEN=write in the environment the
 * file is written anew instead. What names the folder of the run is left out. */
static void expect_golden(const char *name, struct finished finished)
{
    char path[128];
    char *expected;

    snprintf(path, sizeof(path), "tests/golden/%s", name);
    if (getenv("GOLDEN") != NULL)
        assert_int_equal(file_replace(path, finished.out, strlen(finished.out)), 0);
    expected = read_in("tests/golden", name);
    assert_string_equal(finished.out, expected);
    free(expected);
    finished_free(&finished);
}

static void bench_shows_what_it_showed(void **state)
{
    fixture_write(*state, 200);
    fixture_set(*state, "rounds_ended", json_string("The budget of 15m was used up"));
    fixture_set(
        *state, "skipped",
        json_pack("[{s:s, s:s}]", "id", "threads-n10000-c10000", "reason", "too few files"));
    expect_golden("show.txt", run("bench", "show", *state, NULL));
    expect_golden("show.json", run("bench", "show", *state, "--json", NULL));
    expect_golden("show-memory.csv",
                  run("bench", "show", *state, "--csv", "--table", "memory", NULL));
}

/* Two runs: in the second 1000 threads became slower, and the other cells were not executed. */
static void write_slower(const char *a, const char *b)
{
    assert_int_equal(file_make_folder(a), 0);
    assert_int_equal(file_make_folder(b), 0);
    fixture_write(a, 200);
    fixture_write(b, 200);
    assert_int_equal(truncate(path_in(b, "results.jsonl"), 0), 0);
    for (int round = 1; round <= FIXTURE_ROUNDS; round++) {
        json_t *sample = fixture_sample("threads-n1000-c1000", round, 500 + round);

        assert_int_equal(json_line_append(path_in(b, "results.jsonl"), sample), 0);
        json_decref(sample);
    }
}

static void bench_compares_as_it_did(void **state)
{
    char *a = strdup(path_in(*state, "a")), *b = strdup(path_in(*state, "b"));

    write_slower(a, b);
    expect_golden("compare.txt", run("bench", "compare", a, b, NULL));
    expect_golden("compare.json", run("bench", "compare", a, b, "--json", NULL));
    expect_golden("compare-cells.csv", run("bench", "compare", a, "--cells", "threads-n1000-c1000",
                                           "async-n1000-c1000", "--csv", NULL));
    free(a);
    free(b);
}

/* What `bench compare` prints on a terminal, with this setting of the environment. */
static char *on_terminal(const char *setting, const char *a, const char *b)
{
    static const char spawn[] = "import pty, sys; pty.spawn(sys.argv[1:])";
    const char *argv[] = {
        "env", setting, "/usr/bin/python3", "-c", spawn, program("bench"), "compare", a, b, NULL};
    struct finished finished = run_argv(argv);
    char *said = strdup(finished.out);

    assert_has(said, "slower");
    finished_free(&finished);
    return said;
}

static void colours_are_for_terminals(void **state)
{
    char *a = strdup(path_in(*state, "a")), *b = strdup(path_in(*state, "b")), *text;

    if (access("/usr/bin/python3", X_OK) < 0)
        skip();
    write_slower(a, b);
    text = on_terminal("--unset=NO_COLOR", a, b);
    assert_has(text, "\033[31mthreads-n1000-c1000");
    free(text);
    text = on_terminal("NO_COLOR=1", a, b);
    assert_lacks(text, "\033[");
    free(text);
    free(a);
    free(b);
}

static void a_broken_run_is_listed_beside_others(void **state)
{
    char *good = strdup(path_in(*state, "20260101T000000Z-good"));
    struct finished listed;

    assert_int_equal(file_make_folder(good), 0);
    fixture_write(good, 200);
    assert_int_equal(file_make_folder(path_in(*state, "20260102T000000Z-bad")), 0);
    fixture_put(*state, "20260102T000000Z-bad/run.json", "{\"status\": ");
    listed = run("bench", "list", "--results", *state, NULL);
    assert_int_equal(listed.status, 0);
    assert_has(listed.out, "20260101T000000Z-good  complete");
    assert_has(listed.out, "20260102T000000Z-bad   broken: run.json:1:");
    finished_free(&listed);
    free(good);
}

/* ---- run.db ------------------------------------------------------------------------------ */

/* What a program in Python prints that gets the path of run.db. */
static char *python_says(const char *database, const char *script)
{
    const char *argv[] = {"/usr/bin/python3", "-c", script, database, NULL};
    struct finished finished;
    char *said;

    if (access(argv[0], X_OK) < 0)
        skip();
    finished = run_argv(argv);
    if (finished.status != 0)
        fail_msg("%s", finished.err);
    said = strdup(finished.out);
    finished_free(&finished);
    return said;
}

static void run_db_needs_no_program_of_ours(void **state)
{
    char *database = strdup(path_in(*state, "run.db")), *said;
    struct finished finished;

    fixture_write(*state, 200);
    finished = run("report", "--db", *state, NULL);
    finished_free(&finished);
    said = python_says(
        database, "import sqlite3, sys\n"
                  "db = sqlite3.connect(sys.argv[1])\n"
                  "print(db.execute('SELECT wall_count, wall_median_ns, wall_min_ns, wall_max_ns, "
                  "lane FROM wall WHERE cell = \"threads-n100-c10\"').fetchone())\n"
                  "print(db.execute('SELECT count(*) FROM records').fetchone()[0])\n"
                  "print(db.execute('SELECT pss_median_bytes FROM memory WHERE concurrency = 1000 "
                  "AND lane = \"async\"').fetchone()[0])\n"
                  "tables = [t for (t,) in db.execute('SELECT name FROM sqlite_master')]\n"
                  "print([t for t in tables if t.startswith('raw_')])\n"
                  "print([(t, c[1]) for t in tables for c in db.execute(f'PRAGMA table_info({t})')"
                  " if db.execute(f'SELECT count(*) FROM {t} WHERE typeof(\"{c[1]}\") = \"blob\"')"
                  ".fetchone()[0]])\n");
    assert_string_equal(said, "(7, 2012000000.0, 2011640000.0, 2012360000.0, 'threads')\n"
                              "7400\n16800000.0\n[]\n[]\n");
    free(said);
    free(database);
}

/* Also where nothing has such figures: a reader can rely on the names. */
static void run_db_has_its_columns_without_any_execution(void **state)
{
    struct finished finished;
    char *said;

    fixture_put(*state, "run.json", "{\"status\": \"running\"}");
    finished = run("report", "--db", *state, NULL);
    finished_free(&finished);
    said = python_says(path_in(*state, "run.db"),
                       "import sqlite3, sys\n"
                       "db = sqlite3.connect(sys.argv[1])\n"
                       "print(db.execute('SELECT wall_count, wall_low_ns, pss_mad_bytes FROM wall, "
                       "memory').fetchall())\n");
    assert_string_equal(said, "[]\n");
    free(said);
}

static void run_db_replaces_the_old_one_only_when_whole(void **state)
{
    struct finished finished;

    fixture_write(*state, 200);
    assert_int_equal(file_make_folder(path_in(*state, "run.db")), 0); /* cannot be replaced */
    finished = run("report", "--db", *state, NULL);
    assert_int_equal(finished.status, 1);
    assert_has(finished.err, "run.db");
    finished_free(&finished);
    assert_int_equal(rmdir(path_in(*state, "run.db")), 0);
    finished = run_argv((const char *const[]){"ls", *state, NULL});
    assert_lacks(finished.out, "run.db"); /* nor is a part of it left */
    finished_free(&finished);
}

/* ---- The public interface ---------------------------------------------------------------- */

static void the_views_are_documented(void **state)
{
    struct finished finished =
        run_argv((const char *const[]){"tools/view-tables", "--check", NULL});

    (void)state;
    if (finished.status != 0)
        fail_msg("%s", finished.err);
    finished_free(&finished);
}

/* Which columns are summaries is said in words.json by hand: here it is held against the data. */
static void summaries_are_said_to_be_some(void **state)
{
    static const char columns[] =
        "SELECT view, c.name, instr(' ' || summaries || ' ', ' ' || c.name || ' ') > 0 "
        "FROM documentation, pragma_table_info(view) c";
    struct dataset dataset = opened("results/reference");
    struct error error;
    sqlite3_stmt *rows;
    int seen = 0;

    (void)state;
    assert_int_equal(dataset_load(&dataset, "results/reference-cpu", false, &error), 0);
    assert_int_equal(dataset_freeze(&dataset, &error), 0);
    rows = dataset_query(&dataset, columns, &error);
    assert_non_null(rows);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        const char *view = (const char *)sqlite3_column_text(rows, 0);
        const char *column = (const char *)sqlite3_column_text(rows, 1);
        bool is_said = sqlite3_column_int(rows, 2);
        char *sql = sqlite3_mprintf("SELECT max(CASE WHEN samples(\"%w\") > 0 THEN 2 WHEN "
                                    "\"%w\" IS NOT NULL THEN 1 ELSE 0 END) FROM \"%w\"",
                                    column, column, view);
        double found = dataset_number(&dataset, sql, 0); /* 2 a summary, 1 another value, 0 none */

        if ((found > 1 && !is_said) || (found > 0 && found < 2 && is_said))
            fail_msg("words.json is wrong on whether %s.%s is a summary", view, column);
        seen += found > 1;
        sqlite3_free(sql);
    }
    assert_true(seen > 50);
    sqlite3_finalize(rows);
    dataset_close(&dataset);
}

/* ---- Runs that are kept ------------------------------------------------------------------ */

/* A suite with nothing in it but what keeps runs, and a run that is to be kept. */
static void make_suite(const char *folder)
{
    char script[1024], *run_folder = strdup(path_in(folder, "run"));
    const char *argv[] = {"sh", "-ec", script, NULL};
    struct finished finished;

    if (access("/usr/bin/python3", X_OK) < 0)
        skip();
    snprintf(script, sizeof(script),
             "mkdir -p %s/tools %s/docs %s/run/plots && cp tools/keep-run tools/quote-report "
             "%s/tools && echo picture | tee %s/run/plots/wall.png >%s/run/plots/other.png",
             folder, folder, folder, folder, folder, folder);
    finished = run_argv(argv);
    assert_int_equal(finished.status, 0);
    finished_free(&finished);
    fixture_put(folder, "README.md",
                "![A picture](results/reference/plots/wall.png)\n<!-- article -->\nold\n"
                "<!-- /article -->\n");
    fixture_write(run_folder, 200);
    fixture_put(folder, "run/report.md",
                "# Four models: 20261122T200000Z-article\n\n## In brief\n\nAll is well.\n\n"
                "## More\n\nNothing.\n");
    fixture_put(folder, "run/hyperfine.json", "{\"results\": []}\n");
    fixture_put(folder, "run/tables.json", "{}\n");
    fixture_set(run_folder, "settings",
                json_pack("{s:s}", "plan_file", "/home/me/suite/harness/plans/article.json"));
    free(run_folder);
}

static struct finished keep(const char *folder, const char *name)
{
    char script[1024], *report = realpath(program("report"), NULL);
    const char *argv[] = {"sh", "-c", script, NULL};
    struct finished finished;

    *strrchr(report, '/') = '\0';
    snprintf(script, sizeof(script), "BUILD='%s' %s/tools/keep-run %s/run %s", report, folder,
             folder, name);
    finished = run_argv(argv);
    free(report);
    return finished;
}

static void expect_kept(const char *folder)
{
    const char *argv[] = {"find", path_in(folder, "results"), "-type", "f", "-printf", "%P\n",
                          NULL};
    struct finished found = run_argv(argv);
    static const char *const files[] = {
        "reference/run.json",
        "reference/hyperfine.json",
        "reference/results.jsonl.gz",
        "reference/memory.jsonl.gz",
        "reference/report.md",
        "reference/plots/wall.png",
        "reference/records/sync-n1000-c1.csv.gz",
        "reference/records/threads-n1000-c1000.csv.gz",
        "reference/records/procs-n1000-c100.csv.gz",
        "reference/records/async-n1000-c1000.csv.gz",
    };
    size_t lines = 0;

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        assert_has(found.out, files[i]);
    for (const char *at = found.out; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_int_equal(lines, sizeof(files) / sizeof(files[0]));
    finished_free(&found);
}

static void a_kept_run_is_what_cannot_be_made_again(void **state)
{
    struct finished finished;
    struct dataset before, after;
    static const char sum[] = "SELECT sum(median(wall_ns)) FROM wall";
    char *text;

    make_suite(*state);
    finished = keep(*state, "reference");
    if (finished.status != 0)
        fail_msg("%s", finished.err);
    finished_free(&finished);
    expect_kept(*state);
    text = read_in(*state, "results/reference/run.json");
    assert_has(text, "\"plan_file\": \"harness/plans/article.json\"");
    assert_lacks(text, "/home/me");
    free(text);
    text = read_in(*state, "README.md");
    assert_has(text, "<!-- article -->\n\nAll is well.\n\n<!-- /article -->");
    free(text);
    before = opened(path_in(*state, "run"));
    after = opened(path_in(*state, "results/reference"));
    assert_true(dataset_number(&before, sum, -1) > 0);
    assert_true(dataset_number(&before, sum, -1) == dataset_number(&after, sum, -2));
    dataset_close(&before);
    dataset_close(&after);
}

/* Runs the commands of a shell in a folder, with the programs of the suite's tools. */
static struct finished in_shell(const char *folder, const char *commands)
{
    char script[2048];
    const char *argv[] = {"sh", "-ec", script, NULL};

    snprintf(script, sizeof(script), "cd %s && export GIT_CONFIG_GLOBAL=/dev/null && %s", folder,
             commands);
    return run_argv(argv);
}

static void expect_held(const char *folder, const char *commands, int status, const char *says)
{
    struct finished finished = in_shell(folder, commands);

    if (finished.status != status || strstr(finished.out, says) == NULL)
        fail_msg("status %d in place of %d, or no word of '%s': %s%s", finished.status, status,
                 says, finished.out, finished.err);
    finished_free(&finished);
}

#define COMMIT "git add -A && git -c user.name=t -c user.email=t@t commit -qm 1 && "
#define CHECK  "tools/keep-run --check results/reference"

/* Whether a kept run is of the code that is there. */
static void a_kept_run_is_held_against_what_measures(void **state)
{
    static const char make[] =
        "mkdir -p async report twins workload results/reference && echo 1 | tee async/async.c "
        "report/x.c async/README.md twins/x.py workload/raw.c >README.md && git init -q . "
        "&& " COMMIT "printf '{\"plan\": {\"name\": \"p\"}, \"environment\": {\"git\": "
        "{\"revision\": \"%s\", \"dirty\": false}}}' $(git rev-parse HEAD) "
        ">results/reference/run.json && " CHECK;

    make_suite(*state);
    expect_held(*state, make, 0, "what measures is as in its commit");
    expect_held(
        *state,
        "echo 2 | tee report/x.c twins/x.py workload/raw.c >async/README.md && " COMMIT CHECK, 0,
        "as in its commit");
    expect_held(*state,
                "sed 's/{\"name/{\"client\": \"raw\", \"name/' -i results/reference/run.json "
                "&& " CHECK,
                1, "has changed: workload/raw.c");
    expect_held(*state, "git checkout -q . && " CHECK, 0, "as in its commit");
    expect_held(*state, "echo 2 >async/async.c && " COMMIT CHECK, 1, "has changed: async/async.c");
    expect_held(
        *state,
        "sed 's/{\"plan/{\"memory_cells\": [{\"lane\": \"timer\", \"work\": \"sleep\"}], "
        "\"plan/' -i results/reference/run.json && echo 2 >workload/easy.c && " COMMIT CHECK,
        0, "as in its commit"); /* it sleeps, and none of the lanes takes part */
    expect_held(*state, "echo 2 >workload/limits.c && " COMMIT CHECK, 1,
                "has changed: workload/limits.c");
    expect_held(*state, "sed -i s/false/true/ results/reference/run.json && " CHECK, 1,
                "made with changes that no commit has");
    expect_held(*state, "echo '{}' >results/reference/run.json && " CHECK, 1, "names no commit");
}

static void what_should_not_be_kept_is_refused(void **state)
{
    struct finished finished;

    make_suite(*state);
    finished = keep(*state, "../elsewhere");
    assert_int_equal(finished.status, 2);
    finished_free(&finished);
    fixture_put(*state, "run/report.md", "# Four models: 20261122T200000Z-article\n/home/me/x\n");
    finished = keep(*state, "reference");
    assert_int_equal(finished.status, 1);
    assert_has(finished.err, "report.md holds a path of this machine: /home/me/x");
    finished_free(&finished);
    fixture_set(path_in(*state, "run"), "environment",
                json_pack("{s:{s:s, s:b}}", "git", "revision", "0123", "dirty", 1));
    finished = keep(*state, "reference");
    assert_int_equal(finished.status, 1);
    assert_has(finished.err, "made with changes that no commit has");
    finished_free(&finished);
    fixture_set(path_in(*state, "run"), "status", json_string("interrupted"));
    finished = keep(*state, "reference");
    assert_int_equal(finished.status, 2);
    assert_has(finished.err, "interrupted, not complete");
    finished_free(&finished);
    assert_int_not_equal(access(path_in(*state, "results/reference"), F_OK), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, state_make_folder, state_remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terminal_tables_align_by_characters),
        TEST(bench_shows_what_it_showed),
        TEST(bench_compares_as_it_did),
        TEST(colours_are_for_terminals),
        TEST(a_broken_run_is_listed_beside_others),
        TEST(run_db_needs_no_program_of_ours),
        TEST(run_db_has_its_columns_without_any_execution),
        TEST(run_db_replaces_the_old_one_only_when_whole),
        cmocka_unit_test(the_views_are_documented),
        cmocka_unit_test(summaries_are_said_to_be_some),
        TEST(a_kept_run_is_what_cannot_be_made_again),
        TEST(a_kept_run_is_held_against_what_measures),
        TEST(what_should_not_be_kept_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
