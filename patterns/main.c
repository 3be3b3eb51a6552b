/* patterns: runs the article's patterns, mistakes and practices, and says what they cost.
 *
 * This process only starts one process for each pattern: so each begins with a fresh memory and
 * with no thread, loop or connection, and none can end the others. */
#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/child.h"
#include "common/command_line.h"
#include "common/count.h"
#include "common/json.h"
#include "common/limit.h"
#include "common/terminal.h"
#include "common/units.h"
#include "patterns/pattern.h"
#include "patterns/mock.h"
#include "patterns/show.h"
#include "patterns/twin.h"

enum status { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_FORBIDDEN = 3 };

/* ---- The command line -------------------------------------------------------------------- */

#define NAMES_MAX 64

struct patterns_asked {
    uint64_t n; /* 0: as the pattern says */
    const char *output;
    const char *server; /* NULL: the one beside this program */
    const char *interpreter;
    bool python; /* the twins, and not C */
    bool both;   /* the twins as well, where Python is there */
    bool show;
    const char *names[NAMES_MAX];
    size_t name_count;
};

static void list(struct argp_state *state, const char *text, void *options)
{
    (void)state, (void)text, (void)options;
    for (const struct pattern *each = pattern_list(); each->name != NULL; each++)
        printf("%-20s  %s\n", each->name, each->title);
    exit(STATUS_OK);
}

static const struct pattern *find(const char *name)
{
    for (const struct pattern *each = pattern_list(); each->name != NULL; each++)
        if (strcmp(each->name, name) == 0)
            return each;
    return NULL;
}

static void take_name(struct argp_state *state, const char *text, void *options)
{
    struct patterns_asked *asked = options;

    if (strcmp(text, "all") != 0 && find(text) == NULL)
        argp_error(state, "there is no pattern '%s'; see --list", text);
    if (asked->name_count == NAMES_MAX)
        argp_error(state, "more than %d names; write all", NAMES_MAX);
    asked->names[asked->name_count++] = text;
}

static void check_names(struct argp_state *state, void *options)
{
    if (((struct patterns_asked *)options)->name_count == 0)
        argp_error(state, "which pattern? Name one, or all; see --list");
}

#define AT(member) offsetof(struct patterns_asked, member)

static const struct option_row rows[] = {
    {"n", 'n', OPTION_NUMBER, AT(n), "N", .help = "How many: users, items or tasks, by the pattern",
     .min = 1, .max = UINT64_MAX},
    {"output", 'o', OPTION_TEXT, AT(output), "FILE", .help = "Append each result as one JSON line"},
    {"server", 's', OPTION_TEXT, AT(server), "PROGRAM",
     .help = "The mock server (default: beside this program)"},
    {"python", 'p', OPTION_FLAG, AT(python), NULL, .help = "Run the twins in Python instead of C"},
    {"both", 'b', OPTION_FLAG, AT(both), NULL,
     .help = "Run C and then the twin, where Python is there"},
    {"interpreter", 'i', OPTION_TEXT, AT(interpreter), "PROGRAM",
     .help = "The twins' Python, of 3.11 or newer (default: /usr/bin/python3)"},
    {"show", 'S', OPTION_FLAG, AT(show), NULL,
     .help = "Run nothing; show what is to be learnt, C beside Python"},
    {"list", 'l', OPTION_SPECIAL, 0, NULL, .help = "List the patterns", .set = list},
};

static void parse(int argc, char **argv, struct patterns_asked *asked)
{
    static const char *const examples[] = {"--list",
                                           "gather pipeline",
                                           "-n 1000 -o patterns.jsonl gather",
                                           "--python gather",
                                           "--show gather",
                                           "all",
                                           NULL};
    const struct command_line line = {
        .program = "patterns",
        .arguments = "NAME... | all",
        .summary = "Runs the article's patterns, mistakes and practices against a mock server and "
                   "says what was expected and what was measured.",
        .examples = examples,
        .statuses = "0 all is as expected; 1 it is not (promises about times are reported, but do "
                    "not count); 2 bad usage; 3 Python was asked for and is not here",
        .rows = rows,
        .count = COUNT_OF(rows),
        .options = asked,
        .take = take_name,
        .complete = check_names,
    };

    command_line_parse(&line, argc, argv);
}

/* ---- Showing ----------------------------------------------------------------------------- */

/* Returns whether every check has held; of times, which a busy machine may break, only where they
 * are `strict`ly asked for. */
