#include "harness/run/observation.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/units.h"

#define LANE_STATUS_FORBIDDEN 3
#define SETTLE_LIMIT_NS       (200 * NS_PER_MS)
#define SETTLE_STEP_NS        (5 * NS_PER_MS)

static int prepare_server(struct mock *server, struct error *error)
{
    int code = mock_ensure(server, error);

    if (code < 0)
        return code;
    if (code > 0)
        error_print("bench", error);
    return mock_reset(server, error);
}

int observation_begin(struct observation *seen, const struct cell *cell, struct mock *server,
                      const struct lane_output *output, struct error *error)
{
    int code;

    *seen = (struct observation){
        .exit_status = EXIT_STATUS_UNKNOWN,
        .lane = json_null(),
        .server = json_null(),
        .problems = json_array(),
    };
    if (seen->problems == NULL)
        return error_set(error, -ENOMEM, "no memory");
    code = lane_output_clear(output);
    if (code < 0)
        return error_set(error, code, "cannot empty the file for results: %s", strerror(-code));
    return cell_work_requests(&cell->work) ? prepare_server(server, error) : 0;
}

void observation_free(struct observation *seen)
{
    json_decref(seen->lane);
    json_decref(seen->server);
    json_decref(seen->problems);
    seen->lane = seen->server = seen->problems = NULL;
}

void observation_problem(struct observation *seen, const char *format, ...)
{
    char text[1024];
    json_t *sentence;
    va_list values;

    va_start(values, format);
    vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    error_make_plain(text); /* a lane may say anything, and it is shown */
    /* Cut in the middle of a character it would not be UTF-8, and JSON would refuse it. */
    sentence = json_string(text);
    for (char *c = text; sentence == NULL && *c != '\0'; c++)
        *c = (char)((unsigned char)*c < 0x80 ? *c : '?');
    json_array_append_new(seen->problems, sentence != NULL ? sentence : json_string(text));
}

void observation_message(struct observation *seen, const char *text)
{
    process_line(text, seen->message, sizeof(seen->message));
}

bool observation_forbidden(const struct observation *seen)
{
    return seen->exit_status == LANE_STATUS_FORBIDDEN;
}

static void judge_exit(struct observation *seen)
{
    const char *separator = seen->message[0] != '\0' ? ": " : "";

    if (seen->exit_status > 128)
        observation_problem(seen, "The lane was ended by signal %d%s%s", seen->exit_status - 128,
                            separator, seen->message);
    else if (observation_forbidden(seen))
        observation_problem(seen, "The limits of this machine forbid it%s%s", separator,
                            seen->message);
    else if (seen->exit_status > 0)
        observation_problem(seen, "The lane ended with exit status %d%s%s", seen->exit_status,
                            separator, seen->message);
}

static void judge_lane(struct observation *seen, const struct cell *cell)
{
    double n = (double)cell->requests;
    double asked = json_number_at(seen->lane, "workload.requests", -1);
    double in_flight =
        json_number_at(seen->lane, "workload.concurrency", (double)cell->concurrency);
    double verified = json_number_at(seen->lane, "verified", 0);
    double ok = json_number_at(seen->lane, "outcomes.ok", 0);
    const char *failure = json_text_at(seen->lane, "error", NULL);
    const char *items = cell_work_items(&cell->work);

    if (failure != NULL)
        observation_problem(seen, "The lane says: %.300s", failure);
    if (asked != n)
        observation_problem(seen, "The lane made %.0f %s instead of %.0f", asked, items, n);
    if (fmin(in_flight, n) !=
        (double)cell_in_flight(cell)) /* a lane needs no more than N workers */
        observation_problem(seen, "The lane ran with a concurrency of %.0f instead of %" PRIu64,
                            in_flight, cell->concurrency);
    if (ok != n)
        observation_problem(seen, "%.0f of %.0f %s ended ok", ok, n, items);
    if (verified != n)
        observation_problem(seen, "%.0f of %.0f %s were verified", verified, n, items);
    if (!json_is_true(json_object_get(seen->lane, "valid")))
        observation_problem(seen, "The lane itself calls its result invalid");
}

