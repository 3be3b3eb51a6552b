#include "report/claims/sentences.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/count.h"
#include "report/format.h"

static json_t *json_of(sqlite3_value *value)
{
    const char *text = (const char *)sqlite3_value_text(value);

    return text != NULL ? json_loads(text, 0, NULL) : NULL;
}

/* NULL: there is none of that name. */
static const char *figure_of(const json_t *figures, const char *name, size_t length)
{
    char *key = strndup(name, length);
    const char *text = key != NULL ? json_string_value(json_object_get(figures, key)) : NULL;

    free(key);
    return text;
}

/* Returns whether it has all its figures. */
static bool fill(sqlite3_str *out, const char *sentence, const json_t *figures)
{
    const char *open, *end, *figure;

    while ((open = strchr(sentence, '{')) != NULL) {
        end = strchr(open, '}');
        figure = end != NULL ? figure_of(figures, open + 1, (size_t)(end - open) - 1) : NULL;
        if (figure == NULL)
            return false;
        sqlite3_str_append(out, sentence, (int)(open - sentence));
        sqlite3_str_appendall(out, figure);
        sentence = end + 1;
    }
    sqlite3_str_appendall(out, sentence);
    return true;
}

static void filled(sqlite3_context *context, int count, sqlite3_value **values)
{
    json_t *sentences = json_of(values[0]), *figures = json_of(values[1]), *sentence;
    sqlite3_str *all = sqlite3_str_new(NULL);
    size_t i, written = 0;

    (void)count;
    json_array_foreach(sentences, i, sentence)
    {
        sqlite3_str *one = sqlite3_str_new(NULL);
        bool whole = json_is_string(sentence) && fill(one, json_string_value(sentence), figures);
        char *text = sqlite3_str_finish(one);

        if (whole)
            sqlite3_str_appendf(all, "%s%s", written++ > 0 ? " " : "", text != NULL ? text : "");
        sqlite3_free(text);
    }
    if (written > 0)
        sqlite3_result_text(context, sqlite3_str_value(all), sqlite3_str_length(all),
                            SQLITE_TRANSIENT);
    sqlite3_free(sqlite3_str_finish(all));
    json_decref(sentences);
    json_decref(figures);
}

static const struct {
    const char *name;
    double scale; /* what one of it is in the dataset's unit */
    void (*format)(char *text, double value);
    const char *suffix;
} units[] = {
    {"s", 1e9, format_duration, ""},  {"MB", 1e6, format_bytes, ""},
    {"count", 1, format_count, ""},   {"ratio", 1, format_ratio, " : 1"},
    {"times", 1, format_ratio, " ×"}, {"share", 1, format_share, ""},
};

static void figure_text(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *unit = (const char *)sqlite3_value_text(values[1]);
    char text[FORMAT_SIZE];

    (void)count;
    for (size_t i = 0; unit != NULL && i < COUNT_OF(units); i++)
        if (strcmp(units[i].name, unit) == 0) {
            units[i].format(text, sqlite3_value_double(values[0]) * units[i].scale);
            sqlite3_result_text(context, sqlite3_mprintf("%s%s", text, units[i].suffix), -1,
                                sqlite3_free);
        }
}

int sentences_register(sqlite3 *db)
{
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    int code = sqlite3_create_function(db, "filled", 2, flags, NULL, filled, NULL, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_create_function(db, "figure_text", 2, flags, NULL, figure_text, NULL, NULL);
    return code;
}
