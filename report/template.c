#include "report/template.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/count.h"

#define DEPTH_MAX 16 /* rows and parts within one another */

/* A part while it is read. */
struct reader {
    const struct template *template;
    const char *part, *text; /* its name, and the whole of it */
    const char *at;
    sqlite3_stmt *rows[DEPTH_MAX]; /* of the {{each}} around, the innermost last */
    int depth;
    int parts;  /* within one another */
    int blocks; /* that are open */
    struct error *error;
};

/* One {{…}}. */
struct directive {
    const char *begin, *end; /* from its first brace to behind its last */
    char *text;              /* between the braces, without blanks at either end; owned */
    bool alone;              /* in its line, which is widened to */
};

static int write_part(struct reader *reader, FILE *out, const char *name);

/* ---- Reading ----------------------------------------------------------------------------- */

static int fail(struct reader *reader, const char *at, const char *reason)
{
    int line = 1;

    for (const char *c = reader->text; c < at; c++)
        line += *c == '\n';
    return error_set(reader->error, -EINVAL, "template %s, line %d: %s", reader->part, line,
                     reason);
}

static bool begins_with(const char *text, const char *word)
{
    size_t length = strlen(word);

    return strncasecmp(text, word, length) == 0 &&
           (text[length] == '\0' || isspace((unsigned char)text[length]));
}

/* What follows the first word. */
static const char *argument_of(const char *text)
{
    text += strcspn(text, " \t\n");
    return text + strspn(text, " \t\n");
}

/* Whether the directive is one that shapes the text, and alone in its line; then its line is
 * widened to. */
static void take_line(const struct reader *reader, struct directive *directive)
{
    static const char *const words[] = {"if", "else", "end", "each", "include", "call", "#"};
    const char *begin = directive->begin, *end = directive->end;
    bool shapes = false;

    for (size_t i = 0; i < COUNT_OF(words); i++)
        shapes = shapes || begins_with(directive->text, words[i]);
    while (begin > reader->text && (begin[-1] == ' ' || begin[-1] == '\t'))
        begin--;
    if (!shapes || *end != '\n' || (begin > reader->text && begin[-1] != '\n'))
        return;
    directive->begin = begin;
    directive->end = end + 1;
    directive->alone = true;
}

/* The next directive from `at` on; its text is NULL where there is none. Returns 0 or -EINVAL. */
static int next_directive(struct reader *reader, const char *at, struct directive *directive)
{
    const char *first, *last;

    *directive = (struct directive){.begin = strstr(at, "{{"), .text = NULL};
    if (directive->begin == NULL)
        return 0;
    directive->end = strstr(directive->begin, "}}");
    if (directive->end == NULL)
        return fail(reader, directive->begin, "{{ without }}");
    first = directive->begin + 2 + strspn(directive->begin + 2, " \t\n");
    for (last = directive->end; last > first && isspace((unsigned char)last[-1]); last--)
        ;
    directive->end += 2;
    directive->text = strndup(first, (size_t)(last - first));
    if (directive->text == NULL)
        return -ENOMEM;
    take_line(reader, directive);
    return 0;
}

/* Moves on behind the {{end}} of the block in which reader->at stands. With `at_else`: or to behind
 * its {{else}}, and says which. */
static int skip(struct reader *reader, bool *at_else)
{
    struct directive directive;
    int blocks = 1;

    while (blocks > 0) {
        int status = next_directive(reader, reader->at, &directive);
        bool is_else;

        if (status < 0)
            return status;
        if (directive.text == NULL)
            return fail(reader, reader->at, "a block without {{end}}");
        blocks += begins_with(directive.text, "if") || begins_with(directive.text, "each");
        blocks -= begins_with(directive.text, "end");
        is_else = begins_with(directive.text, "else") && blocks == 1;
        free(directive.text);
        reader->at = directive.end;
        if (is_else && at_else != NULL) {
            *at_else = true;
            return 0;
        }
    }
    return 0;
}

/* ---- Queries ----------------------------------------------------------------------------- */

