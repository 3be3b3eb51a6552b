/* bench: runs plans, lists them, shows their results. */
#include <curl/curl.h>
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "common/error.h"
#include "harness/compare.h"
#include "harness/machine/doctor.h"
#include "harness/list.h"
#include "harness/plan/keys.h"
#include "harness/bench_options.h"
#include "harness/run/run.h"
#include "harness/show.h"
#include "harness/suite.h"

static enum bench_status fail(enum bench_status status, const struct error *error)
{
    fprintf(stderr, "bench: %s\n", error->text);
    return status;
}

static enum bench_status show(const struct bench_options *options, const struct suite *suite)
{
    char path[PATH_MAX];
    struct error error = {""};

    if (list_find_run(suite, options->subjects[0], path, &error) < 0 ||
        show_run(path, options, stdout, &error) < 0)
        return fail(BENCH_USAGE, &error);
    return BENCH_COMPLETE;
}

static enum bench_status compare(const struct bench_options *options, const struct suite *suite)
{
    const char *const *subjects = options->subjects;
    char a[PATH_MAX], b[PATH_MAX];
    struct error error = {""};
    enum bench_status status;

    if (list_find_run(suite, subjects[0], a, &error) < 0)
        return fail(BENCH_USAGE, &error);
    if (options->cells)
        status = compare_cells(a, subjects[1], subjects[2], options, stdout, &error);
    else if (list_find_run(suite, subjects[1], b, &error) < 0)
        return fail(BENCH_USAGE, &error);
    else
        status = compare_runs(a, b, options, stdout, &error);
    return status == BENCH_USAGE ? fail(status, &error) : status;
}

static enum bench_status list(const struct suite *suite)
{
    struct error error = {""};

    return list_all(suite, stdout, &error) < 0 ? fail(BENCH_USAGE, &error) : BENCH_COMPLETE;
}

static enum bench_status resume(const struct bench_options *options, const struct suite *suite)
{
    char path[PATH_MAX];
    struct error error = {""};

    if (list_find_run(suite, options->subjects[0], path, &error) < 0)
        return fail(BENCH_USAGE, &error);
    return run_resume(options, suite, path);
}

static enum bench_status run(const struct bench_options *options, const struct suite *suite)
{
    enum bench_status status;

    /* Should a keeper be killed, what it kept falls to this process, which ends it. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    curl_global_init(CURL_GLOBAL_ALL);
    status = options->command == COMMAND_RUN ? run_plan(options, suite) : resume(options, suite);
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
    struct bench_options options = bench_options_parse(argc, argv);
    struct suite suite;
    int code = suite_find(&suite, options.results);

    /* Else each start of a twin in Python would compile its modules anew, and that is no part of
     * it. */
    unsetenv("PYTHONDONTWRITEBYTECODE");
    if (code < 0) {
        fprintf(stderr, "bench: %s\n", strerror(-code));
        return BENCH_MACHINE;
    }
    ignore_write_signals();
    switch (options.command) {
    case COMMAND_RUN:
    case COMMAND_RESUME:
        return run(&options, &suite);
    case COMMAND_LIST:
        return list(&suite);
    case COMMAND_SHOW:
        return show(&options, &suite);
    case COMMAND_DOCTOR:
        return doctor_print(&suite, options.format, stdout);
    case COMMAND_COMPARE:
        return compare(&options, &suite);
    case COMMAND_KEYS:
        keys_print(stdout);
        return BENCH_COMPLETE;
    }
    return BENCH_USAGE;
}
