#include "harness/plan/cell_fields.h"

#include <string.h>

#include "common/clock.h"
#include "common/units.h"
#include "harness/error.h"
#include "harness/plan/grid.h"

#define POOL_DEFAULT  10 /* size of a pool of threads or processes where a cell does not say */
#define CPU_DEFAULT   (20 * NS_PER_MS)
#define BLOCK_MAX     (1U << 30)
#define PARALLEL_MAX  1024 /* workers and loops */
#define EXPECTED_SIZE 400

const char *const cell_dimensions[CELL_DIMENSIONS] = {
    "lane", "requests", "concurrency", "latency", "cpu", "compute", "workers", "loops", "gil"};

/* The value of a key, NULL where it is missing, and where it is. */
struct choice {
    const json_t *value;
    struct fields_path path;
};

static struct choice choose(const struct cell_entry *entry, const char *key)
{
    return (struct choice){json_object_get(entry->value, key), fields_member(&entry->path, key)};
}

/* Likewise, of a key that may be a list. */
static struct choice choose_one(const struct cell_entry *entry, enum cell_dimension dimension)
{
    struct choice choice = choose(entry, cell_dimensions[dimension]);

    if (json_is_array(choice.value)) {
        choice.value = json_array_get(choice.value, entry->index[dimension]);
        choice.path = fields_element(&choice.path, entry->index[dimension]);
    }
    return choice;
}

static const struct lane *find_lane(const struct cell_section *s, const struct choice *choice)
{
    const char *name = fields_text(s->fields, &choice->path, choice->value);
    char known[EXPECTED_SIZE] = "the name of a lane:";

    for (size_t i = 0; i < s->plan->lane_count; i++) {
        size_t length = strlen(known);

        if (strcmp(s->plan->lanes[i].name, name) == 0)
            return &s->plan->lanes[i];
        snprintf(known + length, sizeof(known) - length, " %s", s->plan->lanes[i].name);
    }
    fields_fail(s->fields, &choice->path, choice->value, known);
    return NULL;
}

static bool is_model(const struct cell *cell, const char *model)
{
    return strcmp(cell->lane->model, model) == 0;
}

/* "cores" or "2*cores": as many as this machine has, or a multiple. Returns 0 for another text. */
static uint64_t parse_cores(const char *text)
{
    static const char *const unit = "cores";
    size_t length = strlen(text), digits = length - strlen(unit);
    char factor[16] = "";
    uint64_t count;

    if (length < strlen(unit) || strcmp(text + digits, unit) != 0)
        return 0;
    if (digits == 0)
        return cell_cores();
    if (text[digits - 1] != '*' || digits > sizeof(factor))
        return 0;
    memcpy(factor, text, digits - 1);
    return units_parse_count(factor, &count) == 0 && count <= PARALLEL_MAX ? count * cell_cores()
                                                                           : 0;
}

static uint64_t read_count(const struct cell_section *s, const struct choice *choice, uint64_t max)
{
    uint64_t count =
        json_is_string(choice->value) ? parse_cores(json_string_value(choice->value)) : 0;

    return count >= 1 && count <= max
               ? count
               : fields_count(s->fields, &choice->path, choice->value, 1, max);
}

static uint64_t read_concurrency(const struct cell_section *s, const struct choice *choice,
                                 const struct cell *cell)
{
    bool sync = is_model(cell, "sync");

    if (choice->value != NULL)
        return read_count(s, choice, sync ? 1 : PLAN_REQUESTS_MAX);
    if (cell->work.kind == CELL_SLEEP)
        return cell->requests;
    if (sync)
        return 1;
    return is_model(cell, "async") ? cell->requests : POOL_DEFAULT;
}

/* A duration above 0. */
static uint64_t read_time(const struct cell_section *s, const struct choice *choice)
{
    uint64_t ns = fields_duration(s->fields, &choice->path, choice->value, PLAN_LATENCY_MAX);

    if (ns == 0)
        fields_fail(s->fields, &choice->path, choice->value, "a duration above 0");
    return ns;
}

