#include "choose/options.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/command_texts.h"
#include "common/cores.h"
#include "common/count.h"
#include "common/file.h"
#include "common/json.h"
#include "common/limit.h"
#include "common/units.h"

#define CALLS_MAX      1000000000
#define RATE_MAX       1000000
#define RATE_ITEMS_MIN 2000 /* calls that are simulated with a rate, at least, … */
#define RATE_ITEMS_MAX 20000
#define RATE_SECONDS   10 /* … and so long */
#define ANSWERS_MAX    32
#define FILE_SIZE_MAX  (64UL << 20)

enum lock { LOCK_USUAL, LOCK_YES, LOCK_NO };

static const char *const languages[] = {"c", "python", "go", "node", "rust", NULL};
static const char *const locks[] = {"usual", "yes", "no", NULL}; /* enum lock */

/* ---- Options ----------------------------------------------------------------------------- */

/* As people write sizes: 256MB, 1G, or bytes. */
static void set_memory(struct argp_state *state, const char *text, void *options)
{
    size_t size = strlen(text);
    char number[32];

    if (size > 0 && text[size - 1] == 'B')
        size--;
    snprintf(number, sizeof(number), "%.*s", (int)size, text);
    if (units_parse_count(number, &((struct options *)options)->question.memory_bytes) < 0)
        argp_error(state, "--memory: '%s' is not a size; write it like 256MB", text);
}

static void set_latency(struct argp_state *state, const char *text, void *options)
{
    struct question *q = &((struct options *)options)->question;
    struct error error;

    if (latency_parse(text, &q->load.latency, &error) < 0)
        argp_error(state, "--latency: %s", error.text);
    q->latency_text = text;
}

static void take_run(struct argp_state *state, const char *text, void *options)
{
    struct options *all = options;

    (void)text;
    all->runs = (const char *const *)state->argv + state->next - 1;
    all->run_count = (size_t)(state->argc - state->next + 1);
    state->next = state->argc;
}

/* One time a line. Ends the program where one is none. */
static void read_latencies(struct argp_state *state, struct options *o)
{
    char *text = file_read(o->latencies, FILE_SIZE_MAX, NULL), *rest = text, *line;
    struct calls *load = &o->question.load;
    double *all = text != NULL ? calloc(strlen(text) / 2 + 1, sizeof(*all)) : NULL;
    uint64_t ns;

    if (all == NULL)
        argp_error(state, "--latencies: %s: %s", o->latencies, strerror(errno));
    while ((line = strtok_r(rest, "\r\n", &rest)) != NULL) {
        if (units_parse_duration(line, &ns) < 0)
            argp_error(state, "--latencies: '%.40s' is not a time; write it like 200ms", line);
        all[load->measured++] = (double)ns;
    }
    if (load->measured == 0)
        argp_error(state, "--latencies: %s has no line", o->latencies);
    load->measured_ns = all;
    o->question.latency_text = o->latencies;
    free(text);
}

/* Of a rate, so many calls are simulated that a queue which grows can be seen. */
static void complete_load(struct options *o)
{
    struct calls *load = &o->question.load;
    uint64_t items = o->rate * RATE_SECONDS;

    load->own_ns = (double)o->cpu_ns;
    load->rate = (double)o->rate;
    load->fresh = o->fresh;
    load->waits = true;
    if (items < RATE_ITEMS_MIN)
        items = RATE_ITEMS_MIN;
    load->requests = o->calls > 0 ? o->calls : items < RATE_ITEMS_MAX ? items : RATE_ITEMS_MAX;
}

static void complete(struct argp_state *state, void *options)
{
    struct options *o = options;
    struct question *q = &o->question;

    q->language = languages[o->language];
    q->lock = o->lock == LOCK_USUAL ? strcmp(q->language, "python") == 0 : o->lock == LOCK_YES;
    if ((o->fit || o->check) && o->run_count == 0)
        argp_error(state, "which run? Name its folder");
    if (o->fit || o->check || o->explorer)
        return;
    if (o->run_count > 0)
        argp_error(state, "'%s': runs are for --fit, --check and --explorer", o->runs[0]);
    if ((o->calls > 0) == (o->rate > 0))
        argp_error(state, o->calls > 0 ? "--calls and --rate: only one of them"
                                       : "how many calls? Say --calls, or --rate");
    if ((q->latency_text != NULL) == (o->latencies != NULL))
        argp_error(state, o->latencies != NULL
                              ? "--latency and --latencies: only one of them"
                              : "how long does each call wait? Say --latency, or --latencies");
    if (q->lock && (strcmp(q->language, "go") == 0 || strcmp(q->language, "rust") == 0))
        argp_error(state, "--lock yes: programs in %s have no such lock", q->language);
    if (o->verify && o->latencies != NULL)
        argp_error(state, "--verify: the mock server cannot make the waits of --latencies");
    if (o->latencies != NULL)
        read_latencies(state, o);
    complete_load(o);
}

