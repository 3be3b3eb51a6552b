/* One thread does everything; programs that run meanwhile are under keepers (process.h). */
#include "harness/run/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/units.h"
#include "harness/machine/environment.h"
#include "harness/memory/proctree.h"
#include "harness/process/interrupt.h"
#include "harness/run/calibrate.h"
#include "harness/run/document.h"
#include "harness/run/ready.h"
#include "harness/run/session.h"
#include "harness/show.h"

#define REPORT_LIMIT_NS (120 * NS_PER_S)

static uint32_t choose_seed(const struct plan *plan)
{
    uint32_t seed = (uint32_t)plan->seed;

    while (seed == 0)
        if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
            seed = (uint32_t)clock_ns();
    return seed;
}

/* A path of the plan's file that says nothing of this machine: from the folder of the suite, or,
 * with ".." at its beginning, from the folder of the run. In `text` of PATH_MAX bytes. */
static void name_plan_file(const struct session *session, char *text)
{
    const char *file = session->plan_file, *folder = session->folder.path;
    size_t root = strlen(session->suite->root), common = 0, length = 0;

    if (root > 0 && strncmp(file, session->suite->root, root) == 0 && file[root] == '/') {
        strcpy(text, file + root + 1);
        return;
    }
    for (size_t i = 0; file[i] == folder[i] && file[i] != '\0'; i++)
        if (file[i] == '/')
            common = i;
    for (const char *at = folder + common; at != NULL && length < PATH_MAX;
         at = strchr(at + 1, '/'))
        length += (size_t)snprintf(text + length, PATH_MAX - length, "../");
    if (length < PATH_MAX)
        snprintf(text + length, PATH_MAX - length, "%s", file + common + 1);
}

/* run.json of a new run, or of one that goes on. */
static int begin_document(struct session *session, struct error *error)
{
    json_t *environment = environment_read(session->suite->root);
    char plan_file[PATH_MAX];

    if (session->document != NULL) {
        session_note_resumed(session, environment);
    } else {
        name_plan_file(session, plan_file);
        session->document =
            document_run(&session->plan, plan_file, session->folder.id, session->seed, environment);
    }
    if (session->document == NULL)
        return error_set(error, -ENOMEM, "no memory for run.json");
    json_array_extend(json_object_get(session->document, "skipped"), session->missing);
    return run_folder_write(&session->folder, "run.json", session->document, error);
}

/* Writes what is known at the end of a session, also of one that failed. */
static int end_document(struct session *session, int code, struct error *error)
{
    uint64_t steal_ns = environment_cpu().steal_ns - session->steal_ns;
    const char *status = code == -EINTR ? "interrupted" : code < 0 ? "failed" : "complete";
    int written;

    for (size_t i = 0; i < session->plan.cell_count; i++)
        document_cell_noise(session->document, session->plan.cells[i].id,
                            rounds_noise(&session->rounds, &session->plan.cells[i]));
    document_finish(session->document, status, steal_ns);
    written = run_folder_write(&session->folder, "run.json", session->document, error);
    if (written == 0)
        written =
            document_hyperfine(&session->plan, &session->folder, session->bench.server.url, error);
    return written;
}

/* Everything between the first byte of a session and its last, the report excepted. */
static int measure(struct session *session, struct error *error)
{
    struct error reason;
    int code, written = 0;

    session->steal_ns = environment_cpu().steal_ns;
    session->started_ns = clock_ns();
    code = begin_document(session, error);
    if (code == 0)
        code = session_run_steps(session, error);
    if (code == 0)
        code = session_run_patterns(session, error);
    progress_clear(&session->bench.progress);
    if (session->document != NULL)
        written = end_document(session, code, &reason);
    return written < 0 && code == 0 ? error_set(error, -EIO, "%s", reason.text) : code;
}

static enum bench_status status_of(const struct session *session, int code)
{
    if (code == -EINTR)
        return BENCH_INTERRUPTED;
    if (code < 0)
        return BENCH_MACHINE;
    return session->invalid > 0 ? BENCH_INVALID : BENCH_COMPLETE;
}

