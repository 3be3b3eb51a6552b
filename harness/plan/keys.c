#include "harness/plan/keys.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/count.h"
#include "common/units.h"

#define PARALLEL_MAX    1024 /* workers and loops */
#define NAME_LENGTH_MAX 64
#define URL_SIZE        200
#define EXPECTED_SIZE   200

#define PLAN(member) offsetof(struct plan, member)
#define LANE(member) offsetof(struct lane, member)
#define CELL(member) offsetof(struct cell, member)
#define CELLS        (KEYS_CELL | KEYS_PASS)
#define IO           (1U << CELL_IO)
#define CPU          (1U << CELL_CPU)
#define MIXED        (1U << CELL_MIXED)
#define SLEEP        (1U << CELL_SLEEP)
#define REQUESTS     (IO | MIXED)
#define COMPUTES     (CPU | MIXED)
#define LATENCY_MAX  (600 * NS_PER_S) /* the floor of any cell then fits 64 bits */

static const char *const schemas[] = {"bench.plan/1", NULL};
static const char *const models[] = {"sync", "threads", "procs", "async", NULL};
static const char *const timed_kinds[] = {"io", "cpu", "mixed", NULL};
static const char *const pass_kinds[] = {"io", "", "", "sleep", NULL};
static const char *const places[] = {"loop", "threads", "processes", NULL};
static const char *const connections[] = {"reuse", "fresh", NULL};
static const char *const object[] = {"an object", NULL};
static const char *const lanes[] = {"an object of lanes by their names", NULL};
static const char *const lane[] = {"the name of a lane", NULL};
static const char *const cells[] = {"a list of cells", NULL};