/* Where the column `name` of the innermost row stands that has one. */
static bool find_column(const struct reader *reader, const char *name, sqlite3_stmt **row,
                        int *column)
{
    for (int d = reader->depth - 1; d >= 0; d--) {
        *row = reader->rows[d];
        for (*column = 0; *column < sqlite3_column_count(*row); (*column)++)
            if (strcmp(sqlite3_column_name(*row, *column), name) == 0)
                return true;
    }
    return false;
}

/* Prepares a query with the values of the rows around it; NULL with the error set. */
static sqlite3_stmt *prepare(struct reader *reader, const char *sql)
{
    struct error error;
    sqlite3_stmt *query = dataset_query(reader->template->dataset, sql, &error), *row;
    int column;

    if (query == NULL) {
        fail(reader, reader->at, error.text);
        return NULL;
    }
    for (int i = 1; i <= sqlite3_bind_parameter_count(query); i++) {
        const char *name = sqlite3_bind_parameter_name(query, i);

        if (name == NULL || !find_column(reader, name + 1, &row, &column)) {
            fail(reader, reader->at, "no row around the query has such a value");
            sqlite3_finalize(query);
            return NULL;
        }
        sqlite3_bind_value(query, i, sqlite3_column_value(row, column));
    }
    return query;
}

/* Ends a query; one that failed half-way is an error of the template. */
static int finish(struct reader *reader, sqlite3_stmt *query)
{
    int code = sqlite3_finalize(query);

    return code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE
               ? 0
               : fail(reader, reader->at, sqlite3_errmsg(reader->template->dataset->db));
}

static int write_values(struct reader *reader, FILE *out, const char *sql)
{
    sqlite3_stmt *query = prepare(reader, sql);

    if (query == NULL)
        return -EINVAL;
    while (sqlite3_step(query) == SQLITE_ROW)
        if (sqlite3_column_text(query, 0) != NULL)
            fputs((const char *)sqlite3_column_text(query, 0), out);
    return finish(reader, query);
}

static int write_table(struct reader *reader, FILE *out, const char *sql)
{
    sqlite3_stmt *query = prepare(reader, sql);

    if (query == NULL)
        return -EINVAL;
    table_write(out, query, reader->template->style);
    return finish(reader, query);
}

static int write_column(struct reader *reader, FILE *out, const char *name)
{
    sqlite3_stmt *row;
    int column;

    if (!find_column(reader, name, &row, &column))
        return fail(reader, reader->at, "neither a directive nor a column of a row around it");
    if (sqlite3_column_text(row, column) != NULL)
        fputs((const char *)sqlite3_column_text(row, column), out);
    return 0;
}

/* Whether the first value is there, and neither 0 nor empty: 1 or 0, or a negative errno. */
static int is_true(struct reader *reader, const char *sql)
{
    sqlite3_stmt *query = prepare(reader, sql);
    int truth = 0, status;

    if (query == NULL)
        return -EINVAL;
    if (sqlite3_step(query) == SQLITE_ROW)
        truth = sqlite3_column_type(query, 0) == SQLITE_TEXT ? sqlite3_column_bytes(query, 0) > 0
                                                             : sqlite3_column_double(query, 0) != 0;
    status = finish(reader, query);
    return status < 0 ? status : truth;
}

/* ---- Blocks ------------------------------------------------------------------------------ */

static int write_block(struct reader *reader, FILE *out, bool *at_else);

static int write_if(struct reader *reader, FILE *out, const char *sql)
{
    bool at_else = false;
    int truth = is_true(reader, sql), status;

    if (truth < 0)
        return truth;
    reader->blocks++;
    status = truth > 0 ? write_block(reader, out, &at_else) : skip(reader, &at_else);
    if (status == 0 && at_else)
        status = truth > 0 ? skip(reader, NULL) : write_block(reader, out, &at_else);
    reader->blocks--;
    return status;
}

