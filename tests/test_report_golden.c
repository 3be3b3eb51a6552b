/* Golden folders: each tests/golden/NAME/ holds the files of a run and the report.md that is to
 * come of them. A file `status` names the exit status of report, where it is not 0.
 *
 *   GOLDEN=rewrite build/tests/test_report_golden    takes what comes as what is to come
 *
 * What git then shows as changed is what the change does to the reports, to be read line by line.
 */
#include <dirent.h>
#include <unistd.h>

#include "common/file.h"
#include "tests/report_run.h"

#define FOLDERS   "tests/golden"
#define COUNT_MAX 64

static int status_of(const char *folder)
{
    char *text = file_read(path_in(folder, "status"), 16, NULL);
    int status = text != NULL ? atoi(text) : 0;

    free(text);
    return status;
}

/* Fails with the first line that differs. */
static void compare(const char *name, const char *expected, const char *text)
{
    int line = 1;

    while (*expected != '\0' && *expected == *text) {
        line += *text == '\n';
        expected++;
        text++;
    }
    if (*expected == *text)
        return;
    while (line > 1 && expected[-1] != '\n') {
        expected--;
        text--;
    }
    fail_msg("%s, line %d of report.md is\n%.*s\nand not\n%.*s", name, line,
             (int)strcspn(text, "\n"), text, (int)strcspn(expected, "\n"), expected);
}

/* Whatever a run holds: its page loads and runs nothing. */
static void check_page(const char *folder)
{
    char *html = read_in(folder, "report.html");

    expect_alone(html);
    assert_has(html, "<title>");
    assert_has(html, "</html>");
    free(html);
}

static void check_no_command_ran(const char *folder)
{
    assert_int_equal(access(path_in(folder, "plots/pwned"), F_OK), -1);
    assert_int_equal(access(path_in(folder, "pwned"), F_OK), -1);
    assert_int_equal(access("pwned", F_OK), -1);
}

static void test_golden(void **state)
{
    char golden[512], command[2048], *folder = folder_make(), *text, *expected;
    const char *name = *state, *rewrite = getenv("GOLDEN");

    snprintf(golden, sizeof(golden), FOLDERS "/%s", name);
    snprintf(command, sizeof(command), "cp -r %s/. %s && rm -f %s/report.md", golden, folder,
             folder);
    assert_int_equal(system(command), 0);
    free(make_report(folder, status_of(golden)));
    text = read_in(folder, "report.md");
    check_page(folder);
    check_no_command_ran(folder);
    if (rewrite != NULL && strcmp(rewrite, "rewrite") == 0)
        assert_int_equal(file_replace(path_in(golden, "report.md"), text, strlen(text)), 0);
    expected = read_in(golden, "report.md");
    compare(name, expected, text);
    free(expected);
    free(text);
    folder_remove(folder);
}

static int is_folder(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && entry->d_type == DT_DIR;
}

int main(void)
{
    struct CMUnitTest tests[COUNT_MAX] = {{0}};
    struct dirent **entries;
    int count = scandir(FOLDERS, &entries, is_folder, alphasort), failed;

    if (count < 1 || count > COUNT_MAX) {
        fprintf(stderr, "%d folders in " FOLDERS ", to be run from the top folder\n", count);
        return 1;
    }
    for (int i = 0; i < count; i++)
        tests[i] = (struct CMUnitTest){.name = entries[i]->d_name,
                                       .test_func = test_golden,
                                       .initial_state = entries[i]->d_name};
    failed = _cmocka_run_group_tests("report_golden", tests, (size_t)count, NULL, NULL);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return failed;
}
