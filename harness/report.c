#include "harness/report.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "harness/error.h"
#include "harness/process/process.h"

#define LIMIT_NS (120 * NS_PER_S)

static int run_report(const char *program, const char *run, struct process *process, char *error)
{
    const char *argv[] = {program, run, NULL};
    struct process_options options = {.argv = argv,
                                      .capture = PROCESS_CAPTURE_OUT | PROCESS_CAPTURE_ERR};
    int state, status;

    if (process_start(process, &options, error) < 0)
        return -EIO;
    state = process_wait(process, clock_ns() + LIMIT_NS);
    process_end(process, 0);
    if (state == -EINTR)
        return error_set(error, -EINTR, "interrupted while the report was made");
    status = process_exit_status(process);
    if (state != 1 || status != 0)
        return error_set(error, -EIO, "%.200s %.400s ended with status %d: %.300s", program, run,
                         status, process->text);
    return 0;
}

int report_make(const struct suite *suite, const char *run, bool quiet, char *error)
{
    char program[PATH_MAX];
    struct process process;
    int code;

    suite_program(suite, "report", program);
    if (access(program, X_OK) < 0)
        return error_set(error, -errno,
                         "no report was made, since %.400s cannot be run: %s; build it with make "
                         "build, then: %.100s %.300s",
                         program, strerror(errno), "build/report", run);
    code = run_report(program, run, &process, error);
    if (code == 0 && !quiet)
        printf("\n%s", process.text);
    return code;
}
