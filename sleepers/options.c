#include "sleepers/options.h"

#include <argp.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "common/clock.h"
#include "common/units.h"

#define EXIT_USAGE 2
#define TASKS_MAX  10000000

enum {
    OPTION_KIND = 256,
    OPTION_WORK,
    OPTION_LATENCY,
    OPTION_READY,
    OPTION_CONNECTIONS,
    OPTION_QUIET,
};

static const struct argp_option table[] = {
    {NULL, 0, NULL, 0, "The workload:", 1},
    {"kind", OPTION_KIND, "KIND", 0,
     "What a task is: coroutine, stackless, timer or thread (default: coroutine)", 0},
    {"requests", 'n', "N", 0, "Tasks in all, started at once (default: 1000)", 0},
    {"latency", OPTION_LATENCY, "TIME", 0, "How long each sleeps (default: 1s)", 0},
    {"work", OPTION_WORK, "sleep", 0, "The only work there is here", 0},
    {"ready", OPTION_READY, "FILE", 0, "Make FILE, empty, once all N tasks sleep", 0},
    {NULL, 0, NULL, 0, "Output:", 2},
    {"output", 'o', "FILE", 0, "Append the result to FILE as one JSON line", 0},
    {"quiet", OPTION_QUIET, NULL, 0, "No summary", 0},
    {NULL, 0, NULL, 0, "Options of the lanes that mean nothing to a sleeper:", 3},
    {"concurrency", 'c', "C", 0, "Ignored: all tasks sleep at once", 0},
    {"timeout", 't', "TIME", 0, "Ignored", 0},
    {"connections", OPTION_CONNECTIONS, "reuse|fresh", 0, "Ignored", 0},
    {NULL, 0, NULL, 0, "Help:", -1},
    {0},
};

static const struct kind *find_kind(struct argp_state *state, const char *name)
{
    const struct kind *kind = kinds;

    while (kind->name != NULL && strcmp(kind->name, name) != 0)
        kind++;
    if (kind->name == NULL)
        argp_error(state, "--kind: '%s' is none of coroutine, stackless, timer and thread", name);
    return kind;
}

static uint64_t duration(struct argp_state *state, const char *text)
{
    uint64_t ns = 0;

    if (units_parse_duration(text, &ns) < 0 || ns == 0)
        argp_error(state, "--latency: '%s' is not a time above 0; write it like 200ms, 1.5s or 2m",
                   text);
    return ns;
}

static uint64_t count(struct argp_state *state, const char *text)
{
    uint64_t value = 0;

    if (units_parse_count(text, &value) < 0 || value == 0 || value > TASKS_MAX)
        argp_error(state,
                   "--requests: '%s' is not a number from 1 to 10M; write it like 1000 or "
                   "10k",
                   text);
    return value;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case OPTION_KIND:
        o->kind = find_kind(state, argument);
        break;
    case OPTION_WORK:
        if (strcmp(argument, "sleep") != 0)
            argp_error(state, "--work: '%s' is not 'sleep', and there is no other work here",
                       argument);
        break;
    case 'n':
        o->tasks = count(state, argument);
        break;
    case OPTION_LATENCY:
        o->latency_ns = duration(state, argument);
        break;
    case OPTION_READY:
        o->ready = argument;
        break;
    case 'o':
        o->output = argument;
        break;
    case OPTION_QUIET:
        o->quiet = true;
        break;
    case 'c':
    case 't':
    case OPTION_CONNECTIONS:
        break;
    case ARGP_KEY_ARG: /* a URL: no request is made */
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static void print_version(FILE *stream, struct argp_state *state)
{
    (void)state;
    fprintf(stream, "sleepers %s (libuv %s)\n", SUITE_VERSION, uv_version_string());
}

static const struct argp argp = {
    .options = table,
    .parser = parse,
    .args_doc = "[URL]",
    .doc = "Starts N tasks that sleep once, all at the same time, and says what they cost.\v"
           "A URL, as the lanes take one, is ignored.\n\n"
           "Exit status: 0 every task slept its full time; 1 some did not; 2 wrong usage; 3 the "
           "machine's limits forbid the run; 130 interrupted (the partial result is written).",
};

struct options options_parse(int argc, char **argv)
{
    struct options options = {.kind = kinds, .tasks = 1000, .latency_ns = NS_PER_S};

    argp_program_version_hook = print_version;
    argp_err_exit_status = EXIT_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    return options;
}
