#include "report/run_data.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/file.h"
#include "common/json.h"

#define FILE_SIZE_MAX (256UL << 20) /* a full article run has about 1 MB */
#define NUMBER_MAX    1e18
#define CELLS_MAX     1000 /* a plan beyond this is no plan that a report could show */
#define FAULTS_MAX    50

double run_number(const json_t *value, const char *path)
{
    double number = json_number_at(value, path, NAN);

    return number >= 0 && number <= NUMBER_MAX ? number : NAN;
}

char *run_file_read(const char *path, size_t size_max, size_t *size)
{
    struct stat status;

    if (stat(path, &status) < 0)
        return NULL;
    if (!S_ISREG(status.st_mode)) {
        errno = EINVAL;
        return NULL;
    }
    return file_read(path, size_max, size);
}

double run_floor_ns(double requests, double concurrency, double latency_ns)
{
    return concurrency >= 1 ? ceil(requests / concurrency) * latency_ns : NAN;
}

static void add_fault(struct run *run, const char *file, int line, const char *reason)
{
    size_t faults = json_array_size(run->faults);

    if (faults < FAULTS_MAX && line > 0)
        json_array_append_new(run->faults, json_sprintf("%s, line %d: %s", file, line, reason));
    else if (faults < FAULTS_MAX)
        json_array_append_new(run->faults, json_sprintf("%s: %s", file, reason));
    else if (faults == FAULTS_MAX)
        json_array_append_new(run->faults, json_string("further faults are not listed"));
}

/* Integers are read as doubles: one that is too large makes a strange figure, not a lost line. */
static void add_line(struct run *run, json_t *values, const char *file, int number,
                     const char *line, size_t length)
{
    json_error_t where;
    json_t *value = json_loadb(line, length, JSON_DECODE_INT_AS_REAL, &where);

    if (json_is_object(value)) {
        json_array_append_new(values, value);
        return;
    }
    add_fault(run, file, number, value == NULL ? where.text : "this is no JSON object");
    json_decref(value);
}

/* A last line without its end was cut off by a kill: the run says so itself, it is no fault. */
static json_t *load_lines(struct run *run, const char *file, bool required)
{
    char path[4096], *text, *line, *end;
    json_t *values = json_array();
    int number = 1;

    snprintf(path, sizeof(path), "%s/%s", run->folder, file);
    text = run_file_read(path, FILE_SIZE_MAX, NULL);
    if (text == NULL && (required || errno != ENOENT))
        add_fault(run, file, 0, strerror(errno));
    line = text;
    end = text != NULL ? strchr(text, '\n') : NULL;
    while (end != NULL) {
        add_line(run, values, file, number, line, (size_t)(end - line));
        line = end + 1;
        end = strchr(line, '\n');
        number++;
    }
    free(text);
    return values;
}

static int load_run_json(struct run *run, char *error)
{
    char path[4096], *text;
    size_t size;
    json_error_t where;

    snprintf(path, sizeof(path), "%s/run.json", run->folder);
    text = run_file_read(path, FILE_SIZE_MAX, &size);
    if (text == NULL) {
        int code = errno;

        snprintf(error, JSON_ERROR_SIZE, "run.json: %s; is this the folder of a run?",
                 strerror(code));
        return -code;
    }
    run->run = json_loadb(text, size, JSON_DECODE_INT_AS_REAL, &where);
    free(text);
    if (json_is_object(run->run))
        return 0;
    snprintf(error, JSON_ERROR_SIZE, "run.json:%d:%d: %s", where.line, where.column,
             run->run == NULL ? where.text : "this is no JSON object");
    return -EINVAL;
}

static bool belongs_to(const json_t *sample, const char *id)
{
    return strcmp(json_text_at(sample, "cell", ""), id) == 0;
}

