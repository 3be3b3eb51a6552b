/* What is said of the figures: sentences with their names in braces, and what patterns.json expects
 * of them, in C and in Python alike, as expressions of SQL over their names and n. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/units.h"
#include "patterns/pattern.h"

static void format_figure(const char *name, double value, char *text)
{
    size_t length = strlen(name);

    if (length > 3 && strcmp(name + length - 3, "_ns") == 0)
        units_format_duration((uint64_t)value, text);
    else if (length > 6 && strcmp(name + length - 6, "_bytes") == 0)
        units_format_bytes((uint64_t)value, text);
    else
        snprintf(text, UNITS_TEXT_SIZE, value == (double)(int64_t)value ? "%.0f" : "%.3g", value);
}

void say(const struct context *context, const char *words, FILE *out)
{
    char name[64], text[UNITS_TEXT_SIZE];
    const char *brace;

    for (; (brace = strchr(words, '{')) != NULL; words = brace + strlen(name) + 2) {
        const json_t *value;

        snprintf(name, sizeof(name), "%.*s", (int)strcspn(brace + 1, "}"), brace + 1);
        value = json_object_get(context->figures, name);
        snprintf(text, sizeof(text), "{%.20s?}", name);
        if (value != NULL)
            format_figure(name, json_number_value(value), text);
        else if (strcmp(name, "n") == 0)
            snprintf(text, sizeof(text), "%llu", (unsigned long long)context->n);
        fprintf(out, "%.*s%s", (int)(brace - words), words, text);
    }
    fprintf(out, "%s", words);
}

/* A row with all figures and n, to be freed by sqlite3_free(). */
static char *row_of(const struct context *context)
{
    sqlite3_str *row = sqlite3_str_new(NULL);
    const char *name;
    json_t *value;

    sqlite3_str_appendf(row, "SELECT %llu n", (unsigned long long)context->n);
    json_object_foreach(context->figures, name, value)
    {
        sqlite3_str_appendf(row, ", %!.17g \"%w\"", json_number_value(value), name);
    }
    return sqlite3_str_finish(row);
}

/* Not where it asks for a figure that was not noted. */
static bool holds(sqlite3 *database, const char *that, const char *row)
{
    char *question = sqlite3_mprintf("SELECT (%s) IS TRUE FROM (%s)", that, row);
    sqlite3_stmt *statement = NULL;
    bool held = false;

    if (sqlite3_prepare_v2(database, question, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        held = sqlite3_column_int(statement, 0) != 0;
    sqlite3_finalize(statement);
    sqlite3_free(question);
    return held;
}

void check_figures(struct context *context)
{
    sqlite3 *database = NULL;
    char *row = row_of(context);
    json_t *said;
    size_t i;

    sqlite3_open(":memory:", &database);
    json_array_foreach(context->pattern->checks, i, said)
    {
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);

        if (out == NULL)
            abort(); /* no memory, and what is not said must not pass for right */
        say(context, json_text_at(said, "text", ""), out);
        fclose(out);
        note_check(context, holds(database, json_text_at(said, "that", ""), row),
                   json_is_true(json_object_get(said, "timing")), "%s", text);
        free(text);
    }
    sqlite3_close(database);
    sqlite3_free(row);
}
