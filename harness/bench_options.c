#include "harness/bench_options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/units.h"
#include "harness/plan/fields.h"
#include "harness/plan/grid.h"

/* One table gives parsing and help. */
static const struct {
    struct option option;
    const char *argument;
    const char *help;
} table[] = {
    {{"results", required_argument, NULL, 'd'}, "DIR", "folder of the runs (default: results/)"},
    {{"seed", required_argument, NULL, 's'}, "N", "of the random order (default: a new one)"},
    {{"rounds", required_argument, NULL, 'r'}, "N", "rounds in place of the plan's"},
    {{"until", required_argument, NULL, 'u'},
     "P%",
     "further rounds until medians are known to this"},
    {{"budget", required_argument, NULL, 'b'}, "TIME", "no round that would end later"},
    {{"url", required_argument, NULL, 'U'}, "URL", "a server of your own, with {id} in its URL"},
    {{"json", no_argument, NULL, 'j'}, "", "show, compare, doctor: as JSON"},
    {{"csv", no_argument, NULL, 'c'}, "", "show, compare, doctor: as CSV"},
    {{"table", required_argument, NULL, 't'}, "NAME", "show: only cells, memory or remarks"},
    {{"cells", no_argument, NULL, 'C'}, "", "compare RUN --cells X Y: two cells of a run"},
    {{"tolerance", required_argument, NULL, 'T'},
     "P%",
     "compare: what is no difference (default: none)"},
    {{"no-report", no_argument, NULL, 'n'}, "", "do not make the report"},
    {{"quiet", no_argument, NULL, 'q'}, "", "no progress and no table"},
    {{"help", no_argument, NULL, 'h'}, "", "this help"},
    {{"version", no_argument, NULL, 'V'}, "", "the version"},
};
#define OPTIONS (sizeof(table) / sizeof(table[0]))

static const struct {
    const char *name;
    enum bench_command command;
    const char *argument;
    const char *help;
} commands[] = {
    {"run", COMMAND_RUN, "PLAN", "run a plan: its name, or the path of a file"},
    {"resume", COMMAND_RESUME, "[RUN]", "go on with a run that was interrupted or killed"},
    {"list", COMMAND_LIST, "", "list the plans, and the runs that there are"},
    {"show", COMMAND_SHOW, "[RUN]", "show the figures of a run (default: the newest)"},
    {"compare", COMMAND_COMPARE, "A B", "run B with the earlier run A, cell by cell"},
    {"doctor", COMMAND_DOCTOR, "", "what of this machine matters, and which plans can run"},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static _Noreturn void print_help(void)
{
    puts("Usage: bench COMMAND [OPTIONS]\n"
         "Measures concurrency models on one workload, as a plan says.\n\nCommands:");
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-7s %-6s %s\n", commands[i].name, commands[i].argument, commands[i].help);
    puts("\nOptions:");
    for (size_t i = 0; i < OPTIONS; i++)
        printf("  --%-9s %-4s %s\n", table[i].option.name, table[i].argument, table[i].help);
    puts(
        "\nExit status: 0 complete; 1 executions failed or do not count; 2 wrong command line or\n"
        "plan; 3 this machine lacks something, with the command that repairs it; 130 interrupted.\n"
        "compare: 0 nothing slower or larger; 1 something is, no longer counts or is missing,\n"
        "or is far slower or larger in too few executions for a verdict (by a quarter); 2 they\n"
        "cannot be compared, or no cell has the six executions in both that a verdict takes.");
    exit(BENCH_COMPLETE);
}

__attribute__((format(printf, 1, 2))) static _Noreturn void fail(const char *format, ...)
{
    va_list values;

    fputs("bench: ", stderr);
    va_start(values, format);
    vfprintf(stderr, format, values);
    va_end(values);
    fputs("; see bench --help\n", stderr);
    exit(BENCH_USAGE);
}

static uint64_t number(const char *name, const char *text, uint64_t max)
{
    uint64_t value = 0;

    if (units_parse_count(text, &value) < 0 || value < 1 || value > max)
        fail("--%s: '%s' is not a number from 1 to %llu", name, text, (unsigned long long)max);
    return value;
}

static void take_option(struct bench_options *options, int letter)
{
    switch (letter) {
    case 'd':
        options->results = optarg;
        break;
    case 's':
        options->seed = (uint32_t)number("seed", optarg, UINT32_MAX);
        break;
    case 'r':
        options->rounds = (unsigned)number("rounds", optarg, PLAN_ROUNDS_MAX);
        break;
    case 'u':
        if (!fields_parse_share(optarg, PLAN_UNTIL_MAX, &options->until))
            fail("--until: '%s' is not a share up to 100%%, such as 2%%", optarg);
        break;
    case 'b':
        if (units_parse_duration(optarg, &options->budget_ns) < 0 || options->budget_ns == 0)
            fail("--budget: '%s' is not a time above 0, such as 15m", optarg);
        break;
    case 'U':
        if (!plan_is_url(optarg))
            fail("--url: '%s' is not like http://127.0.0.1:8080/users/{id}", optarg);
        options->url = optarg;
        break;
    case 'j':
        options->format = FORMAT_JSON;
        break;
    case 'c':
        options->format = FORMAT_CSV;
        break;
    case 't':
        options->table = optarg;
        break;
    case 'C':
        options->cells = true;
        break;
    case 'T':
        if (!fields_parse_share(optarg, PLAN_UNTIL_MAX, &options->tolerance))
            fail("--tolerance: '%s' is not a share up to 100%%, such as 2%%", optarg);
        break;
    case 'n':
        options->no_report = true;
        break;
    case 'q':
        options->quiet = true;
        break;
    case 'h':
        print_help();
    case 'V':
        printf("bench %s\n", SUITE_VERSION);
        exit(BENCH_COMPLETE);
    default: /* getopt_long() has said what is wrong */
        fputs("See bench --help\n", stderr);
        exit(BENCH_USAGE);
    }
}

static void take_command(struct bench_options *options, const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            options->command = commands[i].command;
            return;
        }
    }
    fail("'%s' is not a command", name);
}

