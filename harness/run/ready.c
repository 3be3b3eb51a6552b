#include "harness/run/ready.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/json.h"
#include "harness/machine/environment.h"
#include "common/process/process.h"

#define PROBE_LIMIT_NS    (20 * NS_PER_S)
#define ARGUMENTS_MAX     16
#define STATUS_MACHINE    3   /* of a lane: something is missing on this machine */
#define STATUS_CANNOT_RUN 126 /* of a shell or env: not executable, … */
#define STATUS_NOT_FOUND  127 /* … or not found */

/* It times itself, as it will time lanes: what hangs, crashes, knows no such options or writes down
 * nonsense says so here. */
static int try_hyperfine(struct error *error)
{
    const char *argv[] = {"hyperfine",
                          "-N",
                          "--runs=1",
                          "--style=none",
                          "--output=null",
                          "--export-json=/dev/stdout",
                          "--",
                          "hyperfine --version",
                          NULL};
    struct process process;
    int status = process_run(&process, argv, PROCESS_CAPTURE_ALL, PROBE_LIMIT_NS, error);
    json_t *export;
    double seconds = 0;
    char line[128];

    if (status < 0)
        return status;
    export = json_loads(strchrnul(process.text, '{'), JSON_DISABLE_EOF_CHECK, NULL);
    json_unpack(export, "{s:[{s:[F]}]}", "results", "times", &seconds);
    json_decref(export);
    process_line(process.text, line, sizeof(line));
    if (status == 0 && seconds > 0 && seconds < 1e9)
        return 0;
    return error_set(error, -ENOTSUP,
                     "hyperfine 1.13 or newer is needed; asked to time itself, it %s%s",
                     status > 128 ? "crashed: "
                     : status > 0 ? "says: "
                                  : "gave no time: ",
                     line);
}

/* Once: it is the same for every plan. */
int ready_hyperfine(struct error *error)
{
    static struct error found;
    static int code = 1;

    if (code > 0)
        code = try_hyperfine(&found);
    *error = found;
    return code;
}

/* Returns 0 or a negative errno. */
static int check_program(const char *path)
{
    struct stat status;

    if (access(path, X_OK) < 0 || stat(path, &status) < 0)
        return -errno;
    return S_ISREG(status.st_mode) ? 0 : -EACCES;
}

int ready_check(const struct plan *plan, const char *server, struct error *error)
{
    int code = check_program(server);
    struct error reason;

    if (code < 0)
        return error_set(error, code, "the mock server %.700s: %s; build it with: make build",
                         server, strerror(-code));
    for (size_t i = 0; i < plan->cell_count; i++) {
        const struct lane *lane = plan->cells[i].lane;

        if (json_array_size(lane->packages) > 0)
            continue; /* where it is missing its cells are left out */
        code = check_program(lane->path);
        if (code < 0)
            return error_set(error, code, "the lane %s, %.700s: %s; build it with: make build",
                             lane->name, lane->path, strerror(-code));
    }
    code = ready_hyperfine(&reason);
    if (code < 0)
        error_set(error, code, "%.300s%s", reason.text,
                  code == -EINTR ? "" : "; install it with: apt-get install hyperfine");
    return code;
}

/* "apt-get install python3-httpx python3-aiohttp", and why. */
static int report_missing(const struct lane *lane, const char *why, struct error *text)
{
    size_t length = (size_t)snprintf(text->text, sizeof(text->text), "apt-get install");
    json_t *package;
    size_t i;

    json_array_foreach((json_t *)lane->packages, i, package)
    {
        if (length < sizeof(text->text))
            length += (size_t)snprintf(text->text + length, sizeof(text->text) - length, " %s",
                                       json_string_value(package));
    }
    if (length < sizeof(text->text) && why[0] != '\0')
        snprintf(text->text + length, sizeof(text->text) - length, " (%.200s)", why);
    return 0;
}

int ready_lane(const struct lane *lane, struct error *text)
{
    const char *argv[ARGUMENTS_MAX + 3] = {lane->path};
    size_t count = 1, i;
    struct process process;
    struct error why;
    json_t *argument;
    int status;

    text->text[0] = '\0';
    if (json_array_size(lane->packages) == 0)
        return 1;
    error_set(&why, 0, "then make build: there is no %s", lane->program);
    if (access(lane->path, F_OK) < 0)
        return report_missing(lane, why.text, text);
    json_array_foreach((json_t *)lane->arguments, i, argument)
    {
        if (count <= ARGUMENTS_MAX)
            argv[count++] = json_string_value(argument);
    }
    argv[count] = "--version";
    status = process_run(&process, argv, PROCESS_CAPTURE_ALL, PROBE_LIMIT_NS, &why);
    if (status == -EINTR)
        return status;
    if (status < 0 && status != -ETIMEDOUT)
        return report_missing(lane, why.text, text);
    process_line(process.text, why.text, sizeof(why.text));
    if (status == STATUS_MACHINE || status == STATUS_CANNOT_RUN || status == STATUS_NOT_FOUND)
        return report_missing(lane, why.text, text);
    *text = why;
    return 1;
}

bool ready_cell(const struct cell *cell, const json_t *environment, struct error *why)
{
    const json_t *each =
        json_object_get(environment_known("needs_of_a_request"), cell->lane->model);
    json_t *need;
    size_t i;

    json_array_foreach((json_t *)environment_known("needs"), i, need)
    {
        const char *of = json_text_at(need, "each", "");
        double limit = json_number_at(environment, json_text_at(need, "limit", ""), INFINITY);
        double needed = json_number_at(need, "base", 0) + json_number_at(each, of, 0) *
                                                              (double)cell->concurrency /
                                                              (double)cell_processes(cell);
        char remedy[96];

        /* The server holds one descriptor for each request, whatever the model. */
        if (needed <= limit || (strcmp(of, "descriptors") == 0 && !cell_work_requests(&cell->work)))
            continue;
        snprintf(remedy, sizeof(remedy), json_text_at(need, "remedy", ""), needed);
        return error_set(why, 0, "%s needs %.0f %s, the limit is %.0f: %s", cell->id, needed,
                         json_text_at(need, "name", ""), limit, remedy);
    }
    return true;
}
