/* `bench run` and `bench resume`. One thread does everything; programs that run meanwhile are under
 * keepers (process.h). */
#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/units.h"
#include "harness/machine/environment.h"
#include "common/mount.h"
#include "common/process/interrupt.h"
#include "common/process/proctree.h"
#include "harness/run/ready.h"
#include "harness/run/session.h"
#include "harness/show.h"
#include "harness/thresholds.h"

#define REPORT_LIMIT_NS (120 * NS_PER_S)
#define ROUNDS_OF_CELL  10 /* without a plan; six are enough for a verdict */

/* Everything between the first byte of a session and its last, the report excepted. */
static int measure(struct session *session, struct error *error)
{
    struct error reason;
    int code, written = 0;

    session->steal_ns = environment_cpu().steal_ns;
    session->started_ns = clock_ns();
    code = session_begin(session, error);
    if (code == 0)
        code = session_run_steps(session, error);
    if (code == 0)
        code = session_run_patterns(session, error);
    progress_clear(&session->bench.progress);
    if (session->document != NULL)
        written = session_end(session, code, &reason);
    return written < 0 && code == 0 ? error_set(error, -EIO, "%s", reason.text) : code;
}

static void leave_lane_out(struct session *session, const struct lane *lane, const char *remedy)
{
    struct error reason;

    error_set(&reason, 0, "not installed: %s", remedy);
    for (size_t i = 0; i < session->plan.cell_count; i++) {
        const struct cell *cell = &session->plan.cells[i];

        if (cell->lane == lane && !session->skipped[i])
            session_skip(session, cell, reason.text);
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
        session->seed = (uint32_t)plan->seed;
    while (session->seed == 0)
        if (getrandom(&session->seed, sizeof(session->seed), 0) != sizeof(session->seed))
            session->seed = (uint32_t)clock_ns();
    session->skipped = calloc(plan->cell_count, sizeof(bool));
    session->left_out = json_array();
    if (session->skipped == NULL || session->left_out == NULL ||
        schedule_make(plan, session->seed, &session->schedule) < 0 ||
        rounds_init(&session->rounds, plan) < 0 || lane_output_open(&bench->output) < 0 ||
        lane_output_open(&bench->export) < 0)
        return error_set(error, -ENOMEM, "cannot prepare the run: %s", strerror(errno));
    progress_init(&bench->progress, &session->schedule, session->options->quiet);
    session_skip_again(session);
    suite_program(session->suite, "mockserver", session->server_program);
    code = ready_check(plan, session->server_program, error);
    if (code == 0)
        code = session_check_patterns(session, error);
    if (code == 0)
        code = session_prepare_hosts(session, error);
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
             units_format_eta(schedule_left_ns(&session->schedule, 0), eta), session->folder.path);
    progress_note(&session->bench.progress, text);
}

/* Whether a cell that is not left out does such work. */
static bool does(const struct session *session, enum work_kind work)
{
    for (size_t i = 0; i < session->plan.cell_count; i++)
        if (session->plan.cells[i].work.kind == work && !session->skipped[i])
            return true;
    return false;
}

/* The reason is what the server says of its --files, where it does: around it are paths. */
static void leave_out(struct session *session, enum work_kind work, const char *what,
                      const struct error *error)
{
    const char *told = strstr(error->text, "--files: ");
    char reason[256];

    process_line(told != NULL ? told : error->text, reason, sizeof(reason));
    for (size_t i = 0; i < session->plan.cell_count; i++)
        if (session->plan.cells[i].work.kind == work && !session->skipped[i])
            session_skip(session, &session->plan.cells[i], reason);
    fprintf(stderr, "bench: no %s: %s\n", what, reason);
}

/* Likewise. Returns 0, or -EINTR. */
static int start_cluster(struct session *session, struct error *error)
{
    int code = 0;

    session->bench.server.cluster = &session->cluster;
    if (does(session, CELL_SQL))
        code = cluster_start(&session->cluster, error);
    if (code < 0 && code != -EINTR)
        leave_out(session, CELL_SQL, "queries are made", error);
    return code == -EINTR ? code : 0;
}

/* Starts the server, with a file system where files are to be read, as far as the machine lets it;
 * else that is left out. */
