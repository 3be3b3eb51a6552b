/* The report's small parts, as its SQL gives them: figures as text, Markdown and HTML from texts
 * that nobody has checked, labels of cells. */
#include "common/count.h"
#include "report/dataset/dataset.h"
#include "report/format.h"
#include "report/texts.h"
#include "tests/report_run.h"

/* The first value of a query, to be freed; NULL where it has none. */
static char *first_text(struct dataset *dataset, const char *sql)
{
    struct error error;
    sqlite3_stmt *query = dataset_query(dataset, sql, &error);
    const char *text;
    char *copy;

    if (query == NULL)
        fail_msg("%s: %s", sql, error.text);
    sqlite3_step(query);
    text = (const char *)sqlite3_column_text(query, 0);
    copy = text != NULL ? strdup(text) : NULL;
    sqlite3_finalize(query);
    return copy;
}

struct value {
    const char *sql, *text; /* NULL: none */
};

static void check(struct dataset *dataset, const struct value *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char sql[1024], *text;

        snprintf(sql, sizeof(sql), "SELECT %s", values[i].sql);
        text = first_text(dataset, sql);
        if ((text == NULL) != (values[i].text == NULL) ||
            (text != NULL && strcmp(text, values[i].text) != 0))
            fail_msg("%s is %s, not %s", values[i].sql, text, values[i].text);
        free(text);
    }
}

#define CHECK(dataset, values) check((dataset), (values), COUNT_OF(values))

static void test_figures(void **state)
{
    static const struct value values[] = {
        {"duration(276e6)", "276 ms"},
        {"duration(20.06e9)", "20.06 s"},
        {"duration(-3e6)", "-3.00 ms"},
        {"duration(NULL)", "–"},
        {"duration(9e999)", "–"},
        {"duration(1e300)", "–"},
        {"duration('5')", "–"},
        {"bytes(12.5e6)", "12.5 MB"},
        {"count_text(1000)", "1000"},
        {"count_text(10000)", "10,000"},
        {"count_text(1234567)", "1,234,567"},
        {"count_text(-50000)", "-50,000"},
        {"change(0.414)", "+41 %"},
        {"change(0.0123)", "+1.2 %"},
        {"change(-0.5)", "-50 %"},
        {"ratio_text(1.876)", "1.88"},
        {"ratio_text(20.31)", "20.3"},
        {"ratio_text(0.02136)", "0.0214"},
        {"share(0.0123)", "1.2 %"},
        {"share(0.5)", "50 %"},
        {"rate(47.61)", "47.6"},
        {"rate(12345)", "12,345"},
        {"short(duration(1e9))", "1 s"},
        {"short(duration(1.5e9))", "1.5 s"},
        {"short(duration(100e9))", "100 s"},
        {"short(duration(200e6))", "200 ms"},
        {"short(bytes(10e6))", "10 MB"},
        {"short(bytes(NULL))", "–"},
    };

    CHECK(*state, values);
}

#define SAMPLES(list) "FROM (SELECT column1 x, column2 y FROM (VALUES " list "))"
#define SIX           SAMPLES("(1e6, 2e6), (1e6, 2e6), (1e6, 2e6), (1e6, 2e6), (1e6, 2e6), (3e6, 6e6)")

static void test_spreads(void **state)
{
    static const struct value values[] = {
        {"spread(summary(x), 'ns') " SAMPLES("(1e6, 0), (3e6, 0)"), "1.00 ms … 3.00 ms"},
        {"spread(summary(x), 'bytes', 5e5) " SAMPLES("(1e6, 0), (3e6, 0)"), "500 KB … 2.50 MB"},
        {"spread(summary(x), '') " SAMPLES("(7, 0)"), "7 … 7"},
        {"spread(summary(x), 'ns') " SIX, "[1.00 ms, 3.00 ms]"},
        {"spread(summary(x), 'ns', NULL) " SIX, "–"},
        {"spread(NULL, 'ns')", "–"},
        {"spread(x'00', 'ns')", "–"},
        {"ratio_spread(paired(y, x, 0)) " SIX, "2.00 [2.00, 2.00]"},
        {"ratio_spread(paired(y, x, 0)) " SAMPLES("(1, 2), (1, 3)"), "2.45 (2.00 … 3.00)"},
        {"ratio_spread(paired(y, x, 0)) " SAMPLES("(100, 105)"), "1.050"},
        {"ratio_spread(paired(y, x, 0)) " SAMPLES("(100, NULL)"), "–"},
        {"ratio_spread(summary(x)) " SIX, "–"},
    };

    CHECK(*state, values);
}

