#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/units.h"
#include "harness/memory/memory.h"
#include "common/process/proctree.h"
#include "common/process/interrupt.h"
#include "harness/run/session.h"

#define RESULT_SIZE 1400
#define PAUSE_NS    (5 * NS_PER_S) /* between runs */
#define READY_NAME  "ready"        /* only there while tasks sleep */

static const char *first_problem(const struct observation *seen)
{
    return json_string_value(json_array_get(seen->problems, 0));
}

/* An execution that does not count makes the run fail, but not where it is measured how it fails.
 */
static void count_invalid(struct session *session, const struct cell *cell, const json_t *problems)
{
    session->invalid += json_array_size(problems) > 0 && !cell->may_fail;
}

void session_skip(struct session *session, const struct cell *cell, const char *reason)
{
    json_array_append_new(session->left_out,
                          json_pack("{s:s, s:s}", "id", cell->id, "reason", reason));
    session->skipped[cell - session->plan.cells] = true;
    schedule_expect(&session->schedule, 0, cell, 0);
}

/* Of a server that is not ours nobody knows whether it can be asked like that: the warm-ups tell,
 * but for those that only compute or ask a database. */
static void count_warm_up(struct session *session, const struct observation *seen)
{
    const char *problem = first_problem(seen);

    session->warmed++;
    if (problem != NULL && session->cold++ == 0)
        snprintf(session->reason, sizeof(session->reason), "%s", problem);
    else if (problem != NULL && strncmp(problem, session->reason, sizeof(session->reason) - 1) != 0)
        session->reason[0] = '\0';
}

/* Ends the line of a step. Executions that do not count say so, and why. */
static void report_step(struct session *session, const struct cell *cell,
                        const struct observation *seen, const json_t *noise, const char *result,
                        bool skipped)
{
    const char *problem = first_problem(seen);
    char text[RESULT_SIZE];

    if (skipped)
        snprintf(text, sizeof(text), "left out: %s", seen->message);
    else if (problem != NULL)
        snprintf(text, sizeof(text), "%s  %s: %s", result,
                 cell->may_fail ? "does not count (may fail)" : "INVALID", problem);
    else
        snprintf(text, sizeof(text), "%s%s", result, json_array_size(noise) > 0 ? "  noisy" : "");
    progress_end(&session->bench.progress, text, !skipped);
}

/* "203 ms  floor 200 ms  peak 10/10", or "5.1 MB heap, stacks  in flight 10/10". */
static void describe(const struct cell *cell, const struct execution *execution, char *text,
                     size_t size)
{
    double heap = json_number_at(execution->figures, "pss_anon_bytes", -1);
    double wall = json_number_at(execution->figures, "wall_ns", -1);
    double peak = json_number_at(execution->seen.server, "in_flight_peak", -1);
    char figure[UNITS_TEXT_SIZE] = "-", floor[UNITS_TEXT_SIZE], seen[24] = "?";
    int length;

    if (cell->memory) {
        if (heap >= 0)
            units_format_bytes((uint64_t)heap, figure);
        snprintf(text, size, "%8s heap, stacks  in flight %.0f/%" PRIu64, figure,
                 json_number_at(execution->figures, "in_flight", 0), cell_in_flight(cell));
        return;
    }
    if (wall >= 0)
        units_format_duration((uint64_t)wall, figure);
    units_format_duration(cell_floor_ns(cell), floor);
    length = snprintf(text, size, "%8s  floor %8s", figure, floor);
    if (peak >= 0)
        snprintf(seen, sizeof(seen), "%.0f", peak);
    if (cell_work_requests(&cell->work))
        snprintf(text + length, size - (size_t)length, "  peak %s/%" PRIu64, seen,
                 cell_in_flight(cell));
}

/* Stores what counts: no warm-ups. */
static int store(struct session *session, const struct schedule_step *step,
                 const struct execution *execution, const char *started_at, struct error *error)
{
    const struct cell *cell = step->cell;
    bool timed = step->kind == STEP_TIMED;
    json_t *line, *sentence;
    int code = 0;

    if (!timed && step->kind != STEP_MEMORY)
        return 0;
    count_invalid(session, cell, execution->seen.problems);
    sentence = timed ? rounds_judge_switches(&session->rounds, cell, execution->figures) : NULL;
    if (sentence != NULL)
        json_array_append_new(execution->noise, sentence);
    line = session_line(step, execution, started_at);
    if (line == NULL || (timed && rounds_add(&session->rounds, cell, line) < 0))
        code = error_set(error, -ENOMEM, "no memory for a result");
    if (code == 0)
        code = run_folder_append(&session->folder, timed ? "results.jsonl" : "memory.jsonl", line,
                                 error);
    json_decref(line);
    return code;
}

/* Records are written under another name until they are known to be whole. */
static const char *records_path(const struct session *session, const struct cell *cell,
                                const char *suffix, char *path)
{
    char name[CELL_ID_SIZE + 64];

    snprintf(name, sizeof(name), "records/%s.csv%s", cell->id, suffix);
    return run_folder_path(&session->folder, name, path);
}

