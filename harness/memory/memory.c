#include "harness/memory/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/units.h"
#include "harness/process/interrupt.h"
#include "harness/plan/command.h"

#define POLL_STEP_NS (20 * NS_PER_MS)

/* The curve: a point each 50 ms, and less often where one takes long, so that watching takes no
 * more than a tenth of a core from the lane. */
#define CURVE_STEP_NS    (50 * NS_PER_MS)
#define CURVE_COST_SHARE 10
#define CURVE_POINTS_MAX 2000

/* Of PSS and cgroup. The kernel charges cgroups in batches of 64 pages for each core, and updates
 * their statistics in batches as well: less than that is no difference. */
#define DIFFERENCE_MAX     0.1
#define CHARGE_BATCH_BYTES (64 * 4096.0 * 4)

/* What a pass needs while it goes on. */
struct pass_watch {
    struct memory_pass *pass;
    struct bench *bench;
    const struct cell *cell;
    const struct cgroup *cgroup;
    const char *ready_path;
    struct process process;
    uint64_t started_ns;
    uint64_t deadline_ns;
    uint64_t next_point_ns;
};

json_t *memory_disagreement(const struct proctree_memory *memory, const json_t *cgroup)
{
    double pss = (double)memory->pss_anon_bytes;
    double charged = json_number_at(cgroup, "anon_bytes", -1);
    char a[UNITS_TEXT_SIZE], b[UNITS_TEXT_SIZE];

    if (pss <= 0 || charged < 0 ||
        fabs(charged - pss) <= fmax(DIFFERENCE_MAX * pss, CHARGE_BATCH_BYTES))
        return NULL;
    return json_sprintf("Anonymous memory is %s by PSS and %s by the cgroup, %.0f %% apart: pages "
                        "that came or went between the two readings, or that were charged to "
                        "another cgroup",
                        units_format_bytes((uint64_t)pss, a),
                        units_format_bytes((uint64_t)charged, b), 100 * fabs(charged / pss - 1));
}

void memory_pass_free(struct memory_pass *pass)
{
    observation_free(&pass->seen);
    json_decref(pass->cgroup);
    json_decref(pass->curve);
    json_decref(pass->noise);
    pass->cgroup = pass->curve = pass->noise = NULL;
}

static bool is_sleep(const struct cell *cell)
{
    return cell->work.kind == CELL_SLEEP;
}

/* How many wait: as the server counts; of tasks that sleep all, from the moment when the lane says
 * so until the first may have ended. */
static uint64_t ask_in_flight(const struct pass_watch *watch)
{
    struct error error;
    json_t *stats;
    double in_flight;

    if (is_sleep(watch->cell)) {
        bool all = access(watch->ready_path, F_OK) == 0 &&
                   clock_ns() - watch->started_ns < watch->cell->latency_ns;

        return all ? watch->cell->requests : 0;
    }
    stats = mock_stats(&watch->bench->server, &error);
    in_flight = json_number_at(stats, "in_flight", 0);
    json_decref(stats);
    return in_flight > 0 ? (uint64_t)in_flight : 0;
}

/* Whether nobody says how many requests wait: the server is not ours. */
static bool is_unconfirmed(const struct pass_watch *watch)
{
    return watch->bench->server.external && !is_sleep(watch->cell);
}

/* Samples the lane, and asks whether the same number was in flight all the time. */
static void take_sample(struct pass_watch *watch)
{
    struct memory_pass *pass = watch->pass;
    struct proctree_memory memory;

    if (proctree_measure(watch->process.pid, &memory) < 0)
        return;
    json_decref(pass->cgroup);
    pass->cgroup = cgroup_read(watch->cgroup);
    pass->memory = memory;
    pass->sampled = true;
    pass->in_flight = ask_in_flight(watch);
    pass->confirmed = pass->in_flight == cell_in_flight(watch->cell);
}

