/* The dataset: raw lines in, figures out. What is in a run folder is not trusted. */
#include <errno.h>
#include <math.h>
#include <unistd.h>
#include <zlib.h>

#include "tests/helpers.h"

#include "report/dataset/dataset.h"

#define CELL                                                                                       \
    "{\"id\":\"async-n10\",\"lane\":\"async\",\"requests\":10,\"concurrency\":10,"                 \
    "\"latency_ns\":200000000,\"floor_ns\":200000000,\"rounds\":8}"
#define RUN                                                                                        \
    "{\"schema\":\"bench.run/1\",\"id\":\"made\",\"status\":\"complete\",\"cells\":[" CELL         \
    "],\"memory_cells\":[]}"

/* ---- Helpers ----------------------------------------------------------------------------- */

static void write_file(const char *folder, const char *name, const char *text, size_t size)
{
    FILE *out = fopen(path_in(folder, name), "w");

    assert_non_null(out);
    assert_int_equal(fwrite(text, 1, size, out), size);
    assert_int_equal(fclose(out), 0);
}

static void write_text(const char *folder, const char *name, const char *text)
{
    write_file(folder, name, text, strlen(text));
}

static struct dataset open_empty(void)
{
    struct dataset dataset;
    struct error error = {""};

    if (dataset_open(&dataset, &error) < 0)
        fail_msg("%s", error.text);
    return dataset;
}

static struct dataset open_run(const char *folder)
{
    struct dataset dataset = open_empty();
    struct error error = {""};

    if (dataset_load(&dataset, folder, false, &error) < 0 || dataset_freeze(&dataset, &error) < 0)
        fail_msg("%s", error.text);
    return dataset;
}

/* The first value of a query must be that number, or that text. */
static void expect_number(struct dataset *dataset, const char *sql, double expected)
{
    double value = dataset_number(dataset, sql, NAN);

    if (!(fabs(value - expected) <= 1e-12 * fabs(expected)) && !(isnan(value) && isnan(expected)))
        fail_msg("%s: %.17g in place of %.17g", sql, value, expected);
}

static void expect_words(struct dataset *dataset, const char *sql, const char *expected)
{
    char *value = dataset_text(dataset, sql);

    if (value == NULL || strcmp(value, expected) != 0)
        fail_msg("%s: \"%s\" in place of \"%s\"", sql, value != NULL ? value : "NULL", expected);
    free(value);
}

/* An execution of `wall_ms`, with whatever else is in `more` (",…"). */
static void add_sample(char *lines, int round, double wall_ms, const char *more)
{
    sprintf(lines + strlen(lines),
            "{\"cell\":\"async-n10\",\"round\":%d,\"wall_ns\":%.0f,\"valid\":true%s}\n", round,
            wall_ms * 1e6, more);
}

/* ---- Functions --------------------------------------------------------------------------- */

