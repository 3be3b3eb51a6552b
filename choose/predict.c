#include "choose/predict.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/count.h"
#include "common/json.h"
#include "report/embedded.h"

#define CORES_MAX 1024

/* Of a longer run the beginning is simulated: what follows is begun as fast as the second half. */
#define SIMULATED_MIN 20000
#define SIMULATED_C   4    /* times C */
#define ARENAS        8    /* of malloc, for each core */
#define GROWS         0.05 /* of the median: a queue that grows so much has not been kept up with */

#define PARAMETERS_ROW(name, figure, usual) {#name, figure, usual},
const struct parameter parameter_table[] = {PARAMETERS(PARAMETERS_ROW)};

static const char *const names[FIGURES] = {"cpu_ns", "wall_ns", "memory_bytes", "p99_ns"};

/* ---- Calls ------------------------------------------------------------------------------- */

/* Whatever a run folder holds, it is a number of something. */
static uint64_t count_at(const json_t *said, const char *name, uint64_t otherwise)
{
    return (uint64_t)fmax(1, fmin(1e9, json_number_at(said, name, (double)otherwise)));
}

/* Who begins, finishes and computes: "compute" is "threads", "processes" or nothing, in so many
 * "workers"; no "loops" are one. With a "lock" one item is computed at a time, as the interpreter
 * wants it. */
static struct shape read_shape(const json_t *lane, const json_t *said)
{
    const char *model = json_text_at(lane, "model", "");
    const char *language = json_text_at(lane, "language", "");
    const char *compute = json_text_at(said, "compute", "loop");
    uint64_t cores = least(count_at(said, "cores", 1), CORES_MAX);
    bool python = strcmp(language, "python") == 0, lock = json_number_at(said, "lock", python) > 0;
    bool threads = strcmp(model, "threads") == 0, tasks = threads || strcmp(model, "procs") == 0;
    struct shape shape = {.width = cores, .in_turns = tasks, .arenas = threads * ARENAS * cores};

    if (strcmp(model, "sync") == 0 || (python && threads))
        shape.width = 1;
    else if (!tasks && strcmp(language, "go") != 0)
        shape.width = least(count_at(said, "loops", 1), cores);
    shape.crowded = shape.width == cores;
    if (compute[0] == 'p' || (compute[0] == 't' && !python))
        shape.beside =
            lock && compute[0] == 't' ? 1 : least(count_at(said, "workers", cores), cores);
    else if (threads && lock != python)
        shape.beside = lock ? 1 : cores;
    return shape;
}

struct simulated predict_simulated(const struct parameters *parameters, struct cell *cell)
{
    struct calls calls = cell->calls;
    uint64_t most = (uint64_t)fmax(SIMULATED_MIN, SIMULATED_C * (double)calls.concurrency),
             more = 0;
    uint64_t computers = cell->shape.beside > 0 ? cell->shape.beside : cell->shape.width;
    struct simulated simulated;

    if (calls.requests > most)
        more = (calls.requests - most) / calls.concurrency * calls.concurrency;
    calls.own_ns *= parameters->compute;
    cell->computing_ns =
        calls.own_ns * (double)calls.requests / (double)least(computers, calls.concurrency);
    calls.requests -= more;
    simulated = simulate(&calls, &cell->shape, parameters);
    simulated.wall_ns += (double)more * simulated.each_ns;
    cell->wakes = simulated.wakes * (1 + (double)more / (double)calls.requests);
    return simulated;
}

void cell_read(const json_t *lane, const json_t *said, struct cell *cell)
{
    static const struct parameters nothing;
    struct error error;

    cell->shape = read_shape(lane, said);
    cell->calls = (struct calls){
        .requests = count_at(said, "requests", 1),
        .concurrency = least(count_at(said, "concurrency", 1), count_at(said, "requests", 1)),
        .own_ns = json_number_at(said, "own_ns", 0),
        .rate = json_number_at(said, "rate", 0),
        .fresh = json_number_at(said, "fresh", 0) > 0,
        .waits = json_number_at(said, "waits", 1) > 0,
    };
    for (int i = 0; i < FIGURES; i++)
        cell->took[i] = json_number_at(said, names[i], NAN);
    if (latency_parse(json_text_at(said, "latency", ""), &cell->calls.latency, &error) < 0)
        cell->calls.latency =
            (struct distribution){.a_ns = json_number_at(said, "latency_ns", 0)}; /* their mean */
    cell->waiting_ns = predict_simulated(&nothing, cell).wall_ns;
}

/* ---- Figures ----------------------------------------------------------------------------- */

static double sum_of(enum figure figure, const struct parameters *p, const struct cell *cell)
{
    const struct calls *calls = &cell->calls;
    double items = (double)calls->requests, slots = (double)calls->concurrency;
    double call_ns = p->cpu_item_ns + (calls->fresh ? p->cpu_connect_ns : 0);

    if (figure == FIGURE_MEMORY)
        return p->memory_base_bytes + p->memory_slot_bytes * slots +
               p->memory_arena_bytes * fmin(slots, (double)cell->shape.arenas);
    return p->cpu_base_ns + p->cpu_slot_ns * slots + p->cpu_wake_ns * cell->wakes +
           (call_ns * calls->waits + calls->own_ns * p->compute) * items;
}

