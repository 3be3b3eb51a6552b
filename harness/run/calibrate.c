/* Calibration: how many rounds of the chain of hashes take a given CPU time on this machine. It is
 * found once a run, and every lane then computes that many. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/units.h"
#include "harness/plan/command.h"
#include "harness/run/session.h"

#define CHECK_NS      (500 * NS_PER_MS) /* what the items of the check take together, about */
#define TRIES_MAX     6
#define FAST_SHARE    0.98 /* of the CPU time asked for: what takes less was made too small */
#define LIMIT_BASE_NS (20 * NS_PER_S)
#define LIMIT_FACTOR  10 /* times the time of the items */
#define HEX_DIGITS    "0123456789abcdef"

static bool is_digest(const char *text)
{
    return strlen(text) == CALIBRATION_DIGEST_SIZE - 1 &&
           strspn(text, HEX_DIGITS) == CALIBRATION_DIGEST_SIZE - 1;
}

/* Takes rounds and digest from `source`. Returns whether both are there. */
static bool take_rounds(struct calibration *one, const json_t *source)
{
    double rounds = json_number_at(source, "rounds", 0);
    const char *digest = json_text_at(source, "digest", "");

    if (!(rounds >= 1 && rounds <= 1e15) || !is_digest(digest))
        return false;
    one->rounds = (uint64_t)rounds;
    memcpy(one->digest, digest, CALIBRATION_DIGEST_SIZE);
    return true;
}

static void take_known(struct calibration *one, const json_t *document)
{
    json_t *known;
    size_t i;

    json_array_foreach(json_object_get(document, "calibrations"), i, known)
    {
        if (json_number_at(known, "cpu_ns", 0) != (double)one->cpu_ns ||
            json_number_at(known, "block_bytes", 0) != (double)one->block_bytes)
            continue;
        if (take_rounds(one, known))
            one->measured_ns = (uint64_t)json_number_at(known, "measured_ns", 0);
    }
}

/* Computes `items` of them, one after the other, with the lane for that. Returns 0 with the lane's
 * result in *result, a new reference, or a negative errno with the reason in `error`. */
static int compute(const struct session *session, const struct calibration *one, uint64_t items,
                   json_t **result, struct error *error)
{
    const struct lane_output *output = &session->bench.output;
    char program[PATH_MAX], line[300];
    struct process process;
    struct lane lane = {.path = program, .model = "sync", .language = "c"};
    struct cell cell = {.lane = &lane,
                        .requests = items,
                        .concurrency = 1,
                        .work = {.kind = CELL_CPU,
                                 .cpu_ns = one->cpu_ns,
                                 .block_bytes = one->block_bytes,
                                 .calibration = one}};
    struct cell_files files = {.output = output->path};
    struct command command;
    int code = lane_output_clear(output);

    *result = NULL;
    suite_program(session->suite, "lane-sync", program);
    if (code == 0)
        code = cell_command(&cell, "", &files, &command);
    if (code < 0)
        return error_set(error, code, "%s", strerror(-code));
    code = process_run(&process, (const char *const *)command.words, PROCESS_CAPTURE_ALL,
                       LIMIT_BASE_NS + LIMIT_FACTOR * items * one->cpu_ns, error);
    command_free(&command);
    if (code > 0) {
        process_line(process.text, line, sizeof(line));
        return error_set(error, -EIO, "%s ended with status %d: %s", program, code, line);
    }
    if (code == 0 && (*result = lane_output_read(output, error)) == NULL)
        code = -EINVAL;
    return code;
}

static int find_rounds(const struct session *session, struct calibration *one, struct error *error)
{
    json_t *result;
    int code = compute(session, one, 1, &result, error);

    if (code == 0 && !take_rounds(one, json_object_get(result, "workload")))
        code = error_set(error, -EINVAL, "lane-sync does not say how many rounds an item takes");
    json_decref(result);
    return code;
}

/* What an item takes with the rounds that were found. */
static int check_rounds(const struct session *session, struct calibration *one, struct error *error)
{
    uint64_t items = CHECK_NS / one->cpu_ns + 1;
    json_t *result;
    int code = compute(session, one, items, &result, error);
    double wall_ns = json_number_at(result, "wall_ns", 0);

    if (code == 0 && (wall_ns <= 0 || json_number_at(result, "verified", 0) != (double)items))
        code = error_set(error, -EINVAL, "lane-sync does not verify what it computes");
    one->measured_ns = (uint64_t)llround(wall_ns / (double)items);
    json_decref(result);
    return code;
}

/* A machine that is slow for a moment, and so finds too few rounds, is found out by the check: its
 * items take less than was asked for. The most rounds of all tries count, as slowness is the only
 * thing that can go wrong. */
static int find_enough_rounds(const struct session *session, struct calibration *one,
                              struct error *error)
{
    int code = 0;

    for (int i = 0; i < TRIES_MAX && code == 0; i++) {
        struct calibration tried = {.cpu_ns = one->cpu_ns, .block_bytes = one->block_bytes};

        code = find_rounds(session, &tried, error);
        if (tried.rounds > one->rounds)
            *one = tried;
        if (code == 0)
            code = check_rounds(session, one, error);
        if ((double)one->measured_ns >= FAST_SHARE * (double)one->cpu_ns)
            break;
    }
    return code;
}

int session_calibrate(struct session *session, struct error *error)
{
    char cpu[UNITS_TEXT_SIZE];
    struct error reason;

    for (size_t i = 0; i < session->plan.calibration_count; i++) {
        struct calibration *one = &session->plan.calibrations[i];
        int code = 0;

        take_known(one, session->document);
        if (one->rounds == 0)
            code = find_enough_rounds(session, one, &reason);
        if (code < 0)
            return error_set(error, code, "cannot calibrate work of %s: %s",
                             cell_duration(one->cpu_ns, cpu), reason.text);
    }
    return 0;
}
