#include "harness/run/execute.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "common/count.h"
#include "common/json.h"
#include "common/units.h"
#include "harness/machine/noise.h"
#include "common/process/proctree.h"
#include "harness/plan/command.h"

#define REQUEST_TIMEOUT_NS (30 * NS_PER_S) /* the lanes' default */
#define LIMIT_BASE_NS      (10 * NS_PER_S)
#define HYPERFINE_REMARK   "Warning: Ignoring non-zero exit code"

uint64_t execution_timeout_ns(const struct cell *cell)
{
    return cell->timeout_ns > 0 ? cell->timeout_ns : REQUEST_TIMEOUT_NS;
}

uint64_t execution_limit_ns(const struct cell *cell)
{
    uint64_t serial_ns = cell_serial_ns(cell), expected_ns = cell_expected_ns(cell);

    if (cell->limit_ns > 0)
        return cell->limit_ns;
    return 3 * (serial_ns > expected_ns ? serial_ns : expected_ns) +
           2 * execution_timeout_ns(cell) + LIMIT_BASE_NS;
}

void execution_free(struct execution *execution)
{
    observation_free(&execution->seen);
    json_decref(execution->figures);
    json_decref(execution->noise);
    execution->figures = execution->noise = NULL;
}

/* Takes the times and the lane's exit status from hyperfine's export. */
static void read_export(struct execution *execution, const struct lane_output *output)
{
    static const char *const names[] = {"wall_ns", "user_ns", "system_ns"};
    struct error error;
    json_t *export = lane_output_json(output, &error), *code = NULL;
    double s[COUNT_OF(names)] = {0};
    bool found = json_unpack(export, "{s:[{s:[F], s?F, s?F, s?[o]}]}", "results", "times", &s[0],
                             "user", &s[1], "system", &s[2], "exit_codes", &code) == 0;
    bool right = found;
    struct stat written;

    if (json_is_integer(code))
        execution->seen.exit_status = (int)json_integer_value(code);
    json_decref(export);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        right = right && isfinite(s[i]) && s[i] >= 0 && s[i] < 1e9;
    right = right && llround(s[0] * 1e9) > 0;
    for (size_t i = 0; i < COUNT_OF(names) && right; i++)
        json_object_set_new(execution->figures, names[i], json_integer(llround(s[i] * 1e9)));
    if (right)
        execution->seen.wall_ns = (uint64_t)llround(s[0] * 1e9);
    else if (found)
        observation_problem(&execution->seen,
                            "hyperfine's times are not finite and positive: %g s, user %g s, "
                            "system %g s",
                            s[0], s[1], s[2]);
    else if (fstat(output->fd, &written) == 0 && written.st_size > 0)
        observation_problem(&execution->seen, "hyperfine's times are no numbers");
}

int execution_judge_end(struct observation *seen, const struct bench *bench,
                        const struct process *process, int state, uint64_t limit_ns)
{
    char limit[UNITS_TEXT_SIZE];

    if (state == 0) {
        observation_problem(seen, "It did not end within %s, and was ended",
                            units_format_duration(limit_ns, limit));
    } else if (state < 0 && state != -EINTR) {
        proctree_kill_descendants(bench->server.process.keeper);
        observation_problem(seen, "Its keeper was killed, and it was ended");
    } else if (state > 0 && process->leftovers > 0) {
        observation_problem(seen, "It left %d process%s running", process->leftovers,
                            process->leftovers > 1 ? "es" : "");
    }
    return state == -EINTR ? -EINTR : 0;
}

static int run_hyperfine(struct execution *execution, struct bench *bench, const struct cell *cell,
                         const char *command, struct process_usage *usage, struct error *error)
{
    const char *argv[] = {"hyperfine",
                          "-N",
                          "--runs=1",
                          "--ignore-failure",
                          "--export-json",
                          bench->export.path,
                          "--style=none",
                          "--output=inherit",
                          "--",
                          command,
                          NULL};
    struct process_options options = {.argv = argv, .capture = PROCESS_CAPTURE_ERR};
    uint64_t limit_ns = execution_limit_ns(cell);
    struct process process;
    char *remark;
    int code = process_start(&process, &options, error), state;

    if (code < 0)
        return code;
    state = progress_wait(&bench->progress, &process, clock_ns() + limit_ns);
    process_end(&process, 0);
    if (execution_judge_end(&execution->seen, bench, &process, state, limit_ns) < 0)
        return error_set(error, -EINTR, "interrupted");
    *usage = process.usage;
    remark = strstr(process.text, HYPERFINE_REMARK); /* the lane has ended by then */
    if (remark != NULL)
        *remark = '\0';
    observation_message(&execution->seen, process.text);
    read_export(execution, &bench->export);
    if (execution->seen.wall_ns > 0)
        json_object_set_new(execution->figures, "involuntary_switches",
                            json_integer((json_int_t)usage->involuntary_switches));
    else if (json_array_size(execution->seen.problems) == 0)
        observation_problem(&execution->seen, "hyperfine could not run it: %s",
                            execution->seen.message);
    return 0;
}

/* Runs it under hyperfine, with an eye on the machine. */
static int run_watched(struct execution *execution, struct bench *bench, const struct cell *cell,
                       const char *command, struct error *error)
{
    struct noise before = noise_take(), after;
    struct noise_execution own = {0};
    json_t *kernel;
    int code = run_hyperfine(execution, bench, cell, command, &own.usage, error);

    if (code < 0)
        return code;
    observation_end(&execution->seen, cell, &bench->server, &bench->output);
    own.server_ns = (uint64_t)json_number_at(execution->seen.server, "cpu_ns", 0);
    after = noise_take();
    kernel = kernel_counts_between(&before.kernel, &after.kernel);
    json_object_set(execution->figures, "kernel", kernel);
    execution->noise = noise_judge(&before, &after, &own);
    json_array_extend(execution->noise, execution->seen.noise);
    /* What it failed of is a reason for that; else it was a disturbance. */
    kernel_counts_judge(kernel, json_array_size(execution->seen.problems) > 0
                                    ? execution->seen.problems
                                    : execution->noise);
    json_decref(kernel);
    return 0;
}

int execution_run(struct execution *execution, struct bench *bench, const struct cell *cell,
                  const char *records_path, struct error *error)
{
    struct cell_files files = {.output = bench->output.path, .records = records_path};
    bool several = bench->hosts[0] != '\0';
    struct command command = {0};
    char *text = NULL;
    int code;

    *execution = (struct execution){
        .figures = json_pack("{s:n, s:n, s:n, s:n}", "wall_ns", "user_ns", "system_ns",
                             "involuntary_switches"),
    };
    code = observation_begin(&execution->seen, cell, &bench->server, &bench->output, error);
    if (code < 0)
        return code;
    if (several)
        files = (struct cell_files){
            .output = bench->output.path, .launcher = bench->launcher, .hosts = bench->hosts};
    if (cell_command(cell, mock_place(&bench->server, cell), &files, &command) == 0)
        text = command_text(&command);
    command_free(&command);
    /* Never take the export of an earlier execution for this one's. */
    if (text == NULL || lane_output_clear(&bench->export) < 0)
        code = error_set(error, -ENOMEM, "no memory for a command");
    else
        code = run_watched(execution, bench, cell, text, error);
    free(text);
    return code;
}