/* Every lane must do the same: the work that was asked for, and as much of it as was calibrated. */
static void judge_work(struct observation *seen, const struct cell_work *work)
{
    const char *asked = cell_work_names[work->kind];
    const char *done = json_text_at(seen->lane, "workload.work", cell_work_names[CELL_IO]);
    const struct calibration *known = work->calibration;
    double rounds = json_number_at(seen->lane, "workload.rounds", 0);

    if (strcmp(done, asked) != 0)
        observation_problem(seen, "The lane did work \"%.20s\" instead of \"%s\"", done, asked);
    if (known == NULL)
        return;
    if (rounds != (double)known->rounds)
        observation_problem(seen, "The lane computed %.0f rounds for an item instead of %" PRIu64,
                            rounds, known->rounds);
    if (strcmp(json_text_at(seen->lane, "workload.digest", ""), known->digest) != 0)
        observation_problem(seen, "The lane expected another result of its items than was asked");
}

/* Whether the plan has the server make this go wrong: by "--faults", "KIND=SHARE,…". */
static bool is_planned(const struct mock *server, const char *fault)
{
    size_t length = strlen(fault), i;
    json_t *argument;

    json_array_foreach((json_t *)server->arguments, i, argument)
    {
        const char *at = json_string_value(argument);

        for (at = strstr(at, fault); at != NULL; at = strstr(at + 1, fault))
            if (at[length] == '=')
                return true;
    }
    return false;
}

static void judge_faults(struct observation *seen, const struct mock *server)
{
    const char *what;
    json_t *count;

    json_object_foreach(json_object_get(seen->server, "faults"), what, count)
    {
        if (!is_planned(server, what))
            observation_problem(seen,
                                "The server met %.0f requests with the fault %s, which the "
                                "plan does not name",
                                json_number_value(count), what);
    }
    json_object_foreach(json_object_get(seen->server, "statuses"), what, count)
    {
        if (what[0] != '2')
            observation_problem(seen, "The server answered %.0f requests with status %s",
                                json_number_value(count), what);
    }
}

/* What all others rest on: that the counts are of this execution. */
static void judge_resets(struct observation *seen, const struct mock *server)
{
    double resets = json_number_at(seen->server, "resets", 0) - (double)server->resets;

    json_object_set_new(seen->server, "resets", json_integer((json_int_t)resets));
    if (resets != 0)
        observation_problem(seen,
                            "Somebody else reset the server's counts meanwhile (POST /reset)");
}

static void judge_server(struct observation *seen, const struct cell *cell,
                         const struct mock *server)
{
    double n = (double)cell->requests, requests = json_number_at(seen->server, "requests", -1);
    double responses = json_number_at(seen->server, "responses", -1);
    double aborted = json_number_at(seen->server, "aborted", -1);
    double resends = json_number_at(seen->lane, "resends", 0);
    double peak = json_number_at(seen->server, "in_flight_peak", -1);
    double early = json_number_at(seen->server, "lateness_ns.early", -1);

    judge_resets(seen, server);
    if (requests != n + resends)
        observation_problem(seen, "The server received %.0f requests instead of %.0f", requests,
                            n + resends);
    if (aborted != 0)
        observation_problem(seen,
                            "The server answered %.0f of %.0f requests; the client left %.0f "
                            "before the answer",
                            responses, n, aborted);
    else if (responses != n)
        observation_problem(seen, "The server answered %.0f of %.0f requests", responses, n);
    judge_faults(seen, server);
    if (peak < 0 || peak > (double)cell->concurrency)
        observation_problem(
            seen, "The server saw %.0f requests in flight at once, %" PRIu64 " were asked", peak,
            cell->concurrency);
    if (early != 0)
        observation_problem(seen, "The server sent %.0f replies too early", early);
}

