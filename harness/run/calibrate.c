#include "harness/run/calibrate.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/units.h"
#include "harness/plan/command.h"
#include "harness/process/process.h"

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

/* Runs the command to its end. Returns 0 where it exits with status 0. */
static int run_command(const struct command *command, uint64_t limit_ns, struct error *error)
{
    struct process process;
    int status = process_run(&process, (const char *const *)command->words, PROCESS_CAPTURE_ALL,
                             limit_ns, error);
    char line[300];

    if (status <= 0)
        return status;
    process_line(process.text, line, sizeof(line));
    return error_set(error, -EIO, "%s ended with status %d: %s", command->words[0], status, line);
}

/* Computes `items` of them, one after the other. Returns the lane's result, a new reference, or
 * NULL with the reason in `error` and *code. */
static json_t *compute(const struct calibration *one, uint64_t items, const char *program,
                       const struct lane_output *output, int *code, struct error *error)
{
    struct lane lane = {.path = (char *)program, .model = "sync"};
    struct cell cell = {.lane = &lane,
                        .requests = items,
                        .concurrency = 1,
                        .work = {.kind = CELL_CPU,
                                 .cpu_ns = one->cpu_ns,
                                 .block_bytes = one->block_bytes,
                                 .calibration = one}};
    struct cell_files files = {.output = output->path};
    struct command command;
    json_t *result = NULL;

    *code = lane_output_clear(output);
    if (*code == 0)
        *code = cell_command(&cell, "", &files, &command);
    if (*code < 0) {
        error_set(error, *code, "%s", strerror(-*code));
        return NULL;
    }
    *code = run_command(&command, LIMIT_BASE_NS + LIMIT_FACTOR * items * one->cpu_ns, error);
    command_free(&command);
    if (*code == 0) {
        result = lane_output_read(output, error);
        *code = result != NULL ? 0 : -EINVAL;
    }
    return result;
}

static int find_rounds(struct calibration *one, const char *program,
                       const struct lane_output *output, struct error *error)
{
    int code;
    json_t *result = compute(one, 1, program, output, &code, error);

    if (result != NULL && !take_rounds(one, json_object_get(result, "workload")))
        code = error_set(error, -EINVAL, "%s does not say how many rounds an item takes", program);
    json_decref(result);
    return code;
}

/* What an item takes with the rounds that were found. */
static int check_rounds(struct calibration *one, const char *program,
                        const struct lane_output *output, struct error *error)
{
    uint64_t items = CHECK_NS / one->cpu_ns + 1;
    int code;
    json_t *result = compute(one, items, program, output, &code, error);
    double wall_ns = json_number_at(result, "wall_ns", 0);

    if (result != NULL && (wall_ns <= 0 || json_number_at(result, "verified", 0) != (double)items))
        code = error_set(error, -EINVAL, "%s does not verify what it computes", program);
    one->measured_ns = (uint64_t)llround(wall_ns / (double)items);
    json_decref(result);
    return code;
}

/* A machine that is slow for a moment, and so finds too few rounds, is found out by the check: its
 * items take less than was asked for. The most rounds of all tries count, as slowness is the only
 * thing that can go wrong. */
static int find_enough_rounds(struct calibration *one, const char *program,
                              const struct lane_output *output, struct error *error)
{
    int code = 0;

    for (int i = 0; i < TRIES_MAX && code == 0; i++) {
        struct calibration tried = {.cpu_ns = one->cpu_ns, .block_bytes = one->block_bytes};

        code = find_rounds(&tried, program, output, error);
        if (tried.rounds > one->rounds)
            *one = tried;
        if (code == 0)
            code = check_rounds(one, program, output, error);
        if ((double)one->measured_ns >= FAST_SHARE * (double)one->cpu_ns)
            break;
    }
    return code;
}

int calibrate(struct plan *plan, const json_t *document, const char *program,
              const struct lane_output *output, struct error *error)
{
    char cpu[UNITS_TEXT_SIZE];
    struct error reason;

    for (size_t i = 0; i < plan->calibration_count; i++) {
        struct calibration *one = &plan->calibrations[i];
        int code = 0;

        take_known(one, document);
        if (one->rounds == 0)
            code = find_enough_rounds(one, program, output, &reason);
        if (code < 0)
            return error_set(error, code, "cannot calibrate work of %s: %s",
                             cell_duration(one->cpu_ns, cpu), reason.text);
    }
    return 0;
}

json_t *calibrate_describe(const struct plan *plan)
{
    json_t *values = json_array();

    for (size_t i = 0; i < plan->calibration_count; i++) {
        const struct calibration *one = &plan->calibrations[i];

        json_array_append_new(values, json_pack("{s:I, s:I, s:I, s:s, s:I}", "cpu_ns",
                                                (json_int_t)one->cpu_ns, "block_bytes",
                                                (json_int_t)one->block_bytes, "rounds",
                                                (json_int_t)one->rounds, "digest", one->digest,
                                                "measured_ns", (json_int_t)one->measured_ns));
    }
    return values;
}