static void statistics_are_those_of_common(void **state)
{
    struct dataset dataset = open_empty();

    (void)state;
    sqlite3_exec(dataset.db,
                 "CREATE TABLE t (x, y); INSERT INTO t VALUES (1, 10), (2, 20), (3, 30), (4, 40), "
                 "(5, 50), (6, 60), (100, 70), (NULL, 80), ('text', 90)",
                 NULL, NULL, NULL);
    expect_number(&dataset, "SELECT median(summary(x)) FROM t", 4);
    expect_number(&dataset, "SELECT samples(summary(x)) FROM t", 7);
    expect_number(&dataset, "SELECT least(summary(x)) FROM t", 1);
    expect_number(&dataset, "SELECT most(summary(x)) FROM t", 100);
    expect_number(&dataset, "SELECT outliers(summary(x)) FROM t", 1);
    expect_number(&dataset, "SELECT is_outlier(summary(x), 100) FROM t", 1);
    expect_number(&dataset, "SELECT is_outlier(summary(x), 6) FROM t", 0);
    expect_number(&dataset, "SELECT slope_of(slope(x, y)) FROM t WHERE x < 7", 10);
    expect_number(&dataset, "SELECT ratio(paired(x, y, 0)) FROM t WHERE x < 7", 0.1);
    expect_number(&dataset, "SELECT difference(paired(x, y, 0)) FROM t WHERE x < 7", -1);
    expect_number(&dataset, "SELECT is_equal(paired(x, y, 0.02)) FROM t WHERE x < 7", 0);
    expect_number(&dataset, "SELECT is_equal(paired(x, 1.01 * x, 0.02)) FROM t WHERE x < 7", 1);
    expect_number(&dataset, "SELECT is_equal(paired(x, 1.03 * x, 0.02)) FROM t WHERE x < 7", 0);
    expect_number(&dataset, "SELECT difference(paired(x, 1.01 * x, 0.02)) FROM t WHERE x < 7", 0);
    expect_number(&dataset, "SELECT ratio(unpaired(y, x > 3, 0)) FROM t WHERE x < 7", 2.5);
    expect_number(&dataset, "SELECT median(summary(x, y > 30)) FROM t WHERE x < 7", 3.5);
    expect_number(&dataset, "SELECT high(summary(x, y > 30)) > 19 FROM t WHERE x < 7", 1);
    expect_number(&dataset, "SELECT high(summary(x, 1)) FROM t WHERE x < 7", 6);
    expect_number(&dataset, "SELECT ratio_high(paired(x, y, 0, y > 30)) FROM t WHERE x < 7", 0.1);
    dataset_close(&dataset);
}

static void parts_of_nothing_are_null(void **state)
{
    struct dataset dataset = open_empty();

    (void)state;
    expect_number(&dataset, "SELECT median(summary(x)) FROM (SELECT 1 x) WHERE 0", NAN);
    expect_number(&dataset, "SELECT median(NULL)", NAN);
    expect_number(&dataset, "SELECT median('text')", NAN);
    expect_number(&dataset, "SELECT median(zeroblob(80))", NAN);
    expect_number(&dataset, "SELECT ratio(summary(1))", NAN);
    expect_number(&dataset, "SELECT low(summary(1))", NAN);
    expect_number(&dataset, "SELECT difference(paired(1, 2, 0))", NAN);
    dataset_close(&dataset);
}

static void what_is_no_figure_is_null(void **state)
{
    struct dataset dataset = open_empty();

    (void)state;
    expect_number(&dataset, "SELECT number(5)", 5);
    expect_number(&dataset, "SELECT number(-1)", NAN);
    expect_number(&dataset, "SELECT number(1e19)", NAN);
    expect_number(&dataset, "SELECT number('5')", NAN);
    expect_number(&dataset, "SELECT string('a') = 'a'", 1);
    expect_number(&dataset, "SELECT string(5)", NAN);
    dataset_close(&dataset);
}

static void figures_as_text_have_units(void **state)
{
    struct dataset dataset = open_empty();

    (void)state;
    expect_words(&dataset, "SELECT duration(265e6)", "265 ms");
    expect_words(&dataset, "SELECT duration(NULL)", "–");
    expect_words(&dataset, "SELECT short(duration(1e9))", "1 s");
    expect_words(&dataset, "SELECT bytes(12.5e6)", "12.5 MB");
    expect_words(&dataset, "SELECT count_text(10000)", "10,000");
    expect_words(&dataset, "SELECT md('<b>|x|')", "&lt;b&gt;\\|x\\|");
    expect_words(&dataset, "SELECT cut('aéb', 2)", "a");
    expect_words(&dataset, "SELECT lane_name('/opt/x/lane-go')", "go");
    dataset_close(&dataset);
}

/* ---- Loading ----------------------------------------------------------------------------- */

static void executions_become_figures(void **state)
{
    const char *folder = *state;
    char lines[4096] = "";
    struct dataset dataset;

    for (int i = 1; i <= 8; i++)
        add_sample(lines, i, 260 + i, ",\"user_ns\":10000000,\"system_ns\":5000000");
    write_text(folder, "run.json", RUN);
    write_text(folder, "results.jsonl", lines);
    dataset = open_run(folder);
    expect_number(&dataset, "SELECT median(wall_ns) FROM wall", 264.5e6);
    expect_number(&dataset, "SELECT overhead_ns FROM wall", 64.5e6);
    expect_number(&dataset, "SELECT median(cpu_ns) FROM wall", 15e6);
    expect_number(&dataset, "SELECT cpu_per_request_ns FROM wall", 1.5e6);
    expect_number(&dataset, "SELECT valid FROM wall", 8);
    expect_words(&dataset, "SELECT label FROM wall", "event loop");
    expect_number(&dataset, "SELECT count(*) FROM faults", 0);
    dataset_close(&dataset);
}

