#include "harness/plan/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/count.h"
#include "common/file.h"
#include "common/json.h"
#include "common/path.h"
#include "harness/plan/keys.h"

#define FILE_SIZE_MAX (1UL << 26)
#define CELLS_MAX     10000U
#define POOL_DEFAULT  10 /* size of a pool of threads or processes where a cell does not say */

/* The suite's own. */
static const struct lane suite_lanes[] = {
    {.name = "sync", .program = "lane-sync", .model = "sync", .language = "c"},
    {.name = "threads", .program = "lane-threads", .model = "threads", .language = "c"},
    {.name = "procs", .program = "lane-procs", .model = "procs", .language = "c"},
    {.name = "async", .program = "lane-async", .model = "async", .language = "c"},
    {.name = "co", .program = "lane-co", .model = "co", .language = "c"},
};

/* A path without what leads out of the folder of the plan; of an absolute one its last part. */
static const char *within_suite(const char *path)
{
    if (path[0] == '/')
        return strrchr(path, '/') + 1;
    while (strncmp(path, "../", 3) == 0 || strncmp(path, "./", 2) == 0)
        path = strchr(path, '/') + 1;
    return path;
}

/* Paths in a plan are relative to the plan. NULL without memory. */
static char *find_program(const char *plan_file, const char *program)
{
    const char *slash = strrchr(plan_file, '/');
    char *path;

    if (program[0] == '/')
        return strdup(program);
    if (asprintf(&path, "%.*s/%s", slash != NULL ? (int)(slash - plan_file) : 1,
                 slash != NULL ? plan_file : ".", program) < 0)
        return NULL;
    return path;
}

/* Adds a lane, or replaces the one of its name. Takes over its path; NULL: no memory. */
static void set_lane(struct plan *plan, const struct reader *at, struct lane lane)
{
    struct lane *place = plan->lanes;

    while (place < plan->lanes + plan->lane_count && strcmp(place->name, lane.name) != 0)
        place++;
    plan->lane_count += place == plan->lanes + plan->lane_count;
    free(place->path);
    *place = lane;
    if (lane.path == NULL)
        reader_report(at, "no memory");
}

static void read_lane(struct plan *plan, const struct reader *at, const char *name,
                      const json_t *value)
{
    struct lane lane = {0};
    json_t *text = json_string(name); /* it must be what a language's name must be */

    keys_take(at, keys_find(KEYS_LANE, "language"), text, &lane);
    json_decref(text);
    lane.name = name;
    lane.language = "c";
    keys_read(at, value, KEYS_LANE, &lane);
    if (reader_failed(at))
        return;
    lane.path = find_program(at->file, lane.program);
    lane.program = within_suite(lane.program);
    set_lane(plan, at, lane);
}

static void read_lanes(struct plan *plan, const struct reader *reader, const char *programs)
{
    const json_t *lanes = json_object_get(plan->source, "lanes");
    struct reader at = reader_member(reader, "lanes");
    const char *name;
    json_t *value;

    if (lanes != NULL && !json_is_object(lanes))
        reader_fail(&at, lanes, "an object of lanes by their names");
    plan->lanes = calloc(COUNT_OF(suite_lanes) + json_object_size(lanes), sizeof(*plan->lanes));
    if (plan->lanes == NULL) {
        reader_report(reader, "no memory");
        return;
    }
    for (size_t i = 0; i < COUNT_OF(suite_lanes); i++) {
        struct lane lane = suite_lanes[i];
        char program[PATH_MAX];

        lane.path = strdup(path_join(program, programs, lane.program));
        set_lane(plan, reader, lane);
    }
    json_object_foreach((json_t *)lanes, name, value)
    {
        struct reader where = reader_member(&at, name);

        read_lane(plan, &where, name, value);
    }
}

static void read_server(struct plan *plan, const struct reader *reader)
{
    const json_t *server = json_object_get(plan->source, "server");
    struct reader at = reader_member(reader, "server"), url = reader_member(&at, "url");

    if (server == NULL)
        return;
    keys_read(&at, server, KEYS_SERVER, plan);
    if (plan->server_url != NULL && plan->server_arguments != NULL)
        reader_report(&url, "a server that is not started here takes no args");
}

