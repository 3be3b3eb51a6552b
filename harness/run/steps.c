#include "harness/run/steps.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/units.h"
#include "harness/run/document.h"
#include "harness/error.h"
#include "harness/process/interrupt.h"
#include "harness/memory/memory.h"

#define RESULT_SIZE 1400
#define READY_NAME  "ready" /* only there while tasks sleep */

static const char *first_problem(const struct observation *seen)
{
    return json_string_value(json_array_get(seen->problems, 0));
}

/* An execution that does not count makes the run fail, but not where it is measured how it fails.
 */
static void count_invalid(struct run *run, const struct cell *cell, const json_t *problems)
{
    run->invalid += json_array_size(problems) > 0 && !cell->may_fail;
}

/* Leaves a cell out from now on. */
static int skip_cell(struct run *run, const struct cell *cell, const struct observation *seen,
                     char *error)
{
    const char *reason = seen->message[0] != '\0' ? seen->message : first_problem(seen);

    run->skipped[cell - run->plan.cells] = true;
    progress_skip(&run->bench.progress, cell);
    document_skip(run->document, cell, reason);
    return run_folder_write(&run->folder, "run.json", run->document, error);
}

/* Ends the line of a step. Executions that do not count say so, and why. */
static void report_step(struct run *run, const struct cell *cell, const struct observation *seen,
                        const json_t *noise, const char *result, bool skipped)
{
    char text[RESULT_SIZE];
    const char *problem = first_problem(seen);

    if (skipped)
        snprintf(text, sizeof(text), "left out: %s", seen->message);
    else if (problem != NULL)
        snprintf(text, sizeof(text), "%s  %s: %s", result,
                 cell->may_fail ? "does not count (may fail)" : "INVALID", problem);
    else if (json_array_size(noise) > 0)
        snprintf(text, sizeof(text), "%s  noisy", result);
    else
        snprintf(text, sizeof(text), "%s", result);
    progress_end(&run->bench.progress, text, problem == NULL || cell->may_fail);
}

/* "  peak 10/10": how many requests the server saw at once, of those that were asked. */
static void describe_peak(const struct cell *cell, const json_t *server, char *text, size_t size)
{
    double peak = json_number_at(server, "in_flight_peak", -1);

    if (!cell_work_requests(&cell->work))
        text[0] = '\0';
    else if (peak < 0)
        snprintf(text, size, "  peak ?/%" PRIu64, cell_in_flight(cell));
    else
        snprintf(text, size, "  peak %.0f/%" PRIu64, peak, cell_in_flight(cell));
}

static void describe_execution(const struct step *step, const struct execution *execution,
                               char *text, size_t size)
{
    char wall[UNITS_TEXT_SIZE] = "-", floor[UNITS_TEXT_SIZE], peak[48];

    if (execution->timed)
        units_format_duration(execution->wall_ns, wall);
    units_format_duration(cell_floor_ns(step->cell), floor);
    describe_peak(step->cell, execution->seen.server, peak, sizeof(peak));
    snprintf(text, size, "%8s  floor %8s%s", wall, floor, peak);
}

static void name_export(const struct step *step, char *name, size_t size)
{
    if (step->kind == STEP_WARM_UP)
        snprintf(name, size, "warm-up-%s.json", step->cell->id);
    else if (step->kind == STEP_RECORDS)
        snprintf(name, size, "%s-records.json", step->cell->id);
    else
        snprintf(name, size, "%s-r%u.json", step->cell->id, step->round);
}

static void add_switches(const struct run *run, const struct step *step,
                         const struct execution *execution)
{
    json_t *sentence =
        rounds_judge_switches(&run->rounds, step->cell, execution->involuntary_switches);

    if (sentence != NULL)
        json_array_append_new(execution->noise, sentence);
}

static int store_sample(struct run *run, const struct step *step, const struct execution *execution,
                        const char *started_at, const char *export_name, char *error)
{
    json_t *sample;
    int code;

    if (step->kind != STEP_TIMED)
        return 0;
    count_invalid(run, step->cell, execution->seen.problems);
    add_switches(run, step, execution);
    sample = document_sample(step, execution, started_at, export_name);
    if (sample == NULL || rounds_add(&run->rounds, step->cell, sample) < 0) {
        json_decref(sample);
        return error_set(error, -ENOMEM, "no memory for a result");
    }
    code = run_folder_append(&run->folder, "results.jsonl", sample, error);
    json_decref(sample);
    return code;
}