#define AT(member) .offset = offsetof(struct options, member)

static struct option_row rows[] = {
    {"calls", 'n', OPTION_NUMBER, AT(calls), .min = 1, .max = CALLS_MAX},
    {"rate", 'r', OPTION_NUMBER, AT(rate), .min = 1, .max = RATE_MAX},
    {"latency", 'l', OPTION_SPECIAL, .set = set_latency},
    {"latencies", 0, OPTION_TEXT, AT(latencies)},
    {"cpu", 0, OPTION_TIME, AT(cpu_ns)},
    {"in-flight", 0, OPTION_NUMBER, AT(question.in_flight), .min = 1, .max = CALLS_MAX},
    {"memory", 0, OPTION_SPECIAL, .set = set_memory},
    {"cores", 0, OPTION_NUMBER, AT(question.cores), .min = 1, .max = 1024},
    {"descriptors", 0, OPTION_NUMBER, AT(question.descriptors), .min = 1, .max = CALLS_MAX},
    {"language", 0, OPTION_WORD, AT(language), .words = languages},
    {"blocks", 0, OPTION_FLAG, AT(question.blocks)},
    {"lock", 0, OPTION_WORD, AT(lock), .words = locks},
    {"fresh", 0, OPTION_FLAG, AT(fresh)},
    {"parameters", 0, OPTION_TEXT, AT(parameters)},
    {"json", 0, OPTION_FLAG, AT(json)},
    {"verify", 0, OPTION_FLAG, AT(verify)},
    {"fit", 0, OPTION_FLAG, AT(fit)},
    {"check", 0, OPTION_FLAG, AT(check)},
    {"explorer", 0, OPTION_FLAG, AT(explorer)},
    {"output", 'o', OPTION_TEXT, AT(output)},
};

/* ---- Questions --------------------------------------------------------------------------- */

/* Asks one, and adds what is answered to the command line. Returns whether there was an answer. */
static bool ask(const json_t *question, char **argv, int *argc)
{
    const char *option = json_text_at(question, "option", "");
    char *line = NULL;
    size_t size = 0;

    printf("%s  (such as %s)  > ", json_text_at(question, "asks", ""),
           json_text_at(question, "such", ""));
    fflush(stdout);
    if (getline(&line, &size, stdin) < 0) {
        free(line);
        return false;
    }
    line[strcspn(line, "\r\n")] = '\0';
    if (strcmp(option, "--blocks") == 0) {
        if (line[0] == 'y')
            argv[(*argc)++] = strdup(option);
    } else if (line[0] != '\0') {
        argv[(*argc)++] = strdup(option);
        argv[(*argc)++] = strdup(line);
    }
    free(line);
    return true;
}

extern const char choose_command[];

struct options options_read(int argc, char **argv)
{
    const char *examples[COMMAND_EXAMPLES_MAX + 1] = {NULL};
    static char *answers[ANSWERS_MAX];
    static json_t *said;
    struct options options = {
        .question = {.cores = cores_usable(), .descriptors = limit_raise(RLIMIT_NOFILE)}};
    struct command_line line = {
        .program = "choose",
        .rows = rows,
        .count = COUNT_OF(rows),
        .options = &options,
        .take = take_run,
        .complete = complete,
    };
    unsigned first;
    const json_t *question;
    size_t i;

    said = json_loads(choose_command, 0, NULL);
    options.question.ports = limit_ports(&first);
    command_texts(&line, said, examples);
    command_texts_of_rows(rows, COUNT_OF(rows), json_object_get(said, "options"));
    if (argc == 1) {
        answers[0] = argv[0];
        argv = answers;
        json_array_foreach(json_object_get(said, "questions"), i, question)
        {
            if (!ask(question, argv, &argc))
                break;
        }
    }
    command_line_parse(&line, argc, argv);
    return options;
}
