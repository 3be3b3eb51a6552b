/* What the commands and their options are called and what is said of them is in commands.json; here
 * is where the values of the options go. */
#include "harness/bench_options.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/command_line.h"
#include "common/count.h"
#include "common/units.h"
#include "harness/plan/keys.h"
#include "report/embedded.h"

#define COMMANDS     (COMMAND_DOCTOR + 1)
#define EXAMPLES_MAX 3
#define SUBJECTS_MAX ((int)COUNT_OF(((struct bench_options *)NULL)->subjects))

/* The texts are those of the file, which stays. */
static struct command {
    const char *name, *summary, *missing, *details, *statuses;
    const char *subjects; /* what it takes, as its usage has it */
    int least, most;      /* how many of them */
    const char *examples[EXAMPLES_MAX + 1];
} commands[COMMANDS];

/* The options while they are read. */
struct reading {
    struct bench_options options;
    int count; /* of subjects */
    const char *seed, *rounds, *runs, *until, *budget, *url;
    bool json, csv;
};

static void set_tolerance(struct argp_state *state, const char *text, void *reading)
{
    if (units_parse_share(text, 1, &((struct reading *)reading)->options.tolerance) < 0)
        argp_error(state, "--tolerance: '%s' is not a share up to 100%%, such as 2%%", text);
}

#define AT(member) .offset = offsetof(struct reading, member)

/* Their features are the commands that take them. */
static struct option_row rows[] = {
    {"results", 0, OPTION_TEXT, AT(options.results)},
    {"seed", 0, OPTION_TEXT, AT(seed)},
    {"rounds", 0, OPTION_TEXT, AT(rounds)},
    {"runs", 0, OPTION_TEXT, AT(runs)},
    {"until", 0, OPTION_TEXT, AT(until)},
    {"budget", 0, OPTION_TEXT, AT(budget)},
    {"url", 0, OPTION_TEXT, AT(url)},
    {"json", 0, OPTION_FLAG, AT(json)},
    {"csv", 0, OPTION_FLAG, AT(csv)},
    {"table", 0, OPTION_TEXT, AT(options.table)},
    {"cells", 0, OPTION_FLAG, AT(options.cells)},
    {"tolerance", 0, OPTION_SPECIAL, .set = set_tolerance},
    {"no-report", 0, OPTION_FLAG, AT(options.no_report)},
    {"quiet", 0, OPTION_FLAG, AT(options.quiet)},
};

/* Before all else. */
static void __attribute__((constructor)) read_commands(void)
{
    static json_t *all;
    json_t *examples, *example;
    const char *takers = "";
    int code = 0;
    size_t k;

    all = json_loads(embedded_commands_json, 0, NULL);
    for (size_t i = 0; i < COMMANDS; i++) {
        struct command *command = &commands[i];

        code |= json_unpack(json_array_get(json_object_get(all, "commands"), i),
                            "{s:s, s:s, s:s, s:s, s?s, s?s, s?i, s?i, s:o}", "name", &command->name,
                            "summary", &command->summary, "subjects", &command->subjects,
                            "statuses", &command->statuses, "missing", &command->missing, "details",
                            &command->details, "least", &command->least, "most", &command->most,
                            "examples", &examples);
        json_array_foreach(examples, k, example)
        {
            command->examples[k] = json_string_value(example);
        }
    }
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        code |= json_unpack(json_object_get(json_object_get(all, "options"), rows[i].name),
                            "{s?s, s:s, s:s}", "argument", &rows[i].argument, "help", &rows[i].help,
                            "of", &takers);
        for (k = 0; k < COMMANDS; k++)
            rows[i].feature |= strstr(takers, commands[k].name) != NULL ? 1U << k : 0;
    }
    assert(code == 0);
    (void)code;
}

static void take_subject(struct argp_state *state, const char *text, void *input)
{
    struct reading *reading = input;

    if (reading->count == SUBJECTS_MAX)
        argp_error(state, "'%s' is too much", text);
    reading->options.subjects[reading->count++] = text;
}

/* Options that are keys of a plan as well, or of its server, are read as these. */
static void take_key(struct argp_state *state, struct reading *reading,
                     const struct option_row *row)
{
    unsigned section = keys_find(KEYS_PLAN, row->name) != NULL ? KEYS_PLAN : KEYS_SERVER;
    const char *text = *(const char *const *)((const char *)reading + row->offset);
    struct error error;

    if (text != NULL && keys_find(section, row->name) != NULL &&
        keys_parse(section, row->name, text, &reading->options.plan, &error) < 0)
        argp_error(state, "%s", error.text);
}

static void complete(struct argp_state *state, void *input)
{
    struct reading *reading = input;
    struct bench_options *options = &reading->options;
    const struct command *command = &commands[options->command];
    int count = reading->count;

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].kind == OPTION_TEXT)
            take_key(state, reading, &rows[i]);
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
    static const char *const examples[] = {"run quick", "list", "run --help", NULL};
    struct reading reading = {.options.tolerance = -1};
    int command = -1;
    char *list = NULL;
    struct command_line line = {.program = "bench",
                                .arguments = "COMMAND [OPTION...]",
                                .summary = "Measures concurrency models on one workload, as a "
                                           "plan says.",
                                .examples = examples,
                                .statuses = commands[COMMAND_RUN].statuses,
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
