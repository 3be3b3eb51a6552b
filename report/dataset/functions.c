/* The functions that views.sql uses beside SQLite's own: statistics by common/, and figures as
 * text.
 *
 *   number(x)                 x where it is a number from 0 to 1e18, else NULL
 *   string(x)                 x where it is a text, else NULL
 *   summary(x)                aggregate: a summary of all x, as a blob; NULL where there is none
 *   median(s) low(s) high(s) least(s) most(s) mad(s) samples(s) outliers(s)   of a summary
 *   is_outlier(s, x)          whether x is one of those that are summarised in s
 *   paired(a, b, tolerance)           aggregate over pairs: their ratio, as a blob
 *   unpaired(x, first, tolerance)     aggregate over samples, of the first set where `first` is 1
 *   ratio(r) ratio_low(r) ratio_high(r) ratio_least(r) ratio_most(r) ratio_p(r) ratio_pairs(r)
 *   difference(r)             -1 less, 0 equal in practice or not clear, 1 more, NULL too few
 *   is_equal(r)               whether it is equal in practice: all of it within the tolerance
 *   slope(x, y)               aggregate: a line through the points, as a blob
 *   slope_of(l) slope_low(l) slope_high(l) intercept(l) r_squared(l) slope_points(l)
 *   duration(ns) bytes(b) count_text(n) change(share) share(share) ratio_text(r) rate(n)
 *   short(text)               a formatted figure without the zeros behind its point
 *   spread(s, unit [, offset])        "[279 ms, 285 ms]", or "279 ms … 285 ms" where there is no
 *                             interval; less `offset`. The unit is 'ns', 'bytes' or '' (a count)
 *   ratio_spread(r)           "2.31 [2.28, 2.35]"; around 1 with a digit more
 *   cut(text, bytes)          at most so many bytes of a text, never ending inside a character
 *   lane_name(text)           the short name of a lane: "/opt/x/lane-go" is "go"
 *   joined(json)              the texts of a JSON array with "; " between them
 *   md(text)                  a text as it may stand in Markdown
 *   plain(text)               a text as a terminal may show it, without control characters
 *   plot_text(text)           a text as gnuplot can read it from CSV and draw it
 *   html(text)                a text as it may stand in HTML */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/count.h"
#include "common/line_fit.h"
#include "common/ratio.h"
#include "common/stats.h"
#include "report/dataset/dataset.h"
#include "report/format.h"
#include "report/markdown.h"

#define NUMBER_MAX 1e18

/* ---- Values ------------------------------------------------------------------------------ */

