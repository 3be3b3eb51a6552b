/* What every program answers in the same way, whatever its options are. */
#include "tests/helpers.h"

static void expect_same(const char *program, const char *letter, const char *name,
                        const char *const *parts)
{
    struct finished by_letter = run(program, letter, NULL), by_name = run(program, name, NULL);

    assert_int_equal(by_letter.status, 0);
    assert_int_equal(by_name.status, 0);
    assert_string_equal(by_letter.out, by_name.out);
    for (; *parts != NULL; parts++)
        if (strstr(by_name.out, *parts) == NULL)
            fail_msg("%s %s says nothing of '%s':\n%s", program, name, *parts, by_name.out);
    finished_free(&by_letter);
    finished_free(&by_name);
}

static void help_shows_examples_and_statuses(void **state)
{
    const char *program = *state;
    char example[64];

    snprintf(example, sizeof(example), "\n  %s ", program);
    expect_same(program, "-h", "--help",
                (const char *const[]){"Examples:", example, "Exit status: 0", "--usage",
                                      "-V, --version", NULL});
}

static void version_names_the_program(void **state)
{
    const char *program = *state;

    expect_same(program, "-V", "--version", (const char *const[]){program, SUITE_VERSION, NULL});
}

static void usage_is_short(void **state)
{
    struct finished usage = run(*state, "--usage", NULL);

    assert_int_equal(usage.status, 0);
    assert_int_equal(strncmp(usage.out, "Usage: ", 7), 0);
    assert_null(strstr(usage.out, "Examples:"));
    finished_free(&usage);
}

static void what_is_unknown_is_refused(void **state)
{
    static const char *const wrong[] = {"--nonsense", "-z", "--version=2"};

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct finished finished = run(*state, wrong[i], NULL);

        assert_int_equal(finished.status, 2);
        assert_non_null(strstr(finished.err, "--help"));
        finished_free(&finished);
    }
}

/* Who reads no further, as head does, has what he wanted. */
static void full_disk_is_told(void **state)
{
    static const char *const asked[] = {"--help", "--version", "--usage"};

    char *path = strdup(program(*state));

    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        const char *words[] = {"sh", "-c", "exec \"$0\" $1 >/dev/full", path, asked[i], NULL};
        const char *piped[] = {"sh", "-c",     "{ sleep 0.1; exec \"$0\" $1; } | exec true",
                               path, asked[i], NULL};
        struct finished full = run_argv(words), left = run_argv(piped);

        assert_int_equal(full.status, 1);
        assert_non_null(strstr(full.err, "cannot write the output: No space left"));
        assert_string_equal(left.err, "");
        finished_free(&full);
        finished_free(&left);
    }
    free(path);
}

/* An answer that is 1 may be lost as well. */
static void full_disk_is_told_of_an_answer(void **state)
{
    char *path = strdup(program("lane-sync"));
    const char *words[] = {"sh", "-c", "exec \"$0\" -n 1 'http://127.0.0.1:1/{id}' >/dev/full",
                           path, NULL};
    struct finished finished = run_argv(words);

    (void)state;
    assert_int_equal(finished.status, 1);
    assert_non_null(strstr(finished.err, "cannot write the output: No space left"));
    finished_free(&finished);
    free(path);
}

static void small_stack_is_told(void **state)
{
    char *path = strdup(program(*state));
    const char *words[] = {"bash", "-c", "ulimit -s 64; exec \"$0\" --version", path, NULL};
    struct finished finished = run_argv(words);

    assert_int_equal(finished.status, 3);
    assert_non_null(strstr(finished.err, "the limit of the stack (RLIMIT_STACK) is 65536 bytes"));
    finished_free(&finished);
    words[2] = "ulimit -s 256; exec \"$0\" --version";
    finished = run_argv(words);
    assert_int_equal(finished.status, 0);
    finished_free(&finished);
    free(path);
}

#define OF(program)                                                                                \
    {program "_help", help_shows_examples_and_statuses, NULL, NULL, program},                      \
        {program "_version", version_names_the_program, NULL, NULL, program},                      \
        {program "_usage", usage_is_short, NULL, NULL, program},                                   \
        {program "_full_disk", full_disk_is_told, NULL, NULL, program},                            \
        {program "_small_stack", small_stack_is_told, NULL, NULL, program},                        \
    {                                                                                              \
        program "_unknown", what_is_unknown_is_refused, NULL, NULL, program                        \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF("lane-sync"),
        OF("lane-threads"),
        OF("lane-procs"),
        OF("lane-async"),
        OF("lane-co"),
        OF("mockserver"),
        OF("patterns"),
        OF("sleepers"),
        OF("bench"),
        OF("report"),
        OF("choose"),
        OF("teach"),
        cmocka_unit_test(full_disk_is_told_of_an_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