static int run_execution(struct run *run, const struct step *step, char *error)
{
    struct execution execution;
    char export_name[CELL_ID_SIZE + 32], name[CELL_ID_SIZE + 64], result[RESULT_SIZE / 2];
    char export_path[PATH_MAX], records_path[PATH_MAX], started_at[CLOCK_UTC_SIZE];
    bool skipped;
    int code;

    name_export(step, export_name, sizeof(export_name));
    snprintf(name, sizeof(name), "hyperfine/%s", export_name);
    run_folder_path(&run->folder, name, export_path);
    snprintf(name, sizeof(name), "records/%s.csv", step->cell->id);
    run_folder_path(&run->folder, name, records_path);
    clock_utc(started_at);
    code = execution_run(&execution, &run->bench, step->cell, export_path,
                         step->records ? records_path : NULL, error);
    skipped = code == 0 && step->cell->optional && observation_forbidden(&execution.seen);
    if (skipped) {
        unlink(records_path); /* the lane may have made it, empty */
        code = skip_cell(run, step->cell, &execution.seen, error);
    } else if (code == 0)
        code = store_sample(run, step, &execution, started_at, export_name, error);
    if (code == 0) {
        document_learn_versions(run->document, execution.seen.lane);
        describe_execution(step, &execution, result, sizeof(result));
        report_step(run, step->cell, &execution.seen, execution.noise, result, skipped);
    }
    execution_free(&execution);
    return code;
}

static void describe_memory(const struct step *step, const struct memory_pass *pass, char *text,
                            size_t size)
{
    char pss[UNITS_TEXT_SIZE] = "-";

    if (pass->sampled)
        units_format_bytes(pass->memory.pss_bytes, pss);
    snprintf(text, size, "%8s  in flight %" PRIu64 "/%" PRIu64, pss, pass->in_flight,
             cell_in_flight(step->cell));
}

static int store_memory(struct run *run, const struct step *step, const struct memory_pass *pass,
                        const char *started_at, char *error)
{
    json_t *line = document_memory(step, pass, started_at);
    int code;

    count_invalid(run, step->cell, pass->seen.problems);
    if (line == NULL)
        return error_set(error, -ENOMEM, "no memory for a result");
    code = run_folder_append(&run->folder, "memory.jsonl", line, error);
    json_decref(line);
    return code;
}

static int run_memory(struct run *run, const struct step *step, char *error)
{
    struct memory_pass pass;
    char result[RESULT_SIZE / 2], started_at[CLOCK_UTC_SIZE], ready_path[PATH_MAX];
    bool skipped;
    int code;

    clock_utc(started_at);
    run_folder_path(&run->folder, READY_NAME, ready_path);
    code = memory_pass_run(&pass, &run->bench, step->cell, ready_path, error);
    skipped = code == 0 && step->cell->optional && observation_forbidden(&pass.seen);
    if (skipped)
        code = skip_cell(run, step->cell, &pass.seen, error);
    else if (code == 0)
        code = store_memory(run, step, &pass, started_at, error);
    if (code == 0) {
        describe_memory(step, &pass, result, sizeof(result));
        report_step(run, step->cell, &pass.seen, NULL, result, skipped);
    }
    memory_pass_free(&pass);
    return code;
}

bool steps_lane_left_out(const struct run *run, const struct lane *lane)
{
    for (size_t i = 0; i < run->plan.cell_count; i++)
        if (run->plan.cells[i].lane == lane && !run->skipped[i])
            return false;
    return true;
}

bool steps_left_out(const struct run *run, const struct step *step)
{
    return step->kind == STEP_WARM_UP ? steps_lane_left_out(run, step->cell->lane)
                                      : run->skipped[step->cell - run->plan.cells];
}

/* Whether a line of an earlier session is that of `step`. */
static bool is_line_of(const json_t *line, const struct step *step)
{
    return strcmp(json_text_at(line, "cell", ""), step->cell->id) == 0 &&
           json_number_at(line, "round", 1) == step->round; /* older memory passes have none */
}

/* What an earlier session measured in a step, borrowed, or NULL. */
static json_t *find_line(const struct run *run, const struct step *step)
{
    const json_t *lines = step->kind == STEP_MEMORY ? run->passes : run->samples;
    json_t *line;
    size_t i;

    json_array_foreach((json_t *)lines, i, line)
    {
        if (is_line_of(line, step))
            return line;
    }
    return NULL;
}

/* hyperfine writes its export when the lane has ended, and so has written its records. */
static bool has_records(const struct run *run, const struct step *step)
{
    char name[CELL_ID_SIZE + 64], path[PATH_MAX], error[JSON_ERROR_SIZE];
    json_t *export;

    snprintf(name, sizeof(name), "records/%s.csv", step->cell->id);
    if (access(run_folder_path(&run->folder, name, path), R_OK) < 0)
        return false;
    snprintf(name, sizeof(name), "hyperfine/%s-records.json", step->cell->id);
    export = json_file_load(run_folder_path(&run->folder, name, path), error);
    json_decref(export);
    return export != NULL;
}