bool run_pass_counts(const json_t *pass)
{
    return json_is_true(json_at(pass, "confirmed")) &&
           json_array_size(json_at(pass, "problems")) == 0 &&
           isfinite(run_number(pass, "pss_bytes"));
}

bool run_sample_counts(const json_t *sample)
{
    return json_is_true(json_at(sample, "valid")) && isfinite(run_number(sample, "wall_ns"));
}

/* Why an execution does not count, where it does not say so itself. */
static const char *problem_of(const json_t *sample)
{
    const char *problem = json_string_value(json_array_get(json_at(sample, "problems"), 0));

    return problem != NULL ? problem : "it is marked as invalid or lacks its figures";
}

static void count_executions(struct workload_cell *cell, const json_t *samples,
                             bool (*counts)(const json_t *))
{
    size_t i;
    json_t *sample;

    json_array_foreach(samples, i, sample)
    {
        if (!belongs_to(sample, cell->id))
            continue;
        cell->executions++;
        if (counts(sample)) {
            cell->valid++;
            cell->noisy += json_array_size(json_at(sample, "noise")) > 0;
        } else if (cell->problem == NULL)
            cell->problem = problem_of(sample);
    }
}

/* Gathers the figure at `path`, plus `sign` times that at `path_2` (NULL: none), of a cell's
 * samples that count, or of all where `counts` is NULL. Returns how many there are. */
static size_t gather_values(const json_t *samples, const char *id, const char *path, double sign,
                            const char *path_2, bool (*counts)(const json_t *), double *values)
{
    size_t count = 0, i;
    json_t *sample;

    json_array_foreach(samples, i, sample)
    {
        if (!belongs_to(sample, id) || (counts != NULL && !counts(sample)))
            continue;
        values[count] =
            run_number(sample, path) + (path_2 != NULL ? sign * run_number(sample, path_2) : 0);
        count += isfinite(values[count]);
    }
    return count;
}

static struct stats_summary summarise_both(const json_t *samples, const char *id, const char *path,
                                           double sign, const char *path_2,
                                           bool (*counts)(const json_t *))
{
    double *values = calloc(json_array_size(samples) + 1, sizeof(*values));
    struct stats_summary summary = {.count = 0};
    size_t count;

    if (values == NULL)
        return summary;
    count = gather_values(samples, id, path, sign, path_2, counts, values);
    if (count > 0 && stats_summarise(values, count, &summary) < 0)
        summary.count = 0;
    free(values);
    return summary;
}

static struct stats_summary summarise(const json_t *samples, const char *id, const char *path,
                                      bool (*counts)(const json_t *))
{
    return summarise_both(samples, id, path, 0, NULL, counts);
}

static const char *skip_reason(const struct run *run, const char *id)
{
    const json_t *skipped = json_at(run->run, "skipped");
    size_t i;
    json_t *entry;

    json_array_foreach(skipped, i, entry)
    {
        if (strcmp(json_text_at(entry, "id", ""), id) == 0)
            return json_text_at(entry, "reason", "no reason is given");
    }
    return NULL;
}

/* Position of a lane among those of the plan that are not known: its colour. */
static size_t other_index(const json_t *cells, const char *lane)
{
    size_t index = 0, i;
    json_t *cell;

    json_array_foreach(cells, i, cell)
    {
        const char *name = model_lane_short(json_text_at(cell, "lane", ""));

        if (strcmp(name, lane) == 0)
            break;
        if (model_of(name, 0)->lane == NULL)
            index++;
    }
    return index;
}

/* Which of the four a lane follows, by its own name or as the plan says; NULL: none that is known.
 */
static const struct model *followed(const char *lane, const char *model)
{
    const struct model *own = model_of(lane, 0);
    const struct model *named = model_of(model, 0);

    return own->lane != NULL ? own : named->lane != NULL ? named : NULL;
}