static int write_each(struct reader *reader, FILE *out, const char *sql)
{
    const char *block = reader->at;
    sqlite3_stmt *query;
    bool any = false, at_else;
    int status = 0;

    if (reader->depth == DEPTH_MAX)
        return fail(reader, reader->at, "too many blocks within one another");
    query = prepare(reader, sql);
    if (query == NULL)
        return -EINVAL;
    reader->rows[reader->depth++] = query;
    reader->blocks++;
    while (status == 0 && sqlite3_step(query) == SQLITE_ROW) {
        any = true;
        reader->at = block;
        status = write_block(reader, out, &at_else);
    }
    reader->depth--;
    reader->blocks--;
    if (status == 0 && !any)
        status = skip(reader, NULL);
    return finish(reader, query) < 0 ? -EINVAL : status;
}

/* A part in the midst of a line stands without its last line feed. */
static int include(struct reader *reader, FILE *out, const char *name, bool alone)
{
    char *text = NULL;
    size_t size;
    FILE *part = alone ? out : open_memstream(&text, &size);
    int status = part != NULL ? write_part(reader, part, name) : -ENOMEM;

    if (alone || part == NULL)
        return status;
    if (fclose(part) != 0)
        status = -ENOMEM;
    else if (status == 0)
        fwrite(text, 1, size - (size > 0 && text[size - 1] == '\n'), out);
    free(text);
    return status;
}

static int call(struct reader *reader, FILE *out, const char *name)
{
    const struct template *template = reader->template;

    if (template->call == NULL || template->call(template->user, name, out) < 0)
        return fail(reader, reader->at, "the program has nothing to call by this name");
    return 0;
}

static int write_directive(struct reader *reader, FILE *out, const struct directive *directive)
{
    const char *text = directive->text, *argument = argument_of(text);

    if (begins_with(text, "if"))
        return write_if(reader, out, argument);
    if (begins_with(text, "each"))
        return write_each(reader, out, argument);
    if (begins_with(text, "table"))
        return write_table(reader, out, argument);
    if (begins_with(text, "include"))
        return include(reader, out, argument, directive->alone);
    if (begins_with(text, "call"))
        return call(reader, out, argument);
    if (begins_with(text, "select") || begins_with(text, "with"))
        return write_values(reader, out, text);
    return text[0] == '#' ? 0 : write_column(reader, out, text);
}

/* Writes from reader->at to the end of its block or to its {{else}}; of a part, to its end. */
static int write_block(struct reader *reader, FILE *out, bool *at_else)
{
    struct directive directive;
    int status = 0;

    *at_else = false;
    for (bool ended = false; status == 0 && !ended;) {
        status = next_directive(reader, reader->at, &directive);
        if (status < 0)
            return status;
        fwrite(reader->at, 1,
               (size_t)((directive.text != NULL ? directive.begin : strchr(reader->at, '\0')) -
                        reader->at),
               out);
        if (directive.text == NULL)
            return reader->blocks > 0 ? fail(reader, reader->at, "a block without {{end}}") : 0;
        reader->at = directive.end;
        *at_else = begins_with(directive.text, "else");
        ended = *at_else || begins_with(directive.text, "end");
        if (!ended)
            status = write_directive(reader, out, &directive);
        free(directive.text);
    }
    return status;
}

/* ---- Parts ------------------------------------------------------------------------------- */

static const char *part_text(const struct template *template, const char *name)
{
    for (const struct template_part *part = template->parts; part->name != NULL; part++)
        if (strcmp(part->name, name) == 0)
            return part->text;
    return NULL;
}

/* The rows around are known in the part as well. */
static int write_part(struct reader *reader, FILE *out, const char *name)
{
    const char *text = part_text(reader->template, name);
    struct reader inner = *reader;
    bool at_else;

    if (text == NULL || reader->parts == DEPTH_MAX)
        return fail(reader, reader->at, "no such part, or too many within one another");
    inner.part = name;
    inner.text = text;
    inner.at = text;
    inner.parts++;
    inner.blocks = 0;
    return write_block(&inner, out, &at_else);
}

int template_write(FILE *out, const struct template *template, const char *name,
                   struct error *error)
{
    struct reader reader = {
        .template = template, .part = name, .text = "", .at = "", .error = error};

    return write_part(&reader, out, name);
}
