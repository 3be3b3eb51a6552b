#include "teach/racer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/count.h"
#include "common/json.h"
#include "common/path.h"
#include "common/units.h"
#include "harness/process/interrupt.h"

#define WORDS_MAX    48
#define TICK_NS      (100 * NS_PER_MS)
#define LIMIT_NS     (300 * NS_PER_S) /* of one that never ends */
#define LIMIT_OWN_NS (20 * NS_PER_S)  /* … and is somebody's own */

/* ---- Setting up -------------------------------------------------------------------------- */

/* The number that follows the option in the command, or 1. */
static uint64_t number_behind(const char *command, const char *option)
{
    const char *at = strstr(command, option);

    return at != NULL ? strtoull(at + strlen(option), NULL, 10) : 1;
}

/* N, C, and of a lane that only waits, for calls that are all there, the floor ceil(N/C) times the
 * latency, whatever its model. */
static void take_numbers(struct racer *racer)
{
    bool waits =
        strstr(racer->command, "--work") == NULL && strstr(racer->command, "--rate") == NULL;
    uint64_t latency_ns;

    racer->n = number_behind(racer->command, " -n ");
    racer->c = number_behind(racer->command, " -c ");
    if (racer->c > 0 && waits && units_parse_duration(racer->latency, &latency_ns) == 0)
        racer->least_ns = (racer->n + racer->c - 1) / racer->c * latency_ns;
}

size_t racers_init(struct racer *racers, const json_t *plan)
{
    const char *name;
    json_t *run;
    size_t count = 0;

    json_object_foreach(json_object_get(plan, "runs"), name, run)
    {
        if (count++ >= RACERS_MAX)
            continue;
        racers[count - 1] = (struct racer){
            .name = name,
            .label = json_text_at(run, "label", name),
            .command = json_text_at(run, "command", ""),
            .latency = json_text_at(run, "latency", json_text_at(plan, "latency", "")),
            .run = run,
            .output.fd = -1,
        };
        if (racers[count - 1].latency[0] != '\0')
            take_numbers(&racers[count - 1]);
    }
    return count;
}

void racer_free(struct racer *racer)
{
    lane_output_close(&racer->output);
    json_decref(racer->document);
    json_decref(racer->stats);
    json_decref(racer->words);
}

json_t *racer_describe(const struct racer *racer)
{
    const char *fault = racer->fault.text[0] != '\0' ? racer->fault.text : NULL;

    return json_pack("{s:s, s:s, s:s, s:b, s:b, s:I, s:I, s:I, s:O*, s:s*, s:O*}", "name",
                     racer->name, "label", racer->label, "command", racer->command, "optional",
                     json_is_true(json_object_get(racer->run, "optional")), "thin", racer->thin,
                     "n", (json_int_t)racer->n, "c", (json_int_t)racer->c, "least_ns",
                     (json_int_t)racer->least_ns, "figures", json_object_get(racer->run, "figures"),
                     "fault", fault, "document", racer->document);
}

/* ---- Its command line -------------------------------------------------------------------- */

static bool has_server(const struct racer *racer)
{
    return racer->latency[0] != '\0';
}

static void add(struct racer *racer, const char *word)
{
    json_array_append_new(racer->words, json_string(word));
}

/* The command line: a lane is told where its server is, and that it need say nothing. */
static void make_words(struct racer *racer, const struct suite *suite)
{
    char copy[256], *rest, *word, url[300];

    racer->words = json_array();
    snprintf(copy, sizeof(copy), "%s", racer->command);
    word = strtok_r(copy, " ", &rest);
    word = word != NULL ? word : ""; /* no program of that name can be started */
    path_join(racer->program, strchr(word, '/') != NULL ? suite->root : suite->programs, word);
    add(racer, racer->own != NULL ? racer->own : racer->program);
    while ((word = strtok_r(NULL, " ", &rest)) != NULL)
        add(racer, word);
    if (!racer->thin) {
        add(racer, "--output");
        add(racer, racer->output.path);
    }
    if (!racer->thin && has_server(racer)) {
        add(racer, "--quiet");
        add(racer, "--latency");
        add(racer, racer->latency);
    }
    snprintf(url, sizeof(url), "%s/users/{id}", racer->server.url);
    if (has_server(racer))
        add(racer, url);
}

/* ---- Running ----------------------------------------------------------------------------- */

static int start_server(struct racer *racer, const struct suite *suite, struct error *error)
{
    json_t *settings = json_object_get(racer->run, "server");
    json_t *arguments =
        settings != NULL ? json_incref(settings) : json_pack("[s, s]", "--latency", racer->latency);
    int code = arguments != NULL ? mock_start(&racer->server,
                                              suite_program(suite, "mockserver", racer->mockserver),
                                              arguments, error)
                                 : -ENOMEM;

    json_decref(arguments);
    racer->server.arguments = NULL;
    return code;
}

/* Its file and its server. Returns 0 or a negative errno with the reason in *error. */
static int prepare(struct racer *racer, const struct suite *suite, struct error *error)
{
    int code = lane_output_open(&racer->output);

    if (code == 0 && has_server(racer))
        code = start_server(racer, suite, error);
    return code == 0 || error->text[0] != '\0' ? code
                                               : error_set(error, code, "%s", strerror(-code));
}