/* How many other lanes of its language and model the plan names before it. */
static size_t shade_of(const struct run *run, const struct workload_cell *cell)
{
    size_t shade = 0;
    const char *name;
    json_t *lane;

    json_object_foreach(json_at(run->run, "plan.lanes"), name, lane)
    {
        if (strcmp(model_lane_short(name), cell->lane) == 0)
            break;
        shade += language_of(json_text_at(lane, "language", NULL)) == cell->language &&
                 followed(name, json_text_at(lane, "model", "")) == cell->follows;
    }
    return shade;
}

static const struct model *drawn_as(const struct run *run, const struct workload_cell *cell,
                                    const json_t *cells)
{
    if (cell->language != NULL && cell->language != language_of(NULL) && cell->follows != NULL)
        return model_in(cell->language, cell->follows, shade_of(run, cell));
    return model_of(cell->lane, other_index(cells, cell->lane));
}

static struct workload_cell read_cell(const struct run *run, const json_t *json, const char *list,
                                      const char *latency)
{
    const char *lane = model_lane_short(json_text_at(json, "lane", "unknown"));
    struct workload_cell cell = {
        .id = json_text_at(json, "id", "unnamed"),
        .lane = lane,
        .follows = followed(lane, json_text_at(json, "model", "")),
        .language = language_of(json_text_at(json, "language", NULL)),
        .requests = run_number(json, "requests"),
        .concurrency = run_number(json, "concurrency"),
        .latency_ns = run_number(json, latency),
        .computing = computing_of(json),
    };

    cell.model = drawn_as(run, &cell, json_at(run->run, list));
    cell.skipped = skip_reason(run, cell.id);
    return cell;
}

/* What blocked the loop in the execution in which it was blocked for longest. */
static const char *longest_block(const json_t *samples, const char *id,
                                 bool (*counts)(const json_t *))
{
    const char *longest = NULL;
    double most_ns = -1;
    size_t i;
    json_t *sample;

    json_array_foreach(samples, i, sample)
    {
        double ns = run_number(sample, "lane.loop.longest_block_ns");

        if (!belongs_to(sample, id) || (counts != NULL && !counts(sample)) || !(ns > most_ns))
            continue;
        most_ns = ns;
        longest = json_text_at(sample, "lane.loop.longest_block", NULL);
    }
    return longest;
}

static struct loop_health gather_loop(const json_t *samples, const char *id,
                                      bool (*counts)(const json_t *))
{
    return (struct loop_health){
        .lateness_p50_ns = summarise(samples, id, "lane.loop.lateness_ns.p50", counts),
        .lateness_p99_ns = summarise(samples, id, "lane.loop.lateness_ns.p99", counts),
        .lateness_max_ns = summarise(samples, id, "lane.loop.lateness_ns.max", counts),
        .longest_block_ns = summarise(samples, id, "lane.loop.longest_block_ns", counts),
        .longest_block = longest_block(samples, id, counts),
    };
}

/* What only the lane's result tells of a plan that leaves it to the lane. */
static void complete(struct cell *cell, const json_t *samples, bool (*counts)(const json_t *))
{
    struct workload_cell *of = &cell->of;

    if (!isfinite(cell->floor_ns) && of->computing.work == WORK_IO)
        cell->floor_ns = run_floor_ns(of->requests, of->concurrency, of->latency_ns);
    if (!isfinite(of->computing.workers) && computing_is_offloaded(&of->computing)) {
        struct stats_summary workers = summarise(samples, of->id, "lane.workload.workers", counts);

        of->computing.workers = workers.count > 0 ? workers.max : NAN;
    }
}

static struct cell gather_cell(const struct run *run, const json_t *json)
{
    struct cell cell = {.of = read_cell(run, json, "cells", "latency_ns"),
                        .floor_ns = run_number(json, "floor_ns"),
                        .rounds = run_number(json, "rounds")};
    bool (*counts)(const json_t *);
    const char *id = cell.of.id;

