#include "harness/run/execute.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/units.h"
#include "harness/error.h"
#include "harness/machine/noise.h"
#include "harness/memory/proctree.h"

#define LIMIT_BASE_NS    (10 * NS_PER_S)
#define HYPERFINE_REMARK "Warning: Ignoring non-zero exit code"

uint64_t execution_limit_ns(const struct cell *cell)
{
    uint64_t timeout_ns = cell->timeout_ns > 0 ? cell->timeout_ns : REQUEST_TIMEOUT_NS;

    if (cell->limit_ns > 0)
        return cell->limit_ns;
    return 3 * cell_serial_ns(cell) + 2 * timeout_ns + LIMIT_BASE_NS;
}

void execution_free(struct execution *execution)
{
    observation_free(&execution->seen);
    json_decref(execution->noise);
    execution->noise = NULL;
}

static uint64_t seconds_to_ns(double seconds)
{
    return seconds > 0 ? (uint64_t)llround(seconds * 1e9) : 0;
}

/* Takes the times and the lane's exit status from hyperfine's export. */
static void read_export(struct execution *execution, const char *path)
{
    char error[JSON_ERROR_SIZE];
    json_t *export = json_file_load(path, error);
    const json_t *result = json_array_get(json_object_get(export, "results"), 0);
    const json_t *time = json_array_get(json_object_get(result, "times"), 0);
    const json_t *code = json_array_get(json_object_get(result, "exit_codes"), 0);

    if (json_is_number(time)) {
        execution->timed = true;
        execution->wall_ns = seconds_to_ns(json_number_value(time));
        execution->user_ns = seconds_to_ns(json_number_at(result, "user", 0));
        execution->system_ns = seconds_to_ns(json_number_at(result, "system", 0));
    }
    if (json_is_integer(code))
        execution->seen.exit_status = (int)json_integer_value(code);
    json_decref(export);
}

void execution_lost(struct observation *seen, const struct bench *bench)
{
    proctree_kill_descendants(bench->server.process.keeper);
    observation_problem(seen, "Its keeper was killed, and it was ended");
}

/* Returns 0 when hyperfine has ended by itself or was ended, -EINTR when asked to stop. */
static int wait_for_end(struct execution *execution, struct bench *bench, struct process *process,
                        const struct cell *cell)
{
    uint64_t limit_ns = execution_limit_ns(cell);
    int state = progress_wait(&bench->progress, process, clock_ns() + limit_ns);
    char text[UNITS_TEXT_SIZE];

    process_end(process, 0);
    if (state == -EINTR)
        return -EINTR;
    if (state == 0)
        observation_problem(&execution->seen, "It did not end within %s, and was ended",
                            units_format_duration(limit_ns, text));
    else if (state < 0)
        execution_lost(&execution->seen, bench);
    else if (process->leftovers > 0)
        observation_problem(&execution->seen, "It left %d processes running", process->leftovers);
    return 0;
}

/* Ends what was said on stderr where hyperfine begins to speak: the lane has ended by then. */
static void cut_remarks(char *text)
{
    char *remark = strstr(text, HYPERFINE_REMARK);

    if (remark != NULL)
        *remark = '\0';
}

static int run_hyperfine(struct execution *execution, struct bench *bench, const struct cell *cell,
                         const char *command, const char *export_path, struct process_usage *usage,
                         char *error)
{
    const char *argv[] = {
        "hyperfine",     "-N",        "--runs",  "1",    "--ignore-failure",
        "--export-json", export_path, "--style", "none", "--output",
        "inherit",       "--",        command,   NULL,
    };
    struct process_options options = {.argv = argv, .capture = PROCESS_CAPTURE_ERR};
    struct process process;
    int code;

    unlink(export_path); /* never take the export of an earlier execution for this one's */
    code = process_start(&process, &options, error);
    if (code < 0)
        return code;
    code = wait_for_end(execution, bench, &process, cell);
    if (code < 0)
        return error_set(error, code, "interrupted");
    *usage = process.usage;
    cut_remarks(process.text);
    observation_message(&execution->seen, process.text);
    read_export(execution, export_path);
    if (!execution->timed && json_array_size(execution->seen.problems) == 0)
        observation_problem(&execution->seen, "hyperfine could not run it: %s",
                            execution->seen.message);
    return 0;
}

/* Runs it under hyperfine, with an eye on the machine. */
static int run_watched(struct execution *execution, struct bench *bench, const struct cell *cell,
                       const char *command, const char *export_path, char *error)
{
    struct noise before = noise_take(), after;
    struct noise_execution own = {0};
    int code;

    execution->load = before.load.average;
    code = run_hyperfine(execution, bench, cell, command, export_path, &own.usage, error);
    if (code < 0)
        return code;
    execution->involuntary_switches = own.usage.involuntary_switches;
    observation_end(&execution->seen, cell, &bench->server, &bench->output);
    own.server_ns = (uint64_t)json_number_at(execution->seen.server, "cpu_ns", 0);
    after = noise_take();
    execution->noise = noise_judge(&before, &after, &own);
    return 0;
}

int execution_run(struct execution *execution, struct bench *bench, const struct cell *cell,
                  const char *export_path, const char *records_path, char *error)
{
    struct cell_files files = {.output = bench->output.path, .records = records_path};
    struct command command;
    char *text;
    int code;

    *execution = (struct execution){0};
    code = observation_begin(&execution->seen, cell, &bench->server, &bench->output, error);
    if (code < 0)
        return code;
    if (cell_command(cell, bench->server.url, &files, &command) < 0)
        return error_set(error, -ENOMEM, "no memory for a command");
    text = command_text(&command);
    command_free(&command);
    if (text == NULL)
        return error_set(error, -ENOMEM, "no memory for a command");
    code = run_watched(execution, bench, cell, text, export_path, error);
    free(text);
    return code;
}