/* Likewise, or 0 where it is missing. */
static uint64_t read_time_if_any(const struct cell_section *s, const struct choice *choice)
{
    return choice->value != NULL ? read_time(s, choice) : 0;
}

/* One of `words` (ends with NULL), borrowed, or NULL where it is missing. */
static const char *read_word(const struct cell_section *s, const struct choice *choice,
                             const char *const words[])
{
    const char *text = fields_text_or(s->fields, &choice->path, choice->value, NULL);
    char expected[EXPECTED_SIZE] = "";

    if (text == NULL)
        return NULL;
    for (size_t i = 0, length = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], text) == 0)
            return text;
        length += (size_t)snprintf(expected + length, sizeof(expected) - length, "%s\"%s\"",
                                   i > 0 ? " or " : "", words[i]);
    }
    fields_fail(s->fields, &choice->path, choice->value, expected);
    return NULL;
}

/* Which kinds of work a key says something of. */
static void refuse_foreign_keys(const struct cell_section *s, const struct cell_entry *entry,
                                enum cell_work_kind kind)
{
    static const struct {
        const char *key;
        bool kinds[4]; /* by enum cell_work_kind */
    } uses[] = {
        {"concurrency", {true, true, true, false}},  {"latency", {true, false, true, false}},
        {"connections", {true, false, true, false}}, {"timeout", {true, false, true, false}},
        {"lateness", {true, false, true, false}},    {"cpu", {false, true, true, false}},
        {"block", {false, true, true, false}},       {"compute", {false, true, true, false}},
        {"workers", {false, true, true, false}},     {"gil", {false, true, true, false}},
        {"loops", {true, true, true, false}},
    };

    for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
        struct choice choice = choose(entry, uses[i].key);

        if (choice.value != NULL && !uses[i].kinds[kind])
            fields_report(s->fields, &choice.path, "says nothing of cells with work \"%s\"",
                          cell_work_name(kind));
    }
}

static enum cell_work_kind read_kind(const struct cell_section *s, const struct cell_entry *entry)
{
    static const char *const timed[] = {"io", "cpu", "mixed", NULL};
    static const char *const memory[] = {"io", "sleep", NULL};
    struct choice choice = choose(entry, "work");
    const char *text = read_word(s, &choice, s->memory ? memory : timed);
    enum cell_work_kind kind = CELL_IO;

    if (text != NULL)
        cell_work_parse(text, &kind);
    refuse_foreign_keys(s, entry, kind);
    return kind;
}

/* A number of workers or loops, 0 where it is missing. */
static uint64_t read_parallel(const struct cell_section *s, const struct choice *choice)
{
    return choice->value == NULL ? 0 : read_count(s, choice, PARALLEL_MAX);
}

/* Where an item is computed depends on the model: an event loop has its loop or a pool beside it.
 */
static void read_place(const struct cell_section *s, const struct cell_entry *entry,
                       struct cell *cell)
{
    static const char *const places[] = {"loop", "threads", "processes", NULL};
    struct choice compute = choose_one(entry, CELL_COMPUTE),
                  workers = choose_one(entry, CELL_WORKERS), loops = choose_one(entry, CELL_LOOPS),
                  gil = choose_one(entry, CELL_GIL);
    struct cell_work *work = &cell->work;
    bool pool;

    work->compute = read_word(s, &compute, places);
    work->workers = read_parallel(s, &workers);
    work->loops = read_parallel(s, &loops);
    work->gil = fields_bool_or(s->fields, &gil.path, gil.value, false);
    pool = work->compute != NULL && strcmp(work->compute, "loop") != 0;
    if (compute.value != NULL && !is_model(cell, "async"))
        fields_report(s->fields, &compute.path, "is for lanes of the model \"async\"");
    if (workers.value != NULL && !pool)
        fields_report(s->fields, &workers.path,
                      "is for cells with compute \"threads\" or \"processes\"");
    if (loops.value != NULL && !is_model(cell, "async"))
        fields_report(s->fields, &loops.path, "is for lanes of the model \"async\"");
    if (work->gil && !is_model(cell, "threads") && !(pool && strcmp(work->compute, "threads") == 0))
        fields_report(s->fields, &gil.path,
                      "is for lanes of the model \"threads\", or cells with compute \"threads\"");
}