const struct key keys[] = {
    {"schema", KEYS_PLAN, KEY_WORD, PLAN(schema), .words = schemas, .needed = true,
     .help = "what this table describes"},
    {"name", KEYS_PLAN, KEY_NAME, PLAN(name), .needed = true,
     .help = "becomes part of the run's folder"},
    {"description", KEYS_PLAN, KEY_TEXT, PLAN(description), .help = "one line for `bench list`"},
    {"seed", KEYS_PLAN, KEY_COUNT, PLAN(seed), 1, UINT32_MAX, .otherwise = "a new one",
     .help = "of the random order; recorded in `run.json` in any case"},
    {"rounds", KEYS_PLAN, KEY_COUNT, PLAN(rounds), 1, PLAN_ROUNDS_MAX, .otherwise = "5",
     .help = "how often each cell is executed"},
    {"until", KEYS_PLAN, KEY_SHARE, PLAN(until), 1, 10000, .otherwise = "no further rounds",
     .help = "further rounds until medians are known to this, see below"},
    {"budget", KEYS_PLAN, KEY_TIME, PLAN(budget_ns), 0, 7 * 24 * 3600 * NS_PER_S,
     .otherwise = "no limit", .help = "no round but the first that would end later than this"},
    {"rounds_max", KEYS_PLAN, KEY_COUNT, PLAN(rounds_max), 1, PLAN_ROUNDS_MAX, .otherwise = "100",
     .help = "most rounds with those of `until`"},
    {"lateness", KEYS_PLAN, KEY_SHARE, PLAN(lateness), 1, 1000000, .otherwise = "2%",
     .help = "how late the server may be at p99, as a share of the latency, see below"},
    {"server", KEYS_PLAN, KEY_OWN, .words = object, .help = "see below"},
    {"lanes", KEYS_PLAN, KEY_OWN, .words = lanes, .help = "further lanes, see below"},
    {"cells", KEYS_PLAN, KEY_OWN, .words = cells, .needed = true,
     .help = "what is timed, see below"},
    {"memory", KEYS_PLAN, KEY_OWN, .words = object, .help = "the memory passes, see below"},

    {"args", KEYS_SERVER, KEY_TEXTS, PLAN(server_arguments),
     .help = "further arguments of the mock server"},
    {"url", KEYS_SERVER, KEY_URL, PLAN(server_url),
     .help = "a server of your own in its place, see below"},

    {"path", KEYS_LANE, KEY_TEXT, LANE(program), .needed = true,
     .help = "of the program, absolute or relative to the plan"},
    {"model", KEYS_LANE, KEY_WORD, LANE(model), .words = models, .needed = true,
     .help = "the one that it follows"},
    {"language", KEYS_LANE, KEY_NAME, LANE(language), .otherwise = "c",
     .help = "what it is written in"},
    {"packages", KEYS_LANE, KEY_TEXTS, LANE(packages),
     .help = "Debian packages that it takes, see below"},
    {"args", KEYS_LANE, KEY_TEXTS, LANE(arguments),
     .help = "arguments of its own, before those of a cell"},

    {"lane", CELLS, KEY_OWN, .words = lane, .needed = true, .list = true,
     .help = "`sync`, `threads`, `procs`, `async`, or one of `lanes`"},
    {"requests", CELLS, KEY_COUNT, CELL(requests), 1, 10000000, .needed = true, .list = true,
     .option = "-n", .json = "requests", .help = "N"},
    {"concurrency", CELLS, KEY_CORES, CELL(concurrency), 1, 10000000, .list = true,
     .kinds = IO | CPU | MIXED, .option = "-c", .json = "concurrency",
     .otherwise = "1 for `sync`, 10 for `threads` and `procs`, N for `async`",
     .help = "C, most items in flight"},
    {"latency", KEYS_CELL, KEY_TIME, CELL(latency_ns), 0, LATENCY_MAX, .needed = true, .list = true,
     .kinds = REQUESTS, .option = "--latency", .silent = -1, .json = "latency_ns",
     .help = "of each reply"},
    {"hold", KEYS_PASS, KEY_TIME, CELL(latency_ns), 0, LATENCY_MAX, .option = "--latency",
     .silent = -1, .json = "hold_ns", .otherwise = "that of `memory`",
     .help = "how long each request waits, or each task sleeps"},
    {"optional", CELLS, KEY_BOOL, CELL(optional), .otherwise = "false",
     .help = "left out where the lane says that the machine's limits forbid it"},
    {"may_fail", CELLS, KEY_BOOL, CELL(may_fail), .json = "may_fail", .otherwise = "false",
     .help = "executions that do not count are shown, but do not fail the run"},
    {"work", KEYS_CELL, KEY_CHOICE, CELL(work.kind), .words = timed_kinds, .option = "--work",
     .json = "work", .otherwise = "io", .help = "what each item is, see below"},
    {"work", KEYS_PASS, KEY_CHOICE, CELL(work.kind), .words = pass_kinds, .option = "--work",
     .json = "work", .otherwise = "io", .help = "what each item is, see below"},
    {"cpu", KEYS_CELL, KEY_TIME, CELL(work.cpu_ns), 1, LATENCY_MAX, .list = true, .kinds = COMPUTES,
     .option = "--cpu", .json = "cpu_ns", .otherwise = "20ms", .help = "CPU time of an item"},
    {"block", KEYS_CELL, KEY_COUNT, CELL(work.block_bytes), BLOCK_BYTES_DEFAULT, 1U << 30,
     .kinds = COMPUTES, .option = "--block", .silent = BLOCK_BYTES_DEFAULT, .json = "block_bytes",
     .otherwise = "32",
     .help = "bytes hashed in each round; interpreters give up their lock for large ones"},
    {"compute", KEYS_CELL, KEY_WORD, CELL(work.compute), .words = places, .list = true,
     .kinds = COMPUTES, .model = "async", .option = "--compute", .json = "compute",
     .otherwise = "loop", .help = "of an event loop: where items are computed"},
    {"workers", KEYS_CELL, KEY_CORES, CELL(work.workers), 1, PARALLEL_MAX, .list = true,
     .kinds = COMPUTES, .option = "--workers", .json = "workers", .otherwise = "cores",
     .help = "size of the pool of `compute`"},
    {"loops", CELLS, KEY_CORES, CELL(work.loops), 1, PARALLEL_MAX, .list = true,
     .kinds = IO | CPU | MIXED, .model = "async", .option = "--loops", .silent = 1, .json = "loops",
     .otherwise = "1", .help = "of an event loop: so many, each with a thread; C is the total"},
    {"gil", KEYS_CELL, KEY_BOOL, CELL(work.gil), .list = true, .kinds = COMPUTES, .option = "--gil",
     .json = "gil", .otherwise = "false",
     .help = "only one thread computes at a time, as under Python's global interpreter lock"},
    {"rounds", CELLS, KEY_COUNT, CELL(rounds), 1, PLAN_ROUNDS_MAX, .json = "rounds",
     .otherwise = "those of the plan", .help = "fewer, for expensive cells: the first ones"},
    {"lateness", KEYS_CELL, KEY_SHARE, CELL(lateness), 1, 1000000, .kinds = REQUESTS,
     .json = "lateness", .otherwise = "that of the plan", .help = "in place of the plan's"},
    {"connections", CELLS, KEY_WORD, CELL(connections), .words = connections, .kinds = REQUESTS,
     .option = "--connections", .otherwise = "as the lane decides",
     .help = "kept for further requests, or closed after each"},
    {"timeout", CELLS, KEY_TIME, CELL(timeout_ns), 1, LATENCY_MAX, .kinds = REQUESTS,
     .option = "--timeout", .otherwise = "30s, the lane's",
     .help = "of one request; a latency or hold of that length would exceed it"},
    {"limit", CELLS, KEY_TIME, CELL(limit_ns), 1, LATENCY_MAX,
     .otherwise = "3 floors, 2 timeouts and 10 s",
     .help = "of a whole execution, which is then ended"},
    {"records", KEYS_CELL, KEY_BOOL, CELL(records), .otherwise = "true",
     .help = "one row per request is written; may take an execution of its own"},
    {"args", CELLS, KEY_TEXTS, CELL(arguments), .help = "further arguments of the lane"},

    {"hold", KEYS_MEMORY, KEY_TIME, PLAN(hold_ns), 0, LATENCY_MAX, .otherwise = "5s",
     .help = "of the passes that do not say"},
    {"rounds", KEYS_MEMORY, KEY_COUNT, PLAN(memory_rounds), 1, PLAN_ROUNDS_MAX, .otherwise = "1",
     .help = "how many passes each cell gets, one after the other in rounds"},
    {"cells", KEYS_MEMORY, KEY_OWN, .words = cells, .needed = true, .help = "what is measured"},
};
const size_t keys_count = COUNT_OF(keys);
_Static_assert(COUNT_OF(keys) <= KEYS_MAX, "KEYS_MAX is too small");

