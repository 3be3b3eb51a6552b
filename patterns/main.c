/* patterns: runs the article's patterns, mistakes and practices, and says what they cost.
 *
 * This process only starts one process for each pattern: so each begins with a fresh memory and
 * with no thread, loop or connection, and none can end the others. */
#include <argp.h>
#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "patterns/pattern.h"
#include "patterns/server.h"
#include "common/json.h"
#include "common/units.h"

#define NAMES_MAX 64

enum status { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_USAGE = 2 };

struct settings {
    uint64_t n;
    const char *output;
    const char *names[NAMES_MAX];
    size_t name_count;
    char program[4096]; /* the mock server */
};

static const struct argp_option options[] = {
    {"n", 'n', "N", 0, "how many: users, items or tasks, by the pattern", 0},
    {"output", 'o', "FILE", 0, "append each result as one JSON line", 0},
    {"server", 's', "PROGRAM", 0, "the mock server (default: beside this program)", 0},
    {"list", 'l', NULL, 0, "list the patterns", 0},
    {0},
};

static _Noreturn void list(void)
{
    for (size_t i = 0; patterns[i] != NULL; i++)
        printf("%-16s %s\n", patterns[i]->name, patterns[i]->title);
    exit(STATUS_OK);
}

static const struct pattern *find(const char *name)
{
    for (size_t i = 0; patterns[i] != NULL; i++)
        if (strcmp(patterns[i]->name, name) == 0)
            return patterns[i];
    return NULL;
}

