/* The page in a browser: the reports of the runs that are kept, at a desk and on a phone, by day
 * and by night. Where no Chromium is, nothing is tested here. */
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/browser.h"

#include "common/file.h"

#define SCREEN_HEIGHT 800

static const struct {
    const char *name;
    long bytes_max; /* of its page; 0: any */
} runs[] = {
    {"reference", 400 << 10}, {"reference-cpu", 0},  {"reference-twins", 800 << 10},
    {"reference-tasks", 0},   {"reference-uses", 0}, {"reference-scale", 0},
};

static const struct {
    int width;
    const char *scheme;
} views[] = {{1280, "light"}, {1280, "dark"}, {390, "light"}, {390, "dark"}};

#define RUNS (sizeof(runs) / sizeof(runs[0]))

static struct browser browser;
static char *folder, *probe;

/* ---- Helpers ----------------------------------------------------------------------------- */

static const char *in_run(const char *run, const char *file)
{
    char name[256];

    snprintf(name, sizeof(name), "%s/%s", run, file);
    return path_in(folder, name);
}

static int make_pages(void **state)
{
    char run_folder[256];

    (void)state;
    if (!browser_is_there()) {
        fputs("no browser here to look through: apt-get install chromium\n", stderr);
        return 0;
    }
    folder = folder_make();
    probe = file_read("tests/page_probe.js", 1 << 20, NULL);
    for (size_t i = 0; i < RUNS; i++) {
        struct finished finished;

        snprintf(run_folder, sizeof(run_folder), "results/%s", runs[i].name);
        assert_int_equal(file_make_folder(path_in(folder, runs[i].name)), 0);
        finished = run("report", "--output", path_in(folder, runs[i].name), run_folder, NULL);
        if (finished.status != 0)
            fail_msg("%s", finished.err);
        finished_free(&finished);
    }
    browser_start(&browser);
    return 0;
}

static int remove_pages(void **state)
{
    (void)state;
    if (folder == NULL)
        return 0;
    browser_stop(&browser);
    folder_remove(folder);
    free(probe);
    return 0;
}

/* Opens the page of a run in a window of `width`. */
static void look(const char *run, int width, const char *scheme)
{
    if (folder == NULL)
        skip();
    browser_view(&browser, width, SCREEN_HEIGHT, scheme, "screen");
    browser_open(&browser, in_run(run, "report.html"));
    json_decref(browser_value(&browser, probe));
}

static double number(const char *expression)
{
    json_t *value = browser_value(&browser, expression);
    double result = json_is_boolean(value) ? json_is_true(value) : json_number_value(value);

    json_decref(value);
    return result;
}

static void expect(const char *run, const char *expression)
{
    if (number(expression) <= 0)
        fail_msg("%s: not so: %s", run, expression);
}

/* Nothing is wrong by one of the functions of the probe. */
static void expect_none(const char *run, int width, const char *scheme, const char *function)
{
    char expression[64];
    json_t *wrong;

    snprintf(expression, sizeof(expression), "probe.%s()", function);
    wrong = browser_value(&browser, expression);
    if (json_array_size(wrong) > 0)
        fail_msg("%s, %d pixels, %s: %s", run, width, scheme, json_dumps(wrong, JSON_INDENT(1)));
    json_decref(wrong);
}

/* ---- How it opens ------------------------------------------------------------------------ */

static void it_loads_nothing_and_complains_of_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < RUNS; i++) {
        look(runs[i].name, 1280, "light");
        if (json_array_size(browser.complaints) > 0)
            fail_msg("%s: %s", runs[i].name, json_dumps(browser.complaints, JSON_INDENT(1)));
        assert_int_equal(browser.requests, 0);
    }
}

/* The fastest of some loads: others may have waited for a processor. */
static double ready_ms_of(const char *run)
{
    double least = INFINITY;

    for (int i = 0; i < 5; i++) {
        look(run, 1280, "light");
        least = fmin(least, number("performance.getEntriesByType('navigation')[0].domComplete"));
    }
    return least;
}

