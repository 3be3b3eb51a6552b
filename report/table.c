#include "report/table.h"

#include <ctype.h>
#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "common/file.h"
#include "common/text_stream.h"
#include "report/memory.h"

#define INTEGER_MAX 9e15 /* whole numbers up to here are exact in a double */

/* ---- Columns ----------------------------------------------------------------------------- */

static bool is_right(const char *name)
{
    return name[0] != '\0' && name[strlen(name) - 1] == '>';
}

static int name_length(const char *name)
{
    return (int)strlen(name) - is_right(name);
}

static const char *text_at(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    return text != NULL ? text : "";
}

/* Whether the last column is the colour of the line. */
static bool is_coloured(sqlite3_stmt *query)
{
    int columns = sqlite3_column_count(query);

    return columns > 1 && strcmp(sqlite3_column_name(query, columns - 1), "colour") == 0;
}

/* ---- Markdown and AsciiDoc --------------------------------------------------------------- */

/* Any text: what either takes for a sign of its own is written as HTML has it, which both read. */
static void write_marked(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        if (iscntrl((unsigned char)*text))
            fputc(' ', out);
        else if (strchr("&<>|*_`[]{}~^+#\\$!@", *text) != NULL || strncmp(text, ":/", 2) == 0)
            fprintf(out, "&#%d;", *text);
        else
            fputc(*text, out);
}

static void write_alignments(FILE *out, sqlite3_stmt *query, int columns, bool asciidoc)
{
    fputs(asciidoc ? "[%header,cols=\"" : "", out);
    for (int i = 0; i < columns; i++) {
        bool right = is_right(sqlite3_column_name(query, i));

        fputs(!asciidoc ? "|" : i > 0 ? "," : "", out);
        fputs(asciidoc ? right ? ">" : "<" : right ? "--:" : "---", out);
    }
    fputs(asciidoc ? "\"]\n|===\n" : "|\n", out);
}

static int write_marked_up(FILE *out, sqlite3_stmt *query, enum table_style style)
{
    bool asciidoc = style == TABLE_ASCIIDOC;
    const char *end = asciidoc ? "\n" : "|\n";
    int columns = sqlite3_column_count(query) - is_coloured(query), rows = 0;

    if (asciidoc)
        write_alignments(out, query, columns, true);
    for (int i = 0; i < columns; i++) {
        const char *name = sqlite3_column_name(query, i);

        fprintf(out, "| %.*s ", name_length(name), name);
    }
    fputs(end, out);
    if (!asciidoc)
        write_alignments(out, query, columns, false);
    for (; sqlite3_step(query) == SQLITE_ROW; rows++) {
        for (int i = 0; i < columns; i++) {
            fputs("| ", out);
            if (style == TABLE_MARKDOWN)
                fputs(text_at(query, i), out);
            else
                write_marked(out, text_at(query, i));
            fputc(' ', out);
        }
        fputs(end, out);
    }
    fputs(asciidoc ? "|===\n" : "", out);
    return rows;
}

/* ---- CSV and JSON ------------------------------------------------------------------------ */

static json_t *number_json(double value)
{
    bool whole = isfinite(value) && floor(value) >= value && fabs(value) < INTEGER_MAX;

    return !isfinite(value) ? json_null()
           : whole          ? json_integer((json_int_t)value)
                            : json_real(value);
}

static json_t *value_json(sqlite3_stmt *row, int column)
{
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
    case SQLITE_FLOAT:
        return number_json(sqlite3_column_double(row, column));
    case SQLITE_TEXT:
        return json_string(text_at(row, column));
    default:
        return json_null();
    }
}

static json_t *row_json(sqlite3_stmt *row, const bool *summaries, int columns)
{
    json_t *object = json_object();
    char name[DATASET_NAME_SIZE];

    for (int i = 0; i < columns; i++) {
        const char *column = sqlite3_column_name(row, i);

        if (!summaries[i])
            json_object_set_new(object, column, value_json(row, i));
        for (size_t k = 0; summaries[i] && k < DATASET_PARTS; k++) {
            dataset_part(k, column, name);
            json_object_set_new(object, name, number_json(dataset_part_value(k, row, i)));
        }
    }
    return object;
}

json_t *table_json(sqlite3_stmt *query)
{
    int columns = sqlite3_column_count(query);
    bool *summaries = memory_or_end(calloc((size_t)columns + 1, sizeof(*summaries)));
    json_t *rows = json_array();

    /* Which columns hold summaries shows only in the rows, of which some may have NULL there. */
    while (sqlite3_step(query) == SQLITE_ROW)
        for (int i = 0; i < columns; i++)
            summaries[i] = summaries[i] || dataset_is_summary(query, i);
    sqlite3_reset(query);
    while (sqlite3_step(query) == SQLITE_ROW)
        json_array_append_new(rows, row_json(query, summaries, columns));
    free(summaries);
    return rows;
}

