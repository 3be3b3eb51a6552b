/* bench: runs plans, lists them, shows their results. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/bench_options.h"

/* Lanes of one's own are the affair of teach: goes on as that. */
static enum bench_status go_on_as_teach(char **argv)
{
    char program[PATH_MAX] = "teach";
    struct suite suite;

    if (suite_find(&suite, NULL) == 0)
        execv(suite_program(&suite, "teach", program), argv);
    fprintf(stderr, "bench: %s: %s; make build makes it\n", program, strerror(errno));
    return BENCH_MACHINE;
}

int main(int argc, char **argv)
{
    static bench_action *const actions[] = {
        [COMMAND_RUN] = bench_run,         [COMMAND_RESUME] = bench_run,
        [COMMAND_LIST] = bench_list,       [COMMAND_SHOW] = bench_show,
        [COMMAND_COMPARE] = bench_compare, [COMMAND_HISTORY] = bench_history,
        [COMMAND_DOCTOR] = bench_doctor,
    };
    struct error error = {""};
    struct bench_options options;
    enum bench_status status;
    struct suite suite;
    int code;

    if (argc > 1 && (strcmp(argv[1], "new-lane") == 0 || strcmp(argv[1], "check-lane") == 0))
        return go_on_as_teach(argv);
    options = bench_options_parse(argc, argv);
    code = suite_find(&suite, options.results);

    /* Else each start of a twin in Python would compile its modules anew, and that is no part of
     * it. */
    unsetenv("PYTHONDONTWRITEBYTECODE");
    if (code < 0) {
        fprintf(stderr, "bench: /proc or the working folder cannot be read: %s\n", strerror(-code));
        return BENCH_MACHINE;
    }
    status = actions[options.command](&options, &suite, &error);
    if (error.text[0] != '\0')
        error_print("bench", &error);
    json_decref(options.cell_of_run);
    json_decref(options.fail_if);
    json_decref((json_t *)options.plan.request_options);
    return status;
}