static void it_is_small_and_soon_there(void **state)
{
    struct stat status;
    double load = 0, limit_ms;

    (void)state;
    getloadavg(&load, 1);
    limit_ms = 200 * fmax(1, load / (double)sysconf(_SC_NPROCESSORS_ONLN)); /* a busy machine */
    for (size_t i = 0; i < RUNS; i++) {
        double ready_ms = ready_ms_of(runs[i].name);

        assert_int_equal(stat(in_run(runs[i].name, "report.html"), &status), 0);
        printf("%s: %ld bytes, ready after %.0f ms, %.1f screens\n", runs[i].name,
               (long)status.st_size, ready_ms,
               number("document.documentElement.scrollHeight") / SCREEN_HEIGHT);
        if (runs[i].bytes_max > 0 && status.st_size > runs[i].bytes_max)
            fail_msg("%s: %ld bytes, at most %ld", runs[i].name, (long)status.st_size,
                     runs[i].bytes_max);
        assert_true(ready_ms < limit_ms);
        expect(runs[i].name, "document.documentElement.scrollHeight <= 6 * innerHeight");
    }
}

/* The question, the answer and what it rests on need no scrolling. */
static void the_first_screen_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < RUNS; i++) {
        look(runs[i].name, 1280, "light");
        expect(runs[i].name, "document.querySelector('h1').textContent.endsWith('?')");
        expect(runs[i].name, "document.querySelector('.answer').textContent.length > 40");
        expect(runs[i].name, "document.querySelectorAll('.pictures svg').length > 0");
        expect(runs[i].name,
               "document.querySelector('.counts').getBoundingClientRect().bottom <= innerHeight");
        expect(runs[i].name, "document.querySelectorAll('details.level1[open]').length === 1");
    }
    look("reference", 1280, "light");
    expect("surprises", "[...document.querySelectorAll('details[open]')].map(part => part.id)"
                        ".join() === 'the-article-s-claims,the-article-s-claims--' +"
                        "'not-as-the-article-says'");
}

/* ---- What is in it ----------------------------------------------------------------------- */

static void nothing_is_cut_hidden_or_pale(void **state)
{
    (void)state;
    for (size_t i = 0; i < RUNS; i++)
        for (size_t k = 0; k < sizeof(views) / sizeof(views[0]); k++) {
            look(runs[i].name, views[k].width, views[k].scheme);
            expect_none(runs[i].name, views[k].width, views[k].scheme, "sideways");
            json_decref(browser_value(&browser, "probe.unfold()"));
            expect_none(runs[i].name, views[k].width, views[k].scheme, "sideways");
            expect_none(runs[i].name, views[k].width, views[k].scheme, "texts");
            expect_none(runs[i].name, views[k].width, views[k].scheme, "contrast");
            expect_none(runs[i].name, views[k].width, views[k].scheme, "links");
        }
}

/* How many rows of a plot's table are drawn as points; 0: its form has none that say what they are.
 */
static int points_of(const char *run, const char *plot)
{
    char file[128], *csv, *line, *rest = NULL;
    int count = 0, column = -1;

    snprintf(file, sizeof(file), "%s/plots/%s.csv", run, plot);
    csv = read_in(folder, file);
    for (line = strtok_r(csv, "\r\n", &rest); line != NULL; line = strtok_r(NULL, "\r\n", &rest)) {
        char *cell;
        int i = 0;

        for (; (cell = strsep(&line, ",")) != NULL; i++) {
            if (column < 0 && strcmp(cell, "point") == 0)
                column = -2 - i;
            count += i == column && atoi(cell) > 0;
        }
        if (column == -1)
            break;
        column = column < 0 ? -2 - column : column;
    }
    free(csv);
    return count;
}

/* gnuplot leaves out what lies beyond the axes. */
static void every_point_is_within_its_axes(void **state)
{
    (void)state;
    for (size_t i = 0; i < RUNS; i++) {
        json_t *drawn, *count;
        const char *plot;

        look(runs[i].name, 1280, "light");
        drawn = browser_value(&browser, "probe.points()");
        assert_true(json_object_size(drawn) > 1);
        json_object_foreach(drawn, plot, count)
        {
            int expected = points_of(runs[i].name, plot);

            if (json_integer_value(count) != expected)
                fail_msg("%s, %s: %d points, %d of them drawn", runs[i].name, plot, expected,
                         (int)json_integer_value(count));
        }
        json_decref(drawn);
    }
}