static int start_server(struct session *session, struct error *error)
{
    struct mock *server = &session->bench.server;
    const json_t *arguments = session->plan.server_arguments;
    char *folder = session->mounted;
    int code = -EINVAL;

    for (size_t i = 0; i < session->plan.cell_count; i++) {
        const struct cell *cell = &session->plan.cells[i];
        uint64_t addresses = cell_processes(cell), in_flight = cell_in_flight(cell);

        if (session->skipped[i])
            continue;
        if (addresses > server->size.addresses)
            server->size.addresses = addresses;
        if (cell_work_requests(&cell->work) && in_flight > server->size.in_flight)
            server->size.in_flight = in_flight;
    }
    if (session->plan.server_url != NULL)
        mock_use(server, session->plan.server_url);
    if (session->plan.server_url != NULL && does(session, CELL_FILE))
        error_set(error, 0, "the server is not ours, and has no files");
    else if (does(session, CELL_FILE))
        code = mount_open(folder, error);
    if (code == 0)
        code = mock_start(server, session->server_program, arguments, folder, error);
    if (code == 0 || code == -EINTR)
        return code;
    if (does(session, CELL_FILE))
        leave_out(session, CELL_FILE, "files are read", error);
    return server->external ? 0
                            : mock_start(server, session->server_program, arguments, NULL, error);
}

/* Starts the server, calibrates, makes the folder, measures, and ends all that was started. */
static int run_with_server(struct session *session, struct error *error)
{
    int code = start_server(session, error);

    if (code == 0)
        code = start_cluster(session, error);
    if (code == 0)
        code = session_calibrate(session, error);
    if (code == 0 && session->folder.fd < 0)
        code =
            run_folder_create(&session->folder, session->suite->results, session->plan.name, error);
    if (code == 0) {
        announce(session);
        code = measure(session, error);
    }
    cluster_stop(&session->cluster);
    mock_stop(&session->bench.server);
    proctree_kill_descendants(0);
    if (session->mounted[0] != '\0')
        mount_close(session->mounted);
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
    progress_note(&session->bench.progress, "\nThe report is made …");
    status = process_run(&process, argv, PROCESS_CAPTURE_ALL, REPORT_LIMIT_NS, error);
    if (status > 0)
        return error_set(error, -EIO, "%s %s ended with status %d: %.300s", program, run, status,
                         process.text);
    if (status == 0 && !session->options->quiet)
        printf("\n%s", process.text);
    return status;
}

/* Says what --fail-if finds in the run. */
static enum bench_status judge(const struct session *session)
{
    struct error error;
    int beyond = 0;

    if (session->options->fail_if != NULL)
        beyond = thresholds_judge(session->options->fail_if, session->folder.path, &error);
    if (beyond < 0)
        error_print("bench", &error);
    return beyond != 0 ? BENCH_INVALID : BENCH_COMPLETE;
}

/* What the user sees at the end. */
static enum bench_status conclude(struct session *session, enum bench_status status, bool stopped)
{
    bool quiet = session->options->quiet, made;
    struct error error;

    if (session->folder.fd < 0)
        return status;
    run_folder_close(&session->folder);
    if (stopped) {
        fprintf(stderr, "bench: what was measured until then is in %s\n", session->folder.path);
        return status;
    }
    if (!quiet && show_run(session->folder.path, session->options, &error) < 0)
        error_print("bench", &error);
    made = session->options->no_report || make_report(session, &error) == 0;
    if (!made)
        error_print("bench", &error);
    if (session->options->no_report && !quiet)
        printf("\nResults: %s\n", session->folder.path);
    if (!made && interrupt_signal() != 0)
        return BENCH_INTERRUPTED;
    return judge(session) != BENCH_COMPLETE || !made ? BENCH_INVALID : status;
}

static enum bench_status run_to_end(struct session *session)
{
    enum bench_status status = BENCH_COMPLETE;
    struct error error;
    int code;

    interrupt_install();
    code = prepare(session, &error);
    if (code == 0)
        code = run_with_server(session, &error);
    else
        run_folder_close(&session->folder); /* nothing has changed in it */
    if (code < 0) {
        error_print("bench", &error);
        status = code == -EINTR     ? BENCH_INTERRUPTED
                 : code == -ENODATA ? BENCH_INVALID
                                    : BENCH_MACHINE;
    } else if (session->invalid > 0) {
        status = BENCH_INVALID;
    }
    return conclude(session, status, code < 0);
}