static void read_head(struct plan *plan, const struct reader *reader)
{
    struct reader schema = reader_member(reader, "schema");
    struct reader most = reader_member(reader, "rounds_max");
    const json_t *memory = json_object_get(plan->source, "memory");
    struct reader at = reader_member(reader, "memory");

    if (!json_is_object(plan->source)) {
        reader_report(reader, "must be a JSON object with \"schema\": \"bench.plan/1\"");
        return;
    }
    /* First: what another version may hold says nothing. */
    keys_take(&schema, keys_find(KEYS_PLAN, "schema"), json_object_get(plan->source, "schema"),
              plan);
    keys_read(reader, plan->source, KEYS_PLAN, plan);
    if (json_object_get(plan->source, "rounds_max") == NULL && plan->rounds > plan->rounds_max)
        plan->rounds_max = plan->rounds;
    if (plan->rounds_max < plan->rounds)
        reader_fail(&most, json_object_get(plan->source, "rounds_max"),
                    "at least as many as rounds");
    if (memory != NULL)
        keys_read(&at, memory, KEYS_MEMORY, plan);
}

/* An entry of the cells, in the section KEYS_CELL or KEYS_PASS, and the index of the value in each
 * of its lists, by the number of the key. */
struct entry {
    struct plan *plan;
    struct reader at;
    unsigned section;
    const json_t *value;
    size_t index[KEYS_MAX];
};

/* The value of a key, NULL where it is missing, and where it is. */
static const json_t *choose(const struct entry *entry, const struct key *key, struct reader *at)
{
    const json_t *value = json_object_get(entry->value, key->name);

    *at = reader_member(&entry->at, key->name);
    if (!key->list || !json_is_array(value))
        return value;
    *at = reader_element(at, entry->index[key - keys]);
    return json_array_get(value, entry->index[key - keys]);
}

static const struct lane *find_lane(const struct entry *entry)
{
    struct reader at;
    const json_t *value = choose(entry, keys_find(entry->section, "lane"), &at);
    const char *name = json_is_string(value) ? json_string_value(value) : "";
    char known[400] = "the name of a lane:";

    for (size_t i = 0; i < entry->plan->lane_count; i++) {
        size_t length = strlen(known);

        if (strcmp(entry->plan->lanes[i].name, name) == 0)
            return &entry->plan->lanes[i];
        snprintf(known + length, sizeof(known) - length, " %s", entry->plan->lanes[i].name);
    }
    reader_fail(&at, value, known);
    return NULL;
}

/* Reads one key of the cell, whose kind of work and model are known. */
static void read_key(const struct entry *entry, const struct key *key, struct cell *cell)
{
    struct key here = *key;
    struct reader at;
    const json_t *value = choose(entry, key, &at);

    here.needed = key->needed && keys_apply(key, cell->work.kind);
    if (strcmp(key->name, "rounds") == 0)
        here.max = cell->rounds;
    if (strcmp(key->name, "concurrency") == 0 && cell_follows(cell, "sync")) {
        here.max = 1;
        here.must = "1 of a lane that makes one request after another";
    }
    if (value != NULL && !keys_apply(key, cell->work.kind))
        reader_report(&at, "says nothing of cells with work \"%s\"",
                      cell_work_names[cell->work.kind]);
    if (value != NULL && key->model != NULL && !cell_follows(cell, key->model))
        reader_report(&at, "is for lanes of the model \"%s\"", key->model);
    keys_take(&at, &here, value, cell);
}

/* These check what holds of two keys together. */
static void check_load(const struct entry *entry, const struct cell *cell)
{
    struct reader arrivals = reader_member(&entry->at, "arrivals");
    struct reader latency = reader_member(&entry->at, "latency");
    bool by_http = cell->work.kind != CELL_FILE && cell->work.kind != CELL_SQL;

    if (cell->arrivals != NULL && cell->rate == 0)
        reader_report(&arrivals, "is for cells with a rate");
    if (cell_draws(cell) && !by_http)
        reader_report(&latency, "must be a time with work \"%s\": none is drawn",
                      cell_work_names[cell->work.kind]);
}

static void check_pool(const struct entry *entry, const struct cell *cell)
{
    const struct cell_work *work = &cell->work;
    bool pool_of_threads = cell_work_pools(work) && strcmp(work->compute, "threads") == 0;
    bool waits = work->blocking != NULL ? strcmp(work->blocking, "threads") == 0
                                        : work->kind == CELL_FILE && cell_follows(cell, "async");
    struct reader blocking = reader_member(&entry->at, "blocking");
    struct reader workers = reader_member(&entry->at, "workers");
    struct reader gil = reader_member(&entry->at, "gil");

    if (work->workers > 0 && !cell_work_pools(work) && !waits)
        reader_report(&workers, "is for cells with compute \"threads\" or \"processes\", or with "
                                "blocking \"threads\"");
    if (work->kind != CELL_FILE && work->blocking != NULL && strcmp(work->blocking, "uring") == 0)
        reader_report(&blocking, "\"uring\" is for cells with work \"file\"");
    if (work->gil && !cell_follows(cell, "threads") && !pool_of_threads)
        reader_report(&gil,
                      "is for lanes of the model \"threads\", or cells with compute \"threads\"");
}