    count_executions(&cell.of, run->samples, run_sample_counts);
    cell.ranked = cell.of.valid > 0;
    counts = cell.ranked ? run_sample_counts : NULL;
    cell.wall_ns = summarise(run->samples, id, "wall_ns", counts);
    cell.cpu_ns = summarise_both(run->samples, id, "user_ns", 1, "system_ns", counts);
    cell.own_ns = summarise(run->samples, id, "lane.wall_ns", counts);
    cell.start_ns = summarise_both(run->samples, id, "wall_ns", -1, "lane.wall_ns", counts);
    cell.rss_bytes = summarise(run->samples, id, "lane.max_rss_bytes", counts);
    cell.lateness_p99_ns = summarise(run->samples, id, "server.lateness_ns.p99", counts);
    cell.in_flight_peak = summarise(run->samples, id, "server.in_flight_peak", counts);
    cell.verified = summarise(run->samples, id, "lane.verified", counts);
    cell.loop = gather_loop(run->samples, id, counts);
    complete(&cell, run->samples, counts);
    return cell;
}

static struct memory_cell gather_memory(const struct run *run, const json_t *json)
{
    struct memory_cell cell = {.of = read_cell(run, json, "memory_cells", "hold_ns")};
    const struct {
        struct stats_summary *summary;
        const char *path;
    } figures[] = {
        {&cell.pss_bytes, "pss_bytes"},
        {&cell.rss_bytes, "rss_bytes"},
        {&cell.hwm_bytes, "hwm_bytes"},
        {&cell.virtual_bytes, "virtual_bytes"},
        {&cell.page_table_bytes, "page_table_bytes"},
        {&cell.kernel_bytes, "cgroup.kernel_bytes"},
        {&cell.pss_anon_bytes, "pss_anon_bytes"},
        {&cell.cgroup_anon_bytes, "cgroup.anon_bytes"},
        {&cell.cgroup_bytes, "cgroup.usage_bytes"},
        {&cell.cgroup_peak_bytes, "cgroup.peak_bytes"},
        {&cell.in_flight, "in_flight"},
        {&cell.in_flight_peak, "in_flight_peak"},
        {&cell.processes, "processes"},
        {&cell.threads, "threads"},
    };
    bool (*counts)(const json_t *);

    count_executions(&cell.of, run->memory, run_pass_counts);
    cell.ranked = cell.of.valid > 0;
    counts = cell.ranked ? run_pass_counts : NULL;
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
        *figures[i].summary = summarise(run->memory, cell.of.id, figures[i].path, counts);
    cell.cgroup_user_bytes = summarise_both(run->memory, cell.of.id, "cgroup.usage_bytes", -1,
                                            "cgroup.kernel_bytes", counts);
    return cell;
}

static size_t cells_in(struct run *run, const char *list)
{
    size_t count = json_array_size(json_at(run->run, list));

    if (count > CELLS_MAX)
        add_fault(run, "run.json", 0, "more cells than a report can show; the rest is left out");
    return count > CELLS_MAX ? CELLS_MAX : count;
}

static bool is_of_tasks(const json_t *cell)
{
    return strcmp(json_text_at(cell, "work", ""), "sleep") == 0;
}

/* Adds the cells of sleeping tasks, or the others, behind those that are there. */
static size_t add_memory_cells(struct run *run, size_t count, size_t planned, bool of_tasks)
{
    for (size_t i = 0; i < planned; i++) {
        const json_t *json = json_array_get(json_at(run->run, "memory_cells"), i);

        if (is_of_tasks(json) == of_tasks)
            run->memory_cells[count++] = gather_memory(run, json);
    }
    return count;
}

