/* Programs that are run and watched: racers_run(). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/mount.h"
#include "common/path.h"
#include "common/process/proctree.h"
#include "common/process/interrupt.h"
#include "common/process/process.h"
#include "harness/run/lane_output.h"
#include "harness/run/mock.h"
#include "teach/teach.h"

#define RACERS_MAX   16
#define WORDS_MAX    48
#define TICK_NS      (100 * NS_PER_MS)
#define LIMIT_NS     (300 * NS_PER_S) /* of one that never ends */
#define LIMIT_OWN_NS (20 * NS_PER_S)  /* … and is somebody's own */

struct racer {
    json_t *known;                 /* not owned */
    const char *own;               /* NULL: it is of the suite */
    bool thin, served, late, runs; /* has a server; had to be ended; runs */
    uint64_t started_ns, ended_ns; /* of clock_ns() */
    struct proctree_memory memory; /* the most that was seen */
    struct mock server;
    struct process process;
    struct lane_output output;
    char mockserver[PATH_MAX];
    char files[PATH_MAX]; /* where its server shows a file system; empty: nowhere */
};

/* ---- What is known of it ----------------------------------------------------------------- */

json_t *racers_of(const json_t *plan, const char *own, bool thin)
{
    json_t *racers = json_array(), *run;
    const char *name;

    json_object_foreach(json_object_get(plan, "runs"), name, run)
    {
        const char *latency = json_text_at(run, "latency", json_text_at(plan, "latency", ""));
        json_t *known =
            json_pack("{s:s, s:s, s:s*, s:b, s:b, s:s, s:s, s:[s, s]}", "name", name, "label", name,
                      "own", own, "thin", thin, "optional", false, "command", "", "latency",
                      latency, "server", "--latency", latency);

        json_object_update(known, run);
        json_array_append_new(racers, known);
    }
    return racers;
}

static void racer_init(struct racer *racer, json_t *known)
{
    *racer = (struct racer){
        .known = known,
        .own = json_text_at(known, "own", NULL),
        .thin = json_is_true(json_object_get(known, "thin")),
        .served = json_text_at(known, "latency", "")[0] != '\0',
        .output.fd = -1,
    };
}

/* ---- Starting ---------------------------------------------------------------------------- */

/* Its file and its server. A machine that shows no file system has a fault, and no error. Returns 0
 * or a negative errno with the reason in *error. */
static int prepare(struct racer *racer, const struct suite *suite, struct error *error)
{
    bool files = json_is_true(json_object_get(racer->known, "files"));
    struct error fault;
    int code = lane_output_open(&racer->output);

    if (code < 0)
        return error_set(error, code, "%s", strerror(-code));
    if (files)
        code = mount_open(racer->files, &fault);
    if (code == 0 && racer->served)
        code = mock_start(&racer->server, suite_program(suite, "mockserver", racer->mockserver),
                          json_object_get(racer->known, "server"), files ? racer->files : NULL,
                          &fault);
    if (code < 0 && code != -EINTR && files)
        code = json_object_set_new(racer->known, "fault", json_string(fault.text));
    return code < 0 ? error_set(error, code, "%s", fault.text) : 0;
}

/* Runs its command line: a lane is told where its server is, and that it need say nothing. */
static int start_program(struct racer *racer, const struct suite *suite, struct error *error)
{
    char copy[256], *rest, *word, program[PATH_MAX], url[300];
    const char *argv[WORDS_MAX + 7] = {NULL}, **next = argv;
    struct process_options options = {.argv = argv, .capture = PROCESS_CAPTURE_ERR};

    snprintf(copy, sizeof(copy), "%s", json_text_at(racer->known, "command", ""));
    snprintf(url, sizeof(url), "%.250s/users/{id}",
             racer->files[0] != '\0' ? racer->files : racer->server.url);
    word = strtok_r(copy, " ", &rest);
    word = word != NULL ? word : ""; /* no program of that name can be started */
    path_join(program, strchr(word, '/') != NULL ? suite->root : suite->programs, word);
    *next++ = racer->own != NULL ? racer->own : program;
    while ((word = strtok_r(NULL, " ", &rest)) != NULL && next < argv + WORDS_MAX)
        *next++ = word;
    if (!racer->thin) {
        *next++ = "--output";
        *next++ = racer->output.path;
    }
    if (!racer->thin && racer->served) {
        *next++ = "--quiet";
        *next++ = "--latency";
        *next++ = json_text_at(racer->known, "latency", "");
    }
    *next = racer->served ? url : NULL;
    return process_start(&racer->process, &options, error);
}

static void tell_state(struct racer *racer, const char *state)
{
    json_object_set_new(racer->known, "state", json_string(state));
    json_object_set_new(racer->known, "elapsed_ns",
                        json_integer((json_int_t)(racer->ended_ns - racer->started_ns)));
}

/* What does not start has ended. */
static void start(struct racer *racer, const struct suite *suite)
{
    struct error fault;
    bool ready = json_object_get(racer->known, "fault") == NULL;

    racer->started_ns = racer->ended_ns = clock_ns();
    racer->runs = ready && start_program(racer, suite, &fault) == 0;
    tell_state(racer, racer->runs ? "running" : "ended");
    if (racer->runs)
        return;
    if (ready)
        json_object_set_new(racer->known, "fault", json_string(fault.text));
    mock_stop(&racer->server);
}

