/* Two tables give all: the commands, and the options with the commands that take them. */
#include "harness/bench_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/command_line.h"
#include "common/count.h"
#include "common/units.h"
#include "harness/plan/keys.h"

#define OF_A_RUN                                                                                   \
    "0 complete; 1 executions failed or do not count; 2 wrong command line or plan; 3 this "       \
    "machine lacks something, with the command that repairs it; 130 interrupted"
#define SHOWN "0 all is shown; 2 it is not, with the reason"
#define EXAMPLES(...)                                                                              \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

static const struct command {
    const char *name, *summary;
    const char *subjects; /* what it takes, as its usage has it */
    int least, most;      /* how many of them */
    const char *missing;  /* what is said where there are fewer */
    const char *details;
    const char *const *examples;
    const char *statuses;
} commands[] = {
    [COMMAND_RUN] = {"run", "run a plan: its name, or the path of a file", "PLAN", 1, 1,
                     "the plan is missing; bench list shows those that there are", NULL,
                     EXAMPLES("run quick", "run ./mine.json --rounds 10 --budget 15m",
                              "run article --until 2% --seed 7"),
                     OF_A_RUN},
    [COMMAND_RESUME] = {"resume", "go on with a run that was interrupted or killed", "[RUN]", 0, 1,
                        NULL,
                        "The run goes on as it began: with its plan, seed, rounds and server. "
                        "Without RUN it is the newest one.",
                        EXAMPLES("resume", "resume results/20261122T194541Z-quick"), OF_A_RUN},
    [COMMAND_LIST] = {"list", "list the plans, and the runs that there are", "", 0, 0, NULL, NULL,
                      EXAMPLES("list", "list --results /srv/runs"), SHOWN},
    [COMMAND_SHOW] = {"show", "show the figures of a run (default: the newest)", "[RUN]", 0, 1,
                      NULL, NULL,
                      EXAMPLES("show", "show 20261122T194541Z-quick --csv --table cells"), SHOWN},
    [COMMAND_COMPARE] = {"compare", "compare run B with the earlier run A, cell by cell", "A B", 2,
                         2, "takes two runs", NULL,
                         EXAMPLES("compare results/before results/after --tolerance 5%",
                                  "compare RUN --cells threads-n100-c10-200ms "
                                  "async-n100-c100-200ms"),
                         "0 nothing slower or larger; 1 something is, no longer counts or is "
                         "missing, or is far slower or larger in too few executions for a verdict "
                         "(by a quarter); 2 they cannot be compared, or no cell has the six "
                         "executions in both that a verdict takes"},
    [COMMAND_DOCTOR] = {"doctor", "say what of this machine matters, and which plans can run", "",
                        0, 0, NULL, NULL, EXAMPLES("doctor", "doctor --json"),
                        "0 nothing stands in the way; 3 something does"},
};

/* The options while they are read. */
struct reading {
    struct bench_options options;
    const char *seed, *rounds, *until, *budget, *url;
    bool json, csv;
};

/* Those that are keys of a plan as well, and are read as these. */
static const struct {
    const char *name;
    unsigned section;
    size_t offset;
} plan_keys[] = {
    {"seed", KEYS_PLAN, offsetof(struct reading, seed)},
    {"rounds", KEYS_PLAN, offsetof(struct reading, rounds)},
    {"until", KEYS_PLAN, offsetof(struct reading, until)},
    {"budget", KEYS_PLAN, offsetof(struct reading, budget)},
    {"url", KEYS_SERVER, offsetof(struct reading, url)},
};

static void set_tolerance(struct argp_state *state, const char *text, void *reading)
{
    if (units_parse_share(text, 1, &((struct reading *)reading)->options.tolerance) < 0)
        argp_error(state, "--tolerance: '%s' is not a share up to 100%%, such as 2%%", text);
}

#define RUN        (1U << COMMAND_RUN)
#define RESUME     (1U << COMMAND_RESUME)
#define SHOW       (1U << COMMAND_SHOW)
#define COMPARE    (1U << COMMAND_COMPARE)
#define DATA       (SHOW | COMPARE | 1U << COMMAND_DOCTOR)
#define RUNS       (RUN | RESUME | SHOW | COMPARE | 1U << COMMAND_LIST)
#define AT(member) offsetof(struct reading, member)