/* A text that a spreadsheet would take for a formula is quoted as one that is none. */
static void write_csv_text(FILE *out, const char *text)
{
    bool formula = text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;

    if (!formula && strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, out);
        return;
    }
    fputs(formula ? "\"'" : "\"", out);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void write_csv_value(FILE *out, const json_t *value)
{
    if (json_is_string(value))
        write_csv_text(out, json_string_value(value));
    else if (json_is_integer(value))
        fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        fprintf(out, "%.10g", json_real_value(value));
}

/* A table without rows has the names of its columns all the same. */
static int write_csv(FILE *out, sqlite3_stmt *query)
{
    json_t *rows = table_json(query), *row, *value;
    int count = rows != NULL ? (int)json_array_size(rows) : -ENOMEM;
    const char *name, *comma = "";
    size_t i;

    for (int k = 0; count == 0 && k < sqlite3_column_count(query); k++)
        fprintf(out, "%s%s", k > 0 ? "," : "", sqlite3_column_name(query, k));
    json_object_foreach(json_array_get(rows, 0), name, value)
    {
        fprintf(out, "%s%s", comma, name);
        comma = ",";
    }
    fputs("\r\n", out);
    json_array_foreach(rows, i, row)
    {
        comma = "";
        json_object_foreach(row, name, value)
        {
            fputs(comma, out);
            write_csv_value(out, value);
            comma = ",";
        }
        fputs("\r\n", out);
    }
    json_decref(rows);
    return count;
}

/* ---- Terminal ---------------------------------------------------------------------------- */

static struct libscols_table *terminal_table(FILE *out, sqlite3_stmt *query, int columns)
{
    struct libscols_table *table = scols_new_table();
    char name[DATASET_NAME_SIZE];
    bool named = false;

    if (table == NULL || scols_table_set_column_separator(table, "  ") < 0)
        memory_end();
    scols_table_set_stream(table, out);
    scols_table_enable_nowrap(table, !isatty(fileno(out)));
    scols_table_enable_colors(table, isatty(fileno(out)) && getenv("NO_COLOR") == NULL);
    for (int i = 0; i < columns; i++) {
        const char *column = sqlite3_column_name(query, i);

        snprintf(name, sizeof(name), "%.*s", name_length(column), column);
        named = named || name[0] != '\0';
        if (scols_table_new_column(table, name, 0, is_right(column) ? SCOLS_FL_RIGHT : 0) == NULL)
            memory_end();
    }
    scols_table_enable_noheadings(table, !named);
    return table;
}

/* In whatever locale: where characters beyond ASCII counted as not printable, they would be written
 * as numbers. */
static int print_utf8(struct libscols_table *table)
{
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), before = uselocale(utf8);
    mbstate_t state = {0};
    int code;

    if (utf8 != (locale_t)0 && mbrlen("–", MB_LEN_MAX, &state) != strlen("–"))
        memory_end(); /* the C library then does without the locale, and nobody is told */
    code = scols_print_table(table);
    uselocale(before);
    if (utf8 != (locale_t)0)
        freelocale(utf8);
    return code;
}

static int write_terminal(FILE *out, sqlite3_stmt *query)
{
    bool coloured = is_coloured(query);
    int columns = sqlite3_column_count(query) - coloured, rows = 0;
    struct libscols_table *table = terminal_table(out, query, columns);

    while (sqlite3_step(query) == SQLITE_ROW) {
        struct libscols_line *line = scols_table_new_line(table, NULL);
        bool added = line != NULL;

        for (int i = 0; added && i < columns; i++)
            added = scols_line_set_data(line, (size_t)i, text_at(query, i)) == 0;
        if (added && coloured && text_at(query, columns)[0] != '\0')
            added = scols_line_set_color(line, text_at(query, columns)) == 0;
        if (!added)
            memory_end();
        rows++;
    }
    if (print_utf8(table) < 0)
        rows = -EIO;
    scols_unref_table(table);
    return rows;
}

/* ---- Any --------------------------------------------------------------------------------- */

int table_write(FILE *out, sqlite3_stmt *query, enum table_style style)
{
    if (style == TABLE_CSV)
        return write_csv(out, query);
    return style == TABLE_TERMINAL ? write_terminal(out, query)
                                   : write_marked_up(out, query, style);
}

int table_save(int folder, const char *name, sqlite3_stmt *query)
{
    struct text_stream stream;
    char *text;
    size_t size;
    int count = -ENOMEM, code = 0;

    text_stream_begin(&stream);
    if (stream.file != NULL)
        count = table_write(stream.file, query, TABLE_CSV);
    if (text_stream_end(&stream, &text, &size) < 0)
        count = -ENOMEM;
    if (count >= 0)
        code = file_replace_at(folder, name, text, size);
    free(text);
    return code < 0 ? code : count;
}
