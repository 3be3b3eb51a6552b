#include "report/template.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/text_stream.h"
#include "report/memory.h"

#define DEPTH_MAX 16 /* rows and parts within one another */

/* A part while it is read. */
struct reader {
    const struct template *template;
    const char *part, *text; /* its name, and the whole of it */
    const char *at;
    sqlite3_stmt *rows[DEPTH_MAX]; /* of the {{each}} around, the innermost last */
    int depth;
    int parts; /* within one another */
    struct error *error;
};

/* What a directive begins with; up to COMMENT those that shape the text. */
enum word { IF, EACH, ELSE, END, INCLUDE, CALL, COMMENT, TABLE, SELECT, WITH, COLUMN };

static const char *const words[] = {"if",   "each", "else",  "end",    "include",
                                    "call", "#",    "table", "select", "with"};

/* One {{…}}. */
struct directive {
    const char *begin, *end; /* from its first brace to behind its last */
    char *text;              /* between the braces, without blanks at either end; owned */
    enum word word;
    const char *argument; /* what follows the word */
    bool alone;           /* it shapes the text, and is alone in its line, which is widened to */
};

/* Writes from reader->at to the end of its block, or to its {{else}}, and says which; with
 * `at_else` NULL, to the end of the part. Where `out` is NULL it is passed over. */
static int write_block(struct reader *reader, FILE *out, bool *at_else);

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

static void take_line(const struct reader *reader, struct directive *directive)
{
    const char *begin = directive->begin, *end = directive->end;

    while (begin > reader->text && (begin[-1] == ' ' || begin[-1] == '\t'))
        begin--;
    if (directive->word > COMMENT || *end != '\n' || (begin > reader->text && begin[-1] != '\n'))
        return;
    directive->begin = begin;
    directive->end = end + 1;
    directive->alone = true;
}

/* The next directive from reader->at on; where there is none, its text is NULL, and it begins at
 * the end. Returns 0 or -EINVAL. */
