/* choose: which concurrency model for your calls? Predicts, recommends and checks itself. What it
 * knows is in choosing.sql, what it says in choose.json and the templates; here are its command
 * line, its questions, its files, and what it has measured. */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "choose/predict.h"
#include "common/child.h"
#include "common/command_texts.h"
#include "common/cores.h"
#include "common/error.h"
#include "common/file.h"
#include "common/json.h"
#include "common/latency.h"
#include "common/limit.h"
#include "common/path.h"
#include "common/units.h"
#include "harness/suite.h"
#include "report/embedded.h"
#include "report/memory.h"
#include "report/texts.h"

#define OPTIONS_MAX   32
#define FILE_SIZE_MAX (64UL << 20)
#define UNLIMITED     1e12

#define STATUS_IMPOSSIBLE 3

union value {
    bool flag;
    const char *text;
    uint64_t number;
};

struct settings {
    union value values[OPTIONS_MAX]; /* by the place of the option */
    const char *const *runs;
    size_t run_count;
    json_t *question;       /* the values by their names, and the limits here */
    const char *parameters; /* the file; NULL: those that are built in */
    struct suite suite;
};

static struct option_row rows[OPTIONS_MAX];
static size_t row_count;

/* ---- Options ----------------------------------------------------------------------------- */

static void take_run(struct argp_state *state, const char *text, void *settings)
{
    struct settings *all = settings;

    (void)text;
    all->runs = (const char *const *)state->argv + state->next - 1;
    all->run_count = (size_t)(state->argc - state->next + 1);
    state->next = state->argc;
}

/* Waits that were measured: a file with one time a line. Ends the program where it is none. */
static json_t *waits_of(struct argp_state *state, const char *path)
{
    char *text = file_read(path, FILE_SIZE_MAX, NULL), *rest = text, *line;
    json_t *waits = json_array();
    uint64_t ns;

    if (text == NULL)
        argp_error(state, "--latencies: %s: %s", path, strerror(errno));
    while ((line = strtok_r(rest, "\r\n", &rest)) != NULL) {
        if (units_parse_duration(line, &ns) < 0)
            argp_error(state, "--latencies: '%.40s' is not a time; write it like 200ms", line);
        json_array_append_new(waits, json_integer((json_int_t)ns));
    }
    free(text);
    return waits;
}

/* What is allowed here, where the question says nothing else. */
static void add_limit(json_t *question, const char *name, uint64_t limit)
{
    if (json_object_get(question, name) == NULL && (double)limit < UNLIMITED)
        json_object_set_new(question, name, json_integer((json_int_t)limit));
}

static void complete(struct argp_state *state, void *settings)
{
    struct settings *all = settings;
    json_t *q = all->question = json_object();
    const char *latency, *latencies;
    struct limit_tasks tasks = limit_tasks("");
    struct distribution distribution;
    struct error error;
    unsigned first;

    for (size_t i = 0; i < row_count; i++) {
        const union value *value = &all->values[i];

        if (command_line_given(state, rows[i].name))
            json_object_set_new(q, rows[i].name,
                                rows[i].kind == OPTION_FLAG ? json_true()
                                : rows[i].kind == OPTION_TEXT
                                    ? command_json(state, value->text)
                                    : json_integer((json_int_t)value->number));
    }
    latency = json_text_at(q, "latency", NULL);
    latencies = json_text_at(q, "latencies", NULL);
    if (latency != NULL && latency_parse(latency, &distribution, &error) < 0)
        argp_error(state, "--latency: %s", error.text);
    if (latencies != NULL)
        json_object_set_new(q, "waits", waits_of(state, latencies));
    json_object_set_new(q, "runs", json_integer((json_int_t)all->run_count));
    add_limit(q, "cores", cores_usable());
    add_limit(q, "descriptors", limit_raise(RLIMIT_NOFILE));
    add_limit(q, "tasks", tasks.max - tasks.used);
    add_limit(q, "ports", limit_ports(&first));
}

/* ---- Questions --------------------------------------------------------------------------- */

/* Asks one after the other, as far as they are answered. Returns a command line that says the same;
 * it stays. */
