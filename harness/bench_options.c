/* Two tables give all: the commands, and the options with the commands that take them. */
#include "harness/bench_options.h"

#include <argp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/count.h"
#include "common/units.h"
#include "harness/plan/keys.h"

#define EXIT_STATUSES                                                                              \
    "\n\nExit status: 0 complete; 1 executions failed or do not count; 2 wrong command line or "   \
    "plan; 3 this machine lacks something, with the command that repairs it; 130 interrupted."

static const struct command_line {
    const char *name, *summary;
    const char *subjects; /* what it takes, as its usage has it */
    int least, most;      /* how many of them */
    const char *missing;  /* what is said where there are fewer */
    const char *examples; /* and what else is to be known */
} commands[] = {
    [COMMAND_RUN] = {"run", "run a plan: its name, or the path of a file", "PLAN", 1, 1,
                     "the plan is missing; bench list shows those that there are",
                     "Examples:\n"
                     "  bench run quick\n"
                     "  bench run ./mine.json --rounds 10 --budget 15m\n"
                     "  bench run article --until 2% --seed 7" EXIT_STATUSES},
    [COMMAND_RESUME] = {"resume", "go on with a run that was interrupted or killed", "[RUN]", 0, 1,
                        "",
                        "The run goes on as it began: with its plan, seed, rounds and server. "
                        "Without RUN it is the newest one.\n\n"
                        "Examples:\n"
                        "  bench resume\n"
                        "  bench resume results/20261122T194541Z-quick" EXIT_STATUSES},
    [COMMAND_LIST] = {"list", "list the plans, and the runs that there are", "", 0, 0, "",
                      "Examples:\n"
                      "  bench list\n"
                      "  bench list --results /srv/runs"},
    [COMMAND_SHOW] = {"show", "show the figures of a run (default: the newest)", "[RUN]", 0, 1, "",
                      "Examples:\n"
                      "  bench show\n"
                      "  bench show 20261122T194541Z-quick --csv --table cells"},
    [COMMAND_COMPARE] = {"compare", "compare run B with the earlier run A, cell by cell", "A B", 2,
                         2, "takes two runs",
                         "Examples:\n"
                         "  bench compare results/before results/after --tolerance 5%\n"
                         "  bench compare RUN --cells threads-n100-c10-200ms async-n100-c100-200ms"
                         "\n\nExit status: 0 nothing slower or larger; 1 something is, no longer "
                         "counts or is missing, or is far slower or larger in too few executions "
                         "for a verdict (by a quarter); 2 they cannot be compared, or no cell has "
                         "the six executions in both that a verdict takes."},
    [COMMAND_DOCTOR] = {"doctor", "say what of this machine matters, and which plans can run", "",
                        0, 0, "",
                        "Examples:\n"
                        "  bench doctor\n"
                        "  bench doctor --json\n\n"
                        "Exit status: 0 nothing stands in the way; 3 something does."},
    [COMMAND_KEYS] = {"keys", "print the keys of a plan, with what they may hold", "", 0, 0, "",
                      "Examples:\n"
                      "  bench keys\n"
                      "  bench keys | grep latency"},
};

#define RUN     (1U << COMMAND_RUN)
#define RESUME  (1U << COMMAND_RESUME)
#define SHOW    (1U << COMMAND_SHOW)
#define COMPARE (1U << COMMAND_COMPARE)
#define DOCTOR  (1U << COMMAND_DOCTOR)
#define RUNS    (RUN | RESUME | SHOW | COMPARE | 1U << COMMAND_LIST)

/* How an option is taken. */
enum option_kind {
    OPTION_PLAN,   /* as the plan's key of that name */
    OPTION_SERVER, /* likewise, of its server */
    OPTION_TEXT,
    OPTION_SHARE,
    OPTION_FLAG,
    OPTION_FORMAT, /* the format of that name */
};

#define AT(member) offsetof(struct bench_options, member)

