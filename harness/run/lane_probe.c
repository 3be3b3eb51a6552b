#include "harness/run/lane_probe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "harness/error.h"
#include "harness/process/process.h"

#define PROBE_LIMIT_NS    (20 * NS_PER_S)
#define ARGUMENTS_MAX     16
#define STATUS_MACHINE    3   /* of a lane: something is missing on this machine */
#define STATUS_CANNOT_RUN 126 /* of a shell or env: not executable, … */
#define STATUS_NOT_FOUND  127 /* … or not found */

/* "apt-get install python3-httpx python3-aiohttp", and why. */
static enum lane_state report_missing(const struct lane *lane, const char *why, char *text)
{
    size_t length = (size_t)snprintf(text, LANE_PROBE_SIZE, "apt-get install");
    json_t *package;
    size_t i;

    json_array_foreach((json_t *)lane->packages, i, package)
    {
        if (length < LANE_PROBE_SIZE)
            length += (size_t)snprintf(text + length, LANE_PROBE_SIZE - length, " %s",
                                       json_string_value(package));
    }
    if (length < LANE_PROBE_SIZE && why[0] != '\0')
        snprintf(text + length, LANE_PROBE_SIZE - length, " (%.200s)", why);
    return LANE_MISSING;
}

/* The first line that is printed, without what a terminal could not show. */
static void take_line(char *line, const char *text)
{
    size_t length = strcspn(text, "\r\n");

    snprintf(line, LANE_PROBE_SIZE, "%.*s", (int)length, text);
    for (char *c = line; *c != '\0'; c++)
        *c = (char)(*c >= ' ' && *c <= '~' ? *c : '?');
}

static enum lane_state run_probe(const struct lane *lane, const char *const argv[], char *text)
{
    struct process_options options = {.argv = argv,
                                      .capture = PROCESS_CAPTURE_OUT | PROCESS_CAPTURE_ERR};
    struct process process;
    char reason[ERROR_SIZE], line[LANE_PROBE_SIZE];
    int code = process_start(&process, &options, reason), status;

    if (code < 0)
        return report_missing(lane, reason, text);
    code = process_wait(&process, clock_ns() + PROBE_LIMIT_NS);
    process_end(&process, 0);
    if (code == -EINTR)
        return LANE_STOPPED;
    take_line(line, process.text);
    status = process_exit_status(&process);
    if (status == STATUS_MACHINE || status == STATUS_CANNOT_RUN || status == STATUS_NOT_FOUND)
        return report_missing(lane, line, text);
    memcpy(text, line, sizeof(line));
    return LANE_READY;
}

enum lane_state lane_probe(const struct lane *lane, char *text)
{
    const char *argv[ARGUMENTS_MAX + 3] = {lane->path};
    size_t count = 1, i;
    json_t *argument;
    char why[LANE_PROBE_SIZE];

    text[0] = '\0';
    if (json_array_size(lane->packages) == 0)
        return LANE_READY;
    if (access(lane->path, F_OK) < 0) {
        snprintf(why, sizeof(why), "then make build: there is no %.150s", lane->path);
        return report_missing(lane, why, text);
    }
    json_array_foreach((json_t *)lane->arguments, i, argument)
    {
        if (count <= ARGUMENTS_MAX)
            argv[count++] = json_string_value(argument);
    }
    argv[count] = "--version";
    return run_probe(lane, argv, text);
}
