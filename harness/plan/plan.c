#include "harness/plan/plan.h"

#include <errno.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/file.h"
#include "common/json.h"
#include "harness/error.h"
#include "harness/plan/fields.h"
#include "harness/plan/grid.h"

#define FILE_SIZE_MAX      (1UL << 26)
#define SCHEMA             "bench.plan/1"
#define SEED_MAX           UINT32_MAX
#define ROUNDS_DEFAULT     5
#define ROUNDS_MAX_DEFAULT 100
#define LATENESS_DEFAULT   0.02
#define LANGUAGE_DEFAULT   "c"

static const char *const models[] = {"sync", "threads", "procs", "async", NULL};

static const struct fields_path top = {""};

static bool is_model(const char *text)
{
    for (size_t i = 0; models[i] != NULL; i++)
        if (strcmp(models[i], text) == 0)
            return true;
    return false;
}

/* A new lane, or the one of that name with its program replaced. Takes over `path`. NULL without
 * memory. */
static struct lane *set_lane(struct plan *plan, struct fields *fields, const char *name, char *path,
                             const char *model)
{
    struct lane *lane = plan->lanes, *end = plan->lanes + plan->lane_count;

    while (lane < end && strcmp(lane->name, name) != 0)
        lane++;
    if (lane == end) {
        lane->name = strdup(name);
        plan->lane_count++;
    }
    free(lane->path);
    free(lane->model);
    lane->path = path;
    lane->model = strdup(model);
    lane->language = LANGUAGE_DEFAULT;
    if (lane->name != NULL && lane->path != NULL && lane->model != NULL)
        return lane;
    if (!fields_failed(fields))
        error_set(fields->error, 0, "%s: no memory", fields->file);
    return NULL;
}

