/* Templates: queries in a text, and where a template is wrong, the part and the line. */
#include "common/count.h"
#include "report/template.h"
#include "tests/report_run.h"

static int call(void *user, const char *name, FILE *out)
{
    fprintf(out, "[%s of %s]\n", name, (const char *)user);
    return strcmp(name, "nothing") == 0 ? -1 : 0;
}

/* What the template becomes; or the error, where it is wrong. Freed by the caller. */
static char *written(struct dataset *dataset, const char *text)
{
    const struct template_part parts[] = {{"main", text},
                                          {"inner", "inner {{a}}\n"},
                                          {"endless", "{{include endless}}\n"},
                                          {"wrong", "one\ntwo {{SELECT lost}}\n"},
                                          {0}};
    const struct template template = {.dataset = dataset,
                                      .parts = parts,
                                      .style = TABLE_MARKDOWN,
                                      .call = call,
                                      .user = (char[]){"user"}};
    struct error error;
    char *result = NULL;
    size_t size;
    FILE *out = open_memstream(&result, &size);
    int status = template_write(out, &template, "main", &error);

    fclose(out);
    if (status == 0)
        return result;
    free(result);
    return strdup(error.text);
}

struct template_case {
    const char *text, *result;
};

static void check(struct dataset *dataset, const struct template_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *result = written(dataset, cases[i].text);

        assert_string_equal(result, cases[i].result);
        free(result);
    }
}

#define ROWS "SELECT column1 a FROM (VALUES (1), (2))"

static void test_values(void **state)
{
    static const struct template_case cases[] = {
        {"plain\n", "plain\n"},
        {"a {{SELECT 7}} b\n", "a 7 b\n"},
        {"{{" ROWS "}}\n", "12\n"},
        {"{{WITH x AS (SELECT 'y' z) SELECT z FROM x}}", "y"},
        {"{{SELECT NULL}}|{{SELECT 1 WHERE 0}}|", "||"},
        {"{{\n  SELECT 'over'\n  || ' lines'\n}}\n", "over lines\n"},
        {"{{SELECT '{{SELECT 1'}}\n", "{{SELECT 1\n"},
        {"a\n{{# nothing }}\nb{{# nothing }}c\n", "a\nbc\n"},
    };

    check(*state, cases, COUNT_OF(cases));
}

static void test_conditions(void **state)
{
    static const struct template_case cases[] = {
        {"{{if SELECT 1}}\nyes\n{{else}}\nno\n{{end}}\nafter\n", "yes\nafter\n"},
        {"{{if SELECT 0}}\nyes\n{{else}}\nno\n{{end}}\nafter\n", "no\nafter\n"},
        {"{{if SELECT 0}}\nyes\n{{end}}\nafter\n", "after\n"},
        {"{{if SELECT NULL}}a{{else}}b{{end}}", "b"},
        {"{{if SELECT ''}}a{{else}}b{{end}}", "b"},
        {"{{if SELECT '0'}}a{{else}}b{{end}}", "a"},
        {"{{if SELECT 1 WHERE 0}}a{{else}}b{{end}}", "b"},
        {"{{if SELECT 0}}{{if SELECT 1}}a{{else}}b{{end}}{{else}}c{{end}}", "c"},
        {"{{if SELECT 1}}{{if SELECT 0}}a{{else}}b{{end}}{{else}}c{{end}}", "b"},
    };

    check(*state, cases, COUNT_OF(cases));
}

static void test_rows(void **state)
{
    static const struct template_case cases[] = {
        {"{{each " ROWS "}}\n- {{a}}\n{{end}}\nafter\n", "- 1\n- 2\nafter\n"},
        {"{{each " ROWS " WHERE a > 2}}\n- {{a}}{{each " ROWS "}}x{{end}}\n{{end}}\nafter\n",
         "after\n"},
        {"{{each " ROWS "}}{{SELECT :a * 10}},{{end}}", "10,20,"},
        {"{{each " ROWS "}}{{each SELECT a b FROM (" ROWS
         ") WHERE a >= :a}}{{a}}{{b}} {{end}}{{end}}",
         "11 12 22 "},
        {"{{each SELECT 'outer' a, 'kept' c}}{{each SELECT 'inner' a}}{{a}} {{c}}{{end}}{{end}}",
         "inner kept"},
        {"{{each " ROWS "}}{{if SELECT :a = 1}}one{{else}}other{{end}} {{end}}", "one other "},
        {"{{each SELECT NULL a}}[{{a}}]{{end}}", "[]"},
        {"{{table SELECT 'x' \"Left\", 7 \"Right>\"}}\n",
         "| Left | Right |\n|---|--:|\n| x | 7 |\n\n"},
    };

    check(*state, cases, COUNT_OF(cases));
}

static void test_parts(void **state)
{
    static const struct template_case cases[] = {
        {"{{each SELECT 7 a}}\n{{include inner}}\n{{end}}\n", "inner 7\n"},
        {"{{each SELECT 7 a}}\n- {{include inner}}!\n{{end}}\n", "- inner 7!\n"},
        {"a\n{{call one two}}\nb\n", "a\n[one two of user]\nb\n"},
    };

    check(*state, cases, COUNT_OF(cases));
}

static void test_errors_name_part_and_line(void **state)
{
    static const struct template_case cases[] = {
        {"a\nb {{SELECT 1\n", "template main, line 2: {{ without }}"},
        {"{{if SELECT 1}}\na\n", "template main, line 2: a block without {{end}}"},
        {"{{if SELECT 0}}\na\n", "template main, line 2: a block without {{end}}"},
        {"{{each SELECT 1 WHERE 0}}\n", "template main, line 2: a block without {{end}}"},
        {"\n{{nonsense}}\n",
         "template main, line 2: neither a directive nor a column of a row around it"},
        {"{{SELECT :a}}", "template main, line 1: no row around the query has such a value"},
        {"{{SELECT ?}}", "template main, line 1: no row around the query has such a value"},
        {"{{SELECT a FROM b}}", "template main, line 1: no such table: b"},
        {"{{table SELEC}}", "template main, line 1: near \"SELEC\": syntax error"},
        {"{{if SELEC}}{{end}}", "template main, line 1: near \"SELEC\": syntax error"},
        {"{{include missing}}\n",
         "template main, line 2: no such part, or too many within one another"},
        {"{{include endless}}\n",
         "template endless, line 2: no such part, or too many within one another"},
        {"a\n{{include wrong}}\n", "template wrong, line 2: no such column: lost"},
        {"{{call nothing}}", "template main, line 1: the program has nothing to call by this name"},
        {"{{SELECT abs(-9223372036854775808)}}", "template main, line 1: integer overflow"},
    };

    check(*state, cases, COUNT_OF(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_errors_name_part_and_line),
    };

    return cmocka_run_group_tests_name("template", tests, state_open_dataset, state_close_dataset);
}
