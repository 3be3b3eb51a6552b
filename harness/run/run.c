/* One thread does everything; programs that run meanwhile are under keepers (keeper.h). */
#include "harness/run/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/units.h"
#include "harness/run/calibrate.h"
#include "harness/run/document.h"
#include "harness/machine/environment.h"
#include "harness/error.h"
#include "harness/process/interrupt.h"
#include "harness/run/lane_probe.h"
#include "harness/run/preflight.h"
#include "harness/memory/proctree.h"
#include "harness/report.h"
#include "harness/run/resume.h"
#include "harness/show.h"
#include "harness/run/steps.h"

static uint32_t choose_seed(const struct run *run)
{
    uint32_t seed = run->options->seed != 0 ? run->options->seed : run->plan.seed;

    while (seed == 0)
        if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
            seed = (uint32_t)clock_ns();
    return seed;
}

static const char *status_name(int code)
{
    if (code == -EINTR)
        return "interrupted";
    return code < 0 ? "failed" : "complete";
}

static json_t *read_environment(const struct run *run)
{
    return environment_read(run->suite->root[0] != '\0' ? run->suite->root : NULL);
}

/* run.json of a new run, or of one that goes on. */
static int begin_document(struct run *run, char *error)
{
    if (run->document != NULL)
        resume_note(run, read_environment(run));
    else
        run->document = document_run(&run->plan, run->plan_file, run->folder.id, run->seed,
                                     run->bench.server.url, read_environment(run));
    if (run->document == NULL)
        return error_set(error, -ENOMEM, "no memory for run.json");
    json_array_extend(json_object_get(run->document, "skipped"), run->missing);
    return run_folder_write(&run->folder, "run.json", run->document, error);
}

/* Everything between the first byte of a session and its last, the report excepted. */
static int measure(struct run *run, char *error)
{
    char reason[ERROR_SIZE];
    int code;

    run->steal_ns = environment_cpu().steal_ns;
    run->started_ns = clock_ns();
    code = begin_document(run, error);
    if (code == 0)
        code = steps_run(run, error);
    progress_clear(&run->bench.progress);
    if (run->document == NULL)
        return code;
    for (size_t i = 0; i < run->plan.cell_count; i++)
        document_cell_noise(run->document, run->plan.cells[i].id,
                            rounds_noise(&run->rounds, &run->plan.cells[i]));
    document_finish(run->document, status_name(code), environment_cpu().steal_ns - run->steal_ns);
    if (run_folder_write(&run->folder, "run.json", run->document, reason) < 0 && code == 0)
        code = error_set(error, -EIO, "%s", reason);
    return code;
}

static enum bench_status status_of(const struct run *run, int code)
{
    if (code == -EINTR)
        return BENCH_INTERRUPTED;
    if (code < 0)
        return BENCH_MACHINE;
    return run->invalid > 0 ? BENCH_INVALID : BENCH_COMPLETE;
}

static void leave_lane_out(struct run *run, const struct lane *lane, const char *remedy)
{
    char reason[LANE_PROBE_SIZE + 32];

    snprintf(reason, sizeof(reason), "not installed: %s", remedy);
    for (size_t i = 0; i < run->plan.cell_count; i++) {
        const struct cell *cell = &run->plan.cells[i];

        if (cell->lane != lane || run->skipped[i])
            continue;
        run->skipped[i] = true;
        progress_skip(&run->bench.progress, cell);
        json_array_append_new(run->missing,
                              json_pack("{s:s, s:s}", "id", cell->id, "reason", reason));
    }
    fprintf(stderr, "bench: %s is left out, since it is %s\n", lane->name, reason);
}

/* Lanes of other languages need not be installed. Returns 0, or -EINTR. */
static int leave_missing_out(struct run *run, char *error)
{
    enum lane_state state = LANE_READY;
    char text[LANE_PROBE_SIZE];

    for (size_t i = 0; i < run->plan.lane_count && state != LANE_STOPPED; i++) {
        const struct lane *lane = &run->plan.lanes[i];

        if (steps_lane_left_out(run, lane))
            continue;
        state = lane_probe(lane, text);
        if (state == LANE_MISSING)
            leave_lane_out(run, lane, text);
    }
    return state == LANE_STOPPED ? error_set(error, -EINTR, "interrupted") : 0;
}

static int prepare(struct run *run)
{
    char error[ERROR_SIZE];
    int code;

    if (run->seed == 0)
        run->seed = choose_seed(run);
    run->skipped = calloc(run->plan.cell_count, sizeof(bool));
    run->missing = json_array();
    if (run->skipped == NULL || run->missing == NULL ||
        schedule_make(&run->plan, run->seed, &run->schedule) < 0 ||
        rounds_init(&run->rounds, &run->plan) < 0 ||
        progress_init(&run->bench.progress, &run->schedule, run->options->quiet) < 0 ||
        lane_output_open(&run->bench.output) < 0) {
        fprintf(stderr, "bench: cannot prepare the run: %s\n", strerror(errno));
        return BENCH_MACHINE;
    }
    resume_skipped(run);
    suite_program(run->suite, "mockserver", run->server_program);
    code = preflight_check(&run->plan, run->server_program, error);
    if (code == 0)
        code = leave_missing_out(run, error);
    if (code < 0)
        fprintf(stderr, "bench: %s\n", error);
    return code < 0 ? status_of(run, code) : BENCH_COMPLETE;
}

