#include "harness/table.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define GAP "  "

void table_init(struct table *table, const char *const *heads)
{
    *table = (struct table){.heads = heads};
    while (heads[table->columns] != NULL)
        table->columns++;
}

void table_add(struct table *table, const char *format, ...)
{
    char **texts = realloc(table->texts, (table->count + 1) * sizeof(*texts));
    va_list values;

    if (texts == NULL) {
        table->failed = 1;
        return;
    }
    table->texts = texts;
    va_start(values, format);
    if (vasprintf(&texts[table->count], format, values) < 0)
        table->failed = 1;
    else
        table->count++;
    va_end(values);
}

/* Characters, not bytes: all but the continuation bytes of UTF-8. */
static int width(const char *text)
{
    int characters = 0;

    for (; *text != '\0'; text++)
        characters += ((unsigned char)*text & 0xC0) != 0x80;
    return characters;
}

static bool is_left(const struct table *table, size_t column)
{
    return table->heads[column][0] == '<';
}

static const char *head(const struct table *table, size_t column)
{
    return table->heads[column] + is_left(table, column);
}

static int column_width(const struct table *table, size_t column)
{
    int widest = width(head(table, column));

    for (size_t i = column; i < table->count; i += table->columns)
        if (width(table->texts[i]) > widest)
            widest = width(table->texts[i]);
    return widest;
}

static void print_field(const struct table *table, size_t column, int field, const char *text,
                        FILE *stream)
{
    int padding = field - width(text);
    bool left = is_left(table, column), last = column + 1 == table->columns;

    fprintf(stream, "%*s%s%*s%s", left ? 0 : padding, "", text, left && !last ? padding : 0, "",
            last ? "\n" : GAP);
}

void table_print(struct table *table, FILE *stream)
{
    int *widths = calloc(table->columns, sizeof(*widths));
    size_t rows = table->count / table->columns;

    for (size_t c = 0; widths != NULL && c < table->columns; c++)
        widths[c] = column_width(table, c);
    for (size_t c = 0; widths != NULL && c < table->columns; c++)
        print_field(table, c, widths[c], head(table, c), stream);
    for (size_t i = 0; widths != NULL && i < rows * table->columns; i++)
        print_field(table, i % table->columns, widths[i % table->columns], table->texts[i], stream);
    for (size_t i = 0; i < table->count; i++)
        free(table->texts[i]);
    free(table->texts);
    free(widths);
    *table = (struct table){0};
}
