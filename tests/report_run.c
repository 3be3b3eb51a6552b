#include "tests/report_run.h"

#include "report/dataset/dataset.h"

char *make_report(const char *folder, int status)
{
    struct finished finished = run("report", folder, NULL);
    char *err = strdup(finished.err);

    if (finished.status != status)
        fail_msg("exit status %d, not %d: %s", finished.status, status, finished.err);
    finished_free(&finished);
    return err;
}

char *report_of(const char *folder)
{
    free(make_report(folder, 0));
    return read_in(folder, "report.md");
}

void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in:\n%.9000s", part, text);
}

void assert_lacks(const char *text, const char *part)
{
    const char *found = strstr(text, part);

    if (found != NULL)
        fail_msg("\"%s\" is in: %.300s", part, found);
}

static int count_of(const char *text, const char *part)
{
    int count = 0;

    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        count++;
    return count;
}

int expect_alone(const char *page)
{
    static const char *const foreign[] = {"<link", "@import", "srcset", "<iframe", "<object",
                                          "src=",  "url(",    "xlink",  "onmouse", "javascript:"};

    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
        assert_lacks(page, foreign[i]);
    for (const char *at = page; (at = strstr(at, "href=")) != NULL; at += 5)
        if (at[6] != '#')
            fail_msg("a link out of the page: %.60s", at);
    assert_int_equal(count_of(page, "<script"), 1);
    assert_has(page, "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-");
    return count_of(page, "<figure ");
}

int state_open_dataset(void **state)
{
    static struct dataset dataset;
    struct error error;

    *state = &dataset;
    return dataset_open(&dataset, &error);
}

int state_close_dataset(void **state)
{
    dataset_close(*state);
    return 0;
}