/* The probe is no use where it finds nothing in a page that is wrong. */
static void what_is_wrong_is_found(void **state)
{
    static const char *const faults[][2] = {
        {"document.querySelector('figure text').setAttribute('x', 900)", "probe.texts().length"},
        {"document.querySelectorAll('figure text')[1].setAttribute('y', "
         "document.querySelectorAll('figure text')[0].getAttribute('y')), "
         "document.querySelectorAll('figure text')[1].setAttribute('x', "
         "document.querySelectorAll('figure text')[0].getAttribute('x'))",
         "probe.texts().length"},
        {"document.querySelector('.answer').style.color = '#999'", "probe.contrast().length"},
        {"document.querySelector('.answer').style.width = '2000px'", "probe.sideways().length"},
        {"document.querySelector('nav a').href = '#nowhere'", "probe.links().length"},
        {"document.querySelector('figure title').remove()",
         "probe.points()['headline-time'] < document.querySelectorAll("
         "'#plot-headline-time use').length"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        look("reference", 1280, "light");
        json_decref(browser_value(&browser, faults[i][0]));
        expect("a fault", faults[i][1]);
    }
}

/* ---- What it does ------------------------------------------------------------------------ */

#define WALLS                                                                                      \
    "document.querySelector('#wall-time table').closest('details').open = true; "                  \
    "const table = document.querySelector('#wall-time table'); "                                   \
    "const heads = [...table.tHead.rows[0].cells]; "                                               \
    "const column = heads.findIndex(th => th.textContent.startsWith('CPU time')); "

static void tables_sort_filter_and_are_saved(void **state)
{
    (void)state;
    look("reference", 1280, "light");
    expect("sorted", "(() => { " WALLS "heads[column].querySelector('button').click(); "
                     "return probe.order(table, column) && heads[column].ariaSort === 'ascending'; "
                     "})()");
    expect("sorted back", "(() => { " WALLS "heads[column].querySelector('button').click(); "
                          "return !probe.order(table, column); })()");
    expect("filtered", "(() => { " WALLS
                       "const filter = table.parentNode.nextElementSibling.querySelector('input'); "
                       "filter.value = 'THREADS'; filter.dispatchEvent(new Event('input')); "
                       "const rows = [...table.tBodies[0].rows].filter(row => !row.hidden); "
                       "return rows.length > 0 && rows.length < table.tBodies[0].rows.length && "
                       "rows.every(row => row.textContent.includes('threads')); })()");
    expect("saved", "(async () => { " WALLS
                    "let text; URL.createObjectURL = blob => (text = blob.text(), 'blob:x'); "
                    "HTMLAnchorElement.prototype.click = () => {}; "
                    "[...table.parentNode.nextElementSibling.querySelectorAll('button')]"
                    ".find(b => b.textContent === 'CSV').click(); "
                    "return (await text).startsWith('\"Model (lane)\",\"Valid\"'); })()");
    expect("asked",
           "(() => { " WALLS "const link = table.parentNode.nextElementSibling.querySelector('a'); "
           "return document.querySelector(link.hash).textContent.includes('rows_of_work'); "
           "})()");
}

static void figures_explain_themselves(void **state)
{
    (void)state;
    look("reference", 1280, "light");
    expect("a head",
           "(() => { " WALLS "return heads[column].title.includes('user and system'); })()");
    expect("a figure", "/median of \\d+ .*; floor .*; the server confirmed/.test("
                       "document.querySelector('.headline td[title^=\"event loop\"]').title)");
    expect("a point", "/^event loop: .* at 1000, n \\d+$/m.test([...document.querySelectorAll("
                      "'#plot-headline-time title')].map(t => t.textContent).join('\\n'))");
}

/* A link opens what is folded, however deep it lies. */
static void links_open_what_is_folded(void **state)
{
    (void)state;
    look("reference", 1280, "light");
    expect("folded", "!document.querySelector('#memory').open");
    json_decref(browser_value(&browser,
                              "new Promise(done => { addEventListener('hashchange', () => "
                              "setTimeout(done)); location.hash = 'memory--two-methods'; "
                              "})"));
    expect("unfolded", "document.querySelector('#memory').open && "
                       "document.getElementById('memory--two-methods').open");
    expect("to be seen", "Math.abs(document.getElementById('memory--two-methods')"
                         ".getBoundingClientRect().top) < innerHeight");
}

/* Each table has its CSV and its SQL, and what a verdict rests on is a click away. */
static void tables_have_tools_and_verdicts_reasons(void **state)
{
    (void)state;
    for (size_t i = 0; i < RUNS; i++) {
        look(runs[i].name, 1280, "light");
        expect(runs[i].name, "[...document.querySelectorAll('.tools')].every(t => "
                             "t.querySelector('a') && t.querySelector('button'))");
        expect(runs[i].name, "document.querySelectorAll('.tools').length === "
                             "document.querySelectorAll('table').length");
    }
    look("reference", 1280, "light");
    expect("folded", "document.querySelectorAll('details.level3:not([open])').length > 3");
    expect("a click away", "(() => { const why = document.querySelector('details.level3'); "
                           "why.querySelector('summary').click(); "
                           "return why.open && why.textContent.length > 40; })()");
}

/* Everything that can be clicked is reached with the tabulator, and shows that it is. */
static void the_keyboard_reaches_all(void **state)
{
    int steps;

    (void)state;
    look("reference-tasks", 1280, "light");
    steps = (int)number("[...document.querySelectorAll('a, button, input, summary, .scroll')]"
                        ".filter(e => e.checkVisibility() && (e.tabIndex >= 0)).length");
    assert_true(steps > 10);
    json_decref(browser_value(&browser, "globalThis.reached = new Set()"));
    for (int i = 0; i < steps + 4; i++) {
        browser_press(&browser, "Tab");
        json_decref(browser_value(&browser, "reached.add(document.activeElement); "
                                            "document.activeElement !== document.body && "
                                            "getComputedStyle(document.activeElement).outlineStyle "
                                            "=== 'none' && reached.add('unseen'); 0"));
    }
    expect("all", "[...document.querySelectorAll('a, button, input, summary')]"
                  ".filter(e => e.checkVisibility()).every(e => reached.has(e))");
    expect("seen", "!reached.has('unseen')");
    json_decref(browser_value(&browser, "document.querySelector('#in-brief summary').focus()"));
    browser_press(&browser, "Enter");
    expect("unfolded", "document.querySelector('#in-brief').open");
}

/* Without scripts there are no buttons, and all the rest. */
static void it_is_read_without_scripts(void **state)
{
    (void)state;
    look("reference", 1280, "light");
    browser_allow_scripts(&browser, false);
    browser_open(&browser, in_run("reference", "report.html"));
    expect("no buttons", "document.querySelectorAll('button, input').length === 0");
    expect("pictures", "document.querySelectorAll('figure svg text').length > 100");
    expect("queries", "document.querySelectorAll('.tools a').length > 10");
    json_decref(browser_value(&browser, "document.querySelector('#memory summary').focus()"));
    browser_press(&browser, "Enter");
    expect("unfolded", "document.querySelector('#memory').open");
    browser_allow_scripts(&browser, true);
}

static void on_paper_all_is_there(void **state)
{
    (void)state;
    look("reference", 1280, "light");
    browser_view(&browser, 1280, SCREEN_HEIGHT, "light", "print");
    expect("unfolded", "(dispatchEvent(new Event('beforeprint')), "
                       "[...document.querySelectorAll('details')].every(part => part.open))");
    expect("no buttons", "[...document.querySelectorAll('nav, .tools')].every(e => "
                         "!e.checkVisibility())");
    expect("as before", "(dispatchEvent(new Event('afterprint')), "
                        "!document.querySelector('#memory').open)");
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_loads_nothing_and_complains_of_nothing),
        TEST(it_is_small_and_soon_there),
        TEST(the_first_screen_answers),
        TEST(nothing_is_cut_hidden_or_pale),
        TEST(every_point_is_within_its_axes),
        TEST(what_is_wrong_is_found),
        TEST(tables_sort_filter_and_are_saved),
        TEST(figures_explain_themselves),
        TEST(links_open_what_is_folded),
        TEST(tables_have_tools_and_verdicts_reasons),
        TEST(the_keyboard_reaches_all),
        TEST(it_is_read_without_scripts),
        TEST(on_paper_all_is_there),
    };

    return cmocka_run_group_tests(tests, make_pages, remove_pages);
}