static void leave_lane_out(struct session *session, const struct lane *lane, const char *remedy)
{
    struct error reason;

    error_set(&reason, 0, "not installed: %s", remedy);
    for (size_t i = 0; i < session->plan.cell_count; i++) {
        const struct cell *cell = &session->plan.cells[i];

        if (cell->lane != lane || session->skipped[i])
            continue;
        session_skip(session, cell);
        json_array_append_new(session->missing, document_skip(cell, reason.text));
    }
    fprintf(stderr, "bench: %s is left out, since it is %s\n", lane->name, reason.text);
}

/* Lanes of other languages need not be installed. Returns 0, or -EINTR. */
static int leave_missing_out(struct session *session, struct error *error)
{
    struct error text;

    for (size_t i = 0; i < session->plan.lane_count; i++) {
        const struct lane *lane = &session->plan.lanes[i];
        int ready = session_leaves_lane_out(session, lane) ? 1 : ready_lane(lane, &text);

        if (ready < 0)
            return error_set(error, ready, "interrupted");
        if (ready == 0)
            leave_lane_out(session, lane, text.text);
    }
    return 0;
}

/* Makes what a session needs beside its plan. */
static int prepare(struct session *session, struct error *error)
{
    struct bench *bench = &session->bench;
    const struct plan *plan = &session->plan;
    int code;

    if (session->seed == 0)
        session->seed = choose_seed(plan);
    session->skipped = calloc(plan->cell_count, sizeof(bool));
    session->missing = json_array();
    if (session->skipped == NULL || session->missing == NULL ||
        schedule_make(plan, session->seed, &session->schedule) < 0 ||
        rounds_init(&session->rounds, plan) < 0 || lane_output_open(&bench->output) < 0 ||
        lane_output_open(&bench->export) < 0)
        return error_set(error, -ENOMEM, "cannot prepare the run: %s", strerror(errno));
    progress_init(&bench->progress, &session->schedule, session->options->quiet);
    session_skip_again(session);
    suite_program(session->suite, "mockserver", session->server_program);
    code = ready_check(plan, session->server_program, error);
    return code == 0 ? leave_missing_out(session, error) : code;
}

static void announce(const struct session *session)
{
    char text[PATH_MAX + 300], eta[UNITS_TEXT_SIZE];
    size_t count = 0;

    for (size_t i = 0; i < session->schedule.count; i++)
        count += !session_leaves_out(session, &session->schedule.steps[i]);
    snprintf(text, sizeof(text), "Plan %s, seed %" PRIu32 ": %zu executions, about %s, in %s",
             session->plan.name, session->seed, count,
             progress_format_eta(schedule_left_ns(&session->schedule, 0), eta),
             session->folder.path);
    progress_note(&session->bench.progress, text);
}

static int start_server(struct session *session, struct error *error)
{
    const struct plan *plan = &session->plan;

    if (plan->server_url == NULL)
        return mock_start(&session->bench.server, session->server_program, plan->server_arguments,
                          error);
    mock_use(&session->bench.server, plan->server_url);
    return 0;
}

/* Starts the server, calibrates, makes the folder, measures, and ends all that was started. */
static int run_with_server(struct session *session, struct error *error)
{
    char program[PATH_MAX];
    int code = start_server(session, error);

    if (code == 0)
        code = calibrate(&session->plan, session->document,
                         suite_program(session->suite, "lane-sync", program),
                         &session->bench.output, error);
    if (code == 0 && session->folder.fd < 0)
        code =
            run_folder_create(&session->folder, session->suite->results, session->plan.name, error);
    if (code == 0) {
        announce(session);
        code = measure(session, error);
    }
    mock_stop(&session->bench.server);
    proctree_kill_descendants(0);
    return code;
}

/* Has the program `report` beside this one make the report of the run, and says where it is. */
static int make_report(const struct session *session, struct error *error)
{
    char program[PATH_MAX];
    const char *run = session->folder.path;
    const char *argv[] = {suite_program(session->suite, "report", program), run, NULL};
    struct process process;
    int status;

    if (access(program, X_OK) < 0)
        return error_set(error, -errno,
                         "no report was made, since %s cannot be run: %s; build it with make "
                         "build, then: build/report %s",
                         program, strerror(errno), run);
    status = process_run(&process, argv, PROCESS_CAPTURE_ALL, REPORT_LIMIT_NS, error);
    if (status > 0)
        return error_set(error, -EIO, "%s %s ended with status %d: %.300s", program, run, status,
                         process.text);
    if (status == 0 && !session->options->quiet)
        printf("\n%s", process.text);
    return status;
}

