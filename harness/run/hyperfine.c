/* hyperfine.json: the figures of a run for hyperfine's own scripts. */
#include <errno.h>
#include <gsl/gsl_statistics_double.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/json.h"
#include "harness/plan/command.h"
#include "harness/plan/keys.h"
#include "harness/run/document.h"

/* What the executions of a cell that count took, in seconds as hyperfine has it. */
struct times {
    double *wall, *user, *system;
    size_t count;
    json_t *statuses;
};

static void collect_times(struct times *times, const json_t *samples, const char *id)
{
    json_t *sample;
    size_t i;

    times->count = 0;
    times->statuses = json_array();
    json_array_foreach((json_t *)samples, i, sample)
    {
        if (strcmp(json_text_at(sample, "cell", ""), id) != 0 ||
            !json_is_true(json_object_get(sample, "valid")))
            continue;
        times->wall[times->count] = json_number_at(sample, "wall_ns", 0) / 1e9;
        times->user[times->count] = json_number_at(sample, "user_ns", 0) / 1e9;
        times->system[times->count] = json_number_at(sample, "system_ns", 0) / 1e9;
        json_array_append(times->statuses, json_object_get(sample, "exit_status"));
        times->count++;
    }
}

/* The command that one would type; NULL without memory. */
static char *typed_command(const struct cell *cell, const char *server_url)
{
    struct command command;
    char *text = NULL;

    if (cell_command(cell, server_url, NULL, &command) == 0)
        text = command_text(&command);
    command_free(&command);
    return text;
}

/* hyperfine's parameters are texts. */
static json_t *parameters_value(const struct cell *cell)
{
    json_t *all = json_object(), *texts = json_pack("{s:s}", "cell", cell->id), *value;
    const char *name;

    json_object_set_new(all, "lane", json_string(cell->lane->name));
    keys_describe(cell, "requests", "latency", all);
    json_object_foreach(all, name, value)
    {
        char number[24];

        snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        if (!json_is_null(value))
            json_object_set_new(
                texts, name,
                json_string(json_is_string(value) ? json_string_value(value) : number));
    }
    json_decref(all);
    return texts;
}

static json_t *result_value(const struct cell *cell, struct times *times, const char *server_url)
{
    char *command = typed_command(cell, server_url);
    json_t *walls = json_array(), *value;
    size_t n = times->count;
    double low, high;

    for (size_t i = 0; i < n; i++)
        json_array_append_new(walls, json_real(times->wall[i]));
    gsl_stats_minmax(&low, &high, times->wall, 1, n);
    value = json_pack("{s:s?, s:f, s:o, s:n, s:f, s:f, s:f, s:f, s:o, s:O, s:o}", "command",
                      command, "mean", gsl_stats_mean(times->wall, 1, n), "stddev",
                      n > 1 ? json_real(gsl_stats_sd(times->wall, 1, n)) : json_null(), "median",
                      "user", gsl_stats_mean(times->user, 1, n), "system",
                      gsl_stats_mean(times->system, 1, n), "min", low, "max", high, "times", walls,
                      "exit_codes", times->statuses, "parameters", parameters_value(cell));
    /* Last of all, as it reorders the times. */
    json_object_set_new(value, "median", json_real(gsl_stats_median(times->wall, 1, n)));
    free(command);
    return value;
}

int document_hyperfine(const struct plan *plan, const struct run_folder *folder,
                       const char *server_url, struct error *error)
{
    char path[PATH_MAX];
    json_t *samples, *results = json_array(), *export;
    struct times times = {0};
    size_t room;
    int code = -ENOMEM;

    run_folder_path(folder, "results.jsonl", path);
    samples = access(path, F_OK) < 0 ? json_array() : json_lines_load(path, error->text);
    room = json_array_size(samples) + 1;
    times.wall = calloc(3 * room, sizeof(double));
    if (samples != NULL && times.wall != NULL) {
        times.user = times.wall + room;
        times.system = times.user + room;
        for (size_t i = 0; i < plan->cell_count; i++) {
            collect_times(&times, samples, plan->cells[i].id);
            if (times.count > 0)
                json_array_append_new(results, result_value(&plan->cells[i], &times, server_url));
            json_decref(times.statuses);
        }
        export = json_pack("{s:O}", "results", results);
        code = run_folder_write(folder, "hyperfine.json", export, error);
        json_decref(export);
    }
    free(times.wall);
    json_decref(results);
    json_decref(samples);
    return code;
}