static char **ask(const json_t *options, char *program, int *argc)
{
    static char *argv[OPTIONS_MAX + 2];
    const json_t *option;
    size_t i, size = 0;
    char *line = NULL;

    argv[0] = program;
    json_array_foreach(options, i, option)
    {
        if (json_object_get(option, "asks") == NULL)
            continue;
        printf("%s  (such as %s)  > ", json_text_at(option, "asks", ""),
               json_text_at(option, "such", ""));
        fflush(stdout);
        if (getline(&line, &size, stdin) < 0)
            break;
        line[strcspn(line, "\r\n")] = '\0';
        if ((rows[i].kind == OPTION_FLAG ? line[0] == 'y' : line[0] != '\0') &&
            asprintf(&argv[(*argc)++], rows[i].kind == OPTION_FLAG ? "--%s" : "--%s=%s",
                     rows[i].name, line) < 0)
            memory_or_end(NULL);
    }
    free(line);
    return argv;
}

static struct settings read_settings(int argc, char **argv)
{
    static json_t *said;
    const json_t *options;
    const char *examples[COMMAND_EXAMPLES_MAX + 1] = {NULL};
    struct settings settings = {.run_count = 0};
    struct command_line line = {
        .program = "choose",
        .rows = rows,
        .options = &settings,
        .take = take_run,
        .complete = complete,
    };

    said = json_loads(embedded_choose_json, 0, NULL);
    options = json_object_get(said, "options");
    line.count = row_count = command_rows(rows, OPTIONS_MAX, options, sizeof(union value));
    command_texts(&line, said, examples);
    if (argc == 1)
        argv = ask(options, argv[0], &argc);
    command_line_parse(&line, argc, argv);
    return settings;
}

/* ---- Files ------------------------------------------------------------------------------- */

static bool asked(const struct settings *settings, const char *option)
{
    return json_is_true(json_object_get(settings->question, option));
}

/* The parameters of the newest run that was fitted; NULL: there are none. Stays. */
static const char *newest_of(const struct suite *suite)
{
    static char path[PATH_MAX];
    glob_t found;
    int code = glob(path_join(path, suite->results, "2*/parameters.json"), 0, NULL, &found);

    memory_or_end(code == GLOB_NOSPACE ? NULL : path);
    if (code != 0)
        return NULL;
    snprintf(path, sizeof(path), "%s", found.gl_pathv[found.gl_pathc - 1]);
    globfree(&found);
    return path;
}

/* The dataset of the runs, with answers to what is asked. Returns 0, to be closed in any case, or a
 * negative errno with the reason in *error. */
static int open_runs(struct dataset *dataset, const char *const *runs, size_t count,
                     const char *parameters, const json_t *question, struct error *error)
{
    int code = dataset_open(dataset, error);

    for (size_t i = 0; i < count && code == 0; i++)
        code = dataset_load(dataset, runs[i], false, error);
    if (code == 0)
        code = dataset_freeze(dataset, error);
    return code == 0 ? choose_open(dataset, parameters, question, error) : code;
}

static int write_fit(struct dataset *dataset, const struct settings *settings, struct error *error)
{
    char path[PATH_MAX], *text = dataset_text(dataset, "SELECT j FROM fitted_lanes");
    const char *output = json_text_at(settings->question, "output",
                                      path_join(path, settings->runs[0], "parameters.json"));
    json_t *said = text != NULL ? json_loads(text, 0, NULL) : NULL;
    int code = said != NULL ? json_file_write(output, said) : -ENODATA;

    if (code < 0)
        error_set(error, code, "%.300s: %s", output,
                  said != NULL ? strerror(-code) : "no lane has enough cells for a fit");
    else
        puts(output);
    json_decref(said);
    free(text);
    return code;
}

/* ---- Verification ------------------------------------------------------------------------ */

/* Runs what was predicted, as a run of its own, whose folder it puts to `folder`. Returns 0 or a
 * negative errno with the reason in *error. */
static int measure(struct dataset *dataset, const struct suite *suite, char folder[PATH_MAX],
                   struct error *error)
{
    char bench[PATH_MAX], plan[] = "/tmp/choose-XXXXXX.json";
    const char *const argv[] = {bench, "run", plan, "--no-report", "--quiet", NULL};
    char *text = dataset_text(dataset, "SELECT j FROM plan");
    int file = mkstemps(plan, (int)strlen(".json")), status = -1;
    FILE *said = NULL;
    pid_t pid;