/* Their features are the commands that take them. */
static const struct option_row rows[] = {
    {"results", 0, OPTION_TEXT, AT(options.results), "DIR",
     "folder of the runs (default: results/)", .feature = RUNS},
    {"seed", 0, OPTION_TEXT, AT(seed), "N", "of the random order (default: a new one)",
     .feature = RUN},
    {"rounds", 0, OPTION_TEXT, AT(rounds), "N", "rounds in place of the plan's", .feature = RUN},
    {"until", 0, OPTION_TEXT, AT(until), "P%", "further rounds until medians are known to this",
     .feature = RUN},
    {"budget", 0, OPTION_TEXT, AT(budget), "TIME", "no round that would end later", .feature = RUN},
    {"url", 0, OPTION_TEXT, AT(url), "URL", "a server of your own, with {id} in its URL",
     .feature = RUN},
    {"json", 0, OPTION_FLAG, AT(json), NULL, "as JSON", .feature = DATA},
    {"csv", 0, OPTION_FLAG, AT(csv), NULL, "as CSV", .feature = DATA},
    {"table", 0, OPTION_TEXT, AT(options.table), "NAME", "only cells, memory or remarks",
     .feature = SHOW},
    {"cells", 0, OPTION_FLAG, AT(options.cells), NULL, "two cells of one run: RUN --cells X Y",
     .feature = COMPARE},
    {"tolerance", 0, OPTION_SPECIAL, 0, "P%", "what is no difference (2%)", .set = set_tolerance,
     .feature = COMPARE},
    {"no-report", 0, OPTION_FLAG, AT(options.no_report), NULL, "do not make the report",
     .feature = RUN | RESUME},
    {"quiet", 0, OPTION_FLAG, AT(options.quiet), NULL, "no progress and no table",
     .feature = RUN | RESUME},
};

static int count_subjects(const struct bench_options *options)
{
    int count = 0;

    while (count < 3 && options->subjects[count] != NULL)
        count++;
    return count;
}

static void take_subject(struct argp_state *state, const char *text, void *reading)
{
    struct bench_options *options = &((struct reading *)reading)->options;
    int count = count_subjects(options);

    if (count == 3)
        argp_error(state, "'%s' is too much", text);
    options->subjects[count] = text;
}

static void complete(struct argp_state *state, void *input)
{
    struct reading *reading = input;
    struct bench_options *options = &reading->options;
    const struct command *command = &commands[options->command];
    int count = count_subjects(options);
    struct error error;

    for (size_t i = 0; i < COUNT_OF(plan_keys); i++) {
        const char *text = *(const char *const *)((char *)reading + plan_keys[i].offset);

        if (text != NULL &&
            keys_parse(plan_keys[i].section, plan_keys[i].name, text, &options->plan, &error) < 0)
            argp_error(state, "%s", error.text);
    }
    options->format = reading->json ? FORMAT_JSON : reading->csv ? FORMAT_CSV : FORMAT_TEXT;
    if (options->cells && count < 3)
        argp_error(state, "--cells takes a run and two cells");
    if (count < command->least)
        argp_error(state, "%s", command->missing);
    if (!options->cells && count > command->most)
        argp_error(state, "'%s' is too much", options->subjects[command->most]);
}

static void parse_options(struct reading *reading, int argc, char **argv)
{
    const struct command *command = &commands[reading->options.command];
    struct option_row taken[COUNT_OF(rows)];
    char name[32], summary[128];
    struct command_line line = {.program = "bench",
                                .arguments = command->subjects,
                                .summary = summary,
                                .details = command->details,
                                .examples = command->examples,
                                .statuses = command->statuses,
                                .rows = taken,
                                .options = reading,
                                .take = take_subject,
                                .complete = complete};

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if ((rows[i].feature & 1U << reading->options.command) != 0) {
            taken[line.count] = rows[i];
            taken[line.count++].feature = 0;
        }
    snprintf(name, sizeof(name), "bench %s", command->name);
    snprintf(summary, sizeof(summary), "%s: %s", name, command->summary);
    argv[0] = name;
    command_line_parse(&line, argc, argv);
    argv[0] = (char *)command->name;
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

static void take_command(struct argp_state *state, const char *name, void *input)
{
    int *command = input;
    size_t least = SIZE_MAX;
    char start[12];

    snprintf(start, sizeof(start), "%s", name); /* the distance takes time that grows fast */
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        size_t far = distance(start, commands[i].name);

        if (far < least) {
            least = far;
            *command = (int)i;
        }
    }
    if (strcmp(commands[*command].name, name) != 0)
        argp_error(state, "'%s' is not a command; the nearest one is '%s'", name,
                   commands[*command].name);
}

static void check_command(struct argp_state *state, void *command)
{
    if (*(int *)command < 0)
        argp_error(state, "a command is missing");
}

struct bench_options bench_options_parse(int argc, char **argv)
{
    struct reading reading = {.options.tolerance = -1};
    int command = -1;
    char *list = NULL;
    struct command_line line = {.program = "bench",
                                .arguments = "COMMAND [OPTION...]",
                                .summary = "Measures concurrency models on one workload, as a "
                                           "plan says.",
                                .examples = EXAMPLES("run quick", "list", "run --help"),
                                .statuses = OF_A_RUN,
                                .options = &command,
                                .complete = check_command,
                                .take = take_command};
    size_t size;
    FILE *stream = open_memstream(&list, &size);

    for (size_t i = 0; stream != NULL && i < COUNT_OF(commands); i++)
        fprintf(stream, "%s  %-7s %-6s %s\n", i == 0 ? "Commands:\n" : "", commands[i].name,
                commands[i].subjects, commands[i].summary);
    if (stream != NULL) {
        fputs("\nbench COMMAND --help says more of each.", stream);
        fclose(stream);
    }
    line.details = list;
    command_line_parse(&line, argc < 2 ? argc : 2, argv);
    free(list);
    reading.options.command = (enum bench_command)command;
    parse_options(&reading, argc - 1, argv + 1);
    return reading.options;
}