/* Programs in other languages have a client of their own. */
static void check_client(const struct entry *entry, const struct cell *cell)
{
    struct reader client = reader_member(&entry->at, "client");

    if (cell->client != NULL && strcmp(cell->lane->language, "c") != 0)
        reader_report(&client, "is for lanes in C");
}

static uint64_t concurrency_by_model(const struct cell *cell)
{
    if (cell->work.kind != CELL_SLEEP && cell_follows(cell, "sync"))
        return 1;
    return cell->work.kind == CELL_SLEEP || cell_is_a_loop(cell) ? cell->requests : POOL_DEFAULT;
}

static void read_cell(const struct entry *entry, struct cell *cell)
{
    const struct plan *plan = entry->plan;
    const struct key *work = keys_find(entry->section, "work");
    bool memory = entry->section == KEYS_PASS;

    *cell = (struct cell){
        .plan = plan,
        .memory = memory,
        .lane = find_lane(entry),
        .rounds = memory ? plan->memory_rounds : plan->rounds,
        .capped = json_object_get(entry->value, "rounds") != NULL,
        .latency_ns = memory ? plan->hold_ns : 0,
        .seed = server_seed(plan->server_arguments),
        .lateness = plan->lateness,
        .records = true,
    };
    if (cell->lane == NULL)
        return;
    read_key(entry, work, cell);
    if (cell_work_computes(&cell->work)) {
        cell->work.cpu_ns = 20 * NS_PER_MS;
        cell->work.block_bytes = BLOCK_BYTES_DEFAULT;
    }
    for (const struct key *key = keys; key < keys + keys_count; key++)
        if ((key->sections & entry->section) != 0 && key->type != KEY_OWN && key != work)
            read_key(entry, key, cell);
    if (cell->concurrency == 0)
        cell->concurrency = concurrency_by_model(cell);
    if (!memory && !reader_failed(&entry->at))
        cell_average(cell);
    check_pool(entry, cell);
    check_load(entry, cell);
    check_client(entry, cell);
    if (!reader_failed(&entry->at) && cell_name(cell) < 0)
        reader_fail(&entry->at, entry->value, "a cell with a shorter name");
}

static bool make_room(const struct entry *entry, size_t more)
{
    struct plan *plan = entry->plan;
    struct cell *cells;

    if (more > CELLS_MAX || plan->cell_count + more > CELLS_MAX) {
        reader_report(&entry->at, "the plan has more than %u cells", CELLS_MAX);
        return false;
    }
    cells = realloc(plan->cells, (plan->cell_count + more) * sizeof(*cells));
    if (cells != NULL)
        plan->cells = cells;
    else
        reader_report(&entry->at, "no memory");
    return cells != NULL;
}

/* Whether a list holds the same number once as a number and once by the cores. */
static bool counts_cores(const json_t *list)
{
    const json_t *value;
    size_t i;

    json_array_foreach((json_t *)list, i, value)
    {
        if (json_is_string(value) && strstr(json_string_value(value), "cores") != NULL)
            return true;
    }
    return false;
}

/* Whether the cell behind the last one of the plan is there, from cell `first` on. */
static bool is_repeated(const struct plan *plan, size_t first)
{
    for (size_t i = first; i < plan->cell_count; i++)
        if (strcmp(plan->cells[i].id, plan->cells[plan->cell_count].id) == 0)
            return true;
    return false;
}

/* A list in place of a value stands for one cell with each of its values, and several lists for
 * every combination. They turn as an odometer does: the last one fastest. */
static void read_entry(struct entry *entry)
{
    size_t sizes[KEYS_MAX] = {0}, total = 1, first = entry->plan->cell_count;
    bool cores = false;

    for (size_t k = 0; k < keys_count; k++) {
        const json_t *value = json_object_get(entry->value, keys[k].name);
        struct reader at = reader_member(&entry->at, keys[k].name);

        if (!keys[k].list || (keys[k].sections & entry->section) == 0)
            continue;
        sizes[k] = json_is_array(value) ? json_array_size(value) : 1;
        cores = cores || counts_cores(value);
        if (sizes[k] == 0)
            reader_fail(&at, value, "a value, or a list that is not empty");
        total = total <= CELLS_MAX ? total * sizes[k] : total;
    }
    if (reader_failed(&entry->at) || !make_room(entry, total))
        return;
    for (size_t i = 0; i < total && !reader_failed(&entry->at); i++) {
        size_t rest = i;

        for (size_t k = keys_count; k-- > 0;) {
            if (sizes[k] == 0)
                continue;
            entry->index[k] = rest % sizes[k];
            rest /= sizes[k];
        }
        read_cell(entry, &entry->plan->cells[entry->plan->cell_count]);
        entry->plan->cell_count += !cores || !is_repeated(entry->plan, first);
    }
}

