#include "harness/run/observation.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/units.h"
#include "report/dataset/dataset.h"
#include "report/embedded.h"

#define LANE_STATUS_FORBIDDEN 3
#define SETTLE_LIMIT_NS       (200 * NS_PER_MS)
#define SETTLE_STEP_NS        (5 * NS_PER_MS)

int observation_begin(struct observation *seen, const struct cell *cell, struct mock *server,
                      const struct lane_output *output, struct error *error)
{
    int code;

    *seen = (struct observation){
        .exit_status = EXIT_STATUS_UNKNOWN,
        .lane = json_null(),
        .server = json_null(),
        .problems = json_array(),
        .noise = json_array(),
    };
    if (seen->problems == NULL || seen->noise == NULL)
        return error_set(error, -ENOMEM, "no memory");
    code = lane_output_clear(output);
    if (code < 0)
        return error_set(error, code, "cannot empty the file for results: %s", strerror(-code));
    if (!cell_work_requests(&cell->work))
        return 0;
    code = mock_ensure(server, cell->work.kind, error);
    if (code > 0)
        error_print("bench", error);
    return code < 0 ? code : mock_reset(server, cell->work.kind, error);
}

void observation_free(struct observation *seen)
{
    json_decref(seen->lane);
    json_decref(seen->server);
    json_decref(seen->problems);
    json_decref(seen->noise);
    seen->lane = seen->server = seen->problems = seen->noise = NULL;
}

/* Changes `text` to what can be shown: a lane may say anything. */
static void add_sentence(json_t *list, char *text)
{
    json_t *sentence;

    error_make_plain(text);
    /* Cut in the middle of a character it would not be UTF-8, and JSON would refuse it. */
    sentence = json_string(text);
    for (char *c = text; sentence == NULL && *c != '\0'; c++)
        *c = (char)((unsigned char)*c < 0x80 ? *c : '?');
    json_array_append_new(list, sentence != NULL ? sentence : json_string(text));
}

void observation_problem(struct observation *seen, const char *format, ...)
{
    char text[1024];
    va_list values;

    va_start(values, format);
    vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    add_sentence(seen->problems, text);
}

void observation_message(struct observation *seen, const char *text)
{
    process_line(text, seen->message, sizeof(seen->message));
}

bool observation_forbidden(const struct observation *seen)
{
    return seen->exit_status == LANE_STATUS_FORBIDDEN;
}

/* The counters, once all that the lane has sent is accounted for: the server may learn a little
 * later that a client has left, and another of its processes may be about to count an answer. */
static json_t *settled_stats(const struct mock *server, enum work_kind work, struct error *error)
{
    uint64_t deadline = clock_ns() + SETTLE_LIMIT_NS;
    json_t *stats = mock_stats(server, work, error);

    while (json_number_at(stats, "responses", 0) + json_number_at(stats, "aborted", 0) +
                   json_number_at(stats, "faults.reset", 0) +
                   json_number_at(stats, "faults.stale", 0) <
               json_number_at(stats, "requests", 0) &&
           clock_ns() < deadline) {
        json_decref(stats);
        clock_sleep_until(clock_ns() + SETTLE_STEP_NS);
        stats = mock_stats(server, work, error);
    }
    return stats;
}

/* Adds what observation.sql says of these facts; of the errors those are empty that are none. */
static void judge(struct observation *seen, json_t *facts, const struct error *of_lane,
                  const struct error *of_server)
{
    struct dataset dataset = {NULL}; /* with its functions alone */
    struct error error;
    char *text = json_dumps(facts, 0);
    sqlite3_stmt *rows = NULL;
    int state = SQLITE_ERROR;

    if (text != NULL && sqlite3_open(":memory:", &dataset.db) == SQLITE_OK &&
        dataset_register_functions(dataset.db) == SQLITE_OK)
        rows = dataset_query(&dataset, embedded_observation_sql, &error);
    if (rows != NULL) {
        sqlite3_bind_text(rows, 1, text, -1, SQLITE_STATIC);
        sqlite3_bind_text(rows, 2, of_lane->text[0] != '\0' ? of_lane->text : NULL, -1,
                          SQLITE_STATIC);
        sqlite3_bind_text(rows, 3, of_server->text[0] != '\0' ? of_server->text : NULL, -1,
                          SQLITE_STATIC);
    }
    while (rows != NULL && (state = sqlite3_step(rows)) == SQLITE_ROW) {
        char sentence[1024];

        snprintf(sentence, sizeof(sentence), "%s", (const char *)sqlite3_column_text(rows, 0));
        add_sentence(sqlite3_column_int(rows, 1) ? seen->noise : seen->problems, sentence);
    }
    if (state != SQLITE_DONE)
        observation_problem(seen, "It cannot be judged: %s", sqlite3_errmsg(dataset.db));
    sqlite3_finalize(rows);
    dataset_close(&dataset);
    free(text);
    json_decref(facts);
}

void observation_end(struct observation *seen, const struct cell *cell, const struct mock *server,
                     const struct lane_output *output)
{
    bool requests = cell_work_requests(&cell->work), ours = !server->external;
    const struct calibration *known = cell->work.calibration;
    struct error of_lane = {""}, of_server = {""};
    json_t *lane = lane_output_read(output, &of_lane);
    json_t *stats = requests ? settled_stats(server, cell->work.kind, &of_server) : NULL;
    bool judged = stats != NULL && ours && !observation_forbidden(seen);
    double resets = json_number_at(stats, "resets", 0) - (double)server->resets;
    char latency[UNITS_TEXT_SIZE];

    seen->lane = lane != NULL ? lane : seen->lane;
    seen->server = stats != NULL ? stats : seen->server;
    if (judged)
        json_object_set_new(stats, "resets", json_integer((json_int_t)resets));
    judge(seen,
          json_pack("{s:i, s:s, s:O, s:I, s:I, s:s, s:s, s:o, s:s?, s:O, s:b, s:f, s:O?, s:b, s:I, "
                    "s:f, s:s, s:I, s:I, s:I, s:I}",
                    "status", seen->exit_status, "message", seen->message, "lane", seen->lane, "n",
                    (json_int_t)cell->requests, "concurrency", (json_int_t)cell->concurrency,
                    "items", cell_work_items(&cell->work), "work", cell_work_names[cell->work.kind],
                    "rounds", known != NULL ? json_integer((json_int_t)known->rounds) : json_null(),
                    "digest", known != NULL ? known->digest : NULL, "server", seen->server,
                    "judged", judged, "resets", resets, "arguments", server->arguments, "memory",
                    cell->memory, "latency_ns", (json_int_t)cell->latency_ns, "lateness",
                    cell->lateness, "latency", units_exact_duration(cell->latency_ns, latency),
                    "wall_ns", (json_int_t)seen->wall_ns, "least_ns",
                    (json_int_t)(requests && !ours ? 0 : cell_least_ns(cell)), "rate",
                    (json_int_t)cell->rate, "processes",
                    (json_int_t)(server->size.listen != NULL ? 2 : cell_processes(cell))),
          &of_lane, &of_server);
}