static int execute(struct session *session, const struct schedule_step *step, struct error *error)
{
    const struct cell *cell = step->cell;
    struct execution execution;
    char started_at[CLOCK_UTC_SIZE], partial[PATH_MAX], path[PATH_MAX], result[RESULT_SIZE / 2];
    bool skipped;
    int code;

    clock_utc(started_at);
    records_path(session, cell, ".part", partial);
    if (step->kind == STEP_MEMORY)
        code = memory_run(&execution, &session->bench, cell,
                          run_folder_path(&session->folder, READY_NAME, path), error);
    else
        code =
            execution_run(&execution, &session->bench, cell, step->records ? partial : NULL, error);
    skipped = code == 0 && cell->optional && observation_forbidden(&execution.seen);
    if (skipped) {
        unlink(partial); /* the lane may have made it, empty */
        session_skip(session, cell,
                     execution.seen.message[0] != '\0' ? execution.seen.message
                                                       : first_problem(&execution.seen));
        code = run_folder_write(&session->folder, "run.json", session->document, error);
    } else if (code == 0) {
        if (step->records && rename(partial, records_path(session, cell, "", path)) < 0 &&
            errno != ENOENT) /* a lane that failed may have written none */
            code = error_set(error, -errno, "cannot make %s: %s", path, strerror(errno));
        if (code == 0)
            code = store(session, step, &execution, started_at, error);
    }
    if (code == 0) {
        if (step->kind == STEP_WARM_UP && session->bench.server.external &&
            cell_work_requests(&cell->work) && cell->work.kind != CELL_SQL)
            count_warm_up(session, &execution.seen);
        session_learn_versions(session, execution.seen.lane);
        describe(cell, &execution, result, sizeof(result));
        report_step(session, cell, &execution.seen, execution.noise, result, skipped);
    }
    execution_free(&execution);
    return code;
}

bool session_leaves_lane_out(const struct session *session, const struct lane *lane)
{
    for (size_t i = 0; i < session->plan.cell_count; i++)
        if (session->plan.cells[i].lane == lane && !session->skipped[i])
            return false;
    return true;
}

bool session_leaves_out(const struct session *session, const struct schedule_step *step)
{
    const struct cell *cell = step->cell;

    if (step->kind == STEP_WARM_UP)
        return session_leaves_lane_out(session, cell->lane) || session->options->hosts != NULL ||
               (cell->work.kind == CELL_FILE && session->bench.server.files == NULL) ||
               (cell->work.kind == CELL_SQL && session->cluster.folder[0] == '\0');
    return session->skipped[cell - session->plan.cells];
}

/* What an earlier session measured in a step, borrowed, or NULL. */
static json_t *find_line(const struct session *session, const struct schedule_step *step)
{
    const json_t *lines = step->kind == STEP_MEMORY ? session->passes : session->samples;
    json_t *line;
    size_t i;

    json_array_foreach((json_t *)lines, i, line)
    {
        if (strcmp(json_text_at(line, "cell", ""), step->cell->id) == 0 &&
            json_number_at(line, "round", 1) == step->round && /* older memory passes have none */
            json_number_at(line, "run", 1) == step->run)
            return line;
    }
    return NULL;
}

/* Takes what an earlier session has done of a step. Returns 1 where it has, 0, or -ENOMEM. */
static int take_done(struct session *session, const struct schedule_step *step)
{
    char path[PATH_MAX];
    json_t *line;

    if (step->kind == STEP_WARM_UP)
        return step->run < session->begun;
    if (session->samples == NULL)
        return 0;
    if (step->kind == STEP_RUN_IN)
        return step->records ? access(records_path(session, step->cell, "", path), R_OK) == 0
                             : step->run <= session->begun;
    line = find_line(session, step);
    if (line == NULL)
        return 0;
    count_invalid(session, step->cell, json_object_get(line, "problems"));
    if (step->kind == STEP_TIMED && rounds_add(&session->rounds, step->cell, line) < 0)
        return -ENOMEM;
    return 1;
}

static bool is_timed(const struct session *session, size_t index)
{
    return index < session->schedule.count && session->schedule.steps[index].kind == STEP_TIMED;
}

/* From the step at `index` on. */
static void end_rounds(struct session *session, size_t index, const char *reason)
{
    struct schedule_step *steps = session->schedule.steps;

    session->rounds_over = true;
    json_object_set_new(session->document, "rounds_ended", json_string(reason));
    for (size_t i = index; i < session->schedule.count && steps[i].run == steps[index].run; i++)
        if (is_timed(session, i))
            steps[i].expected_ns = 0;
}

/* From the step at `index`, the first of a round: how long that round will take, and the memory
 * passes after it. */