static error_t set_option(int key, char *value, struct argp_state *state)
{
    struct settings *settings = state->input;

    switch (key) {
    case 'n':
        if (units_parse_count(value, &settings->n) < 0 || settings->n == 0)
            argp_error(state, "--n: '%s' is not a number of at least 1; write 1000 or 10k", value);
        return 0;
    case 'o':
        settings->output = value;
        return 0;
    case 's':
        snprintf(settings->program, sizeof(settings->program), "%s", value);
        return 0;
    case 'l':
        list();
    case ARGP_KEY_ARG:
        if (strcmp(value, "all") != 0 && find(value) == NULL)
            argp_error(state, "there is no pattern '%s'; see --list", value);
        if (settings->name_count == NAMES_MAX)
            argp_error(state, "more than %d names; write all", NAMES_MAX);
        settings->names[settings->name_count++] = value;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which pattern? Name one, or all; see --list");
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

/* ---- Showing ----------------------------------------------------------------------------- */

static void format_figure(const char *name, double value, char *text)
{
    size_t length = strlen(name);

    if (length > 3 && strcmp(name + length - 3, "_ns") == 0)
        units_format_duration((uint64_t)value, text);
    else if (length > 6 && strcmp(name + length - 6, "_bytes") == 0)
        units_format_bytes((uint64_t)value, text);
    else
        snprintf(text, UNITS_TEXT_SIZE, "%.6g", value);
}

static void print_result(const struct context *context)
{
    const struct pattern *pattern = context->pattern;
    char text[UNITS_TEXT_SIZE];
    const char *name;
    json_t *value;
    size_t i;

    printf("%s: %s (n = %llu)\n  article   %s\n", pattern->name, pattern->title,
           (unsigned long long)context->n, pattern->article);
    json_object_foreach(context->figures, name, value)
    {
        format_figure(name, json_number_value(value), text);
        printf("  measured  %-36s %s\n", name, text);
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
    printf("\n");
    fflush(stdout);
}

/* Returns whether every check has held but those of times, which a busy machine may break. */
static bool held(const struct context *context)
{
    json_t *entry;
    size_t i;

    json_array_foreach(context->checks, i, entry)
    {
        if (!json_is_true(json_object_get(entry, "ok")) &&
            !json_is_true(json_object_get(entry, "timing")))
            return false;
    }
    return true;
}

static int write_result(const struct context *context, const char *path)
{
    const struct pattern *pattern = context->pattern;
    json_t *line = json_pack("{s:s, s:s, s:s, s:s, s:I, s:O, s:O, s:O}", "schema",
                             "patterns.result/1", "pattern", pattern->name, "title", pattern->title,
                             "article", pattern->article, "n", (json_int_t)context->n, "figures",
                             context->figures, "bars", context->bars, "checks", context->checks);
    int error = line != NULL ? json_line_append(path, line) : -ENOMEM;

    json_decref(line);
    if (error < 0)
        fprintf(stderr, "patterns: %s: %s\n", path, strerror(-error));
    return error;
}

/* ---- Running ----------------------------------------------------------------------------- */

static void keep_warning(void *user, const char *text)
{
    struct context *context = user;

    json_array_append_new(context->warnings, json_string(text));
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
        error = co_run(context->loop, context->pattern->body, context);
    figure(context, "stack_high_water_bytes",
           (double)co_loop_counts(context->loop).stack_high_water_bytes);
    co_http_free(context->http);
    process_pool_free(context->processes);
    context->processes = NULL;
    co_loop_free(context->loop);
    return error;
}

static int run_pattern(struct context *context, const struct settings *settings)
{
    const struct pattern *pattern = context->pattern;
    struct server server;
    int error;

    if (pattern->processes > 0)
        context->processes = process_pool_fork(pattern->processes);
    error = server_start(&server, settings->program, pattern->server);
    if (error < 0) {
        fprintf(stderr, "patterns: the mock server %s does not start: %s\n", settings->program,
                strerror(-error));
        process_pool_free(context->processes);
        return STATUS_FAILED;
    }
    context->url = server.url;
    error = run_body(context);
    server_stop(&server);
    if (error < 0)
        check(context, false, "the pattern itself runs: %s", co_error(error));
    print_result(context);
    if (settings->output != NULL && write_result(context, settings->output) < 0)
        return STATUS_FAILED;
    return held(context) ? STATUS_OK : STATUS_FAILED;
}

/* As many descriptors as the system lets us have: a connection each. */
static void raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static int run_in_child(const struct pattern *pattern, const struct settings *settings)
{
    struct context context = {
        .pattern = pattern,
        .n = settings->n > 0 ? settings->n : pattern->n,
        .figures = json_object(),
        .bars = json_array(),
        .checks = json_array(),
        .warnings = json_array(),
    };
    int status;

    raise_descriptors();
    curl_global_init(CURL_GLOBAL_NOTHING);
    status = run_pattern(&context, settings);
    json_decref(context.figures);
    json_decref(context.bars);
    json_decref(context.checks);
    json_decref(context.warnings);
    curl_global_cleanup();
    return status;
}

static int run_one(const struct pattern *pattern, const struct settings *settings)
{
    pid_t parent = getpid(), pid;
    int status;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(STATUS_FAILED);
        exit(run_in_child(pattern, settings));
    }
    if (pid < 0) {
        perror("patterns: fork");
        return STATUS_FAILED;
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    fprintf(stderr, "patterns: %s was ended by signal %d\n", pattern->name, WTERMSIG(status));
    return STATUS_FAILED;
}

static int run_named(const char *name, const struct settings *settings)
{
    int status = STATUS_OK;

    if (strcmp(name, "all") != 0)
        return run_one(find(name), settings);
    for (size_t i = 0; patterns[i] != NULL; i++)
        if (run_one(patterns[i], settings) != STATUS_OK)
            status = STATUS_FAILED;
    return status;
}

static void find_server(struct settings *settings)
{
    ssize_t length = readlink("/proc/self/exe", settings->program, sizeof(settings->program) - 16);
    char *slash;

    settings->program[length > 0 ? length : 0] = '\0';
    slash = strrchr(settings->program, '/');
    snprintf(slash != NULL ? slash + 1 : settings->program, 16, "mockserver");
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = set_option,
        .args_doc = "NAME... | all",
        .doc = "Runs the article's patterns, mistakes and practices against a mock server and says "
               "what was expected and what was measured.\v"
               "Exit status: 0 all is as expected; 1 it is not (promises about times are reported, "
               "but do not count); 2 bad usage.",
    };
    struct settings settings = {.n = 0};
    int status = STATUS_OK;

    find_server(&settings);
    argp_err_exit_status = STATUS_USAGE;
    signal(SIGPIPE, SIG_IGN);
    argp_parse(&argp, argc, argv, 0, NULL, &settings);
    for (size_t i = 0; i < settings.name_count; i++)
        if (run_named(settings.names[i], &settings) != STATUS_OK)
            status = STATUS_FAILED;
    return status;
}