/* Two runs in one folder: pairs are of one run, and a round is there twice only within one. */
static void runs_of_a_folder_are_the_unit(void **state)
{
    const char *folder = *state;
    char lines[8192] = "";
    struct dataset dataset;

    for (int run = 1; run <= 2; run++)
        for (int i = 1; i <= 6; i++) {
            char more[20];

            sprintf(more, ",\"run\":%d", run);
            add_sample(lines, i, 250 + 10 * run + i, more);
        }
    write_text(folder, "run.json", RUN);
    write_text(folder, "results.jsonl", lines);
    dataset = open_run(folder);
    expect_number(&dataset, "SELECT valid FROM wall", 12);
    expect_number(&dataset, "SELECT median(wall_ns) FROM wall", 268.5e6);
    expect_number(&dataset, "SELECT round(high(wall_ns) / 1e6, 3) FROM wall",
                  round(1e3 * (268.5 + 5 * 12.706204736)) / 1e3);
    expect_number(&dataset, "SELECT count(*) FROM round_effects", 12);
    expect_number(&dataset,
                  "SELECT median(of_median) FROM round_effects WHERE run_n = 2 AND "
                  "round = 6",
                  276 / 268.5);
    expect_number(&dataset, "SELECT sum(run_n) FROM executions", 18);
    dataset_close(&dataset);
}

/* A run of 30 cells that all take 200 ms and a bit, the first one `factor` times as long. */
static void write_family(const char *folder, int rounds, double factor)
{
    char *cells = calloc(1, 30 * sizeof(CELL)), *lines = calloc(1, 30 * 20 * 120);
    size_t length = (size_t)sprintf(cells, "{\"id\":\"made\",\"memory_cells\":[],\"cells\":[");

    for (int i = 0; i < 30; i++) {
        length += (size_t)sprintf(cells + length, "%s{\"id\":\"c%d\",\"lane\":\"async\"}",
                                  i > 0 ? "," : "", i);
        for (int round = 1; round <= rounds; round++)
            sprintf(lines + strlen(lines),
                    "{\"cell\":\"c%d\",\"round\":%d,\"wall_ns\":%.0f,\"valid\":true}\n", i, round,
                    1e6 * (200 + (i * 7 + round * 3) % 11 * 0.3) * (i == 0 ? factor : 1));
    }
    strcpy(cells + length, "]}");
    write_text(folder, "run.json", cells);
    write_text(folder, "results.jsonl", lines);
    free(cells);
    free(lines);
}

/* Six rounds cannot tell one cell of thirty by ranks: p is 2 / 924 at least. Eight can. */
static void verdicts_are_of_the_family(void **state)
{
    static const struct {
        int rounds;
        double factor;
        const char *verdict;
    } cases[] = {{6, 1.1, "perhaps slower"},
                 {6, 0.9, "perhaps faster"},
                 {8, 1.1, "slower"},
                 {6, 1.3, "far slower, in too few rounds"},
                 {8, 1, "equal in practice"}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dataset dataset = open_empty();
        struct error error;

        write_family(*state, cases[i].rounds, 1);
        assert_int_equal(dataset_load(&dataset, *state, false, &error), 0);
        write_family(*state, cases[i].rounds, cases[i].factor);
        assert_int_equal(dataset_load(&dataset, *state, false, &error), 0);
        expect_words(&dataset, "SELECT verdict FROM run_comparison WHERE cell = 'c0'",
                     cases[i].verdict);
        expect_number(&dataset, "SELECT slower + faster FROM run_verdicts",
                      strcmp(cases[i].verdict, "slower") == 0);
        expect_number(&dataset, "SELECT perhaps FROM run_verdicts", cases[i].rounds == 6);
        expect_number(&dataset, "SELECT count(*) FROM run_comparison WHERE holm_p < 1",
                      cases[i].factor != 1);
        dataset_close(&dataset);
    }
}