static bool held(const struct context *context, bool strict)
{
    json_t *entry;
    size_t i;

    json_array_foreach(context->checks, i, entry)
    {
        if (!json_is_true(json_object_get(entry, "ok")) &&
            (strict || !json_is_true(json_object_get(entry, "timing"))))
            return false;
    }
    return true;
}

static void print_result(const struct context *context)
{
    const struct pattern *pattern = context->pattern;
    json_t *value;
    size_t i;

    printf("%s: %s (%s, n = %llu)\n  article   %s\n", pattern->name, pattern->title,
           context->python ? "Python" : "C", (unsigned long long)context->n, pattern->article);
    if (context->error[0] == '\0') {
        printf("  measured  ");
        say(context, pattern->words, stdout);
        printf("\n");
    }
    json_array_foreach(context->warnings, i, value)
    {
        printf("  warning   %s\n", json_string_value(value));
    }
    json_array_foreach(context->checks, i, value)
    {
        printf("  %-8s  %s\n", json_is_true(json_object_get(value, "ok")) ? "yes" : "NO",
               json_text_at(value, "text", ""));
    }
    printf("  %s\n\n", held(context, true) ? pattern->meaning
                                           : "Not all was as expected: see the lines with NO.");
    fflush(stdout);
}

static int write_result(const struct context *context, const char *path)
{
    const struct pattern *pattern = context->pattern;
    json_t *line = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:O, s:O, s:O, s:s*}", "schema",
                             "patterns.result/1", "language", context->python ? "python" : "c",
                             "pattern", pattern->name, "title", pattern->title, "article",
                             pattern->article, "n", (json_int_t)context->n, "figures",
                             context->figures, "bars", context->bars, "checks", context->checks,
                             "error", context->error[0] != '\0' ? context->error : NULL);
    int error = line != NULL ? json_line_append(path, line) : -ENOMEM;

    json_decref(line);
    if (error < 0)
        fprintf(stderr, "patterns: %s: %s\n", path, strerror(-error));
    return error;
}

/* ---- Running ----------------------------------------------------------------------------- */

/* The pattern came to no end of its own: what it noted before is no measurement. */
static void fail(struct context *context, const char *text, ...)
{
    va_list arguments;

    va_start(arguments, text);
    vsnprintf(context->error, sizeof(context->error), text, arguments);
    va_end(arguments);
    fprintf(stderr, "patterns: %s: %s\n", context->pattern->name, context->error);
    check(context, false, "the pattern itself runs: %s", context->error);
}