/* Adds a point to the curve when it is time. */
static void add_point(struct pass_watch *watch, uint64_t in_flight)
{
    uint64_t now = clock_ns(), rss_bytes = 0, usage = cgroup_usage(watch->cgroup), cost_ns;

    if (now < watch->next_point_ns || json_array_size(watch->pass->curve) >= CURVE_POINTS_MAX ||
        proctree_rss(watch->process.pid, &rss_bytes) < 0)
        return;
    json_array_append_new(
        watch->pass->curve,
        json_pack("{s:I, s:I, s:I, s:o}", "t_ns", (json_int_t)(now - watch->started_ns),
                  "in_flight", (json_int_t)in_flight, "rss_bytes", (json_int_t)rss_bytes,
                  "cgroup_bytes", usage > 0 ? json_integer((json_int_t)usage) : json_null()));
    cost_ns = clock_ns() - now;
    watch->next_point_ns =
        now +
        (cost_ns * CURVE_COST_SHARE > CURVE_STEP_NS ? cost_ns * CURVE_COST_SHARE : CURVE_STEP_NS);
}

/* When to sample where nobody says how many requests wait: once, after half the hold. */
static bool is_half_time(const struct pass_watch *watch)
{
    return !watch->pass->sampled && clock_ns() - watch->started_ns >= watch->cell->latency_ns / 2;
}

/* Watches the lane until it has ended: a point of the curve now and then, and a sample as soon as
 * as many requests wait as should; again where some were answered meanwhile. Returns what
 * process_wait() said last. */
static int watch_lane(struct pass_watch *watch)
{
    uint64_t expected = cell_in_flight(watch->cell), next;
    int state = 0;

    while (state == 0 && clock_ns() < watch->deadline_ns) {
        uint64_t in_flight = ask_in_flight(watch);

        if (!watch->pass->sampled)
            watch->pass->in_flight = in_flight;
        if (is_unconfirmed(watch) ? is_half_time(watch)
                                  : in_flight == expected && !watch->pass->confirmed)
            take_sample(watch);
        add_point(watch, in_flight);
        next = clock_ns() + POLL_STEP_NS;
        if (watch->pass->confirmed && watch->next_point_ns > next)
            next = watch->next_point_ns;
        state = progress_wait(&watch->bench->progress, &watch->process,
                              next < watch->deadline_ns ? next : watch->deadline_ns);
    }
    return state;
}

static void judge_unconfirmed(const struct memory_pass *pass, struct observation *seen)
{
    if (pass->sampled)
        observation_problem(seen,
                            "The server is not ours and does not say how many requests were in "
                            "flight; sampled in the middle of the hold");
    else
        observation_problem(seen,
                            "It ended before half of the hold, so that nothing was sampled: the "
                            "server, which is not ours, must answer as late as hold says");
}

static void judge(struct pass_watch *watch)
{
    const struct memory_pass *pass = watch->pass;
    const struct cell *cell = watch->cell;
    struct observation *seen = &watch->pass->seen;
    char hold[UNITS_TEXT_SIZE];

    if (observation_forbidden(seen) || (pass->confirmed && !is_unconfirmed(watch)))
        return;
    if (is_unconfirmed(watch))
        judge_unconfirmed(pass, seen);
    else if (is_sleep(cell))
        observation_problem(seen,
                            "Within a hold of %s it was not said that all %" PRIu64
                            " tasks sleep, or not early enough to %s",
                            cell_duration(cell->latency_ns, hold), cell->requests,
                            pass->sampled ? "end the sample" : "sample them");
    else if (!pass->sampled)
        observation_problem(seen,
                            "The server never had %" PRIu64
                            " requests in flight at once, so that nothing was sampled",
                            cell_in_flight(cell));
    else
        observation_problem(seen,
                            "Of %" PRIu64 " requests in flight only %" PRIu64
                            " were left at the end of the sample",
                            cell_in_flight(cell), pass->in_flight);
}