    suite_program(suite, "bench", bench);
    fflush(stdout);
    if (file >= 0 && text != NULL && file_write(plan, text, strlen(text)) == 0)
        said = child_start(argv, &pid);
    if (said != NULL) {
        status = child_wait(pid);
        fclose(said);
    }
    free(text);
    close(file);
    unlink(plan);
    if (WIFEXITED(status) && WEXITSTATUS(status) <= 1)
        return suite_find_run(suite, NULL, folder, error);
    return error_set(error, -EIO, "--verify: bench could not measure it (status %d)",
                     WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

/* Prints what came out beside what was predicted. Returns 0, 1: something was missed; or a negative
 * errno with the reason in *error. */
static int verify(struct dataset *dataset, const struct settings *settings, struct error *error)
{
    char folder[PATH_MAX];
    const char *const runs[] = {folder};
    struct dataset measured = {.db = NULL};
    int code = measure(dataset, &settings->suite, folder, error);

    if (code == 0)
        code = open_runs(&measured, runs, 1, settings->parameters, NULL, error);
    if (code == 0 && dataset_number(&measured, "SELECT count(*) FROM residuals", 0) == 0)
        code = error_set(error, -ENODATA, "no execution counted: see bench show %.300s", folder);
    if (code == 0) {
        printf("\nMeasured: %s\n", folder);
        code = texts_show(stdout, &measured, "residuals", TABLE_TERMINAL, error);
    }
    if (code == 0)
        code = (int)dataset_number(&measured, "SELECT count(*) > 0 FROM missed", 1);
    dataset_close(&measured);
    return code;
}

/* ---- Answers ----------------------------------------------------------------------------- */

static int answer(struct dataset *dataset, const struct settings *settings, struct error *error)
{
    char *text = dataset_text(dataset, "SELECT j FROM answer_json");
    int code = 0;

    if (asked(settings, "json"))
        puts(text != NULL ? text : "null");
    else
        code = texts_show(stdout, dataset, "advice", TABLE_TERMINAL, error);
    free(text);
    if (code == 0 && dataset_number(dataset, "SELECT count(*) FROM answer WHERE NOT late", 0) == 0)
        return STATUS_IMPOSSIBLE;
    return code == 0 && asked(settings, "verify") ? verify(dataset, settings, error) : code;
}

static int act(struct dataset *dataset, const struct settings *settings, struct error *error)
{
    char *reason = dataset_text(dataset, "SELECT text FROM refused");
    int code;

    if (reason != NULL)
        code = error_set(error, (int)dataset_number(dataset, "SELECT status FROM refused", 0), "%s",
                         reason);
    else if (asked(settings, "fit"))
        code = write_fit(dataset, settings, error);
    else if (asked(settings, "check"))
        code = texts_show(stdout, dataset, "residuals", TABLE_TERMINAL, error);
    else if (asked(settings, "explorer"))
        code = texts_save(json_text_at(settings->question, "output", "explorer.html"), dataset,
                          "explorer.html", error);
    else
        code = answer(dataset, settings, error);
    free(reason);
    return code;
}

int main(int argc, char **argv)
{
    struct settings settings = read_settings(argc, argv);
    const char *newest = suite_find(&settings.suite, NULL) == 0 ? newest_of(&settings.suite) : NULL;
    struct dataset dataset;
    struct error error = {.text = ""};
    int code;

    settings.parameters = json_text_at(settings.question, "parameters", newest);
    json_object_set_new(settings.question, "root", json_string(settings.suite.root));
    json_object_set_new(settings.question, "newest", json_string(newest));
    code = open_runs(&dataset, settings.runs, settings.run_count, settings.parameters,
                     settings.question, &error);
    if (code == 0)
        code = act(&dataset, &settings, &error);
    dataset_close(&dataset);
    json_decref(settings.question);
    if (error.text[0] != '\0')
        error_print("choose", &error);
    return code < 0 ? STATUS_IMPOSSIBLE : code;
}