static void session_free(struct session *session)
{
    run_folder_close(&session->folder);
    lane_output_close(&session->bench.output);
    lane_output_close(&session->bench.export);
    schedule_free(&session->schedule);
    rounds_free(&session->rounds);
    free(session->skipped);
    json_decref(session->left_out);
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
    if (said->runs > 0)
        plan->runs = said->runs;
    if (said->until > 0)
        plan->until = said->until;
    if (said->budget_ns > 0)
        plan->budget_ns = said->budget_ns;
    if (said->server_url != NULL)
        plan->server_url = said->server_url;
    if (said->request_options == NULL)
        return;
    /* A run goes on by what is written there. */
    if (json_object_get(plan->source, "server") == NULL)
        json_object_set_new(plan->source, "server", json_object());
    json_object_set(json_object_get(plan->source, "server"), "request",
                    (json_t *)said->request_options);
    plan->request_options = said->request_options;
}

/* A plan of the cell that the command line says, which has one for each of its lanes. */
static int make_plan(struct session *session, struct error *error)
{
    json_t *source = json_pack("{s:s, s:s, s:i, s:[O]}", "schema", "bench.plan/1", "name", "cells",
                               "rounds", ROUNDS_OF_CELL, "cells", session->options->cell_of_run);

    suite_plan(session->suite, "cells", session->plan_file); /* where a plan of it would be */
    return plan_read(source, NULL, "the command line", session->suite->programs, &session->plan,
                     error);
}

static int load_plan(struct session *session, const char *name, struct error *error)
{
    char path[PATH_MAX];

    suite_plan(session->suite, name, path);
    if (realpath(path, session->plan_file) == NULL)
        return error_set(error, -ENOENT,
                         "there is no plan %.120s (%.250s): bench list shows those that there are",
                         name, path);
    return plan_load(path, session->suite->programs, &session->plan, error);
}

/* The value of an option of requests, the last one, as lanes take it; "": they have none. */
static const char *told(const struct plan *plan, const char *option)
{
    const char *value = "";

    for (size_t i = 0; i + 1 < json_array_size(plan->request_options); i += 2)
        if (strcmp(json_string_value(json_array_get(plan->request_options, i)), option) == 0)
            value = json_string_value(json_array_get(plan->request_options, i + 1));
    return value;
}

/* Else every execution would fail. */
static int check_request(const struct plan *plan, struct error *error)
{
    if (plan->server_url == NULL && plan->request_options != NULL)
        return error_set(error, -EINVAL, "--verify, --method, --header and --body need --url");
    if (plan->server_url != NULL && strstr(plan->server_url, "{id}") == NULL &&
        strcmp(told(plan, "--verify"), "status") != 0 &&
        strstr(told(plan, "--body"), "{id}") == NULL)
        return error_set(error, -EINVAL,
                         "without {id} in its URL no answer can name the number of its request: "
                         "say --verify status, or put {id} into %s",
                         plan->server_url);
    return 0;
}

/* The plan that the options name or say, and what they say in place of it. */
static int open_plan(struct session *session, struct error *error)
{
    const char *name = session->options->subjects[0];
    int code = name != NULL ? load_plan(session, name, error) : make_plan(session, error);

    if (code == 0)
        apply_options(&session->plan, &session->options->plan);
    return code == 0 ? check_request(&session->plan, error) : code;
}

static int open_run(struct session *session, struct error *error)
{
    char path[PATH_MAX];
    int code = suite_find_run(session->suite, session->options->subjects[0], path, error);

    return code == 0 ? session_reopen(session, path, error) : code;
}

enum bench_status bench_run(const struct bench_options *options, const struct suite *suite,
                            struct error *error)
{
    struct session session = {.options = options,
                              .suite = suite,
                              .folder.fd = -1,
                              .bench.output.fd = -1,
                              .bench.export.fd = -1};
    enum bench_status status;
    int code;

    if (options->fail_if != NULL && thresholds_judge(options->fail_if, NULL, error) < 0)
        return BENCH_USAGE;
    /* Should a keeper be killed, what it kept falls to this process, which ends it. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    curl_global_init(CURL_GLOBAL_ALL);
    code = options->command == COMMAND_RUN ? open_plan(&session, error) : open_run(&session, error);
    if (code == 0)
        status = run_to_end(&session);
    else if (code == -EALREADY && show_run(session.folder.path, options, error) == 0)
        status = judge(&session); /* no line is lost */
    else
        status = BENCH_USAGE;
    session_free(&session);
    curl_global_cleanup();
    return status;
}