/* `status` as waitpid() gives it. */
static const char *ended_text(int status)
{
    static char text[100];

    if (WIFSIGNALED(status))
        snprintf(text, sizeof(text), "it was ended by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(text, sizeof(text), "it ended with status %d", WEXITSTATUS(status));
    return text;
}

static void keep_warning(void *user, const char *text)
{
    struct context *context = user;

    context->warned_ns = clock_ns();
    json_array_append_new(context->warnings, json_string(text));
}

static int run_main(struct co_task *self, void *context)
{
    return ((struct context *)context)->pattern->body(self, context);
}

/* Everything that the pattern needs is there. */
static int run_body(struct context *context)
{
    struct co_options loop_options = {
        .stack_bytes = context->pattern->stack_bytes,
        .warn = keep_warning,
        .user = context,
    };
    struct co_http_options http_options = {
        .connections = context->pattern->connections,
        .fresh = context->pattern->connections == 0,
        .timeout_ns = context->pattern->timeout_ns,
    };
    int error = UV_ENOMEM;

    context->loop = co_loop_new(&loop_options);
    if (context->loop == NULL)
        return error;
    context->http = co_http_new(context->loop, &http_options);
    if (context->http != NULL)
        error = context->processes != NULL
                    ? process_pool_attach(context->processes, co_loop_uv(context->loop))
                    : 0;
    if (error == 0)
        error = co_run(context->loop, run_main, context);
    figure(context, "stack_high_water_bytes",
           (double)co_loop_counts(context->loop).stack_high_water_bytes);
    co_http_free(context->http);
    process_pool_free(context->processes);
    context->processes = NULL;
    co_loop_free(context->loop);
    return error;
}

static void run_pattern(struct context *context, const struct patterns_asked *asked)
{
    const struct pattern *pattern = context->pattern;
    struct mock server;
    bool forks = pattern->processes > 0 && !context->python;
    int error;

    if (forks)
        context->processes = process_pool_fork(pattern->processes);
    if (forks && context->processes == NULL) {
        fail(context, "its processes do not start: %s", strerror(errno));
        return;
    }
    error = mock_start(&server, asked->server, pattern->server);
    if (error < 0) {
        fail(context, "the mock server %s does not start: %s", asked->server, strerror(-error));
        process_pool_free(context->processes);
        return;
    }
    context->url = server.url;
    error = context->python ? twin_run(context) : run_body(context);
    mock_stop(&server);
    if (error != 0)
        fail(context, "%s", error < 0 ? co_error(error) : ended_text(error));
    else if (context->error[0] == '\0')
        check_figures(context);
}

static void context_free(struct context *context)
{
    json_decref(context->figures);
    json_decref(context->bars);
    json_decref(context->checks);
    json_decref(context->warnings);
}

/* Shows and writes what came of it, and frees it. */
static int finish(struct context *context, const struct patterns_asked *asked)
{
    bool good = held(context, false);

    print_result(context);
    if (asked->output != NULL && write_result(context, asked->output) < 0)
        good = false;
    context_free(context);
    return good ? STATUS_OK : STATUS_FAILED;
}

static int run_in_child(struct context *context, const struct patterns_asked *asked)
{
    int status;

    limit_raise(RLIMIT_NOFILE); /* a connection takes a descriptor */
    curl_global_init(CURL_GLOBAL_NOTHING);
    run_pattern(context, asked);
    status = finish(context, asked);
    curl_global_cleanup();
    return status;
}

/* A child that dies leaves its line to its parent. */
static int run_language(const struct pattern *pattern, const struct patterns_asked *asked,
                        bool python)
{
    struct context context = {
        .pattern = pattern,
        .python = python ? asked->interpreter : NULL,
        .n = asked->n > 0 ? asked->n
             : python     ? pattern->n_python
                          : pattern->n,
        .figures = json_object(),
        .bars = json_array(),
        .checks = json_array(),
        .warnings = json_array(),
    };
    pid_t pid;
    int status;

    fflush(stdout);
    pid = child_fork(SIGKILL);
    if (pid == 0)
        exit(run_in_child(&context, asked));
    status = pid > 0 ? child_wait(pid) : 0;
    if (pid < 0 || !WIFEXITED(status)) {
        fail(&context, "%s", pid < 0 ? strerror(errno) : ended_text(status));
        return finish(&context, asked);
    }
    context_free(&context);
    return WEXITSTATUS(status);
}

static int show(const struct pattern *pattern)
{
    if (show_lessons(pattern, terminal_columns(STDOUT_FILENO, 120)) == 0)
        return STATUS_OK;
    fprintf(stderr, "patterns: the sources of %s are not beside this program\n", pattern->name);
    return STATUS_FAILED;
}

static int run_one(const struct pattern *pattern, const struct patterns_asked *asked)
{
    int status = STATUS_OK;

    if (asked->show)
        return show(pattern);
    if (!asked->python)
        status = run_language(pattern, asked, false);
    if (asked->python || asked->both)
        status = run_language(pattern, asked, true) == STATUS_OK ? status : STATUS_FAILED;
    return status;
}

static int run_named(const char *name, const struct patterns_asked *asked)
{
    int status = STATUS_OK;

    if (strcmp(name, "all") != 0)
        return run_one(find(name), asked);
    for (const struct pattern *each = pattern_list(); each->name != NULL; each++)
        if (run_one(each, asked) != STATUS_OK)
            status = STATUS_FAILED;
    return status;
}

int main(int argc, char **argv)
{
    struct patterns_asked asked = {.interpreter = "/usr/bin/python3"};
    const char *missing = NULL;
    char server[PATH_MAX];
    int status = STATUS_OK;

    parse(argc, argv, &asked);
    if (asked.server == NULL)
        asked.server = source_find("mockserver", server);
    if (asked.server == NULL)
        asked.server = "mockserver"; /* in the search path */
    if ((asked.python || asked.both) && !asked.show)
        missing = twin_missing(asked.interpreter);
    if (missing != NULL)
        fprintf(stderr, "patterns: Python is skipped: %s\n", missing);
    if (missing != NULL && asked.python)
        return STATUS_FORBIDDEN;
    asked.both = asked.both && missing == NULL;
    for (size_t i = 0; i < asked.name_count; i++)
        if (run_named(asked.names[i], &asked) != STATUS_OK)
            status = STATUS_FAILED;
    return status;
}