static void announce(const struct run *run)
{
    char text[ERROR_SIZE], eta[UNITS_TEXT_SIZE];
    uint64_t expected_ns = 0;
    size_t count = 0;

    for (size_t i = 0; i < run->schedule.count; i++)
        if (!steps_left_out(run, &run->schedule.steps[i])) {
            expected_ns += schedule_estimate_ns(&run->schedule.steps[i]);
            count++;
        }
    snprintf(text, sizeof(text), "Plan %s, seed %" PRIu32 ": %zu executions, about %s, in %.700s",
             run->plan.name, run->seed, count, progress_format_eta(expected_ns, eta),
             run->folder.path);
    progress_note(&run->bench.progress, text);
}

static int start_server(struct run *run, char *error)
{
    if (run->plan.server_url == NULL)
        return mock_start(&run->bench.server, run->server_program, run->plan.server_arguments,
                          error);
    mock_use(&run->bench.server, run->plan.server_url);
    return 0;
}

/* Before anything is timed. */
static int find_calibrations(struct run *run, char *error)
{
    char program[PATH_MAX];

    return calibrate(&run->plan, run->document, suite_program(run->suite, "lane-sync", program),
                     &run->bench.output, error);
}

/* Starts the server, makes the folder, measures, and ends all that was started. */
static enum bench_status run_with_server(struct run *run)
{
    char error[ERROR_SIZE];
    int code = start_server(run, error);

    if (code == 0)
        code = find_calibrations(run, error);
    if (code == 0 && run->folder.fd < 0)
        code = run_folder_create(&run->folder, run->suite->results, run->plan.name, error);
    if (code == 0) {
        announce(run);
        code = measure(run, error);
    }
    mock_stop(&run->bench.server);
    proctree_kill_descendants(0);
    if (code < 0)
        fprintf(stderr, "bench: %s\n", error);
    return status_of(run, code);
}

/* What the user sees at the end. */
static enum bench_status conclude(struct run *run, enum bench_status status)
{
    char error[ERROR_SIZE];

    if (run->folder.fd < 0)
        return status;
    run_folder_close(&run->folder);
    if (status == BENCH_INTERRUPTED || status == BENCH_MACHINE) {
        fprintf(stderr, "bench: what was measured until then is in %s\n", run->folder.path);
        return status;
    }
    if (!run->options->quiet && show_run(run->folder.path, run->options, stdout, error) < 0)
        fprintf(stderr, "bench: %s\n", error);
    if (!run->options->no_report &&
        report_make(run->suite, run->folder.path, run->options->quiet, error) < 0) {
        fprintf(stderr, "bench: %s\n", error);
        return interrupt_signal() != 0 ? BENCH_INTERRUPTED : BENCH_INVALID;
    }
    if (run->options->no_report && !run->options->quiet)
        printf("\nResults: %s\n", run->folder.path);
    return status;
}

static void run_free(struct run *run)
{
    run_folder_close(&run->folder);
    lane_output_close(&run->bench.output);
    progress_free(&run->bench.progress);
    schedule_free(&run->schedule);
    rounds_free(&run->rounds);
    free(run->skipped);
    json_decref(run->missing);
    json_decref(run->document);
    json_decref(run->samples);
    json_decref(run->passes);
    plan_free(&run->plan);
}

static enum bench_status run_to_end(struct run *run)
{
    enum bench_status status;

    interrupt_install();
    status = prepare(run);
    return status == BENCH_COMPLETE ? conclude(run, run_with_server(run)) : status;
}

/* What the command line says in place of the plan. */
static void apply_options(struct run *run)
{
    const struct bench_options *options = run->options;

    if (options->rounds > 0)
        plan_set_rounds(&run->plan, options->rounds);
    if (options->until > 0)
        run->plan.until = options->until;
    if (options->budget_ns > 0)
        run->plan.budget_ns = options->budget_ns;
    if (options->url != NULL)
        run->plan.server_url = options->url;
}

enum bench_status run_plan(const struct bench_options *options, const struct suite *suite)
{
    struct run run = {.options = options, .suite = suite, .folder.fd = -1, .bench.output.fd = -1};
    char path[PATH_MAX], error[ERROR_SIZE];
    enum bench_status status;

    suite_plan(suite, options->subject, path);
    if (realpath(path, run.plan_file) == NULL) {
        fprintf(stderr, "bench: there is no plan %s (%s): bench list shows those that there are\n",
                options->subject, path);
        return BENCH_USAGE;
    }
    if (plan_load(path, suite->programs, &run.plan, error) < 0) {
        fprintf(stderr, "bench: %s\n", error);
        return BENCH_USAGE;
    }
    apply_options(&run);
    status = run_to_end(&run);
    run_free(&run);
    return status;
}

enum bench_status run_resume(const struct bench_options *options, const struct suite *suite,
                             const char *path)
{
    struct run run = {.options = options, .suite = suite, .folder.fd = -1, .bench.output.fd = -1};
    char error[ERROR_SIZE];
    int code = resume_open(&run, path, error);
    enum bench_status status = BENCH_USAGE;

    if (code < 0)
        fprintf(stderr, "bench: %s\n", error);
    if (code == -EALREADY)
        status = BENCH_COMPLETE;
    else if (code == 0)
        status = run_to_end(&run);
    run_free(&run);
    return status;
}