double predict(enum figure figure, const struct parameters *parameters, struct cell *cell)
{
    return figure == FIGURE_WALL ? predict_simulated(parameters, cell).wall_ns
                                 : sum_of(figure, parameters, cell);
}

double predict_yardstick(enum figure figure, double value, const struct cell *cell)
{
    double least_ns = fmax(cell->waiting_ns, cell->computing_ns);

    if (figure == FIGURE_WALL)
        return 0.1 * fmax(0, value - least_ns) + 0.02 * cell->computing_ns + 0.005 * value;
    return figure == FIGURE_P99 ? 0.015 * value : value;
}

static json_t *predict_all(const struct parameters *p, struct cell *cell)
{
    bool known = (double)cell->calls.concurrency <= p->concurrency;
    double off = p->wall_error * (known ? 1 : 2);
    double errors[FIGURES] = {p->cpu_error, off, p->memory_error, off};
    struct simulated simulated = predict_simulated(p, cell);
    json_t *said, *off_by = json_object();

    said = json_pack("{s:f, s:f, s:f, s:b, s:o}", "waiting_ns", cell->waiting_ns, "computing_ns",
                     cell->computing_ns, "own_ns",
                     cell->calls.own_ns * p->compute * (double)cell->calls.requests, "keeps_up",
                     simulated.growth_ns < GROWS * simulated.p50_ns, "off", off_by);
    for (enum figure i = 0; i < FIGURES; i++) {
        double value = i == FIGURE_WALL  ? simulated.wall_ns
                       : i == FIGURE_P99 ? simulated.p99_ns
                                         : sum_of(i, p, cell);

        json_object_set_new(said, names[i], json_real(value)); /* NAN is no number */
        json_object_set_new(off_by, names[i],
                            json_real(errors[i] * predict_yardstick(i, value, cell)));
    }
    return said;
}

/* ---- For SQL ----------------------------------------------------------------------------- */

json_t *sql_json(sqlite3_value *value)
{
    const char *text = (const char *)sqlite3_value_text(value);

    return text != NULL ? json_loads(text, 0, NULL) : NULL;
}

void sql_give(sqlite3_context *context, json_t *said, const char *otherwise)
{
    char *text = said != NULL ? json_dumps(said, JSON_COMPACT) : NULL;

    if (text != NULL)
        sqlite3_result_text(context, text, -1, free);
    else
        sqlite3_result_error(context, otherwise, -1);
    json_decref(said);
}

/* Parameters of memory may be missing: it was not measured. */
static void predicted(sqlite3_context *context, int count, sqlite3_value **values)
{
    json_t *lane = sql_json(values[0]), *calls = sql_json(values[1]), *said = NULL;
    struct parameters parameters = {.start_ns = 0};
    struct cell cell;
    bool whole = count == 2;

    for (size_t i = 0; i < PARAMETERS_COUNT; i++) {
        double value = json_number_at(lane, parameter_table[i].name, NAN);

        whole = whole && (value >= 0 || strncmp(parameter_table[i].name, "memory", 6) == 0);
        PARAMETER(&parameters, i) = value;
    }
    if (whole) {
        cell_read(lane, calls, &cell);
        said = predict_all(&parameters, &cell);
    }
    sql_give(context, said, "the parameters of a lane lack a number");
    json_decref(calls);
    json_decref(lane);
}

int choose_open(struct dataset *dataset, const char *path, const json_t *question,
                struct error *error)
{
    char reason[JSON_ERROR_SIZE] = "the built-in parameters are broken";
    json_t *said =
        path != NULL ? json_file_load(path, reason) : json_loads(embedded_reference_json, 0, NULL);
    char *parameters = json_dumps(said, 0), *asked = json_dumps(question, 0);
    int code;

    if (said == NULL)
        code = error_set(error, -EINVAL, "%s", reason);
    else if (sqlite3_create_function(dataset->db, "predicted", 2, SQLITE_UTF8, NULL, predicted,
                                     NULL, NULL) != SQLITE_OK ||
             sqlite3_create_function(dataset->db, "fitted", 2, SQLITE_UTF8, NULL, fitted, NULL,
                                     NULL) != SQLITE_OK ||
             dataset_execute(dataset,
                             "CREATE TEMP TABLE choose AS SELECT ? said, ? parameters, "
                             "coalesce(?, '{}') question",
                             "sss", embedded_choose_json, parameters, asked) < 0)
        code = error_set(error, -ENOMEM, "%s", sqlite3_errmsg(dataset->db));
    else
        code = dataset_run(dataset, embedded_choosing_sql, error);
    free(asked);
    free(parameters);
    json_decref(said);
    return code;
}