/* How many runs, plans and cells a command takes. */
static void check_subjects(const struct bench_options *options, int count)
{
    if (options->command == COMMAND_RUN && count == 0)
        fail("run: the plan is missing; bench list shows those that there are");
    if (options->command == COMMAND_RESUME &&
        (options->seed != 0 || options->rounds != 0 || options->until > 0 ||
         options->budget_ns != 0 || options->url != NULL))
        fail(
            "resume: a run goes on as it began; it takes no --seed, --rounds, --until, --budget or "
            "--url");
    if (options->command == COMMAND_COMPARE && count < (options->cells ? 3 : 2))
        fail(options->cells ? "compare --cells: takes a run and two cells"
                            : "compare: takes two runs");
}

static void take_subjects(struct bench_options *options, char **subjects)
{
    bool none = options->command == COMMAND_LIST || options->command == COMMAND_DOCTOR;
    int most = none ? 0 : options->command != COMMAND_COMPARE ? 1 : options->cells ? 3 : 2;
    int count = 0;

    while (subjects[count] != NULL) {
        if (count == most)
            fail("'%s' is too much", subjects[count]);
        if (count == 0)
            options->subject = subjects[0];
        else
            options->others[count - 1] = subjects[count];
        count++;
    }
    check_subjects(options, count);
}

struct bench_options bench_options_parse(int argc, char **argv)
{
    struct bench_options options = {0};
    struct option list[OPTIONS + 1] = {0};
    int letter;

    for (size_t i = 0; i < OPTIONS; i++)
        list[i] = table[i].option;
    for (letter = getopt_long(argc, argv, "h", list, NULL); letter != -1;
         letter = getopt_long(argc, argv, "h", list, NULL))
        take_option(&options, letter);
    if (optind == argc)
        fail("a command is missing");
    take_command(&options, argv[optind]);
    take_subjects(&options, argv + optind + 1);
    return options;
}