const struct key *keys_find(unsigned section, const char *name)
{
    const struct key *key = keys;

    while ((key->sections & section) == 0 || strcmp(key->name, name) != 0)
        key++;
    return key;
}

bool keys_apply(const struct key *key, enum cell_work_kind kind)
{
    return key->kinds == 0 || (key->kinds & 1U << kind) != 0;
}

/* What a value must be, as errors and the tables say it. */
static void expect(const struct key *key, char *text)
{
    char max[UNITS_TEXT_SIZE];
    size_t length = 0;

    switch (key->type) {
    case KEY_OWN:
        strcpy(text, key->words[0]);
        break;
    case KEY_WORD:
    case KEY_CHOICE:
        for (size_t i = 0; key->words[i] != NULL; i++)
            if (key->words[i][0] != '\0')
                length += (size_t)sprintf(text + length, "%s\"%s\"", length > 0 ? " or " : "",
                                          key->words[i]);
        break;
    case KEY_TEXT:
        strcpy(text, "a text");
        break;
    case KEY_NAME:
        strcpy(text, "a name of up to 64 letters, digits, '.', '_' and '-' (the first a letter or "
                     "digit)");
        break;
    case KEY_URL:
        strcpy(text, "a URL like \"http://127.0.0.1:8080/users/{id}\", with {id} in the place of "
                     "the numbers");
        break;
    case KEY_COUNT:
    case KEY_CORES:
        sprintf(text, "a whole number from %" PRIu64 " to %" PRIu64 ", such as %s", key->min,
                key->max, key->type == KEY_CORES ? "100 or \"2*cores\"" : "1000 or \"10k\"");
        break;
    case KEY_TIME:
        sprintf(text, "a duration %sup to %s in quotes, such as \"200ms\"",
                key->min > 0 ? "above 0 and " : "", units_format_duration(key->max, max));
        break;
    case KEY_SHARE:
        sprintf(text, "a share above 0 %% and up to %" PRIu64 " %% in quotes, such as \"2%%\"",
                key->max / 100);
        break;
    case KEY_BOOL:
        strcpy(text, "true or false");
        break;
    case KEY_TEXTS:
        strcpy(text, "a list of texts");
        break;
    }
}