/* The wall time must be the lane's, not the server's. A memory pass has none that is used. */
static void judge_lateness(struct observation *seen, const struct cell *cell)
{
    double late = json_number_at(seen->server, "lateness_ns.p99", 0);
    double allowed = cell->lateness * (double)cell->latency_ns;
    char late_text[UNITS_TEXT_SIZE], latency[UNITS_TEXT_SIZE];

    if (cell->memory || cell->lateness <= 0 || cell->latency_ns == 0 || late <= allowed)
        return;
    observation_problem(seen,
                        "The server was late: by %s at p99, %.1f %% of the latency of %s, where "
                        "%.4g %% are allowed (lateness in the plan)",
                        units_format_duration((uint64_t)late, late_text),
                        100 * late / (double)cell->latency_ns,
                        cell_duration(cell->latency_ns, latency), 100 * cell->lateness);
}

/* The counters, once all that the lane has sent is accounted for: the server may learn a little
 * later that a client has left, and another of its processes may be about to count an answer. */
static json_t *settled_stats(const struct mock *server, struct error *error)
{
    uint64_t deadline = clock_ns() + SETTLE_LIMIT_NS;
    json_t *stats = mock_stats(server, error);

    while (json_number_at(stats, "responses", 0) + json_number_at(stats, "aborted", 0) +
                   json_number_at(stats, "faults.reset", 0) +
                   json_number_at(stats, "faults.stale", 0) <
               json_number_at(stats, "requests", 0) &&
           clock_ns() < deadline) {
        json_decref(stats);
        clock_sleep_until(clock_ns() + SETTLE_STEP_NS);
        stats = mock_stats(server, error);
    }
    return stats;
}

static void judge_with_server(struct observation *seen, const struct cell *cell,
                              const struct mock *server)
{
    struct error error;
    json_t *stats = settled_stats(server, &error);

    if (stats == NULL) {
        observation_problem(seen, "The mock server does not say what it saw: %s", error.text);
        return;
    }
    seen->server = stats;
    if (!server->external && !observation_forbidden(seen)) {
        judge_server(seen, cell, server);
        judge_lateness(seen, cell);
    }
}

/* A figure below what is possible is an error of the measurement. How long a server that is not
 * ours lets requests wait is not known so well. A lane that failed has its reason already. */
static void judge_time(struct observation *seen, const struct cell *cell, bool floor_known)
{
    double own = json_number_at(seen->lane, "wall_ns", 0);
    uint64_t own_ns = own > 0 && own < 1e18 ? (uint64_t)own : 0;
    uint64_t floor_ns = floor_known ? cell_least_ns(cell) : 0;
    char took[UNITS_TEXT_SIZE], other[UNITS_TEXT_SIZE];

    if (seen->wall_ns == 0 || seen->exit_status != 0)
        return;
    units_format_duration(seen->wall_ns, took);
    if (seen->wall_ns < floor_ns)
        observation_problem(seen, "It took %s, but nothing can take less than %s (floor)", took,
                            units_format_duration(floor_ns, other));
    if (seen->wall_ns < own_ns)
        observation_problem(seen, "It took %s, but the lane says that its requests alone took %s",
                            took, units_format_duration(own_ns, other));
}

void observation_end(struct observation *seen, const struct cell *cell, const struct mock *server,
                     const struct lane_output *output)
{
    bool requests = cell_work_requests(&cell->work);
    struct error error;
    json_t *lane = lane_output_read(output, &error);

    judge_exit(seen);
    if (lane != NULL) {
        seen->lane = lane;
        judge_lane(seen, cell);
        judge_work(seen, &cell->work);
    } else if (!observation_forbidden(seen)) {
        observation_problem(seen, "%s", error.text);
    }
    if (requests)
        judge_with_server(seen, cell, server);
    judge_time(seen, cell, !requests || !server->external);
}
