#include "harness/plan/keys.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "common/count.h"
#include "common/json.h"
#include "common/units.h"
#include "report/embedded.h"

#define CORES_MAX     1024 /* times those of this machine */
#define EXPECTED_SIZE 200

#define PLAN(member) offsetof(struct plan, member)
#define LANE(member) offsetof(struct lane, member)
#define CELL(member) offsetof(struct cell, member)
#define CELLS        (KEYS_CELL | KEYS_PASS)

/* Where the keys of a section are in the schema. */
static const struct {
    unsigned section;
    const char *path;
} sections[] = {
    {KEYS_PLAN, NULL},
    {KEYS_SERVER, "properties.server"},
    {KEYS_CELL, "properties.cells.items"},
    {KEYS_MEMORY, "properties.memory"},
    {KEYS_PASS, "properties.memory.properties.cells.items"},
    {KEYS_LANE, "properties.lanes.additionalProperties"},
};

/* What a value is and where it goes; read_keys() adds what the schema says. */
struct key keys[] = {
    {"schema", KEYS_PLAN, KEY_WORD, .offset = PLAN(schema)},
    {"name", KEYS_PLAN, KEY_TEXT, .offset = PLAN(name)},
    {"description", KEYS_PLAN, KEY_TEXT, .offset = PLAN(description)},
    {"seed", KEYS_PLAN, KEY_COUNT, .offset = PLAN(seed)},
    {"rounds", KEYS_PLAN, KEY_COUNT, .offset = PLAN(rounds)},
    {"until", KEYS_PLAN, KEY_SHARE, .offset = PLAN(until)},
    {"budget", KEYS_PLAN, KEY_TIME, .offset = PLAN(budget_ns)},
    {"rounds_max", KEYS_PLAN, KEY_COUNT, .offset = PLAN(rounds_max)},
    {"runs", KEYS_PLAN, KEY_COUNT, .offset = PLAN(runs)},
    {"lateness", KEYS_PLAN, KEY_SHARE, .offset = PLAN(lateness)},
    {"server", KEYS_PLAN, KEY_OWN, .offset = 0},
    {"lanes", KEYS_PLAN, KEY_OWN, .offset = 0},
    {"cells", KEYS_PLAN, KEY_OWN, .offset = 0},
    {"memory", KEYS_PLAN, KEY_OWN, .offset = 0},
    {"patterns", KEYS_PLAN, KEY_TEXTS, .offset = PLAN(patterns)},
    {"args", KEYS_SERVER, KEY_TEXTS, .offset = PLAN(server_arguments)},
    {"url", KEYS_SERVER, KEY_TEXT, .offset = PLAN(server_url)},
    {"request", KEYS_SERVER, KEY_TEXTS, .offset = PLAN(request_options)},
    {"path", KEYS_LANE, KEY_TEXT, .offset = LANE(program)},
    {"model", KEYS_LANE, KEY_WORD, .offset = LANE(model)},
    {"language", KEYS_LANE, KEY_TEXT, .offset = LANE(language)},
    {"packages", KEYS_LANE, KEY_TEXTS, .offset = LANE(packages)},
    {"args", KEYS_LANE, KEY_TEXTS, .offset = LANE(arguments)},
    {"lane", CELLS, KEY_OWN, .offset = 0},
    {"requests", CELLS, KEY_COUNT, .offset = CELL(requests)},
    {"concurrency", CELLS, KEY_CORES, .offset = CELL(concurrency)},
    {"latency", KEYS_CELL, KEY_SPEC, .offset = CELL(latency)},
    {"rate", KEYS_CELL, KEY_COUNT, .offset = CELL(rate)},
    {"arrivals", KEYS_CELL, KEY_WORD, .offset = CELL(arrivals)},
    {"hold", KEYS_PASS, KEY_TIME, .offset = CELL(latency_ns)},
    {"optional", CELLS, KEY_BOOL, .offset = CELL(optional)},
    {"may_fail", CELLS, KEY_BOOL, .offset = CELL(may_fail)},
    {"client", CELLS, KEY_WORD, .offset = CELL(client)},
    {"work", KEYS_CELL, KEY_CHOICE, .offset = CELL(work.kind)},
    {"work", KEYS_PASS, KEY_CHOICE, .offset = CELL(work.kind)},
    {"cpu", KEYS_CELL, KEY_TIME, .offset = CELL(work.cpu_ns)},
    {"block", KEYS_CELL, KEY_COUNT, .offset = CELL(work.block_bytes)},
    {"compute", KEYS_CELL, KEY_WORD, .offset = CELL(work.compute)},
    {"workers", KEYS_CELL, KEY_CORES, .offset = CELL(work.workers)},
    {"loops", CELLS, KEY_CORES, .offset = CELL(work.loops)},
    {"processes", CELLS, KEY_CORES, .offset = CELL(work.processes)},
    {"blocking", KEYS_CELL, KEY_WORD, .offset = CELL(work.blocking)},
    {"gil", KEYS_CELL, KEY_BOOL, .offset = CELL(work.gil)},
    {"rounds", CELLS, KEY_COUNT, .offset = CELL(rounds)},
    {"lateness", KEYS_CELL, KEY_SHARE, .offset = CELL(lateness)},
    {"connections", CELLS, KEY_WORD, .offset = CELL(connections)},
    {"timeout", CELLS, KEY_TIME, .offset = CELL(timeout_ns)},
    {"limit", CELLS, KEY_TIME, .offset = CELL(limit_ns)},
    {"records", KEYS_CELL, KEY_BOOL, .offset = CELL(records)},
    {"args", CELLS, KEY_TEXTS, .offset = CELL(arguments)},
    {"hold", KEYS_MEMORY, KEY_TIME, .offset = PLAN(hold_ns)},
    {"rounds", KEYS_MEMORY, KEY_COUNT, .offset = PLAN(memory_rounds)},
    {"cells", KEYS_MEMORY, KEY_OWN, .offset = 0},
};
const size_t keys_count = COUNT_OF(keys);
_Static_assert(COUNT_OF(keys) <= KEYS_MAX, "KEYS_MAX is too small");

