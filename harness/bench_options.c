/* What the commands and their options are called and what is said of them is in commands.json; here
 * is where the values of the options go. */
#include "harness/bench_options.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/command_texts.h"
#include "common/count.h"
#include "common/json.h"
#include "common/text_stream.h"
#include "common/units.h"
#include "harness/plan/keys.h"
#include "report/embedded.h"
#include "report/memory.h"

#define COMMANDS     (COMMAND_DOCTOR + 1)
#define SUBJECTS_MAX ((int)COUNT_OF(((struct bench_options *)NULL)->subjects))

/* The texts are those of the file, which stays. */
static struct command {
    const char *name, *missing;
    int least, most; /* how many subjects it takes */
    const char *examples[COMMAND_EXAMPLES_MAX + 1];
    struct command_line line;
} commands[COMMANDS], bench; /* bench: without a command */

/* Options of requests that are given once, as lanes take them. */
static const char *const single_options[] = {"--verify", "--method", "--body"};

/* The options while they are read. */
struct reading {
    struct bench_options options;
    int count;               /* of subjects */
    const char *requests[3]; /* values of single_options */
    const char *seed, *rounds, *runs, *until, *budget, *url;
    bool formats[FORMATS];
};

static void set_tolerance(struct argp_state *state, const char *text, void *reading)
{
    if (units_parse_share(text, 1, &((struct reading *)reading)->options.tolerance) < 0)
        argp_error(state, "--tolerance: '%s' is not a share up to 100%%, such as 2%%", text);
}

/* Of the only cell of a run without a plan: what the same key of a plan would say. */
static void set_cell(void *reading, const char *key, json_t *value)
{
    struct bench_options *options = &((struct reading *)reading)->options;

    if (options->cell_of_run == NULL)
        options->cell_of_run = json_object();
    json_object_set_new(options->cell_of_run, key, value);
}

static void set_lane(struct argp_state *state, const char *text, void *reading)
{
    json_t *lanes = json_object_get(((struct reading *)reading)->options.cell_of_run, "lane");

    lanes = json_is_array(lanes) ? json_incref(lanes) : json_array();
    json_array_append_new(lanes, command_json(state, text));
    set_cell(reading, "lane", lanes);
}

static void set_count(struct argp_state *state, const char *key, const char *text, void *reading)
{
    set_cell(reading, key,
             json_integer((json_int_t)command_line_number(state, key, text, 1, UINT32_MAX)));
}

static void set_requests(struct argp_state *state, const char *text, void *reading)
{
    set_count(state, "requests", text, reading);
}

static void set_concurrency(struct argp_state *state, const char *text, void *reading)
{
    set_count(state, "concurrency", text, reading);
}

static void set_latency(struct argp_state *state, const char *text, void *reading)
{
    set_cell(reading, "latency", command_json(state, text));
}

static void add_request_option(struct argp_state *state, const char *option, const char *text,
                               struct reading *reading)
{
    struct plan *plan = &reading->options.plan;

    if (plan->request_options == NULL)
        plan->request_options = json_array();
    json_array_append_new((json_t *)plan->request_options, json_string(option));
    json_array_append_new((json_t *)plan->request_options, command_json(state, text));
}

static void add_header(struct argp_state *state, const char *text, void *reading)
{
    add_request_option(state, "--header", text, reading);
}

static void add_threshold(struct argp_state *state, const char *text, void *reading)
{
    struct bench_options *options = &((struct reading *)reading)->options;

    if (options->fail_if == NULL)
        options->fail_if = json_array();
    json_array_append_new(options->fail_if, command_json(state, text));
}

#define AT(member) .offset = offsetof(struct reading, member)

/* Their features are the commands that take them. */
static struct option_row rows[] = {
    {"results", 0, OPTION_TEXT, AT(options.results)},
    {"lane", 0, OPTION_SPECIAL, .set = set_lane},
    {"requests", 'n', OPTION_SPECIAL, .set = set_requests},
    {"concurrency", 'c', OPTION_SPECIAL, .set = set_concurrency},
    {"latency", 0, OPTION_SPECIAL, .set = set_latency},
    {"seed", 0, OPTION_TEXT, AT(seed)},
    {"rounds", 0, OPTION_TEXT, AT(rounds)},
    {"runs", 0, OPTION_TEXT, AT(runs)},
    {"until", 0, OPTION_TEXT, AT(until)},
    {"budget", 0, OPTION_TEXT, AT(budget)},
    {"url", 0, OPTION_TEXT, AT(url)},
    {"verify", 0, OPTION_TEXT, AT(requests[0])},
    {"method", 'X', OPTION_TEXT, AT(requests[1])},
    {"header", 'H', OPTION_SPECIAL, .set = add_header},
    {"body", 'd', OPTION_TEXT, AT(requests[2])},
    {"hosts", 0, OPTION_TEXT, AT(options.hosts)},
    {"listen", 0, OPTION_TEXT, AT(options.listen)},
    {"json", 0, OPTION_FLAG, AT(formats[FORMAT_JSON])},
    {"csv", 0, OPTION_FLAG, AT(formats[FORMAT_CSV])},
    {"markdown", 0, OPTION_FLAG, AT(formats[FORMAT_MARKDOWN])},
    {"asciidoc", 0, OPTION_FLAG, AT(formats[FORMAT_ASCIIDOC])},
    {"table", 0, OPTION_TEXT, AT(options.table)},
    {"cells", 0, OPTION_FLAG, AT(options.cells)},
    {"cell", 0, OPTION_TEXT, AT(options.cell)},
    {"figure", 0, OPTION_TEXT, AT(options.figure)},
    {"export-junit", 0, OPTION_TEXT, AT(options.junit)},
    {"export-github", 0, OPTION_TEXT, AT(options.github)},
    {"tolerance", 0, OPTION_SPECIAL, .set = set_tolerance},
    {"fail-if", 0, OPTION_SPECIAL, .set = add_threshold},
    {"trust", 0, OPTION_FLAG, AT(options.trust)},
    {"no-report", 0, OPTION_FLAG, AT(options.no_report)},
    {"quiet", 0, OPTION_FLAG, AT(options.quiet)},
};