/* A lane with the raw client is another lane, and stands beside the one that is the same else. */
static void clients_are_held_against_each_other(void **state)
{
    static const struct {
        const char *id, *client;
    } cells[] = {
        {"curl-reuse", "curl"},
        {"raw-reuse", "raw"},
        {"raw-fresh", "raw"},
        {"l2", "curl"},
    };
    const char *folder = *state;
    char lines[8192] = "", run[2048] = "{\"id\":\"made\",\"cells\":[";
    struct dataset dataset;

    for (int i = 0; i < 24; i++)
        sprintf(lines + strlen(lines),
                "{\"cell\":\"async-n10-%s\",\"round\":%d,\"wall_ns\":%d,\"user_ns\":%d,"
                "\"system_ns\":0,\"valid\":true}\n",
                cells[i / 8].id, i % 8, i < 8 ? 330000000 : 300000000, i < 8 ? 30000 : 10000);
    for (int i = 0; i < 4; i++)
        sprintf(run + strlen(run),
                "%s{\"id\":\"async-n10-%s\",\"client\":\"%s\",\"lane\":\"async\",\"requests\":10,"
                "\"concurrency\":10,\"latency_ns\":200000000,\"floor_ns\":200000000,\"rounds\":8}",
                i > 0 ? "," : "", cells[i].id, cells[i].client);
    strcat(run, "]}");
    write_text(folder, "run.json", run);
    write_text(folder, "results.jsonl", lines);
    dataset = open_run(folder);
    expect_number(&dataset, "SELECT count(*) FROM client_costs", 1);
    expect_words(&dataset, "SELECT cell FROM client_costs", "async-n10-curl-reuse");
    expect_number(&dataset, "SELECT ratio FROM client_costs", 1.1);
    expect_number(&dataset, "SELECT cpu_per_request_ns FROM client_costs", 3000);
    expect_number(&dataset, "SELECT raw_cpu_per_request_ns FROM client_costs", 1000);
    expect_words(&dataset, "SELECT lane FROM cells WHERE client = 'raw'", "async (raw)");
    expect_number(&dataset, "SELECT count(*) FROM cells WHERE lane = 'async'", 2);
    dataset_close(&dataset);
}

/* One item at a time takes 800 ms, as was calibrated; the machine may compute faster than that. */
static void a_calibrated_floor_settles_nothing(void **state)
{
    const char *folder = *state;
    const char *line = "{\"cell\":\"%s\",\"round\":%d,\"wall_ns\":%d,\"valid\":true,"
                       "\"lane\":{\"verified\":40}}\n";
    char lines[1000] = "";
    struct dataset dataset;

    write_text(
        folder, "run.json",
        "{\"schema\":\"bench.run/1\",\"id\":\"made\",\"status\":\"complete\",\"cells\":["
        "{\"id\":\"sync\",\"lane\":\"sync\",\"requests\":40,\"concurrency\":1,\"work\":\"cpu\","
        "\"cpu_ns\":20000000,\"floor_ns\":800000000,\"rounds\":6},"
        "{\"id\":\"procs\",\"lane\":\"procs\",\"requests\":40,\"concurrency\":2,\"work\":\"cpu\","
        "\"cpu_ns\":20000000,\"floor_ns\":400000000,\"rounds\":6}],\"memory_cells\":[]}");
    for (int round = 1; round <= 6; round++)
        sprintf(lines + strlen(lines), line, "procs", round, 570000000 + round);
    sprintf(lines + strlen(lines), line, "sync", 1, 850000000);
    write_text(folder, "results.jsonl", lines);
    dataset = open_run(folder);
    expect_words(&dataset, "SELECT group_concat(DISTINCT verdict) FROM compared WHERE rounds = 1",
                 "too few rounds");
    dataset_close(&dataset);
}