static int gather(struct run *run)
{
    size_t planned = cells_in(run, "memory_cells");

    run->cell_count = cells_in(run, "cells");
    run->cells = calloc(run->cell_count + 1, sizeof(*run->cells));
    run->memory_cells = calloc(planned + 1, sizeof(*run->memory_cells));
    if (run->cells == NULL || run->memory_cells == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < run->cell_count; i++)
        run->cells[i] = gather_cell(run, json_array_get(json_at(run->run, "cells"), i));
    run->memory_count = add_memory_cells(run, 0, planned, false);
    run->tasks.list = run->memory_cells + run->memory_count;
    run->tasks.count = add_memory_cells(run, run->memory_count, planned, true) - run->memory_count;
    return 0;
}

int run_load(struct run *run, const char *folder, char *error)
{
    bool complete;
    int status;

    *run = (struct run){.folder = folder, .faults = json_array()};
    status = load_run_json(run, error);
    if (status == 0) {
        complete = strcmp(json_text_at(run->run, "status", ""), "complete") == 0;
        run->samples = load_lines(run, "results.jsonl",
                                  complete && json_array_size(json_at(run->run, "cells")) > 0);
        run->memory =
            load_lines(run, "memory.jsonl",
                       complete && json_array_size(json_at(run->run, "memory_cells")) > 0);
        run->patterns = load_lines(run, "patterns.jsonl", false);
        status = gather(run);
        if (status < 0)
            snprintf(error, JSON_ERROR_SIZE, "%s", strerror(-status));
    }
    if (status < 0)
        run_free(run);
    return status;
}

void run_free(struct run *run)
{
    json_decref(run->run);
    json_decref(run->samples);
    json_decref(run->memory);
    json_decref(run->patterns);
    json_decref(run->faults);
    free(run->cells);
    free(run->memory_cells);
    *run = (struct run){.folder = NULL};
}

const struct memory_cell *run_memory(const struct run *run, const char *lane, double concurrency)
{
    for (size_t i = 0; i < run->memory_count; i++) {
        const struct memory_cell *cell = &run->memory_cells[i];

        if (strcmp(cell->of.lane, lane) == 0 && cell->of.concurrency == concurrency && cell->ranked)
            return cell;
    }
    return NULL;
}

struct in_round {
    double round, value;
};

static int compare_rounds(const void *a, const void *b)
{
    double left = ((const struct in_round *)a)->round, right = ((const struct in_round *)b)->round;

    return (left > right) - (left < right);
}

/* A figure of the executions of a cell that count, by round; `list` has room for all samples. */
static size_t gather_rounds(const struct run *run, const char *id, const char *path,
                            struct in_round *list)
{
    size_t count = 0, i;
    json_t *sample;

    json_array_foreach(run->samples, i, sample)
    {
        struct in_round entry = {run_number(sample, "round"), run_number(sample, path)};

        if (belongs_to(sample, id) && run_sample_counts(sample) && isfinite(entry.round) &&
            entry.value > 0)
            list[count++] = entry;
    }
    qsort(list, count, sizeof(*list), compare_rounds);
    return count;
}

size_t run_pairs(const struct run *run, const char *path, const struct cell *a,
                 const struct cell *b, double *values_a, double *values_b)
{
    size_t samples = json_array_size(run->samples), count = 0;
    struct in_round *list = calloc(2 * samples + 2, sizeof(*list)), *of_b;
    size_t count_a, count_b;

    if (list == NULL)
        return 0;
    count_a = gather_rounds(run, a->of.id, path, list);
    of_b = list + samples + 1;
    count_b = gather_rounds(run, b->of.id, path, of_b);
    for (size_t i = 0, k = 0; i < count_a && k < count_b;) {
        int order = compare_rounds(&list[i], &of_b[k]);

        if (order == 0) {
            values_a[count] = list[i].value;
            values_b[count++] = of_b[k].value;
        }
        i += order <= 0;
        k += order >= 0;
    }
    free(list);
    return count;
}

size_t run_memory_values(const struct run *run, const struct memory_cell *cell, const char *path,
                         double *values)
{
    return gather_values(run->memory, cell->of.id, path, 0, NULL, run_pass_counts, values);
}