static bool is_number(sqlite3_value *value)
{
    int type = sqlite3_value_type(value);

    return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

/* NAN where it is none. */
static double number_of(sqlite3_value *value)
{
    return is_number(value) ? sqlite3_value_double(value) : NAN;
}

/* What is not finite is NULL. */
static void give_number(sqlite3_context *context, double value)
{
    if (isfinite(value))
        sqlite3_result_double(context, value);
}

static void number(sqlite3_context *context, int count, sqlite3_value **values)
{
    double value = number_of(values[0]);

    (void)count;
    if (value >= 0 && value <= NUMBER_MAX)
        sqlite3_result_value(context, values[0]);
}

static void string(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    if (sqlite3_value_type(values[0]) == SQLITE_TEXT)
        sqlite3_result_value(context, values[0]);
}

/* ---- What aggregates gather -------------------------------------------------------------- */

/* Samples, or points with an x and a y. */
struct gathered {
    double *x, *y;
    size_t count, room;
    double tolerance;
};

static bool make_room(struct gathered *all)
{
    size_t room = all->room > 0 ? 2 * all->room : 16;
    double *x = realloc(all->x, room * sizeof(*x)), *y;

    if (x == NULL)
        return false;
    all->x = x;
    y = realloc(all->y, room * sizeof(*y));
    if (y == NULL)
        return false;
    all->y = y;
    all->room = room;
    return true;
}

static void gather(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct gathered *all = sqlite3_aggregate_context(context, sizeof(*all));
    double x = number_of(values[0]), y = count > 1 ? number_of(values[1]) : 0;

    if (all == NULL || !isfinite(x) || !isfinite(y))
        return;
    if (all->count == all->room && !make_room(all)) {
        sqlite3_result_error_nomem(context);
        return;
    }
    all->tolerance = count > 2 ? number_of(values[2]) : 0;
    all->x[all->count] = x;
    all->y[all->count++] = y;
}

/* What was gathered, or NULL; to be given back with release(). */
static struct gathered *gathered(sqlite3_context *context)
{
    struct gathered *all = sqlite3_aggregate_context(context, 0);

    return all != NULL && all->count > 0 ? all : NULL;
}

static void release(struct gathered *all)
{
    free(all->x);
    free(all->y);
}

/* A result of an aggregate is a blob that holds one of these. */
enum kind { SUMMARY = 1, RATIO, LINE };

struct figure {
    enum kind kind;
    union {
        struct stats_summary summary;
        struct ratio ratio;
        struct line_fit line;
    } of;
};

static void give_figure(sqlite3_context *context, const struct figure *figure)
{
    sqlite3_result_blob(context, figure, sizeof(*figure), SQLITE_TRANSIENT);
}

/* Returns whether the value holds a figure of that kind, and copies it: a blob need not be
 * aligned. */
static bool figure_of(sqlite3_value *value, enum kind kind, struct figure *figure)
{
    if (sqlite3_value_type(value) != SQLITE_BLOB ||
        sqlite3_value_bytes(value) != (int)sizeof(*figure))
        return false;
    memcpy(figure, sqlite3_value_blob(value), sizeof(*figure));
    return figure->kind == kind;
}

bool dataset_summary(sqlite3_stmt *row, int column, struct stats_summary *summary)
{
    struct figure figure;
    bool is_one = figure_of(sqlite3_column_value(row, column), SUMMARY, &figure);

    if (is_one)
        *summary = figure.of.summary;
    return is_one;
}

void dataset_part_name(char *text, const char *column, const char *part, bool has_unit)
{
    static const char *const units[] = {"_ns", "_bytes"};
    size_t length = strlen(column);
    const char *unit = "";

    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (length > strlen(units[i]) && strcmp(column + length - strlen(units[i]), units[i]) == 0)
            unit = units[i];
    snprintf(text, DATASET_NAME_SIZE, "%.*s_%s%s", (int)(length - strlen(unit)), column, part,
             has_unit ? unit : "");
}

/* ---- Aggregates -------------------------------------------------------------------------- */

static void summary(sqlite3_context *context)
{
    struct gathered *all = gathered(context);
    struct figure figure = {.kind = SUMMARY};

    if (all == NULL)
        return;
    if (stats_summarise(all->x, all->count, &figure.of.summary) == 0)
        give_figure(context, &figure);
    release(all);
}

static void paired(sqlite3_context *context)
{
    struct gathered *all = gathered(context);
    struct figure figure = {.kind = RATIO};

    if (all == NULL)
        return;
    if (ratio_paired(all->x, all->y, all->count, all->tolerance, &figure.of.ratio) == 0)
        give_figure(context, &figure);
    release(all);
}

/* The samples of the first set, then those of the second; both keep their order. Returns how many
 * the first are. */
static size_t part_sets(const struct gathered *all, double *sets)
{
    size_t first = 0, next;

    for (size_t i = 0; i < all->count; i++)
        if (all->y[i] > 0)
            sets[first++] = all->x[i];
    next = first;
    for (size_t i = 0; i < all->count; i++)
        if (!(all->y[i] > 0))
            sets[next++] = all->x[i];
    return first;
}

static void unpaired(sqlite3_context *context)
{
    struct gathered *all = gathered(context);
    double *sets = all != NULL ? calloc(all->count, sizeof(*sets)) : NULL;
    struct figure figure = {.kind = RATIO};
    size_t first;

    if (sets != NULL) {
        first = part_sets(all, sets);
        if (ratio_independent(sets, first, sets + first, all->count - first, all->tolerance,
                              &figure.of.ratio) == 0)
            give_figure(context, &figure);
    }
    free(sets);
    if (all != NULL)
        release(all);
}

static void slope(sqlite3_context *context)
{
    struct gathered *all = gathered(context);
    struct figure figure = {.kind = LINE};

    if (all == NULL)
        return;
    if (line_fit(all->x, all->y, all->count, &figure.of.line) == 0)
        give_figure(context, &figure);
    release(all);
}

/* ---- Parts of what they give ------------------------------------------------------------- */

/* A part of a figure by its name: where it stands, and whether it is a count. */
struct part {
    const char *name;
    enum kind kind;
    size_t offset;
    bool is_count;
};

#define PART(name, kind, field)                                                                    \
    {                                                                                              \
        (name), (kind), offsetof(struct figure, of.field), false                                   \
    }
#define COUNT(name, kind, field)                                                                   \
    {                                                                                              \
        (name), (kind), offsetof(struct figure, of.field), true                                    \
    }

static struct part parts[] = {
    COUNT("samples", SUMMARY, summary.count),
    PART("least", SUMMARY, summary.min),
    PART("median", SUMMARY, summary.median),
    PART("most", SUMMARY, summary.max),
    PART("mad", SUMMARY, summary.mad),
    PART("low", SUMMARY, summary.interval.low),
    PART("high", SUMMARY, summary.interval.high),
    COUNT("outliers", SUMMARY, summary.outliers),
    COUNT("ratio_pairs", RATIO, ratio.count),
    PART("ratio", RATIO, ratio.ratio),
    PART("ratio_low", RATIO, ratio.interval.low),
    PART("ratio_high", RATIO, ratio.interval.high),
    PART("ratio_least", RATIO, ratio.min),
    PART("ratio_most", RATIO, ratio.max),
    PART("ratio_p", RATIO, ratio.p),
    COUNT("slope_points", LINE, line.count),
    PART("slope_of", LINE, line.slope),
    PART("slope_low", LINE, line.slope_interval.low),
    PART("slope_high", LINE, line.slope_interval.high),
    PART("intercept", LINE, line.intercept),
    PART("r_squared", LINE, line.r_squared),
};

static void part(sqlite3_context *context, int count, sqlite3_value **values)
{
    const struct part *part = sqlite3_user_data(context);
    struct figure figure;
    const char *at = (const char *)&figure + part->offset;
    size_t whole;
    double value;

    (void)count;
    if (!figure_of(values[0], part->kind, &figure))
        return;
    if (part->is_count) {
        memcpy(&whole, at, sizeof(whole));
        sqlite3_result_int64(context, (sqlite3_int64)whole);
    } else {
        memcpy(&value, at, sizeof(value));
        give_number(context, value);
    }
}

static void is_outlier(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct figure figure;
    double value = number_of(values[1]);

    (void)count;
    sqlite3_result_int(context, figure_of(values[0], SUMMARY, &figure) && isfinite(value) &&
                                    stats_is_outlier(&figure.of.summary, value));
}

static void difference(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct figure figure;

    (void)count;
    if (!figure_of(values[0], RATIO, &figure))
        return;
    switch (figure.of.ratio.difference) {
    case DIFFERENCE_LESS:
        sqlite3_result_int(context, -1);
        break;
    case DIFFERENCE_UNCLEAR:
    case DIFFERENCE_EQUAL:
        sqlite3_result_int(context, 0);
        break;
    case DIFFERENCE_MORE:
        sqlite3_result_int(context, 1);
        break;
    case DIFFERENCE_TOO_FEW:
        break;
    }
}

static void is_equal(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct figure figure;

    (void)count;
    sqlite3_result_int(context, figure_of(values[0], RATIO, &figure) &&
                                    figure.of.ratio.difference == DIFFERENCE_EQUAL);
}

/* ---- Figures as text --------------------------------------------------------------------- */

typedef void format_function(FILE *out, double value);

/* So that a pointer to a function fits into SQLite's pointers to data. */
struct text_format {
    format_function *write;
};

static void give_text(sqlite3_context *context, FILE *out, char **text)
{
    if (out != NULL && fclose(out) == 0)
        sqlite3_result_text(context, *text, -1, SQLITE_TRANSIENT);
    else
        sqlite3_result_error_nomem(context);
    free(*text);
}

static void as_text(sqlite3_context *context, int count, sqlite3_value **values)
{
    const struct text_format *format = sqlite3_user_data(context);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)count;
    if (out != NULL)
        format->write(out, number_of(values[0]));
    give_text(context, out, &text);
}