static void test_untrusted_texts(void **state)
{
    static const struct value values[] = {
        {"md('plain text 1.5-2')", "plain text 1.5-2"},
        {"md('a|b')", "a\\|b"},
        {"md('<b>&')", "&lt;b&gt;&amp;"},
        {"md('`x` *y* _z_ [l](u) {{SELECT 1}}')",
         "\\`x\\` \\*y\\* \\_z\\_ \\[l\\](u) \\{\\{SELECT 1\\}\\}"},
        {"md('http://x www.x a@b')", "http&#58;//x &#119;ww.x a&#64;b"},
        {"md('one' || char(10) || 'two' || char(13, 1))", "one two  "},
        {"md(NULL)", NULL},
        {"html('<i>\"a\" & b' || char(10) || '</i>')", "&lt;i&gt;&quot;a&quot; &amp; b &lt;/i&gt;"},
        {"html(NULL)", NULL},
        {"lane_name('/opt/x/lane-go')", "go"},
        {"lane_name('async')", "async"},
        {"cut('aä', 2)", "a"},
        {"cut('aä', 3)", "aä"},
    };

    CHECK(*state, values);
}

static void test_markdown_cuts_between_characters(void **state)
{
    char text[FORMAT_MARKDOWN_MAX + 10];

    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text + FORMAT_MARKDOWN_MAX - 1, "äb", 4); /* the limit lies inside the first letter */
    assert_int_equal(format_cut(text, FORMAT_MARKDOWN_MAX), FORMAT_MARKDOWN_MAX - 1);
    text[FORMAT_MARKDOWN_MAX] = '\0';
    assert_int_equal(format_cut(text, FORMAT_MARKDOWN_MAX), FORMAT_MARKDOWN_MAX);
}

static const char *label_of(struct dataset *dataset, const char *cell, const char *column)
{
    static char text[256];
    char *sql =
        sqlite3_mprintf("DELETE FROM raw_cells; INSERT INTO raw_cells VALUES (1, 1, %Q)", cell);
    char *select = sqlite3_mprintf("SELECT %s FROM labels", column), *label;

    assert_int_equal(sqlite3_exec(dataset->db, sql, NULL, NULL, NULL), SQLITE_OK);
    label = first_text(dataset, select);
    snprintf(text, sizeof(text), "%s", label);
    free(label);
    sqlite3_free(sql);
    sqlite3_free(select);
    return text;
}

static void test_labels(void **state)
{
    static const struct {
        const char *cell, *label;
    } cells[] = {
        {"\"lane\": \"sync\", \"requests\": 1000, \"concurrency\": 1", "sequential"},
        {"\"lane\": \"threads\", \"requests\": 1000, \"concurrency\": 10", "10 threads"},
        {"\"lane\": \"threads\", \"requests\": 10000, \"concurrency\": 10000", "10,000 threads"},
        {"\"lane\": \"procs\", \"requests\": 1, \"concurrency\": 1", "1 process"},
        {"\"lane\": \"async\", \"requests\": 1000, \"concurrency\": 1000", "event loop"},
        {"\"lane\": \"async\", \"requests\": 1000, \"concurrency\": 64", "event loop, 64 at once"},
        {"\"lane\": \"go\", \"requests\": 1000, \"concurrency\": 1000", "go, 1000 at once"},
        {"\"lane\": \"go\", \"requests\": 1000", "go, – at once"},
        {"\"lane\": \"async\", \"requests\": 9, \"concurrency\": 9, \"compute\": \"threads\"",
         "event loop, threads compute"},
        {"\"lane\": \"async\", \"requests\": 9, \"concurrency\": 9, \"compute\": \"processes\", "
         "\"workers\": 1, \"gil\": true",
         "event loop, 1 process computes, simulated GIL"},
        {"\"lane\": \"threads\", \"concurrency\": 2, \"block_bytes\": 32", "2 threads"},
        {"\"lane\": \"threads\", \"concurrency\": 2, \"block_bytes\": 1000",
         "2 threads, 1000-byte blocks"},
        {"\"lane\": \"threads\", \"concurrency\": 2, \"block_bytes\": 65536",
         "2 threads, 64 KiB blocks"},
    };
    char json[512];

    for (size_t i = 0; i < COUNT_OF(cells); i++) {
        snprintf(json, sizeof(json), "{%s}", cells[i].cell);
        assert_string_equal(label_of(*state, json, "label"), cells[i].label);
    }
    assert_string_equal(label_of(*state,
                                 "{\"requests\": 100, \"latency_ns\": 2e7, \"cpu_ns\": 1e6, "
                                 "\"work\": \"mixed\"}",
                                 "work_label"),
                        "100 requests of 20 ms, each with 1 ms of computing");
    assert_string_equal(label_of(*state, "{\"requests\": 1, \"latency_ns\": 2e8}", "work_label"),
                        "1 request of 200 ms");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, state_open_dataset, state_close_dataset)

/* A picture of gnuplot's in a page: only what draws, in as few paths as there are styles in a row,
 * what a figure says as a title, texts above all else, and no number in a text touched. */
