/* bench: runs plans, lists them, shows their results. */
#include <curl/curl.h>
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "common/error.h"
#include "harness/compare.h"
#include "harness/machine/doctor.h"
#include "harness/list.h"
#include "harness/bench_options.h"
#include "harness/run/run.h"
#include "harness/show.h"
#include "harness/suite.h"

/* What a command does. Returns the exit status; what is still to be said of it is in *error. */
typedef enum bench_status command(const struct bench_options *options, const struct suite *suite,
                                  struct error *error);

static enum bench_status show(const struct bench_options *options, const struct suite *suite,
                              struct error *error)
{
    char path[PATH_MAX];
    bool shown = list_find_run(suite, options->subjects[0], path, error) == 0 &&
                 show_run(path, options, stdout, error) == 0;

    return shown ? BENCH_COMPLETE : BENCH_USAGE;
}

static enum bench_status compare(const struct bench_options *options, const struct suite *suite,
                                 struct error *error)
{
    const char *const *subjects = options->subjects;
    char a[PATH_MAX], b[PATH_MAX];

    if (list_find_run(suite, subjects[0], a, error) < 0)
        return BENCH_USAGE;
    if (options->cells)
        return compare_cells(a, subjects[1], subjects[2], options, stdout, error);
    if (list_find_run(suite, subjects[1], b, error) < 0)
        return BENCH_USAGE;
    return compare_runs(a, b, options, stdout, error);
}

static enum bench_status list(const struct bench_options *options, const struct suite *suite,
                              struct error *error)
{
    (void)options;
    return list_all(suite, stdout, error) < 0 ? BENCH_USAGE : BENCH_COMPLETE;
}

static enum bench_status doctor(const struct bench_options *options, const struct suite *suite,
                                struct error *error)
{
    return doctor_print(suite, options->format, stdout, error);
}

static enum bench_status run(const struct bench_options *options, const struct suite *suite,
                             struct error *error)
{
    char path[PATH_MAX];
    enum bench_status status = BENCH_USAGE;

    /* Should a keeper be killed, what it kept falls to this process, which ends it. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    curl_global_init(CURL_GLOBAL_ALL);
    if (options->command == COMMAND_RUN)
        status = run_plan(options, suite);
    else if (list_find_run(suite, options->subjects[0], path, error) == 0)
        status = run_resume(options, suite, path);
    curl_global_cleanup();
    return status;
}

/* A write to a pipe or file that takes no more must be an error that is reported, not the end. */
static void ignore_write_signals(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
}

int main(int argc, char **argv)
{
    static command *const commands[] = {
        [COMMAND_RUN] = run,   [COMMAND_RESUME] = run,    [COMMAND_LIST] = list,
        [COMMAND_SHOW] = show, [COMMAND_DOCTOR] = doctor, [COMMAND_COMPARE] = compare,
    };
    struct bench_options options = bench_options_parse(argc, argv);
    struct suite suite;
    int code = suite_find(&suite, options.results);
    struct error error = {""};
    enum bench_status status;

    /* Else each start of a twin in Python would compile its modules anew, and that is no part of
     * it. */
    unsetenv("PYTHONDONTWRITEBYTECODE");
    if (code < 0) {
        fprintf(stderr, "bench: %s\n", strerror(-code));
        return BENCH_MACHINE;
    }
    ignore_write_signals();
    status = commands[options.command](&options, &suite, &error);
    if (error.text[0] != '\0')
        fprintf(stderr, "bench: %s\n", error.text);
    if ((fflush(stdout) != 0 || ferror(stdout)) && status == BENCH_COMPLETE) {
        fprintf(stderr, "bench: cannot write the output: %s\n", strerror(errno));
        status = BENCH_INVALID;
    }
    return status;
}