static void read_work(const struct cell_section *s, const struct cell_entry *entry,
                      struct cell *cell)
{
    struct choice cpu = choose_one(entry, CELL_CPU_TIME), block = choose(entry, "block");
    struct cell_work *work = &cell->work;

    read_place(s, entry, cell);
    if (!cell_work_computes(work))
        return;
    work->cpu_ns = cpu.value != NULL ? read_time(s, &cpu) : CPU_DEFAULT;
    work->block_bytes = BLOCK_BYTES_DEFAULT;
    if (block.value != NULL)
        work->block_bytes =
            fields_count(s->fields, &block.path, block.value, BLOCK_BYTES_DEFAULT, BLOCK_MAX);
}

static bool read_bool(const struct cell_section *s, const struct cell_entry *entry, const char *key,
                      bool otherwise)
{
    struct choice choice = choose(entry, key);

    return fields_bool_or(s->fields, &choice.path, choice.value, otherwise);
}

static void read_options(const struct cell_section *s, const struct cell_entry *entry,
                         struct cell *cell)
{
    static const char *const kinds[] = {"reuse", "fresh", NULL};
    struct choice rounds = choose(entry, "rounds"), lateness = choose(entry, "lateness"),
                  connections = choose(entry, "connections"), timeout = choose(entry, "timeout"),
                  limit = choose(entry, "limit"), args = choose(entry, "args");

    cell->rounds = s->memory ? s->plan->memory_rounds : s->plan->rounds;
    cell->capped = rounds.value != NULL;
    if (cell->capped)
        cell->rounds =
            (unsigned)fields_count(s->fields, &rounds.path, rounds.value, 1, cell->rounds);
    cell->lateness = s->plan->lateness;
    if (lateness.value != NULL)
        cell->lateness = fields_share(s->fields, &lateness.path, lateness.value, PLAN_LATENESS_MAX);
    cell->optional = read_bool(s, entry, "optional", false);
    cell->may_fail = read_bool(s, entry, "may_fail", false);
    cell->records = read_bool(s, entry, "records", true);
    cell->connections = read_word(s, &connections, kinds);
    cell->timeout_ns = read_time_if_any(s, &timeout);
    cell->limit_ns = read_time_if_any(s, &limit);
    cell->arguments = fields_texts_or_null(s->fields, &args.path, args.value);
}

static uint64_t read_latency(const struct cell_section *s, const struct cell_entry *entry,
                             const struct cell *cell)
{
    struct choice latency = choose_one(entry, CELL_LATENCY);

    if (s->memory)
        return s->hold_ns;
    if (!cell_work_requests(&cell->work))
        return 0;
    return fields_duration(s->fields, &latency.path, latency.value, PLAN_LATENCY_MAX);
}

void cell_fields_read(const struct cell_section *s, const struct cell_entry *entry,
                      struct cell *cell)
{
    struct choice lane = choose_one(entry, CELL_LANE), requests = choose_one(entry, CELL_REQUESTS),
                  concurrency = choose_one(entry, CELL_CONCURRENCY);

    *cell = (struct cell){.memory = s->memory, .lane = find_lane(s, &lane)};
    if (cell->lane == NULL)
        return;
    cell->work.kind = read_kind(s, entry);
    cell->requests = fields_count(s->fields, &requests.path, requests.value, 1, PLAN_REQUESTS_MAX);
    cell->concurrency = read_concurrency(s, &concurrency, cell);
    cell->latency_ns = read_latency(s, entry, cell);
    read_work(s, entry, cell);
    read_options(s, entry, cell);
    if (!fields_failed(s->fields) && cell_name(cell) < 0)
        fields_fail(s->fields, &entry->path, entry->value, "a cell with a shorter name");
}