/* ---- Watching ---------------------------------------------------------------------------- */

/* Keeps the most that was seen of the memory, and of threads and addresses: these are not the most
 * at the same time, as some threads have ended when the last of the others read their answers. */
static void keep_most(struct proctree_memory *most, const struct proctree_memory *now)
{
    uint64_t threads = most->threads > now->threads ? most->threads : now->threads;
    uint64_t addresses =
        most->virtual_bytes > now->virtual_bytes ? most->virtual_bytes : now->virtual_bytes;

    if (now->pss_bytes > most->pss_bytes)
        *most = *now;
    most->threads = threads;
    most->virtual_bytes = addresses;
}

/* Asks the server, and looks at the memory. */
static void look(struct racer *racer)
{
    struct proctree_memory memory;
    struct error ignored;
    enum work_kind work = racer->files[0] != '\0' ? CELL_FILE : CELL_IO;
    json_t *seen = racer->served ? mock_stats(&racer->server, work, &ignored) : NULL;

    if (seen != NULL)
        json_object_set_new(racer->known, "seen", seen);
    if (json_is_true(json_object_get(racer->known, "memory")) &&
        proctree_measure(racer->process.pid, &memory) == 0)
        keep_most(&racer->memory, &memory);
    tell_state(racer, "running");
}

/* It has ended: collects what it and its server say. */
static void end(struct racer *racer)
{
    json_t *memory = json_object(), *lane, *seen;
    struct error missing = {""};
    char said[256];

    look(racer);
    tell_state(racer, "ended");
    racer->runs = false;
    mock_stop(&racer->server);
    seen = json_object_get(racer->known, "seen");
    lane = racer->own != NULL ? lane_output_read(&racer->output, &missing)
                              : lane_output_json(&racer->output, &missing);
    process_line(racer->process.text, said, sizeof(said));
    proctree_describe(&racer->memory, racer->memory.pss_bytes > 0, memory);
    json_object_set_new(
        racer->known, "document",
        json_pack("{s:I, s:I, s:i, s:b, s:I, s:s, s:s, s:o*, s:O*, s:o}", "process_ns",
                  (json_int_t)(racer->ended_ns - racer->started_ns), "process_cpu_ns",
                  (json_int_t)racer->process.usage.cpu_ns, "exit",
                  process_exit_status(&racer->process), "overdue", racer->late, "resets",
                  (json_int_t)json_number_at(seen, "resets", 0) - (json_int_t)racer->server.resets,
                  "said", said, "missing", missing.text, "lane", lane, "server", seen, "memory",
                  memory));
}

/* Waits a tick, or until one of those that run has ended, and looks at all; ends the one that takes
 * too long. Returns how many run still, or a negative errno. */
static int tick(struct racer *racers, size_t count)
{
    struct pollfd fds[RACERS_MAX];
    int ready, left = 0;

    for (size_t i = 0; i < count; i++)
        fds[i] =
            (struct pollfd){.fd = racers[i].runs ? racers[i].process.socket : -1, .events = POLLIN};
    ready = interrupt_poll(fds, count, clock_ns() + TICK_NS);
    for (struct racer *r = racers; r < racers + count && ready >= 0; r++) {
        int state = fds[r - racers].revents != 0 ? process_wait(&r->process, clock_ns()) : 0;
        uint64_t limit_ns = r->own != NULL ? LIMIT_OWN_NS : LIMIT_NS;

        if (!r->runs)
            continue;
        r->ended_ns = clock_ns();
        r->late = state == 0 && r->ended_ns - r->started_ns > limit_ns;
        if (r->late)
            process_end(&r->process, 0);
        if (state == 0 && !r->late)
            look(r);
        else
            end(r);
        left += r->runs;
    }
    return ready < 0 ? ready : left;
}

int racers_run(json_t *known, bool at_once, const struct suite *suite, struct live *live,
               struct error *error)
{
    size_t count = json_array_size(known);
    struct racer *racers = calloc(count + 1, sizeof(*racers));
    int code = racers == NULL       ? -ENOMEM
               : count > RACERS_MAX ? error_set(error, -E2BIG, "more than %d runs", RACERS_MAX)
                                    : 0;

    /* All servers first, so that those that run at once begin at once. */
    for (size_t i = 0; i < count && code == 0; i++) {
        racer_init(&racers[i], json_array_get(known, i));
        code = prepare(&racers[i], suite, error);
    }
    for (size_t i = 0; i < count && code == 0; i++) {
        start(&racers[i], suite);
        while ((!at_once || i + 1 == count) && (code = tick(racers, count)) > 0)
            if (live != NULL)
                live_show(live, known);
    }
    if (code < 0 && error->text[0] == '\0')
        error_set(error, code, "%s", code == -EINTR ? "interrupted" : strerror(-code));
    for (size_t i = 0; i < count && racers != NULL; i++) {
        if (racers[i].known == NULL)
            continue;
        if (racers[i].runs)
            process_end(&racers[i].process, 0);
        mock_stop(&racers[i].server);
        lane_output_close(&racers[i].output);
        if (racers[i].files[0] != '\0')
            mount_close(racers[i].files);
    }
    free(racers);
    if (live != NULL)
        live_show(live, known);
    return code;
}