/* Returns 0 when the lane has ended by itself or was ended, -EINTR when asked to stop. */
static int watch_to_end(struct pass_watch *watch)
{
    struct observation *seen = &watch->pass->seen;
    int state = watch_lane(watch);

    cgroup_update_peak(watch->cgroup, watch->pass->cgroup);
    process_end(&watch->process, 0);
    if (execution_judge_end(seen, watch->bench, &watch->process, state,
                            watch->deadline_ns - watch->started_ns) < 0)
        return -EINTR;
    observation_message(seen, watch->process.text);
    seen->exit_status = process_exit_status(&watch->process);
    judge(watch);
    return 0;
}

static int run_lane(struct pass_watch *watch, struct error *error)
{
    struct bench *bench = watch->bench;
    struct command command;
    struct cell_files files = {
        .output = bench->output.path,
        .ready = is_sleep(watch->cell) ? watch->ready_path : NULL,
    };
    struct process_options options = {
        .capture = PROCESS_CAPTURE_ERR,
        .cgroup = watch->cgroup->version != 0 ? watch->cgroup->path : NULL,
    };
    struct error reason;
    int code;

    code = cell_command(watch->cell, bench->server.url, &files, &command);
    if (code < 0)
        return error_set(error, code, "no memory for a command");
    options.argv = (const char *const *)command.words;
    watch->started_ns = clock_ns();
    watch->deadline_ns = watch->started_ns + execution_limit_ns(watch->cell);
    code = process_start(&watch->process, &options, &reason);
    command_free(&command);
    if (code < 0) { /* it is the lane's trouble, not that of the run */
        observation_problem(&watch->pass->seen, "It cannot be started: %s", reason.text);
        return 0;
    }
    code = watch_to_end(watch);
    return code < 0 ? error_set(error, code, "interrupted") : 0;
}

/* What a lane says of sleeping tasks is believed only where its result says the same. */
static void confirm_sleep(struct memory_pass *pass, const struct cell *cell)
{
    double verified = json_number_at(pass->seen.lane, "verified", 0);

    pass->confirmed = pass->confirmed && verified == (double)cell->requests;
}

static int run_once(struct memory_pass *pass, struct bench *bench, const struct cell *cell,
                    const char *ready_path, struct error *error)
{
    struct cgroup cgroup = {0};
    struct pass_watch watch = {
        .pass = pass, .bench = bench, .cell = cell, .cgroup = &cgroup, .ready_path = ready_path};
    json_t *remark;
    int code;

    *pass = (struct memory_pass){
        .hold_ns = cell->latency_ns,
        .cgroup = json_null(),
        .curve = json_array(),
        .noise = json_array(),
    };
    code = observation_begin(&pass->seen, cell, &bench->server, &bench->output, error);
    if (code < 0)
        return code;
    unlink(ready_path); /* of a session that was killed */
    cgroup_make(&cgroup);
    code = run_lane(&watch, error);
    cgroup_remove(&cgroup);
    unlink(ready_path);
    if (code == 0)
        observation_end(&pass->seen, cell, &bench->server, &bench->output);
    remark = memory_disagreement(&pass->memory, pass->cgroup);
    if (remark != NULL)
        json_array_append_new(pass->noise, remark);
    if (is_sleep(cell))
        confirm_sleep(pass, cell);
    return code;
}

/* Whether a longer hold may help, and no request would then take longer than it may. */
static bool is_too_short(const struct memory_pass *pass, const struct bench *bench,
                         const struct cell *cell)
{
    return !pass->confirmed && pass->seen.exit_status == 0 &&
           4 * pass->hold_ns <= execution_timeout_ns(cell) &&
           (is_sleep(cell) || !bench->server.external);
}

int memory_pass_run(struct memory_pass *pass, struct bench *bench, const struct cell *cell,
                    const char *ready_path, struct error *error)
{
    struct cell longer = *cell;
    int code = run_once(pass, bench, cell, ready_path, error);

    for (int again = 0; again < 2 && code == 0 && is_too_short(pass, bench, cell); again++) {
        longer.latency_ns *= 2;
        memory_pass_free(pass);
        code = run_once(pass, bench, &longer, ready_path, error);
    }
    return code;
}