static bool is_name(const char *text)
{
    static const char all[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t length = strlen(text);

    return length > 0 && length <= NAME_LENGTH_MAX && strchr("._-", text[0]) == NULL &&
           strspn(text, all) == length;
}

static bool is_url(const char *text)
{
    return strncmp(text, "http://", 7) == 0 && strstr(text, "{id}") != NULL &&
           strlen(text) < URL_SIZE;
}

uint64_t keys_parse_cores(const char *text)
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

/* A whole number: of JSON, or by its text. */
static bool take_count(const struct key *key, const json_t *value, const char *text,
                       uint64_t *count)
{
    uint64_t found = 0;

    if (json_is_integer(value) && json_integer_value(value) >= 0)
        found = (uint64_t)json_integer_value(value);
    else if (text == NULL)
        return false;
    else if (key->type == KEY_CORES && keys_parse_cores(text) > 0)
        found = keys_parse_cores(text);
    else if (units_parse_count(text, &found) < 0)
        return false;
    if (found < key->min || found > key->max)
        return false;
    *count = found;
    return true;
}

/* The number of a word, or -1. */
static int find_word(const char *const *words, const char *text)
{
    for (int i = 0; text != NULL && text[0] != '\0' && words[i] != NULL; i++)
        if (strcmp(words[i], text) == 0)
            return i;
    return -1;
}

static bool take_time(const struct key *key, const char *text, uint64_t *ns)
{
    uint64_t found;

    if (text == NULL || units_parse_duration(text, &found) < 0 || found < key->min ||
        found > key->max)
        return false;
    *ns = found;
    return true;
}

/* Puts a value to `field`: that of JSON, or that of a `text` without JSON. Returns whether it is
 * what it must be. */
static bool take(const struct key *key, const json_t *value, const char *text, void *field)
{
    bool right = text != NULL;
    int word;

    switch (key->type) {
    case KEY_OWN:
        return true;
    case KEY_TEXT:
        break;
    case KEY_NAME:
        right = right && is_name(text);
        break;
    case KEY_URL:
        right = right && is_url(text);
        break;
    case KEY_WORD:
        right = find_word(key->words, text) >= 0;
        break;
    case KEY_CHOICE:
        word = find_word(key->words, text);
        if (word >= 0)
            *(enum cell_work_kind *)field = (enum cell_work_kind)word;
        return word >= 0;
    case KEY_COUNT:
    case KEY_CORES:
        return take_count(key, value, text, field);
    case KEY_TIME:
        return take_time(key, text, field);
    case KEY_SHARE:
        return text != NULL && units_parse_share(text, (double)key->max / 10000, field) == 0;
    case KEY_BOOL:
        *(bool *)field = json_is_true(value);
        return json_is_boolean(value);
    case KEY_TEXTS:
        *(const json_t **)field = value;
        return json_is_array(value);
    }
    if (right)
        *(const char **)field = text;
    return right;
}

/* A text without a NUL in it, or NULL. */
static const char *text_of(const json_t *value)
{
    const char *text = json_string_value(value);

    return text != NULL && strlen(text) == json_string_length(value) ? text : NULL;
}

static void check_texts(struct reader *reader, const struct reader_path *path, const json_t *list)
{
    json_t *element;
    size_t i;

    json_array_foreach((json_t *)list, i, element)
    {
        struct reader_path where = reader_element(path, i);

        if (text_of(element) == NULL)
            reader_fail(reader, &where, element, "a text");
    }
}

void keys_take(struct reader *reader, const struct reader_path *path, const struct key *key,
               const json_t *value, void *target)
{
    char expected[EXPECTED_SIZE];
    bool right = value == NULL ? !key->needed
                               : take(key, value, text_of(value), (char *)target + key->offset);

    if (!right) {
        expect(key, expected);
        reader_fail(reader, path, value, expected);
    } else if (key->type == KEY_TEXTS && value != NULL) {
        check_texts(reader, path, value);
    }
}

/* Names the keys of the section. */
static void fail_unknown(struct reader *reader, const struct reader_path *path, unsigned section)
{
    char known[400] = "";
    size_t length = 0;

    for (size_t i = 0; i < keys_count && length < sizeof(known); i++)
        if ((keys[i].sections & section) != 0)
            length += (size_t)snprintf(known + length, sizeof(known) - length, "%s%s",
                                       length > 0 ? ", " : "", keys[i].name);
    reader_report(reader, path, "unknown key; known here: %s", known);
}

bool keys_check(struct reader *reader, const struct reader_path *path, const json_t *value,
                unsigned section)
{
    const char *name;
    json_t *member;

    if (!json_is_object(value))
        reader_fail(reader, path, value, "an object");
    json_object_foreach((json_t *)value, name, member)
    {
        struct reader_path where = reader_member(path, name);
        size_t i = 0;

        while (i < keys_count &&
               ((keys[i].sections & section) == 0 || strcmp(keys[i].name, name) != 0))
            i++;
        if (i == keys_count)
            fail_unknown(reader, &where, section);
    }
    return !reader_failed(reader);
}

void keys_read(struct reader *reader, const struct reader_path *path, const json_t *object_read,
               unsigned section, void *target)
{
    keys_check(reader, path, object_read, section);
    for (size_t i = 0; i < keys_count && !reader_failed(reader); i++) {
        struct reader_path where = reader_member(path, keys[i].name);

        if ((keys[i].sections & section) != 0)
            keys_take(reader, &where, &keys[i], json_object_get(object_read, keys[i].name), target);
    }
}

int keys_parse(unsigned section, const char *name, const char *text, struct plan *plan,
               struct error *error)
{
    const struct key *key = keys_find(section, name);
    char expected[EXPECTED_SIZE];

    if (take(key, NULL, text, (char *)plan + key->offset))
        return 0;
    expect(key, expected);
    return error_set(error, -EINVAL, "--%s: '%s' is not %s", name, text, expected);
}

const char *keys_argument(const struct key *key, const struct cell *cell, char *text)
{
    const void *field = (const char *)cell + key->offset;
    int64_t count;

    switch (key->type) {
    case KEY_WORD:
        return *(const char *const *)field;
    case KEY_CHOICE:
        return *(const enum cell_work_kind *)field > 0
                   ? cell_work_names[*(const enum cell_work_kind *)field]
                   : NULL;
    case KEY_BOOL:
        return *(const bool *)field ? "" : NULL;
    default:
        count = *(const int64_t *)field;
        if (count <= key->silent)
            return NULL;
        if (key->type == KEY_TIME)
            return cell_duration((uint64_t)count, text);
        snprintf(text, UNITS_TEXT_SIZE, "%" PRId64, count);
        return text;
    }
}

static json_t *describe(const struct key *key, const struct cell *cell)
{
    const void *field = (const char *)cell + key->offset;
    const char *word = NULL;

    if (key->type == KEY_BOOL)
        return json_boolean(*(const bool *)field);
    if (key->type == KEY_SHARE)
        return json_real(*(const double *)field);
    if (key->type == KEY_WORD)
        word = *(const char *const *)field;
    else if (key->type == KEY_CHOICE)
        word = cell_work_names[*(const enum cell_work_kind *)field];
    else if (*(const uint64_t *)field > 0 || (key->min == 0 && keys_apply(key, cell->work.kind)))
        return json_integer((json_int_t) * (const uint64_t *)field);
    return word != NULL ? json_string(word) : json_null();
}

void keys_describe(const struct cell *cell, const char *from, const char *to, json_t *value)
{
    unsigned section = cell->memory ? KEYS_PASS : KEYS_CELL;
    const struct key *last = keys_find(section, to);

    for (const struct key *key = keys_find(section, from); key <= last; key++)
        if (key->json != NULL && (key->sections & section) != 0)
            json_object_set_new(value, key->json, describe(key, cell));
}

static void print_row(FILE *stream, const struct key *key)
{
    char expected[EXPECTED_SIZE];

    expect(key, expected);
    fprintf(stream, "| `%s` | %s%s | %s | %s |\n", key->name, expected,
            key->list ? ", or a list" : "",
            key->needed              ? "needed"
            : key->otherwise != NULL ? key->otherwise
                                     : "",
            key->help);
}

void keys_print(FILE *stream)
{
    static const struct {
        unsigned section;
        const char *head;
    } tables[] = {
        {KEYS_PLAN, "A plan"},
        {KEYS_SERVER, "Its `server`"},
        {KEYS_CELL, "Each of its `cells`"},
        {KEYS_MEMORY, "Its `memory`"},
        {KEYS_PASS, "Each of the cells of `memory`"},
        {KEYS_LANE, "Each of its `lanes`"},
    };

    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        fprintf(stream, "%s| %s | must be | default | |\n|---|---|---|---|\n", i > 0 ? "\n" : "",
                tables[i].head);
        for (size_t k = 0; k < keys_count; k++)
            if ((keys[k].sections & tables[i].section) != 0)
                print_row(stream, &keys[k]);
    }
}