static const struct {
    const char *name, *argument;
    enum option_kind kind;
    size_t offset;     /* of what it sets, but for keys */
    unsigned commands; /* that take it, as bits */
    const char *help;
} options_known[] = {
    {"results", "DIR", OPTION_TEXT, AT(results), RUNS, "folder of the runs (default: results/)"},
    {"seed", "N", OPTION_PLAN, 0, RUN, "of the random order (default: a new one)"},
    {"rounds", "N", OPTION_PLAN, 0, RUN, "rounds in place of the plan's"},
    {"until", "P%", OPTION_PLAN, 0, RUN, "further rounds until medians are known to this"},
    {"budget", "TIME", OPTION_PLAN, 0, RUN, "no round that would end later"},
    {"url", "URL", OPTION_SERVER, 0, RUN, "a server of your own, with {id} in its URL"},
    {"json", NULL, OPTION_FORMAT, AT(format), SHOW | COMPARE | DOCTOR, "as JSON"},
    {"csv", NULL, OPTION_FORMAT, AT(format), SHOW | COMPARE | DOCTOR, "as CSV"},
    {"table", "NAME", OPTION_TEXT, AT(table), SHOW, "only cells, memory or remarks"},
    {"cells", NULL, OPTION_FLAG, AT(cells), COMPARE, "two cells of one run: RUN --cells X Y"},
    {"tolerance", "P%", OPTION_SHARE, AT(tolerance), COMPARE, "what is no difference (2%)"},
    {"no-report", NULL, OPTION_FLAG, AT(no_report), RUN | RESUME, "do not make the report"},
    {"quiet", NULL, OPTION_FLAG, AT(quiet), RUN | RESUME, "no progress and no table"},
};

#define FIRST_KEY 256 /* of argp: options without a letter, by their place in the table */

static void take_option(struct bench_options *options, size_t index, char *text,
                        struct argp_state *state)
{
    const char *name = options_known[index].name;
    enum option_kind kind = options_known[index].kind;
    void *field = (char *)options + options_known[index].offset;
    struct error error;

    switch (kind) {
    case OPTION_PLAN:
    case OPTION_SERVER:
        if (keys_parse(kind == OPTION_PLAN ? KEYS_PLAN : KEYS_SERVER, name, text, &options->plan,
                       &error) < 0)
            argp_error(state, "%s", error.text);
        break;
    case OPTION_TEXT:
        *(const char **)field = text;
        break;
    case OPTION_SHARE:
        if (units_parse_share(text, 1, field) < 0)
            argp_error(state, "--%s: '%s' is not a share up to 100%%, such as 2%%", name, text);
        break;
    case OPTION_FLAG:
        *(bool *)field = true;
        break;
    case OPTION_FORMAT:
        *(enum bench_format *)field = strcmp(name, "json") == 0 ? FORMAT_JSON : FORMAT_CSV;
        break;
    }
}

static int count_subjects(const struct bench_options *options)
{
    int count = 0;

    while (count < 3 && options->subjects[count] != NULL)
        count++;
    return count;
}