/* Eleven requests, ten at a time, wait twice. */
static void a_cell_without_a_floor_has_that_of_its_waits(void **state)
{
    const char *folder = *state;
    struct dataset dataset;

    write_text(folder, "run.json",
               "{\"schema\":\"bench.run/1\",\"id\":\"made\",\"status\":\"complete\","
               "\"cells\":[{\"id\":\"async-n11\",\"lane\":\"async\",\"requests\":11,"
               "\"concurrency\":10,\"latency_ns\":200000000,\"rounds\":8}],\"memory_cells\":[]}");
    write_text(folder, "results.jsonl", "");
    dataset = open_run(folder);
    expect_number(&dataset, "SELECT floor_ns FROM cells", 400e6);
    dataset_close(&dataset);
}

static void invalid_executions_do_not_count(void **state)
{
    const char *folder = *state;
    struct dataset dataset;

    write_text(folder, "run.json", RUN);
    write_text(folder, "results.jsonl",
               "{\"cell\":\"async-n10\",\"round\":1,\"wall_ns\":300000000,\"valid\":true}\n"
               "{\"cell\":\"async-n10\",\"round\":2,\"wall_ns\":1000,\"valid\":false,"
               "\"problems\":[\"early\",1,\"lost\"],\"noise\":[]}\n");
    dataset = open_run(folder);
    expect_words(&dataset, "SELECT problems FROM executions WHERE NOT valid", "early; lost");
    expect_number(&dataset, "SELECT noise IS NULL FROM executions WHERE NOT valid", 1);
    expect_number(&dataset, "SELECT most(wall_ns) = least(wall_ns) FROM wall", 1);
    expect_number(&dataset, "SELECT median(wall_ns) FROM wall", 300e6);
    expect_words(&dataset, "SELECT problem FROM wall", "early");
    dataset_close(&dataset);
}

/* A line that is none is named with its file and number; the others count. */
static void broken_lines_are_faults(void **state)
{
    const char *folder = *state;
    struct dataset dataset;

    write_text(folder, "run.json", RUN);
    write_text(folder, "results.jsonl",
               "not json\n[1]\n"
               " {\"cell\":\"async-n10\",\"round\":1,\"wall_ns\":300000000,\"valid\":true}\n"
               "{\"cell\":\"async-n10\",\"noise\":[\"\\u0000\"]}\n"
               "{\"cell\":\"async-n10\",\"noise\":[\"\xFF\"]}\n"
               "{\"cell\":\"async-n10\",\"noise\":[\"\\uD800\"]}\n"
               "{\"cell\":\"async-n10\",\"wall_ns\":\"fast\",\"valid\":true}\n{\"cut off");
    dataset = open_run(folder);
    expect_number(&dataset, "SELECT count(*) FROM faults", 5);
    expect_number(&dataset, "SELECT fault LIKE 'results.jsonl, line 1: %' FROM faults", 1);
    expect_words(&dataset, "SELECT fault FROM faults LIMIT 1 OFFSET 1",
                 "results.jsonl, line 2: this is no JSON object");
    expect_number(&dataset, "SELECT executions FROM wall", 2);
    expect_number(&dataset, "SELECT valid FROM wall", 1);
    dataset_close(&dataset);
}

static void a_nul_byte_hides_nothing_silently(void **state)
{
    static const char lines[] =
        "{\"cell\":\"async-n10\",\"round\":1,\"wall_ns\":300000000,\"valid\":true}\n"
        "{\"cell\":\"async\0-n10\",\"round\":2,\"valid\":true}\n"
        "{\"cell\":\"async-n10\",\"round\":3,\"wall_ns\":300000000,\"valid\":true}\n";
    const char *folder = *state;
    struct dataset dataset;

    write_text(folder, "run.json", RUN);
    write_file(folder, "results.jsonl", lines, sizeof(lines) - 1);
    dataset = open_run(folder);
    expect_number(&dataset, "SELECT valid FROM wall", 2);
    expect_number(&dataset, "SELECT fault LIKE 'results.jsonl, line 2: %' FROM faults", 1);
    dataset_close(&dataset);
}