/* "1 s" in place of "1.00 s". */
static void short_text(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *text = (const char *)sqlite3_value_text(values[0]);
    const char *point = text != NULL ? strchr(text, '.') : NULL, *end, *last;

    (void)count;
    if (point == NULL) {
        sqlite3_result_value(context, values[0]);
        return;
    }
    end = point + 1 + strspn(point + 1, "0123456789");
    for (last = end; last[-1] == '0'; last--)
        ;
    if (last[-1] == '.')
        last--;
    sqlite3_result_text(context, sqlite3_mprintf("%.*s%s", (int)(last - text), text, end), -1,
                        sqlite3_free);
}

static format_function *format_of(const char *unit)
{
    static const struct {
        const char *unit;
        format_function *write;
    } units[] = {{"ns", format_duration}, {"bytes", format_bytes}};

    for (size_t i = 0; unit != NULL && i < COUNT_OF(units); i++)
        if (strcmp(units[i].unit, unit) == 0)
            return units[i].write;
    return format_count;
}

/* "[279 ms, 285 ms]", or "279 ms … 285 ms". */
static void write_spread(FILE *out, const struct stats_summary *summary, double offset,
                         format_function *write)
{
    bool known = stats_has_interval(&summary->interval);

    fputs(known ? "[" : "", out);
    write(out, (known ? summary->interval.low : summary->min) - offset);
    fputs(known ? ", " : " … ", out);
    write(out, (known ? summary->interval.high : summary->max) - offset);
    fputs(known ? "]" : "", out);
}