/* Takes what an earlier session has done of a step. Returns 1 where it has, 0, or -ENOMEM. */
static int take_done(struct run *run, const struct step *step)
{
    json_t *line;

    if (run->samples == NULL || step->kind == STEP_WARM_UP)
        return 0;
    if (step->kind == STEP_RECORDS)
        return has_records(run, step);
    line = find_line(run, step);
    if (line == NULL)
        return 0;
    count_invalid(run, step->cell, json_object_get(line, "problems"));
    if (step->kind == STEP_TIMED && rounds_add(&run->rounds, step->cell, line) < 0)
        return -ENOMEM;
    return 1;
}

static bool is_timed(const struct run *run, size_t index)
{
    return index < run->schedule.count && run->schedule.steps[index].kind == STEP_TIMED;
}

static void end_rounds(struct run *run, const char *reason)
{
    run->rounds_over = true;
    json_object_set_new(run->document, "rounds_ended", json_string(reason));
    for (size_t i = 0; i < run->schedule.count; i++)
        if (is_timed(run, i) && i > run->bench.progress.current)
            progress_drop(&run->bench.progress, i, i + 1);
}

/* From the step at `index`, the first of a round: how long that round will take, and the memory
 * passes after it. */
static uint64_t round_and_memory_ns(const struct run *run, size_t index)
{
    unsigned round = run->schedule.steps[index].round;
    uint64_t sum = 0;

    for (size_t i = index; i < run->schedule.count; i++)
        if (!is_timed(run, i) || run->schedule.steps[i].round == round)
            sum += run->bench.progress.expected_ns[i];
    return sum;
}

/* Ends the rounds where the one that starts with the step at `index` would go beyond the budget.
 * The first is always made, and so is one that an earlier session has begun. */
static void check_budget(struct run *run, size_t index)
{
    const struct step *step = &run->schedule.steps[index];
    char text[160], budget[UNITS_TEXT_SIZE];

    if (run->plan.budget_ns == 0 || run->rounds_over || !is_timed(run, index) || step->order != 1 ||
        step->round == 1 || find_line(run, step) != NULL)
        return;
    if (clock_ns() - run->started_ns + round_and_memory_ns(run, index) <= run->plan.budget_ns)
        return;
    snprintf(text, sizeof(text), "Round %u would have gone beyond the budget of %s", step->round,
             progress_format_eta(run->plan.budget_ns, budget));
    end_rounds(run, text);
}

/* Whether `index` is where further rounds belong: after the last one. */
static bool is_after_rounds(const struct run *run, size_t index)
{
    return index > 0 && is_timed(run, index - 1) && !is_timed(run, index);
}

/* Adds one more round for the cells that want it, if any. */
static int add_round(struct run *run, size_t index, char *error)
{
    bool *wanted = calloc(run->plan.cell_count, sizeof(*wanted));
    size_t count = 0;
    int added = -ENOMEM;

    for (size_t i = 0; wanted != NULL && i < run->plan.cell_count; i++) {
        wanted[i] = !run->skipped[i] && rounds_want(&run->rounds, &run->plan.cells[i]);
        count += wanted[i];
    }
    if (wanted != NULL && count == 0)
        end_rounds(run, "Every median is known as well as was asked, as far as its cell may have "
                        "further rounds");
    else if (wanted != NULL && run->schedule.rounds >= run->plan.rounds_max)
        end_rounds(run, "The greatest number of rounds (rounds_max) was reached");
    if (wanted != NULL)
        added = run->rounds_over ? 0 : schedule_extend(&run->schedule, &run->plan, index, wanted);
    free(wanted);
    if (added > 0 && progress_extend(&run->bench.progress, index, (size_t)added) < 0)
        added = -ENOMEM;
    return added < 0 ? error_set(error, added, "no memory for another round") : 0;
}

static int run_step(struct run *run, size_t index, char *error)
{
    const struct step *step = &run->schedule.steps[index];
    int done = take_done(run, step);

    if (done < 0)
        return error_set(error, done, "no memory for a result");
    if (done > 0) {
        progress_drop(&run->bench.progress, index, index + 1);
        return 0;
    }
    if (interrupt_signal() != 0)
        return error_set(error, -EINTR, "interrupted");
    progress_start(&run->bench.progress, index);
    return step->kind == STEP_MEMORY ? run_memory(run, step, error)
                                     : run_execution(run, step, error);
}

int steps_run(struct run *run, char *error)
{
    int code = 0;

    for (size_t i = 0; code == 0; i++) {
        if (run->plan.until > 0 && !run->rounds_over && is_after_rounds(run, i))
            code = add_round(run, i, error);
        if (code < 0 || i >= run->schedule.count)
            return code;
        check_budget(run, i);
        if (!steps_left_out(run, &run->schedule.steps[i]) &&
            !(run->rounds_over && is_timed(run, i)))
            code = run_step(run, i, error);
    }
    return code;
}