static uint64_t round_and_memory_ns(const struct session *session, size_t index)
{
    const struct schedule_step *steps = session->schedule.steps, *first = &steps[index];
    uint64_t sum = 0;

    for (size_t i = index; i < session->schedule.count && steps[i].run == first->run; i++)
        if (!is_timed(session, i) || steps[i].round == first->round)
            sum += steps[i].expected_ns;
    return sum;
}

/* Ends the rounds of a run where the one that starts with the step at `index` would go beyond the
 * run's share of the budget, or where the next run has begun. The first is always made, and so is
 * one that an earlier session has begun. */
static void check_budget(struct session *session, size_t index)
{
    const struct schedule_step *step = &session->schedule.steps[index];
    uint64_t budget_ns = session->plan.budget_ns;
    uint64_t share_ns = (uint64_t)((double)budget_ns * step->run / (double)session->plan.runs);
    char text[160], budget[UNITS_TEXT_SIZE];

    if (budget_ns == 0 || session->rounds_over || !is_timed(session, index) || step->order != 1 ||
        step->round == 1 || find_line(session, step) != NULL)
        return;
    if (step->run >= session->begun &&
        clock_ns() - session->started_ns + round_and_memory_ns(session, index) <= share_ns)
        return;
    snprintf(text, sizeof(text), "Round %u would have gone beyond the budget of %s", step->round,
             units_format_eta(budget_ns, budget));
    end_rounds(session, index, text);
}

/* Adds one more round for the cells that want it, if any. */
static int add_round(struct session *session, size_t index, struct error *error)
{
    const struct plan *plan = &session->plan;
    bool *wanted = calloc(plan->cell_count, sizeof(*wanted));
    size_t count = 0;
    int added = -ENOMEM;

    if (wanted == NULL)
        return error_set(error, added, "no memory for another round");
    for (size_t i = 0; i < plan->cell_count; i++) {
        wanted[i] = !session->skipped[i] && rounds_want(&session->rounds, &plan->cells[i]);
        count += wanted[i];
    }
    if (count == 0)
        end_rounds(session, index,
                   "Every median is known as well as was asked, as far as its cell may have "
                   "further rounds");
    else if (session->schedule.steps[index - 1].round >= plan->rounds_max)
        end_rounds(session, index, "The greatest number of rounds (rounds_max) was reached");
    added = session->rounds_over ? 0 : schedule_extend(&session->schedule, plan, index, wanted);
    free(wanted);
    return added < 0 ? error_set(error, added, "no memory for another round") : 0;
}

/* A run has a server of its own, and begins when nothing is left of the one before. */
static int begin_run(struct session *session, unsigned run, struct error *error)
{
    struct mock *server = &session->bench.server;
    bool queries = session->cluster.folder[0] != '\0';
    unsigned before = session->run;
    char text[80];
    int code;

    session->run = run;
    if (before == 0 || before == run)
        return 0;
    snprintf(text, sizeof(text), "Run %u of %u: with a new server, after a pause of %d s", run,
             (unsigned)session->plan.runs, (int)(PAUSE_NS / NS_PER_S));
    progress_note(&session->bench.progress, text);
    cluster_stop(&session->cluster);
    mock_stop(server);
    proctree_kill_descendants(0);
    code = interrupt_poll(NULL, 0, clock_ns() + PAUSE_NS);
    if (code < 0)
        return error_set(error, code, "interrupted");
    if (queries)
        code = cluster_start(&session->cluster, error);
    if (code < 0 || server->external)
        return code;
    return mock_start(server, server->program, server->arguments, server->files, error);
}

static int run_step(struct session *session, size_t index, struct error *error)
{
    struct schedule_step *step = &session->schedule.steps[index];
    int done = take_done(session, step), code;

    if (done < 0)
        return error_set(error, done, "no memory for a result");
    if (done > 0) {
        step->expected_ns = 0;
        return 0;
    }
    if (interrupt_signal() != 0)
        return error_set(error, -EINTR, "interrupted");
    code = begin_run(session, step->run, error);
    if (code < 0)
        return code;
    progress_start(&session->bench.progress, index);
    return execute(session, step, error);
}

int session_run_steps(struct session *session, struct error *error)
{
    int code = 0;

    for (size_t i = 0; code == 0; i++) {
        bool after_rounds = i > 0 && is_timed(session, i - 1) && !is_timed(session, i);

        if (session->plan.until > 0 && !session->rounds_over && after_rounds)
            code = add_round(session, i, error);
        if (code < 0 || i >= session->schedule.count)
            return code;
        if (session->cold > 0 && session->cold == session->warmed && session->reason[0] != '\0' &&
            session->schedule.steps[i].kind != STEP_WARM_UP)
            return error_set(error, -ENODATA, "Every warm-up failed for one reason. %s",
                             session->reason);
        if (i > 0 && session->schedule.steps[i].run != session->schedule.steps[i - 1].run)
            session->rounds_over = false;
        check_budget(session, i);
        if (!session_leaves_out(session, &session->schedule.steps[i]) &&
            !(session->rounds_over && is_timed(session, i)))
            code = run_step(session, i, error);
    }
    return code;
}