static void compressed_lines_are_read(void **state)
{
    const char *folder = *state;
    char lines[1024] = "";
    gzFile out = gzopen(path_in(folder, "results.jsonl.gz"), "w");
    struct dataset dataset;

    add_sample(lines, 1, 300, "");
    assert_true(gzwrite(out, lines, (unsigned)strlen(lines)) > 0);
    assert_int_equal(gzclose(out), Z_OK);
    write_text(folder, "run.json", RUN);
    dataset = open_run(folder);
    expect_number(&dataset, "SELECT median(wall_ns) FROM wall", 300e6);
    dataset_close(&dataset);
}

static void damaged_compression_is_a_fault(void **state)
{
    const char *folder = *state;
    struct dataset dataset;

    write_text(folder, "run.json", RUN);
    write_file(folder, "results.jsonl.gz", "\x1f\x8b\x08\0\0\0\0\0\0\x03garbage", 17);
    dataset = open_run(folder);
    expect_number(&dataset, "SELECT count(*) FROM faults", 1);
    dataset_close(&dataset);
}

static void links_and_devices_are_not_read(void **state)
{
    const char *folder = *state;
    struct dataset dataset;

    write_text(folder, "run.json", RUN);
    assert_int_equal(symlink("/etc/passwd", path_in(folder, "results.jsonl")), 0);
    dataset = open_run(folder);
    expect_number(&dataset, "SELECT count(*) FROM faults WHERE fault LIKE 'results.jsonl: %'", 1);
    dataset_close(&dataset);
}

static void what_is_no_run_says_so(void **state)
{
    const char *folder = *state;
    struct dataset dataset = open_empty();
    struct error error;

    assert_true(dataset_load(&dataset, folder, false, &error) < 0);
    assert_non_null(strstr(error.text, "is this the folder of a run?"));
    write_text(folder, "run.json", "{\"id\":");
    assert_true(dataset_load(&dataset, folder, false, &error) < 0);
    assert_non_null(strstr(error.text, "run.json:1:"));
    expect_number(&dataset, "SELECT count(*) FROM runs", 0);
    dataset_close(&dataset);
}

/* What is said of a cell by its name would be said of both. */
static void cells_of_one_name_are_refused(void **state)
{
    static const char *const runs[] = {
        "{\"cells\": [{\"id\": \"a\"}, {\"id\": \"b\"}, {\"id\": \"a\"}]}",
        "{\"memory_cells\": [{\"id\": \"b\"}, {\"id\": \"a\"}, {\"id\": \"a\"}]}"};
    struct dataset dataset = open_empty();
    struct error error;

    for (size_t i = 0; i < 2; i++) {
        write_text(*state, "run.json", runs[i]);
        assert_int_equal(dataset_load(&dataset, *state, false, &error), -EINVAL);
        assert_non_null(strstr(error.text, "run.json: several cells are called \"a\""));
    }
    write_text(*state, "run.json",
               "{\"cells\": [{\"id\": \"a\"}], \"memory_cells\": [{\"id\": \"a\"}]}");
    assert_int_equal(dataset_load(&dataset, *state, false, &error), 0);
    dataset_close(&dataset);
}

static void several_runs_stay_apart(void **state)
{
    const char *folder = *state;
    char lines[1024] = "";
    struct dataset dataset = open_empty();
    struct error error;

    add_sample(lines, 1, 300, "");
    write_text(folder, "run.json", RUN);
    write_text(folder, "results.jsonl", lines);
    assert_int_equal(dataset_load(&dataset, folder, false, &error), 0);
    lines[0] = '\0';
    add_sample(lines, 1, 400, "");
    write_text(folder, "results.jsonl", lines);
    assert_int_equal(dataset_load(&dataset, folder, false, &error), 0);
    assert_int_equal(dataset_freeze(&dataset, &error), 0);
    expect_number(&dataset, "SELECT median(wall_ns) FROM wall WHERE run = 1", 300e6);
    expect_number(&dataset, "SELECT median(wall_ns) FROM wall WHERE run = 2", 400e6);
    expect_number(&dataset, "SELECT count(*) FROM comparisons", 0);
    dataset_close(&dataset);
}