static void spread(sqlite3_context *context, int count, sqlite3_value **values)
{
    double offset = count > 2 ? number_of(values[2]) : 0;
    struct figure figure;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out != NULL && figure_of(values[0], SUMMARY, &figure) && isfinite(offset))
        write_spread(out, &figure.of.summary, offset,
                     format_of((const char *)sqlite3_value_text(values[1])));
    else if (out != NULL)
        fputs(FORMAT_UNKNOWN, out);
    give_text(context, out, &text);
}

/* Around 1, where it matters on which side, with a digit more. */
static void write_ratio(FILE *out, double ratio)
{
    if (ratio > 0.9 && ratio < 1.1)
        fprintf(out, "%.3f", ratio);
    else
        format_ratio(out, ratio);
}

/* The extremes stand in parentheses where there is no interval; of one pair alone there are none.
 */
static void write_ratio_spread(FILE *out, const struct ratio *ratio)
{
    bool known = stats_has_interval(&ratio->interval);

    write_ratio(out, ratio->ratio);
    if (!known && ratio->count < 2)
        return;
    fputs(known ? " [" : " (", out);
    write_ratio(out, known ? ratio->interval.low : ratio->min);
    fputs(known ? ", " : " … ", out);
    write_ratio(out, known ? ratio->interval.high : ratio->max);
    fputs(known ? "]" : ")", out);
}

static void ratio_spread(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct figure figure;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)count;
    if (out != NULL && figure_of(values[0], RATIO, &figure))
        write_ratio_spread(out, &figure.of.ratio);
    else if (out != NULL)
        fputs(FORMAT_UNKNOWN, out);
    give_text(context, out, &text);
}

static void cut(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *text = (const char *)sqlite3_value_text(values[0]);
    int limit = sqlite3_value_int(values[1]);

    (void)count;
    if (text != NULL && limit >= 0)
        sqlite3_result_text(context, text, (int)format_cut(text, (size_t)limit), SQLITE_TRANSIENT);
}

/* The short name of a lane, which a plan may name by its path: "/opt/x/lane-go" is "go". */
static void lane_name(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *name = (const char *)sqlite3_value_text(values[0]);
    const char *slash = name != NULL ? strrchr(name, '/') : NULL;

    (void)count;
    if (slash != NULL)
        name = slash + 1;
    if (name != NULL && strncmp(name, "lane-", 5) == 0)
        name += 5;
    sqlite3_result_text(context, name, -1, SQLITE_TRANSIENT);
}

/* A text as gnuplot can read it from CSV and draw it: without control characters, which XML does
 * not allow either, nor its two non-characters; a comma and a double quote, at which gnuplot would
 * end the text, and a backslash, which it takes for more than that, become characters that look
 * alike. What is no text stays what it is. */
static void plot_text(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *at = (const char *)sqlite3_value_text(values[0]);
    sqlite3_str *text;

    (void)count;
    if (sqlite3_value_type(values[0]) != SQLITE_TEXT) {
        sqlite3_result_value(context, values[0]);
        return;
    }
    for (text = sqlite3_str_new(NULL); *at != '\0'; at++) {
        if (strncmp(at, "\xEF\xBF\xBE", 3) == 0 || strncmp(at, "\xEF\xBF\xBF", 3) == 0)
            at += 2;
        else if (*at == ',' || *at == '"' || *at == '\\')
            sqlite3_str_appendall(text, *at == ',' ? "\u201A" : *at == '"' ? "\u201D" : "\u2216");
        else
            sqlite3_str_appendchar(text, 1, (unsigned char)*at < ' ' || *at == 0x7f ? ' ' : *at);
    }
    sqlite3_result_text(context, sqlite3_str_finish(text), -1, sqlite3_free);
}