static void read_cells(struct plan *plan, const struct reader *reader, unsigned section)
{
    const json_t *parent = plan->source, *cells;
    struct reader at = reader_member(reader, "memory");
    json_t *value;
    size_t i;

    if (section == KEYS_PASS)
        parent = json_object_get(plan->source, "memory");
    at = reader_member(section == KEYS_PASS ? &at : reader, "cells");
    cells = json_object_get(parent, "cells");
    if (parent != NULL && !json_is_array(cells))
        reader_fail(&at, cells, "a list of cells");
    json_array_foreach((json_t *)cells, i, value)
    {
        struct entry entry = {plan, reader_element(&at, i), section, value, {0}};

        if (reader_failed(reader) || !keys_check(&entry.at, value, section))
            return;
        read_entry(&entry);
    }
}

/* The results are told apart by the ids. */
static void check_cells(const struct plan *plan, const struct reader *reader)
{
    struct reader at = reader_member(reader, "cells");

    if (plan->cell_count == 0)
        reader_fail(&at, json_object_get(plan->source, "cells"), "a list of at least one cell");
    for (size_t i = 0; i < plan->cell_count && !reader_failed(reader); i++)
        if (plan_cell(plan, plan->cells[i].id) != &plan->cells[i])
            reader_report(reader,
                          "two cells come to the same id %s; remove one, or give it a lane of "
                          "another name",
                          plan->cells[i].id);
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

static void list_calibrations(struct plan *plan, const struct reader *reader)
{
    if (reader_failed(reader))
        return;
    plan->calibrations = calloc(plan->cell_count, sizeof(*plan->calibrations));
    if (plan->calibrations == NULL)
        reader_report(reader, "no memory");
    for (size_t i = 0; i < plan->cell_count && !reader_failed(reader); i++)
        if (cell_work_computes(&plan->cells[i].work))
            plan->cells[i].work.calibration = calibration_for(plan, &plan->cells[i].work);
}

int plan_read(json_t *source, const char *text, const char *path, const char *programs,
              struct plan *plan, struct error *error)
{
    struct reader reader = {.file = path, .text = text, .error = error};

    error->text[0] = '\0';
    *plan = (struct plan){
        .source = source,
        .description = "",
        .rounds = 5,
        .rounds_max = 100,
        .runs = 1,
        .memory_rounds = 1,
        .hold_ns = 5 * NS_PER_S,
        .lateness = 0.02,
    };
    read_head(plan, &reader);
    read_lanes(plan, &reader, programs);
    read_server(plan, &reader);
    read_cells(plan, &reader, KEYS_CELL);
    read_cells(plan, &reader, KEYS_PASS);
    check_cells(plan, &reader);
    if (!reader_failed(&reader))
        server_check_latency(plan, &reader);
    list_calibrations(plan, &reader);
    if (!reader_failed(&reader))
        return 0;
    plan_free(plan);
    return -EINVAL;
}

int plan_load(const char *path, const char *programs, struct plan *plan, struct error *error)
{
    json_t *source = json_file_load(path, error->text);
    char *text = source != NULL ? file_read(path, FILE_SIZE_MAX, NULL) : NULL;
    int code = -EINVAL;

    *plan = (struct plan){0};
    if (source != NULL)
        code = plan_read(source, text, path, programs, plan, error);
    free(text);
    return code;
}

void plan_free(struct plan *plan)
{
    for (size_t i = 0; i < plan->lane_count; i++)
        free(plan->lanes[i].path);
    free(plan->lanes);
    free(plan->cells);
    free(plan->calibrations);
    json_decref(plan->source);
    *plan = (struct plan){0};
}

const struct cell *plan_cell(const struct plan *plan, const char *id)
{
    for (size_t i = 0; i < plan->cell_count; i++)
        if (strcmp(plan->cells[i].id, id) == 0)
            return &plan->cells[i];
    return NULL;
}

const struct cell *plan_first_cell(const struct plan *plan, const struct lane *lane)
{
    for (size_t i = 0; i < plan->cell_count; i++)
        if (plan->cells[i].lane == lane)
            return &plan->cells[i];
    return NULL;
}

void plan_set_rounds(struct plan *plan, uint64_t rounds)
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