/* The number of a word, or -1. */
static int find_word(const char *const *words, const char *text)
{
    for (int i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], text) == 0)
            return i;
    return -1;
}

static bool has_text(const json_t *list, const char *text)
{
    const json_t *entry;
    size_t i;

    json_array_foreach((json_t *)list, i, entry)
    {
        if (strcmp(json_string_value(entry), text) == 0)
            return true;
    }
    return false;
}

/* What the schema says of a key. */
static void read_schema(struct key *key, json_t *said, const json_t *required)
{
    json_t *lists = json_object_get(said, "anyOf"), *kinds = json_object_get(said, "x-work"), *kind;
    json_int_t min = 0, max = 0, silent = 0;
    int positive = 0, needed = 0, code;
    size_t i;

    code = json_unpack(
        said, "{s?s, s?s, s?s, s?s, s?s, s?s, s?s, s?I, s?I, s?I, s?I, s?b, s?b, s?o, s?o}",
        "pattern", &key->pattern, "x-must", &key->must, "x-such", &key->such, "x-most", &key->most,
        "x-model", &key->model, "x-option", &key->option, "x-json", &key->json, "minimum", &min,
        "maximum", &max, "maxLength", &max, "x-silent", &silent, "x-positive", &positive,
        "x-needed", &needed, "enum", &key->words, "x-options", &key->words);
    assert(code == 0);
    (void)code;
    key->min = (uint64_t)min + (uint64_t)positive;
    key->max = (uint64_t)max;
    if (key->type == KEY_TIME || key->type == KEY_SPEC)
        units_parse_duration(key->most, &key->max);
    else if (key->type == KEY_SHARE)
        key->max = (uint64_t)atoi(key->most);
    if (lists != NULL)
        key->words = json_object_get(json_array_get(lists, 0), "enum");
    if (json_object_get(said, "const") != NULL)
        key->words = json_pack("[O]", json_object_get(said, "const"));
    key->silent = silent;
    key->list = lists != NULL;
    key->needed = needed || has_text(required, key->name);
    json_array_foreach(kinds, i, kind)
    {
        key->kinds |= 1U << find_word(cell_work_names, json_string_value(kind));
    }
}