static int next_directive(struct reader *reader, struct directive *directive)
{
    const char *at = strstr(reader->at, "{{"), *end = at != NULL ? strstr(at, "}}") : NULL, *last;

    *directive = (struct directive){.begin = at != NULL ? at : strchr(reader->at, '\0')};
    if (at == NULL)
        return 0;
    if (end == NULL)
        return fail(reader, at, "{{ without }}");
    directive->end = end + 2;
    at += 2 + strspn(at + 2, " \t\n");
    for (last = end; last > at && isspace((unsigned char)last[-1]); last--)
        ;
    directive->text = memory_or_end(strndup(at, (size_t)(last - at)));
    while (directive->word < COLUMN && !begins_with(directive->text, words[directive->word]))
        directive->word++;
    directive->argument = directive->text + strcspn(directive->text, " \t\n");
    directive->argument += strspn(directive->argument, " \t\n");
    take_line(reader, directive);
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

static void write_text(FILE *out, sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    if (text != NULL)
        fputs(text, out);
}

static int write_query(struct reader *reader, FILE *out, const struct directive *directive)
{
    bool table = directive->word == TABLE;
    sqlite3_stmt *query = prepare(reader, table ? directive->argument : directive->text);

    if (query == NULL)
        return -EINVAL;
    if (table && table_write(out, query, reader->template->style) < 0) {
        sqlite3_finalize(query);
        return fail(reader, reader->at, "the table cannot be written");
    }
    if (table && reader->template->asked != NULL)
        reader->template->asked(reader->template->user, directive->argument, out);
    while (!table && sqlite3_step(query) == SQLITE_ROW)
        write_text(out, query, 0);
    return finish(reader, query);
}

static int write_column(struct reader *reader, FILE *out, const char *name)
{
    sqlite3_stmt *row;
    int column;

    if (!find_column(reader, name, &row, &column))
        return fail(reader, reader->at, "neither a directive nor a column of a row around it");
    write_text(out, row, column);
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

static int write_if(struct reader *reader, FILE *out, const char *sql)
{
    bool at_else;
    int truth = out != NULL ? is_true(reader, sql) : 0, status;

    if (truth < 0)
        return truth;
    status = write_block(reader, truth > 0 ? out : NULL, &at_else);
    if (status == 0 && at_else)
        status = write_block(reader, truth > 0 ? NULL : out, &at_else);
    return status;
}

/* The block is passed over once, to know where it ends where there are no rows. */
static int write_each(struct reader *reader, FILE *out, const char *sql)
{
    sqlite3_stmt *query = out != NULL ? prepare(reader, sql) : NULL;
    const char *block = reader->at;
    int depth = reader->depth, status;
    bool at_else;

    if (out != NULL && query == NULL)
        return -EINVAL;
    status = write_block(reader, NULL, &at_else);
    if (out == NULL)
        return status;
    if (status == 0 && depth == DEPTH_MAX)
        status = fail(reader, block, "too many blocks within one another");
    if (status == 0)
        reader->rows[reader->depth++] = query;
    while (status == 0 && sqlite3_step(query) == SQLITE_ROW) {
        reader->at = block;
        status = write_block(reader, out, &at_else);
    }
    reader->depth = depth;
    return finish(reader, query) < 0 ? -EINVAL : status;
}

/* ---- Parts ------------------------------------------------------------------------------- */

/* The rows around are known in the part as well. */
static int write_part(struct reader *reader, FILE *out, const char *name)
{
    const struct template_part *part = reader->template->parts;
    struct reader inner = *reader;

    while (part->name != NULL && strcmp(part->name, name) != 0)
        part++;
    if (part->name == NULL || reader->parts == DEPTH_MAX)
        return fail(reader, reader->at, "no such part, or too many within one another");
    inner.part = part->name;
    inner.text = inner.at = part->text;
    inner.parts++;
    return write_block(&inner, out, NULL);
}

/* A part in the midst of a line stands without its last line feed. */
static int include(struct reader *reader, FILE *out, const char *name, bool alone)
{
    struct text_stream part;
    char *text;
    size_t size;
    int status = -ENOMEM;

    if (alone)
        return write_part(reader, out, name);
    text_stream_begin(&part);
    if (part.file != NULL)
        status = write_part(reader, part.file, name);
    if (text_stream_end(&part, &text, &size) < 0)
        memory_end();
    if (status == 0)
        fwrite(text, 1, size - (size > 0 && text[size - 1] == '\n'), out);
    free(text);
    return status;
}

/* ---- All directives ---------------------------------------------------------------------- */

static int write_directive(struct reader *reader, FILE *out, const struct directive *directive)
{
    const struct template *template = reader->template;

    if (directive->word == IF)
        return write_if(reader, out, directive->argument);
    if (directive->word == EACH)
        return write_each(reader, out, directive->argument);
    if (out == NULL || directive->word == COMMENT)
        return 0;
    if (directive->word == INCLUDE)
        return include(reader, out, directive->argument, directive->alone);
    if (directive->word == CALL)
        return template->call != NULL &&
                       template->call(template->user, directive->argument, out) == 0
                   ? 0
                   : fail(reader, reader->at, "the program has nothing to call by this name");
    return directive->word == COLUMN ? write_column(reader, out, directive->text)
                                     : write_query(reader, out, directive);
}

static int write_block(struct reader *reader, FILE *out, bool *at_else)
{
    struct directive directive;
    bool ended = false;
    int status = 0;

    while (status == 0 && !ended) {
        status = next_directive(reader, &directive);
        if (status < 0)
            return status;
        if (out != NULL)
            fwrite(reader->at, 1, (size_t)(directive.begin - reader->at), out);
        if (directive.text == NULL)
            return at_else != NULL ? fail(reader, reader->at, "a block without {{end}}") : 0;
        reader->at = directive.end;
        ended = directive.word == ELSE || directive.word == END;
        if (ended && at_else != NULL)
            *at_else = directive.word == ELSE;
        if (!ended)
            status = write_directive(reader, out, &directive);
        free(directive.text);
    }
    return status;
}

int template_write(FILE *out, const struct template *template, const char *name,
                   struct error *error)
{
    struct reader reader = {
        .template = template, .part = name, .text = "", .at = "", .error = error};

    return write_part(&reader, out, name);
}

int template_text(char **text, size_t *size, const struct template *template, const char *name,
                  struct error *error)
{
    struct text_stream stream;
    int status = -ENOMEM;

    text_stream_begin(&stream);
    if (stream.file != NULL)
        status = template_write(stream.file, template, name, error);
    if (text_stream_end(&stream, text, size) < 0)
        memory_end();
    return status;
}