static error_t parse_command(int key, char *text, struct argp_state *state)
{
    struct bench_options *options = state->input;
    const struct command_line *command = &commands[options->command];
    int count = count_subjects(options);

    if (key >= FIRST_KEY && key < FIRST_KEY + (int)COUNT_OF(options_known)) {
        take_option(options, (size_t)(key - FIRST_KEY), text, state);
    } else if (key == 'h') {
        argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
    } else if (key == ARGP_KEY_ARG && count < 3) {
        options->subjects[count] = text;
    } else if (key == ARGP_KEY_ARG) {
        argp_error(state, "'%s' is too much", text);
    } else if (key == ARGP_KEY_END) {
        if (options->cells && count < 3)
            argp_error(state, "--cells takes a run and two cells");
        if (count < command->least)
            argp_error(state, "%s", command->missing);
        if (!options->cells && count > command->most)
            argp_error(state, "'%s' is too much", options->subjects[command->most]);
    } else {
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static void parse_options(struct bench_options *options, int argc, char **argv)
{
    const struct command_line *command = &commands[options->command];
    struct argp_option list[COUNT_OF(options_known) + 2] = {{0}};
    char name[32], *doc = NULL;
    struct argp argp = {list, parse_command, command->subjects, NULL, NULL, NULL, NULL};
    size_t count = 0;

    for (size_t i = 0; i < COUNT_OF(options_known); i++)
        if ((options_known[i].commands & 1U << options->command) != 0)
            list[count++] = (struct argp_option){.name = options_known[i].name,
                                                 .key = FIRST_KEY + (int)i,
                                                 .arg = options_known[i].argument,
                                                 .doc = options_known[i].help};
    list[count] = (struct argp_option){.key = 'h', .doc = "As --help", .group = -1};
    snprintf(name, sizeof(name), "bench %s", command->name);
    if (asprintf(&doc, "bench %s: %s\v%s", command->name, command->summary, command->examples) < 0)
        exit(BENCH_MACHINE);
    argp.doc = doc;
    argv[0] = name;
    argp_parse(&argp, argc, argv, 0, NULL, options);
    argv[0] = (char *)command->name;
    free(doc);
}

/* How many letters must change, come or go to make one word of the other. */
static size_t distance(const char *a, const char *b)
{
    size_t change;

    if (*a == '\0' || *b == '\0')
        return strlen(a) + strlen(b);
    if (*a == *b)
        return distance(a + 1, b + 1);
    change = distance(a + 1, b + 1);
    if (distance(a, b + 1) < change)
        change = distance(a, b + 1);
    if (distance(a + 1, b) < change)
        change = distance(a + 1, b);
    return change + 1;
}

static void take_command(struct bench_options *options, const char *name, struct argp_state *state)
{
    size_t nearest = 0, least = SIZE_MAX;
    char start[12];

    snprintf(start, sizeof(start), "%s", name); /* the distance takes time that grows fast */
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        size_t far = distance(start, commands[i].name);

        if (far < least) {
            least = far;
            nearest = i;
        }
    }
    if (strcmp(commands[nearest].name, name) != 0)
        argp_error(state, "'%s' is not a command; the nearest one is '%s'", name,
                   commands[nearest].name);
    options->command = (enum bench_command)nearest;
}

static error_t parse_bench(int key, char *text, struct argp_state *state)
{
    struct bench_options *options = state->input;

    switch (key) {
    case 'h':
        argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
        return 0;
    case ARGP_KEY_ARG:
        take_command(options, text, state);
        parse_options(options, state->argc - state->next + 1, state->argv + state->next - 1);
        state->next = state->argc;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "a command is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* What stands below the options: the commands. */
static char *list_commands(int key, const char *text, void *input)
{
    char *list = NULL;
    size_t size;
    FILE *stream = key == ARGP_KEY_HELP_POST_DOC ? open_memstream(&list, &size) : NULL;

    (void)input;
    if (stream == NULL)
        return (char *)text;
    fputs("Commands:\n", stream);
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        fprintf(stream, "  %-7s %-6s %s\n", commands[i].name, commands[i].subjects,
                commands[i].summary);
    fputs("\nbench COMMAND --help says more of each, with examples." EXIT_STATUSES, stream);
    fclose(stream);
    return list;
}

struct bench_options bench_options_parse(int argc, char **argv)
{
    static const struct argp_option help[] = {{.key = 'h', .doc = "As --help", .group = -1}, {0}};
    static const struct argp argp = {
        help,
        parse_bench,
        "COMMAND [OPTION...]",
        "Measures concurrency models on one workload, as a plan says.\v",
        NULL,
        list_commands,
        NULL};
    struct bench_options options = {.tolerance = -1};

    argp_program_version = "bench " SUITE_VERSION;
    argp_err_exit_status = BENCH_USAGE;
    argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &options);
    return options;
}