/* Before all else. The schema is a part of this program, and stays as long as it runs. */
static void __attribute__((constructor)) read_keys(void)
{
    static json_t *schema;

    schema = json_loads(embedded_plan_json, 0, NULL);
    for (size_t i = 0; i < keys_count; i++) {
        const json_t *section;
        size_t k = 0;

        while ((keys[i].sections & sections[k].section) == 0)
            k++;
        section = sections[k].path != NULL ? json_at(schema, sections[k].path) : schema;
        read_schema(&keys[i], json_object_get(json_object_get(section, "properties"), keys[i].name),
                    json_object_get(section, "required"));
    }
}

const struct key *keys_find(unsigned section, const char *name)
{
    const struct key *key = keys, *end = keys + keys_count;

    while (key < end && ((key->sections & section) == 0 || strcmp(key->name, name) != 0))
        key++;
    return key < end ? key : NULL;
}

bool keys_apply(const struct key *key, enum work_kind kind)
{
    return key->kinds == 0 || (key->kinds & 1U << kind) != 0;
}

/* What a value must be, as errors say it; tools/schemas says it likewise in tables. */
static void expect(const struct key *key, char *text)
{
    size_t length = 0, i;
    const json_t *word;

    if (key->must != NULL)
        strcpy(text, key->must);
    else if (key->type == KEY_TIME)
        sprintf(text, "a duration %sup to %s in quotes, such as \"200ms\"",
                key->min > 0 ? "above 0 and " : "", key->most);
    else if (key->type == KEY_SHARE)
        sprintf(text, "a share above 0 %% and up to %s in quotes, such as \"2%%\"", key->most);
    else if (key->words == NULL)
        sprintf(text, "a whole number from %" PRIu64 " to %" PRIu64 ", such as %s", key->min,
                key->max, key->such != NULL ? key->such : "1000 or \"10k\"");
    json_array_foreach(key->must == NULL ? key->words : NULL, i, word)
    {
        length += (size_t)sprintf(text + length, "%s\"%s\"", length > 0 ? " or " : "",
                                  json_string_value(word));
    }
}

/* Whether it is like the pattern of the schema, NULL: any text is. */
static bool matches(const char *text, const char *pattern)
{
    regex_t regex;
    bool found = true;

    if (pattern != NULL) {
        found = regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) == 0 &&
                regexec(&regex, text, 0, NULL, 0) == 0;
        regfree(&regex);
    }
    return found;
}

/* "2*cores" is as many as this machine has, twice. Returns 0 for another text. */
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
    return units_parse_count(factor, &count) == 0 && count <= CORES_MAX ? count * cell_cores() : 0;
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
    else if (key->type == KEY_CORES && parse_cores(text) > 0)
        found = parse_cores(text);
    else if (units_parse_count(text, &found) < 0)
        return false;
    if (found < key->min || found > key->max)
        return false;
    *count = found;
    return true;
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

/* No key point of the distribution is beyond the largest time. */
static bool take_latency(const struct key *key, const char *text, struct cell_latency *latency)
{
    struct distribution found;
    struct error error;
    double most_ns = (double)key->max;

    if (text == NULL || latency_parse(text, &found, &error) < 0 || found.a_ns > most_ns ||
        found.b_ns > most_ns)
        return false;
    for (size_t i = 0; i < COUNT_OF(found.points); i++)
        if (found.points[i].ns > most_ns)
            return false;
    *latency = (struct cell_latency){text, found};
    return true;
}

/* Puts a value to `field`: that of JSON, or that of a `text` without JSON. Returns whether it is
 * what it must be. */