/* The texts of a JSON array, one after the other; NULL where it has none. */
static void joined(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *text = (const char *)sqlite3_value_text(values[0]);
    json_t *list = text != NULL ? json_loads(text, 0, NULL) : NULL, *entry;
    sqlite3_str *all = sqlite3_str_new(NULL);
    size_t i;

    (void)count;
    json_array_foreach(list, i, entry)
    {
        if (json_is_string(entry))
            sqlite3_str_appendf(all, "%s%s", i > 0 ? "; " : "", json_string_value(entry));
    }
    json_decref(list);
    sqlite3_result_text(context, sqlite3_str_finish(all), -1, sqlite3_free);
}

/* A text as a terminal may show it: what could move the cursor or colour it becomes a blank. */
static void plain(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *text = (const char *)sqlite3_value_text(values[0]);
    char *copy = text != NULL ? sqlite3_mprintf("%s", text) : NULL;

    (void)count;
    for (char *at = copy; at != NULL && *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == '\x7f')
            *at = ' ';
    sqlite3_result_text(context, copy, -1, sqlite3_free);
}

static void md(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *value = (const char *)sqlite3_value_text(values[0]);
    char *text = NULL;
    size_t size;
    FILE *out;

    (void)count;
    if (value == NULL)
        return;
    out = open_memstream(&text, &size);
    if (out != NULL)
        markdown_text(out, value);
    give_text(context, out, &text);
}

static void html(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *at = (const char *)sqlite3_value_text(values[0]);
    sqlite3_str *text = sqlite3_str_new(NULL);

    (void)count;
    for (; at != NULL && *at != '\0'; at++)
        sqlite3_str_appendall(text, *at == '&'                 ? "&amp;"
                                    : *at == '<'               ? "&lt;"
                                    : *at == '>'               ? "&gt;"
                                    : *at == '"'               ? "&quot;"
                                    : (unsigned char)*at < ' ' ? " "
                                                               : (char[]){*at, '\0'});
    sqlite3_result_text(context, sqlite3_str_finish(text), -1, sqlite3_free);
}

/* ---- All of them ------------------------------------------------------------------------- */

typedef void function(sqlite3_context *, int, sqlite3_value **);

static const struct {
    const char *name;
    int arguments;
    function *call;
} functions[] = {
    {"number", 1, number},
    {"string", 1, string},
    {"is_outlier", 2, is_outlier},
    {"difference", 1, difference},
    {"is_equal", 1, is_equal},
    {"cut", 2, cut},
    {"md", 1, md},
    {"html", 1, html},
    {"spread", 2, spread},
    {"spread", 3, spread},
    {"ratio_spread", 1, ratio_spread},
    {"short", 1, short_text},
    {"lane_name", 1, lane_name},
    {"plain", 1, plain},
    {"joined", 1, joined},
    {"plot_text", 1, plot_text},
};

static const struct {
    const char *name;
    int arguments;
    void (*result)(sqlite3_context *);
} aggregates[] = {
    {"summary", 1, summary},
    {"paired", 3, paired},
    {"unpaired", 3, unpaired},
    {"slope", 2, slope},
};

static struct {
    const char *name;
    struct text_format format;
} formats[] = {
    {"duration", {format_duration}}, {"bytes", {format_bytes}}, {"count_text", {format_count}},
    {"change", {format_change}},     {"share", {format_share}}, {"ratio_text", {format_ratio}},
    {"rate", {format_rate}},
};

#define FLAGS (SQLITE_UTF8 | SQLITE_DETERMINISTIC)

int dataset_register_functions(sqlite3 *db)
{
    int code = SQLITE_OK;

    for (size_t i = 0; code == SQLITE_OK && i < COUNT_OF(functions); i++)
        code = sqlite3_create_function(db, functions[i].name, functions[i].arguments, FLAGS, NULL,
                                       functions[i].call, NULL, NULL);
    for (size_t i = 0; code == SQLITE_OK && i < COUNT_OF(aggregates); i++)
        code = sqlite3_create_function(db, aggregates[i].name, aggregates[i].arguments, FLAGS, NULL,
                                       NULL, gather, aggregates[i].result);
    for (size_t i = 0; code == SQLITE_OK && i < COUNT_OF(parts); i++)
        code = sqlite3_create_function(db, parts[i].name, 1, FLAGS, &parts[i], part, NULL, NULL);
    for (size_t i = 0; code == SQLITE_OK && i < COUNT_OF(formats); i++)
        code = sqlite3_create_function(db, formats[i].name, 1, FLAGS, &formats[i].format, as_text,
                                       NULL, NULL);
    return code;
}