/* One pass a cell: in cgroups of both versions, without one, and of an older version. */
static void memory_is_heap_stacks_and_kernel(void **state)
{
    const char *folder = *state;
    struct dataset dataset;

    write_text(folder, "run.json",
               "{\"memory_cells\": [{\"id\": \"v1\"}, {\"id\": \"v2\"}, {\"id\": \"none\"}, "
               "{\"id\": \"old\"}]}");
    write_text(
        folder, "memory.jsonl",
        "{\"cell\": \"v1\", \"confirmed\": true, \"pss_bytes\": 900, \"pss_anon_bytes\": 500, "
        "\"stack_bytes\": 40, \"library_bytes\": 800, \"page_table_bytes\": 10, "
        "\"lane\": {\"max_rss_bytes\": 700}, \"cgroup\": {\"version\": 1, "
        "\"usage_bytes\": 650, \"kernel_bytes\": 100, \"tcp_bytes\": 30}}\n"
        "{\"cell\": \"v2\", \"confirmed\": true, \"pss_bytes\": 900, \"pss_anon_bytes\": 500, "
        "\"cgroup\": {\"version\": 2, \"usage_bytes\": 680, \"kernel_bytes\": 100, "
        "\"tcp_bytes\": 30}}\n"
        "{\"cell\": \"none\", \"confirmed\": true, \"pss_bytes\": 900, "
        "\"pss_anon_bytes\": 500, \"page_table_bytes\": 10, \"cgroup\": null}\n"
        "{\"cell\": \"old\", \"confirmed\": true, \"pss_bytes\": 900}\n");
    dataset = open_run(folder);
#define FIGURE(figure, cell) "SELECT median(" figure ") FROM memory WHERE cell = '" cell "'"
    expect_number(&dataset, FIGURE("memory_bytes", "v1"), 630);
    expect_number(&dataset, FIGURE("memory_bytes", "v2"), 630);
    expect_number(&dataset, FIGURE("cgroup_without_kernel_bytes", "v1"), 550);
    expect_number(&dataset, FIGURE("cgroup_without_kernel_bytes", "v2"), 550);
    expect_number(&dataset, FIGURE("memory_bytes", "none"), 510);
    expect_number(&dataset, FIGURE("memory_bytes", "old"), 900);
    expect_number(&dataset, FIGURE("stack_bytes", "v1"), 40);
    expect_number(&dataset, FIGURE("library_bytes", "v1"), 800);
    expect_number(&dataset, FIGURE("library_bytes", "old"), NAN);
    expect_number(&dataset, FIGURE("largest_rss_bytes", "v1"), 700);
    expect_number(&dataset, "SELECT max(page_tables_alone) FROM memory_cells WHERE cell = 'v2'", 0);
    expect_number(&dataset, "SELECT page_tables_alone FROM memory_cells WHERE cell = 'none'", 1);
    dataset_close(&dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statistics_are_those_of_common),
        cmocka_unit_test(parts_of_nothing_are_null),
        cmocka_unit_test(what_is_no_figure_is_null),
        cmocka_unit_test(figures_as_text_have_units),
#define IN_FOLDER(test)                                                                            \
    cmocka_unit_test_setup_teardown(test, state_make_folder, state_remove_folder)
        IN_FOLDER(executions_become_figures),
        IN_FOLDER(runs_of_a_folder_are_the_unit),
        IN_FOLDER(verdicts_are_of_the_family),
        IN_FOLDER(clients_are_held_against_each_other),
        IN_FOLDER(a_calibrated_floor_settles_nothing),
        IN_FOLDER(a_cell_without_a_floor_has_that_of_its_waits),
        IN_FOLDER(invalid_executions_do_not_count),
        IN_FOLDER(broken_lines_are_faults),
        IN_FOLDER(a_nul_byte_hides_nothing_silently),
        IN_FOLDER(compressed_lines_are_read),
        IN_FOLDER(damaged_compression_is_a_fault),
        IN_FOLDER(links_and_devices_are_not_read),
        IN_FOLDER(what_is_no_run_says_so),
        IN_FOLDER(cells_of_one_name_are_refused),
        IN_FOLDER(several_runs_stay_apart),
        IN_FOLDER(memory_is_heap_stacks_and_kernel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