/* What does not start has ended. */
static void start(struct racer *racer, const struct suite *suite)
{
    const char *argv[WORDS_MAX + 1] = {NULL};
    struct process_options options = {.argv = argv, .capture = PROCESS_CAPTURE_ERR};
    json_t *word;
    size_t i;

    make_words(racer, suite);
    json_array_foreach(racer->words, i, word)
    {
        if (i < WORDS_MAX)
            argv[i] = json_string_value(word);
    }
    racer->started_ns = racer->ended_ns = clock_ns();
    racer->state = RACER_RUNNING;
    if (process_start(&racer->process, &options, &racer->fault) < 0) {
        racer->state = RACER_ENDED;
        racer->failed = true;
        mock_stop(&racer->server);
    }
}

/* Asks the server, and looks at the memory. */
static void look(struct racer *racer)
{
    struct proctree_memory memory;
    struct error ignored;
    json_t *stats = has_server(racer) ? mock_stats(&racer->server, &ignored) : NULL;

    if (stats != NULL) {
        json_decref(racer->stats);
        racer->stats = stats;
    }
    if (json_is_true(json_object_get(racer->run, "memory")) &&
        proctree_measure(racer->process.pid, &memory) == 0 &&
        memory.pss_bytes > racer->memory.pss_bytes)
        racer->memory = memory;
}

/* It has ended: collects what it and its server say. */
static void end(struct racer *racer)
{
    int status = process_exit_status(&racer->process);
    struct error missing = {""};
    json_t *memory = json_object(), *lane;
    char said[256];

    look(racer);
    racer->state = RACER_ENDED;
    racer->failed = racer->late || (status != 0 && !racer->thin);
    mock_stop(&racer->server);
    lane = racer->own != NULL ? lane_output_read(&racer->output, &missing)
                              : lane_output_json(&racer->output, &missing);
    process_line(racer->process.text, said, sizeof(said));
    proctree_describe(&racer->memory, racer->memory.pss_bytes > 0, memory);
    racer->document = json_pack(
        "{s:I, s:I, s:i, s:i, s:I, s:s, s:s, s:o*, s:O*, s:o}", "process_ns",
        (json_int_t)(racer->ended_ns - racer->started_ns), "process_cpu_ns",
        (json_int_t)racer->process.usage.cpu_ns, "exit", status, "overdue", racer->late, "resets",
        (json_int_t)json_number_at(racer->stats, "resets", 0) - (json_int_t)racer->server.resets,
        "said", said, "missing", missing.text, "lane", lane, "server", racer->stats, "memory",
        memory);
}

/* Ends what still runs, where all is given up. */
static void give_up(struct racer *racers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        process_end(&racers[i].process, 0);
        mock_stop(&racers[i].server);
        racers[i].state = RACER_ENDED;
    }
}

/* Waits a tick, or until one of those that run has ended, and looks at all; ends the one that takes
 * too long. Returns how many run still, or a negative errno. */
static int tick(struct racer *racers, size_t count)
{
    struct pollfd fds[RACERS_MAX];
    int ready, left = 0;

    for (size_t i = 0; i < count; i++) {
        int fd = racers[i].state == RACER_RUNNING ? racers[i].process.socket : -1;

        fds[i] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
    ready = interrupt_poll(fds, count, clock_ns() + TICK_NS);
    for (struct racer *r = racers; r < racers + count && ready >= 0; r++) {
        int state = fds[r - racers].revents != 0 ? process_wait(&r->process, clock_ns()) : 0;

        if (r->state != RACER_RUNNING)
            continue;
        r->ended_ns = clock_ns();
        r->late =
            state == 0 && r->ended_ns - r->started_ns > (r->own != NULL ? LIMIT_OWN_NS : LIMIT_NS);
        if (r->late)
            process_end(&r->process, 0);
        left += state == 0 && !r->late;
        if (state == 0 && !r->late)
            look(r);
        else
            end(r);
    }
    return ready < 0 ? ready : left;
}

/* Watches those that run, until all have ended. */
static int watch(struct racer *racers, size_t count, const struct racer_view *view,
                 struct error *error)
{
    int left;

    while ((left = tick(racers, count)) > 0)
        view->show(view->user, racers, count, false);
    if (left < 0)
        error_set(error, left, "%s", left == -EINTR ? "interrupted" : strerror(-left));
    return left;
}

int racers_run(struct racer *racers, size_t count, bool at_once, const struct suite *suite,
               const struct racer_view *view, struct error *error)
{
    int code = count <= RACERS_MAX ? 0 : error_set(error, -E2BIG, "more than %d runs", RACERS_MAX);

    /* All servers first, so that those that run at once begin at once. */
    for (size_t i = 0; i < count && code == 0; i++)
        code = prepare(&racers[i], suite, error);
    for (size_t i = 0; i < count && code == 0; i++) {
        start(&racers[i], suite);
        if (!at_once)
            code = watch(racers, count, view, error);
    }
    if (code == 0 && at_once)
        code = watch(racers, count, view, error);
    if (code < 0)
        give_up(racers, count);
    view->show(view->user, racers, count, true);
    return code;
}