static char *join(const char *folder, const char *name)
{
    char *path = NULL;

    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

/* Paths in a plan are relative to the plan. */
static char *lane_path(const char *plan_file, const char *path)
{
    char *copy, *joined;

    if (path[0] == '/')
        return strdup(path);
    copy = strdup(plan_file);
    if (copy == NULL)
        return NULL;
    joined = join(dirname(copy), path);
    free(copy);
    return joined;
}

static void add_default_lanes(struct plan *plan, struct fields *fields, const char *programs)
{
    for (size_t i = 0; models[i] != NULL; i++) {
        char program[32];

        snprintf(program, sizeof(program), "lane-%s", models[i]);
        set_lane(plan, fields, models[i], join(programs, program), models[i]);
    }
}

/* What it is written in, and what it takes to run. */
static void read_language(struct fields *fields, const struct fields_path *where,
                          const json_t *value, struct lane *lane)
{
    struct fields_path language = fields_member(where, "language"),
                       packages = fields_member(where, "packages"),
                       args = fields_member(where, "args");
    const json_t *text = json_object_get(value, "language");

    if (text != NULL)
        lane->language = fields_name(fields, &language, text);
    lane->packages = fields_texts_or_null(fields, &packages, json_object_get(value, "packages"));
    lane->arguments = fields_texts_or_null(fields, &args, json_object_get(value, "args"));
}

static void read_lane(struct plan *plan, struct fields *fields, const struct fields_path *where,
                      const char *name, const json_t *value)
{
    static const char *const keys[] = {"path", "model", "language", "packages", "args", NULL};
    struct fields_path path = fields_member(where, "path"), model = fields_member(where, "model");
    json_t *name_value = json_string(name);
    struct lane *lane;
    const char *text;

    fields_name(fields, where, name_value);
    json_decref(name_value);
    if (!fields_object(fields, where, value, keys))
        return;
    text = fields_text(fields, &model, json_object_get(value, "model"));
    if (!is_model(text))
        fields_fail(fields, &model, json_object_get(value, "model"),
                    "the model that it follows, \"sync\", \"threads\", \"procs\" or \"async\"");
    lane = set_lane(
        plan, fields, name,
        lane_path(fields->file, fields_text(fields, &path, json_object_get(value, "path"))), text);
    if (lane != NULL)
        read_language(fields, where, value, lane);
}

static void read_lanes(struct plan *plan, struct fields *fields, const char *programs)
{
    const json_t *lanes = json_object_get(plan->source, "lanes");
    struct fields_path path = fields_member(NULL, "lanes");
    const char *name;
    json_t *value;

    if (lanes != NULL && !json_is_object(lanes))
        fields_fail(fields, &path, lanes, "an object of lanes by their names");
    plan->lanes =
        calloc(sizeof(models) / sizeof(models[0]) + json_object_size(lanes), sizeof(*plan->lanes));
    if (plan->lanes == NULL) {
        error_set(fields->error, 0, "%s: no memory", fields->file);
        return;
    }
    add_default_lanes(plan, fields, programs);
    json_object_foreach((json_t *)lanes, name, value)
    {
        struct fields_path where = fields_member(&path, name);

        if (!fields_failed(fields))
            read_lane(plan, fields, &where, name, value);
    }
}

bool plan_is_url(const char *text)
{
    return strncmp(text, "http://", 7) == 0 && strstr(text, "{id}") != NULL &&
           strlen(text) < PLAN_URL_MAX;
}

/* A server that is not ours: the URL of its requests, with the place of their numbers. */
static void read_server_url(struct plan *plan, struct fields *fields,
                            const struct fields_path *server, const json_t *value)
{
    struct fields_path path = fields_member(server, "url");
    const char *text = fields_text(fields, &path, value);

    if (!plan_is_url(text))
        fields_fail(
            fields, &path, value,
            "a URL like \"http://127.0.0.1:8080/users/{id}\", with {id} in the place of the "
            "numbers");
    if (plan->server_arguments != NULL)
        fields_report(fields, &path, "a server that is not started here takes no args");
    plan->server_url = text;
}

static void read_server(struct plan *plan, struct fields *fields)
{
    static const char *const keys[] = {"args", "url", NULL};
    const json_t *server = json_object_get(plan->source, "server");
    struct fields_path path = fields_member(NULL, "server");
    struct fields_path arguments = fields_member(&path, "args");
    const json_t *url = json_object_get(server, "url");

    if (server == NULL || !fields_object(fields, &path, server, keys))
        return;
    plan->server_arguments =
        fields_texts_or_null(fields, &arguments, json_object_get(server, "args"));
    if (url != NULL)
        read_server_url(plan, fields, &path, url);
}

static void read_lateness(struct plan *plan, struct fields *fields)
{
    struct fields_path path = fields_member(NULL, "lateness");
    const json_t *value = json_object_get(plan->source, "lateness");

    plan->lateness = LATENESS_DEFAULT;
    if (value != NULL)
        plan->lateness = fields_share(fields, &path, value, PLAN_LATENESS_MAX);
}

/* When rounds end. */
static void read_until(struct plan *plan, struct fields *fields)
{
    struct fields_path until = fields_member(NULL, "until"), budget = fields_member(NULL, "budget"),
                       most = fields_member(NULL, "rounds_max");
    const json_t *value = json_object_get(plan->source, "until");

    if (value != NULL)
        plan->until = fields_share(fields, &until, value, PLAN_UNTIL_MAX);
    value = json_object_get(plan->source, "budget");
    if (value != NULL)
        plan->budget_ns = fields_duration(fields, &budget, value, PLAN_BUDGET_MAX);
    value = json_object_get(plan->source, "rounds_max");
    plan->rounds_max = plan->rounds > ROUNDS_MAX_DEFAULT ? plan->rounds : ROUNDS_MAX_DEFAULT;
    if (value != NULL)
        plan->rounds_max =
            (unsigned)fields_count(fields, &most, value, plan->rounds, PLAN_ROUNDS_MAX);
}

static void read_head(struct plan *plan, struct fields *fields)
{
    static const char *const keys[] = {"schema", "name",   "description", "seed",     "rounds",
                                       "until",  "budget", "rounds_max",  "lateness", "server",
                                       "lanes",  "cells",  "memory",      NULL};
    struct fields_path schema = fields_member(NULL, "schema"), name = fields_member(NULL, "name"),
                       description = fields_member(NULL, "description"),
                       seed = fields_member(NULL, "seed"), rounds = fields_member(NULL, "rounds");
    const json_t *value = json_object_get(plan->source, "schema");

    if (!json_is_object(plan->source)) {
        error_set(fields->error, 0, "%s: must be a JSON object with \"schema\": \"%s\"",
                  fields->file, SCHEMA);
        return;
    }
    if (!json_is_string(value) || strcmp(json_string_value(value), SCHEMA) != 0)
        fields_fail(fields, &schema, value, "\"" SCHEMA "\"");
    fields_object(fields, &top, plan->source, keys);
    plan->name = fields_name(fields, &name, json_object_get(plan->source, "name"));
    plan->description =
        fields_text_or(fields, &description, json_object_get(plan->source, "description"), "");
    value = json_object_get(plan->source, "seed");
    if (value != NULL)
        plan->seed = (uint32_t)fields_count(fields, &seed, value, 1, SEED_MAX);
    value = json_object_get(plan->source, "rounds");
    plan->rounds = ROUNDS_DEFAULT;
    if (value != NULL)
        plan->rounds = (unsigned)fields_count(fields, &rounds, value, 1, PLAN_ROUNDS_MAX);
    read_lateness(plan, fields);
    read_until(plan, fields);
}

/* The results are told apart by the ids. */
static void check_unique(const struct plan *plan, struct fields *fields)
{
    for (size_t i = 0; i < plan->cell_count; i++)
        for (size_t k = 0; k < i && !fields_failed(fields); k++)
            if (strcmp(plan->cells[i].id, plan->cells[k].id) == 0)
                error_set(fields->error, 0,
                          "%s: two cells come to the same id %s; remove one, or give it a lane of "
                          "another name",
                          fields->file, plan->cells[i].id);
}

/* The calibration of a cell that computes, made where it is the first of its kind. */
static const struct calibration *calibration_for(struct plan *plan, const struct cell_work *work)
{
    struct calibration *one = plan->calibrations, *end = one + plan->calibration_count;

    while (one < end && (one->cpu_ns != work->cpu_ns || one->block_bytes != work->block_bytes))
        one++;
    if (one == end) {
        *one = (struct calibration){.cpu_ns = work->cpu_ns, .block_bytes = work->block_bytes};
        plan->calibration_count++;
    }
    return one;
}

static void list_calibrations(struct plan *plan, struct fields *fields)
{
    plan->calibrations = calloc(plan->cell_count, sizeof(*plan->calibrations));
    if (plan->calibrations == NULL) {
        error_set(fields->error, 0, "%s: no memory", fields->file);
        return;
    }
    for (size_t i = 0; i < plan->cell_count; i++)
        if (cell_work_computes(&plan->cells[i].work))
            plan->cells[i].work.calibration = calibration_for(plan, &plan->cells[i].work);
}

static void read_plan(struct plan *plan, struct fields *fields, const char *programs)
{
    read_head(plan, fields);
    if (!fields_failed(fields))
        read_lanes(plan, fields, programs);
    if (!fields_failed(fields))
        read_server(plan, fields);
    if (!fields_failed(fields))
        grid_read(plan, fields);
    if (!fields_failed(fields))
        check_unique(plan, fields);
    if (!fields_failed(fields))
        list_calibrations(plan, fields);
}

static int read_source(json_t *source, const char *path, const char *text, const char *programs,
                       struct plan *plan, char *error)
{
    struct fields fields = {.file = path, .text = text, .error = error};

    error[0] = '\0';
    *plan = (struct plan){.source = source};
    read_plan(plan, &fields, programs);
    if (error[0] == '\0')
        return 0;
    plan_free(plan);
    return -EINVAL;
}

int plan_read(json_t *source, const char *path, const char *programs, struct plan *plan,
              char *error)
{
    return read_source(source, path, NULL, programs, plan, error);
}

int plan_load(const char *path, const char *programs, struct plan *plan, char *error)
{
    json_t *source = json_file_load(path, error);
    char *text = source != NULL ? file_read(path, FILE_SIZE_MAX, NULL) : NULL;
    int code = -EINVAL;

    *plan = (struct plan){0};
    if (source != NULL)
        code = read_source(source, path, text, programs, plan, error);
    free(text);
    return code;
}

void plan_free(struct plan *plan)
{
    for (size_t i = 0; i < plan->lane_count; i++) {
        free(plan->lanes[i].name);
        free(plan->lanes[i].path);
        free(plan->lanes[i].model);
    }
    free(plan->lanes);
    free(plan->cells);
    free(plan->calibrations);
    json_decref(plan->source);
    *plan = (struct plan){0};
}

void plan_set_rounds(struct plan *plan, unsigned rounds)
{
    for (size_t i = 0; i < plan->cell_count; i++) {
        struct cell *cell = &plan->cells[i];

        if (!cell->memory && (!cell->capped || cell->rounds > rounds))
            cell->rounds = rounds;
    }
    plan->rounds = rounds;
    if (plan->rounds_max < rounds)
        plan->rounds_max = rounds;
}
