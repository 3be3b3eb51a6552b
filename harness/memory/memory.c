#include "harness/memory/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/units.h"
#include "harness/memory/cgroup.h"
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
struct memory_pass {
    struct observation *seen;
    struct bench *bench;
    const struct cell *cell; /* with the hold of this pass as its latency */
    const char *ready_path;
    struct cgroup cgroup;
    struct process process;
    uint64_t started_ns, deadline_ns, next_point_ns;
    bool sampled;   /* `memory` is known */
    bool confirmed; /* before the sample and after it, as many waited as are to wait */
    uint64_t in_flight;
    struct proctree_memory memory;
    json_t *accounted; /* by the cgroup: object or null */
    json_t *curve;     /* array: memory over time */
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

static bool is_sleep(const struct cell *cell)
{
    return cell->work.kind == CELL_SLEEP;
}

/* How many wait: as the server counts; of tasks that sleep all, from the moment when the lane says
 * so until the first may have ended. */
static uint64_t ask_in_flight(const struct memory_pass *pass)
{
    struct error error;
    json_t *stats;
    double in_flight;

    if (is_sleep(pass->cell)) {
        bool all = access(pass->ready_path, F_OK) == 0 &&
                   clock_ns() - pass->started_ns < pass->cell->latency_ns;

        return all ? pass->cell->requests : 0;
    }
    stats = mock_stats(&pass->bench->server, pass->cell->work.kind, &error);
    in_flight = json_number_at(stats, "in_flight", 0);
    json_decref(stats);
    return in_flight > 0 ? (uint64_t)in_flight : 0;
}

/* Whether nobody says how many requests wait: the server is not ours. */
static bool is_unconfirmed(const struct memory_pass *pass)
{
    return pass->bench->server.external && !is_sleep(pass->cell);
}

/* Samples the lane, and asks whether the same number was in flight all the time. */
static void take_sample(struct memory_pass *pass)
{
    struct proctree_memory memory;

    if (proctree_measure(pass->process.pid, &memory) < 0)
        return;
    json_decref(pass->accounted);
    pass->accounted = cgroup_read(&pass->cgroup);
    pass->memory = memory;
    pass->sampled = true;
    pass->in_flight = ask_in_flight(pass);
    pass->confirmed = pass->in_flight == cell_in_flight(pass->cell);
}

/* Adds a point to the curve when it is time. */
static void add_point(struct memory_pass *pass, uint64_t in_flight)
{
    uint64_t now = clock_ns(), rss_bytes = 0, usage = cgroup_usage(&pass->cgroup), cost_ns;

    if (now < pass->next_point_ns || json_array_size(pass->curve) >= CURVE_POINTS_MAX ||
        proctree_rss(pass->process.pid, &rss_bytes) < 0)
        return;
    json_array_append_new(
        pass->curve,
        json_pack("{s:I, s:I, s:I, s:o}", "t_ns", (json_int_t)(now - pass->started_ns), "in_flight",
                  (json_int_t)in_flight, "rss_bytes", (json_int_t)rss_bytes, "cgroup_bytes",
                  usage > 0 ? json_integer((json_int_t)usage) : json_null()));
    cost_ns = clock_ns() - now;
    pass->next_point_ns =
        now +
        (cost_ns * CURVE_COST_SHARE > CURVE_STEP_NS ? cost_ns * CURVE_COST_SHARE : CURVE_STEP_NS);
}

/* When to sample where nobody says how many requests wait: once, after half the hold. */
static bool is_half_time(const struct memory_pass *pass)
{
    return !pass->sampled && clock_ns() - pass->started_ns >= pass->cell->latency_ns / 2;
}

/* Watches the lane until it has ended: a point of the curve now and then, and a sample as soon as
 * as many requests wait as should; again where some were answered meanwhile. Returns what
 * process_wait() said last. */
static int watch_lane(struct memory_pass *pass)
{
    uint64_t expected = cell_in_flight(pass->cell), next;
    int state = 0;

    while (state == 0 && clock_ns() < pass->deadline_ns) {
        uint64_t in_flight = ask_in_flight(pass);

        if (!pass->sampled)
            pass->in_flight = in_flight;
        if (is_unconfirmed(pass) ? is_half_time(pass) : in_flight == expected && !pass->confirmed)
            take_sample(pass);
        add_point(pass, in_flight);
        next = clock_ns() + POLL_STEP_NS;
        if (pass->confirmed && pass->next_point_ns > next)
            next = pass->next_point_ns;
        state = progress_wait(&pass->bench->progress, &pass->process,
                              next < pass->deadline_ns ? next : pass->deadline_ns);
    }
    return state;
}

static void judge(struct memory_pass *pass)
{
    const struct cell *cell = pass->cell;
    struct observation *seen = pass->seen;
    char hold[UNITS_TEXT_SIZE];

    if (observation_forbidden(seen) || (pass->confirmed && !is_unconfirmed(pass)))
        return;
    if (is_unconfirmed(pass) && pass->sampled)
        observation_problem(seen,
                            "The server is not ours and does not say how many requests were in "
                            "flight; sampled in the middle of the hold");
    else if (is_unconfirmed(pass))
        observation_problem(seen,
                            "It ended before half of the hold, so that nothing was sampled: the "
                            "server, which is not ours, must answer as late as hold says");
    else if (is_sleep(cell))
        observation_problem(seen,
                            "Within a hold of %s it was not said that all %" PRIu64
                            " tasks sleep, or not early enough to %s",
                            units_exact_duration(cell->latency_ns, hold), cell->requests,
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
static int watch_to_end(struct memory_pass *pass)
{
    struct observation *seen = pass->seen;
    int state = watch_lane(pass);

    cgroup_update_peak(&pass->cgroup, pass->accounted);
    process_end(&pass->process, 0);
    if (execution_judge_end(seen, pass->bench, &pass->process, state,
                            pass->deadline_ns - pass->started_ns) < 0)
        return -EINTR;
    observation_message(seen, pass->process.text);
    if (state > 0)
        seen->wall_ns = clock_ns() - pass->started_ns;
    seen->exit_status = process_exit_status(&pass->process);
    judge(pass);
    return 0;
}

static int run_lane(struct memory_pass *pass, struct error *error)
{
    struct bench *bench = pass->bench;
    struct command command;
    struct cell_files files = {
        .output = bench->output.path,
        .ready = is_sleep(pass->cell) ? pass->ready_path : NULL,
    };
    struct process_options options = {
        .capture = PROCESS_CAPTURE_ERR,
        .cgroup = pass->cgroup.version != 0 ? pass->cgroup.path : NULL,
    };
    struct error reason;
    int code;

    code = cell_command(pass->cell, mock_place(&bench->server, pass->cell), &files, &command);
    if (code < 0)
        return error_set(error, code, "no memory for a command");
    options.argv = (const char *const *)command.words;
    pass->started_ns = clock_ns();
    pass->deadline_ns = pass->started_ns + execution_limit_ns(pass->cell);
    code = process_start(&pass->process, &options, &reason);
    command_free(&command);
    if (code < 0) { /* it is the lane's trouble, not that of the run */
        observation_problem(pass->seen, "It cannot be started: %s", reason.text);
        return 0;
    }
    code = watch_to_end(pass);
    return code < 0 ? error_set(error, code, "interrupted") : 0;
}

/* Takes over what the pass has found. What a lane says of sleeping tasks is believed only where its
 * result says the same. */
static void take_figures(struct execution *execution, struct memory_pass *pass)
{
    json_t *remark = memory_disagreement(&pass->memory, pass->accounted);

    if (is_sleep(pass->cell) &&
        json_number_at(execution->seen.lane, "verified", 0) != (double)pass->cell->requests)
        pass->confirmed = false;
    execution->figures =
        json_pack("{s:o, s:I, s:I, s:b, s:o, s:o}", "wall_ns",
                  execution->seen.wall_ns > 0 ? json_integer((json_int_t)execution->seen.wall_ns)
                                              : json_null(),
                  "concurrency", (json_int_t)pass->cell->concurrency, "in_flight",
                  (json_int_t)pass->in_flight, "confirmed", pass->confirmed, "cgroup",
                  pass->accounted, "samples", pass->curve);
    proctree_describe(&pass->memory, pass->sampled, execution->figures);
    execution->noise = remark != NULL ? json_pack("[o]", remark) : json_array();
}

static int run_once(struct execution *execution, struct bench *bench, const struct cell *cell,
                    const char *ready_path, struct error *error)
{
    struct memory_pass pass = {.seen = &execution->seen,
                               .bench = bench,
                               .cell = cell,
                               .ready_path = ready_path,
                               .accounted = json_null(),
                               .curve = json_array()};
    int code;

    *execution = (struct execution){0};
    code = observation_begin(&execution->seen, cell, &bench->server, &bench->output, error);
    if (code == 0) {
        unlink(ready_path); /* of a session that was killed */
        cgroup_make(&pass.cgroup);
        code = run_lane(&pass, error);
        cgroup_remove(&pass.cgroup);
        unlink(ready_path);
    }
    if (code == 0)
        observation_end(&execution->seen, cell, &bench->server, &bench->output);
    take_figures(execution, &pass);
    return code;
}

/* Whether a longer hold may help, and no request would then take longer than it may. Sleepers that
 * did not all sleep at once end with 1. */
static bool is_too_short(const struct execution *execution, const struct bench *bench,
                         const struct cell *cell)
{
    return json_is_false(json_object_get(execution->figures, "confirmed")) &&
           (execution->seen.exit_status == 0 ||
            (is_sleep(cell) && execution->seen.exit_status == 1)) &&
           4 * cell->latency_ns <= execution_timeout_ns(cell) &&
           (is_sleep(cell) || !bench->server.external);
}

int memory_run(struct execution *execution, struct bench *bench, const struct cell *cell,
               const char *ready_path, struct error *error)
{
    struct cell held = *cell;
    int code = run_once(execution, bench, &held, ready_path, error);

    for (int again = 0; again < 2 && code == 0 && is_too_short(execution, bench, &held); again++) {
        held.latency_ns *= 2;
        execution_free(execution);
        code = run_once(execution, bench, &held, ready_path, error);
    }
    return code;
}