static void test_picture(void **state)
{
#define GROUP(stroke, width)                                                                       \
    "<g fill=\"none\" color=\"black\" stroke=\"" stroke "\" stroke-width=\"" width                 \
    "\" stroke-linecap=\"butt\" stroke-linejoin=\"miter\">\n"
#define TEXT(at, colour, anchor, text)                                                             \
    "\t<g transform=\"translate(" at ")\" stroke=\"none\" fill=\"" colour                          \
    "\" font-family=\"DejaVu Sans\" font-size=\"14.00\"  text-anchor=\"" anchor                    \
    "\">\n\t\t<text>" text "</text>\n\t</g>\n"
    static const char svg[] =
        "<svg \n viewBox=\"0 0 540 300\"\n>\n<g id=\"gnuplot_canvas\">\n"
        "<rect x=\"0\" y=\"0\" width=\"540\" height=\"300\" fill=\"#ffffff\"/>\n<defs>\n\n"
        "\t<use xlink:href='#gpPt5' id='gpPt6'/>\n\t<filter id='textbox'/>\n</defs>\n" /* */
        GROUP(
            "currentColor",
            "1.00") "</g>\n" /* grid */
                    "\t<path stroke='rgb(228, 228, 228)' class=\"gridline\"  d='M80.01,9.00 "
                    "L80.01,20.00  '/>"
                    "\t<path stroke='rgb(228, 228, 228)'  d='M80.01,9.00 M80.01,20.00  '/>" /* a tic
                                                                                             */
        TEXT("80.00,24.62", "rgb(34,34,34)", "end", "0.25 ms")                              /* */
        "\t<path stroke='rgb(228, 228, 228)' class=\"gridline\"  d='M90.00,9.00 L90.00,20.00  '/>"
        "</g>\n\t<g id=\"gnuplot_plot_1\" ><title>for [i = 1 : 9] csv</title>\n" /* */
        GROUP("currentColor",
              "7.00") "\t<path stroke='rgb(  0, 114, 178)' opacity='0.37' d='M10.00,10.00 "
                      "L20.04,13.00 '/>\n"
                      "\t<path stroke='rgb(  1, 114, 178)' opacity='0.37' d='M0.00,0.00 L9.00,0.00 "
                      "L9.00,9.00 Z '"
                      "/></g>\n" GROUP(
                          "currentColor",
                          "2.00") "\t<polygon fill = 'rgb(1,2,3)' points = '52.00,188.04 "
                                  "\n54.00,188.04\n56.00,1.00 '/>\n"
                                  "\t<polygon fill = 'rgb(1,2,3)' points = '56.00,188.04 "
                                  "58.00,188.04 '/>\n"
                                  "\t<polygon fill = 'rgb(1,2,3)' points = '52.00,187.04 "
                                  "54.00,188.04 '/>\n"
                                  "\t<g onmousemove=\"gnuplot_svg.showHypertext(evt,'<path>: 1.05 "
                                  "s, n 6')\" "
                                  "onmouseout=\"gnuplot_svg.hideHypertext()\"><title> </title>\n"
                                  "\t<use xlink:href='#gpPt6' transform='translate(72.84,252.00) "
                                  "scale(12.00)' "
                                  "color='rgb(  0, 114, 178)'/></g>\n"
                                  "\t<use xlink:href='#gpPt0' transform='translate(1.00,2.00) "
                                  "scale(0.00)' "
                                  "color='rgb(0,0,0)'/>\n" TEXT("8.00,9.00", "rgb(1,1,1)", "start",
                                                                "a title")
                                      TEXT("8.00,9.00", "rgb(1,1,1)", "start",
                                           "") "</g>\n\t</g>\n</g>\n</svg>\n";
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    svg_write_symbols(out, svg);
    svg_write(out, svg, "a label");
    svg_write(out, "no picture", "a label");
    fclose(out);
    assert_string_equal(
        text, "<svg class=\"symbols\" aria-hidden=\"true\"><defs><use href='#gpPt5' id='gpPt6'/>"
              "</defs></svg>"
              "<svg viewBox=\"0 0 540 300\" role=\"img\" aria-label=\"a label\">"
              "<path stroke=#e4e4e4 d=M80,9V20M90,9V20 />"
              "<path stroke=#0072b2 stroke-width=7 opacity=0.37 d=M10,10L20,13 />"
              "<path stroke=#0172b2 stroke-width=7 opacity=0.37 d=M0,0H9V9z />"
              "<path fill=#010203 d=M52,188H54L56,1zM52,187L54,188z />"
              "<use href=\"#gpPt6\" transform=translate(72.8,252)scale(12) color=#0072b2>"
              "<title>&lt;path>: 1.05 s, n 6</title></use>"
              "<text x=80 y=24.6 class=e>0.25 ms</text><text x=8 y=9 fill=#010101>a title</text>"
              "</svg>");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_figures),         TEST(test_spreads),
        TEST(test_untrusted_texts), TEST(test_markdown_cuts_between_characters),
        TEST(test_labels),          cmocka_unit_test(test_picture),
    };

    return cmocka_run_group_tests_name("report_text", tests, NULL, NULL);
}