static bool take(const struct key *key, const json_t *value, const char *text, void *field)
{
    bool right = text != NULL;

    switch (key->type) {
    case KEY_OWN:
        return true;
    case KEY_TEXT:
        right = right && (key->max == 0 || strlen(text) <= key->max) && matches(text, key->pattern);
        break;
    case KEY_WORD:
        right = right && has_text(key->words, text);
        break;
    case KEY_CHOICE:
        right = right && has_text(key->words, text);
        if (right)
            *(enum work_kind *)field = (enum work_kind)find_word(cell_work_names, text);
        return right;
    case KEY_COUNT:
    case KEY_CORES:
        return take_count(key, value, text, field);
    case KEY_TIME:
        return take_time(key, text, field);
    case KEY_SPEC:
        return take_latency(key, text, field);
    case KEY_SHARE:
        return text != NULL && units_parse_share(text, (double)key->max / 100, field) == 0;
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

/* Where only some options may be named each second text is the value of the one before. */
static void check_texts(const struct reader *at, const struct key *key, const json_t *list)
{
    json_t *element;
    size_t i;

    json_array_foreach((json_t *)list, i, element)
    {
        struct reader where = reader_element(at, i);
        bool option = key->words != NULL && i % 2 == 0;

        if (text_of(element) == NULL)
            reader_fail(&where, element, "a text");
        else if (option && (!has_text(key->words, text_of(element)) || json_array_size(list) % 2))
            reader_fail(&where, element, key->must);
    }
}

void keys_take(const struct reader *at, const struct key *key, const json_t *value, void *target)
{
    char expected[EXPECTED_SIZE];
    bool right = value == NULL ? !key->needed
                               : take(key, value, text_of(value), (char *)target + key->offset);

    if (!right) {
        expect(key, expected);
        reader_fail(at, value, expected);
    } else if (key->type == KEY_TEXTS && value != NULL) {
        check_texts(at, key, value);
    }
}

/* Names the keys of the section. */
static void fail_unknown(const struct reader *at, unsigned section)
{
    char known[400] = "";
    size_t length = 0;

    for (size_t i = 0; i < keys_count && length < sizeof(known); i++)
        if ((keys[i].sections & section) != 0)
            length += (size_t)snprintf(known + length, sizeof(known) - length, "%s%s",
                                       length > 0 ? ", " : "", keys[i].name);
    reader_report(at, "unknown key; known here: %s", known);
}

bool keys_check(const struct reader *at, const json_t *value, unsigned section)
{
    const char *name;
    json_t *member;

    if (!json_is_object(value))
        reader_fail(at, value, "an object");
    json_object_foreach((json_t *)value, name, member)
    {
        struct reader where = reader_member(at, name);

        if (keys_find(section, name) == NULL)
            fail_unknown(&where, section);
    }
    return !reader_failed(at);
}

void keys_read(const struct reader *at, const json_t *object_read, unsigned section, void *target)
{
    keys_check(at, object_read, section);
    for (size_t i = 0; i < keys_count && !reader_failed(at); i++) {
        struct reader where = reader_member(at, keys[i].name);

        if ((keys[i].sections & section) != 0)
            keys_take(&where, &keys[i], json_object_get(object_read, keys[i].name), target);
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
        return *(const enum work_kind *)field > 0 ? cell_work_names[*(const enum work_kind *)field]
                                                  : NULL;
    case KEY_BOOL:
        return *(const bool *)field ? "" : NULL;
    case KEY_SPEC: /* the lanes in C know how the server draws */
        if (!cell_draws(cell))
            return units_exact_duration(cell->latency_ns, text);
        return strcmp(cell->lane->language, "c") == 0 ? cell->latency.spec : NULL;
    default:
        count = *(const int64_t *)field;
        if (count <= key->silent)
            return NULL;
        if (key->type == KEY_TIME)
            return units_exact_duration((uint64_t)count, text);
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
    if (key->type == KEY_SPEC)
        return keys_apply(key, cell->work.kind) ? json_integer((json_int_t)cell->latency_ns)
                                                : json_null();
    if (key->type == KEY_WORD)
        word = *(const char *const *)field;
    else if (key->type == KEY_CHOICE)
        word = cell_work_names[*(const enum work_kind *)field];
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
