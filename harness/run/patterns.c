/* The patterns of a plan, after all that is timed and measured: each is run by the program
 * `patterns`, which starts a server of its own. Their lines go to patterns.jsonl once all are
 * there; a run that was interrupted meanwhile runs them all anew. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "harness/run/session.h"

#define PATTERN_LIMIT_NS (10 * 60 * NS_PER_S)
#define LIST_LIMIT_NS    (20 * NS_PER_S)

int session_check_patterns(const struct session *session, struct error *error)
{
    char program[PATH_MAX], line[100];
    const char *argv[] = {suite_program(session->suite, "patterns", program), "--list", NULL};
    struct process process;
    const json_t *name;
    size_t i;
    int status;

    if (session->plan.patterns == NULL)
        return 0;
    status = process_run(&process, argv, PROCESS_CAPTURE_ALL, LIST_LIMIT_NS, error);
    if (status != 0)
        return status < 0 ? status
                          : error_set(error, -ENOENT,
                                      "%.700s cannot be run; build it with: "
                                      "make build",
                                      program);
    json_array_foreach((json_t *)session->plan.patterns, i, name)
    {
        const char *text = json_string_value(name);

        snprintf(line, sizeof(line), "\n%s ", text); /* a line begins with the name */
        if (strcmp(text, "all") != 0 && strstr(process.text, line) == NULL &&
            strncmp(process.text, line + 1, strlen(line + 1)) != 0)
            return error_set(error, -EINVAL,
                             "the plan names the pattern \"%.60s\", which is none; see: %.700s "
                             "--list",
                             text, program);
    }
    return 0;
}

/* Status 1 says that not all was as the pattern expects: a result, which the claims judge. */
static int run_pattern(struct session *session, const char *name, const char *output,
                       struct error *error)
{
    char program[PATH_MAX], line[200];
    const char *argv[] = {suite_program(session->suite, "patterns", program),
                          "--both",
                          "--output",
                          output,
                          name,
                          NULL};
    struct process process;
    int status = process_run(&process, argv, PROCESS_CAPTURE_ALL, PATTERN_LIMIT_NS, error);

    if (status > 1)
        return error_set(error, -EIO, "%s %s ended with status %d: %.300s", program, name, status,
                         process.text);
    snprintf(line, sizeof(line), "pattern %s: %s%s", name,
             status == 0 ? "as expected" : "not as expected",
             strstr(process.text, "Python is skipped") != NULL ? " (in C; Python is skipped)" : "");
    if (status >= 0)
        progress_note(&session->bench.progress, line);
    return status < 0 ? status : 0;
}

int session_run_patterns(struct session *session, struct error *error)
{
    char path[PATH_MAX], partial[PATH_MAX];
    const json_t *name;
    int code = 0;
    size_t i;

    run_folder_path(&session->folder, "patterns.jsonl", path);
    if (session->plan.patterns == NULL || access(path, F_OK) == 0)
        return 0;
    unlink(run_folder_path(&session->folder, "patterns.jsonl.part", partial));
    json_array_foreach((json_t *)session->plan.patterns, i, name)
    {
        if (code == 0)
            code = run_pattern(session, json_string_value(name), partial, error);
    }
    if (code == 0 && rename(partial, path) < 0)
        code = error_set(error, -errno, "cannot make %s: %s", path, strerror(errno));
    return code;
}