/* What the user sees at the end. */
static enum bench_status conclude(struct session *session, enum bench_status status)
{
    bool quiet = session->options->quiet;
    struct error error;

    if (session->folder.fd < 0)
        return status;
    run_folder_close(&session->folder);
    if (status == BENCH_INTERRUPTED || status == BENCH_MACHINE) {
        fprintf(stderr, "bench: what was measured until then is in %s\n", session->folder.path);
        return status;
    }
    if (!quiet && show_run(session->folder.path, session->options, stdout, &error) < 0)
        fprintf(stderr, "bench: %s\n", error.text);
    if (!session->options->no_report && make_report(session, &error) < 0) {
        fprintf(stderr, "bench: %s\n", error.text);
        return interrupt_signal() != 0 ? BENCH_INTERRUPTED : BENCH_INVALID;
    }
    if (session->options->no_report && !quiet)
        printf("\nResults: %s\n", session->folder.path);
    return status;
}

static enum bench_status run_to_end(struct session *session)
{
    enum bench_status status;
    struct error error;
    int code;

    interrupt_install();
    code = prepare(session, &error);
    if (code == 0)
        code = run_with_server(session, &error);
    else
        run_folder_close(&session->folder); /* nothing has changed in it */
    if (code < 0)
        fprintf(stderr, "bench: %s\n", error.text);
    status = conclude(session, status_of(session, code));
    return status;
}

static void session_free(struct session *session)
{
    run_folder_close(&session->folder);
    lane_output_close(&session->bench.output);
    lane_output_close(&session->bench.export);
    schedule_free(&session->schedule);
    rounds_free(&session->rounds);
    free(session->skipped);
    json_decref(session->missing);
    json_decref(session->document);
    json_decref(session->samples);
    json_decref(session->passes);
    plan_free(&session->plan);
}

/* What the command line says in place of the plan. */
static void apply_options(struct plan *plan, const struct plan *said)
{
    if (said->seed > 0)
        plan->seed = said->seed;
    if (said->rounds > 0)
        plan_set_rounds(plan, said->rounds);
    if (said->until > 0)
        plan->until = said->until;
    if (said->budget_ns > 0)
        plan->budget_ns = said->budget_ns;
    if (said->server_url != NULL)
        plan->server_url = said->server_url;
}

/* A session without anything that would have to be freed. */
static struct session session_of(const struct bench_options *options, const struct suite *suite)
{
    return (struct session){.options = options,
                            .suite = suite,
                            .folder.fd = -1,
                            .bench.output.fd = -1,
                            .bench.export.fd = -1};
}

enum bench_status run_plan(const struct bench_options *options, const struct suite *suite)
{
    struct session session = session_of(options, suite);
    enum bench_status status = BENCH_USAGE;
    char path[PATH_MAX];
    struct error error;

    suite_plan(suite, options->subjects[0], path);
    if (realpath(path, session.plan_file) == NULL)
        fprintf(stderr, "bench: there is no plan %s (%s): bench list shows those that there are\n",
                options->subjects[0], path);
    else if (plan_load(path, suite->programs, &session.plan, &error) < 0)
        fprintf(stderr, "bench: %s\n", error.text);
    else {
        apply_options(&session.plan, &options->plan);
        status = run_to_end(&session);
    }
    session_free(&session);
    return status;
}

enum bench_status run_resume(const struct bench_options *options, const struct suite *suite,
                             const char *path)
{
    struct session session = session_of(options, suite);
    struct error error;
    int code = session_reopen(&session, path, &error);
    enum bench_status status = code == -EALREADY ? BENCH_COMPLETE : BENCH_USAGE;

    if (code < 0)
        fprintf(stderr, "bench: %s\n", error.text);
    else
        status = run_to_end(&session);
    session_free(&session);
    return status;
}