/* Before all else. */
static void __attribute__((constructor)) read_commands(void)
{
    static json_t *all;
    const json_t *options;

    all = json_loads(embedded_commands_json, 0, NULL);
    options = json_object_get(all, "options");
    command_texts(&bench.line, json_object_get(all, "bench"), bench.examples);
    for (size_t i = 0; i < COMMANDS; i++) {
        const json_t *said = json_array_get(json_object_get(all, "commands"), i);

        assert(said != NULL);
        commands[i].name = json_text_at(said, "name", "");
        commands[i].missing = json_text_at(said, "missing", "");
        commands[i].least = (int)json_number_at(said, "least", 0);
        commands[i].most = (int)json_number_at(said, "most", 0);
        command_texts(&commands[i].line, said, commands[i].examples);
    }
    command_texts_of_rows(rows, COUNT_OF(rows), options);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *takers = json_text_at(json_object_get(options, rows[i].name), "of", "");

        for (size_t k = 0; k < COMMANDS; k++)
            rows[i].feature |= strstr(takers, commands[k].name) != NULL ? 1U << k : 0;
    }
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
    for (size_t i = 0; i < COUNT_OF(single_options); i++)
        if (reading->requests[i] != NULL)
            add_request_option(state, single_options[i], reading->requests[i], reading);
    while (options->format < FORMATS && !reading->formats[options->format])
        options->format++;
    options->format %= FORMATS;
    if (options->cells && (options->junit != NULL || options->github != NULL))
        argp_error(state, "--export-junit and --export-github take two runs");
    if ((options->hosts != NULL) != (options->listen != NULL))
        argp_error(state, "--hosts and --listen belong together: --listen says at which address "
                          "of this machine the hosts reach the server");
    if (options->cells && count < 3)
        argp_error(state, "--cells takes a run and two cells");
    if (options->cell_of_run != NULL && count > 0)
        argp_error(state, "--lane, -n, -c and --latency take the place of the plan '%s'",
                   options->subjects[0]);
    if (count < command->least && options->cell_of_run == NULL)
        argp_error(state, "%s", command->missing);
    if (!options->cells && count > command->most)
        argp_error(state, "'%s' is too much", options->subjects[command->most]);
}

static void parse_options(struct reading *reading, int argc, char **argv)
{
    const struct command *command = &commands[reading->options.command];
    struct option_row taken[COUNT_OF(rows)];
    char name[32], summary[128];
    struct command_line line = command->line;

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if ((rows[i].feature & 1U << reading->options.command) != 0) {
            taken[line.count] = rows[i];
            taken[line.count++].feature = 0;
        }
    snprintf(name, sizeof(name), "bench %s", command->name);
    snprintf(summary, sizeof(summary), "%s: %s", name, line.summary);
    line.program = "bench";
    line.summary = summary;
    line.rows = taken;
    line.options = reading;
    line.take = take_subject;
    line.complete = complete;
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
    char *list;
    struct command_line line = bench.line;
    struct text_stream text;

    text_stream_begin(&text);
    for (size_t i = 0; text.file != NULL && i < COUNT_OF(commands); i++)
        fprintf(text.file, "%s  %-7s %-6s %s\n", i == 0 ? "Commands:\n" : "", commands[i].name,
                commands[i].line.arguments, commands[i].line.summary);
    if (text.file != NULL)
        fputs("\nbench COMMAND --help says more of each. new-lane and check-lane, for a lane of "
              "your own, are those of teach.",
              text.file);
    if (text_stream_end(&text, &list, NULL) < 0)
        memory_end();
    line.program = "bench";
    line.details = list;
    line.statuses = commands[COMMAND_RUN].line.statuses;
    line.options = &command;
    line.complete = check_command;
    line.take = take_command;
    command_line_parse(&line, argc < 2 ? argc : 2, argv);
    free(list);
    reading.options.command = (enum bench_command)command;
    parse_options(&reading, argc - 1, argv + 1);
    return reading.options;
}
