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
 *   md(text)                  a text as it may stand in Markdown
 *   plain(text)               a text as a terminal may show it, without control characters
 *   plot_text(text)           a text as gnuplot can read it from CSV and draw it
 *   html(text)                a text as it may stand in HTML
 *   filled(list, figures)     the texts of a JSON array with a blank between them, "{wall}" in them
 *                             replaced by the figure `wall` of a JSON object; one that needs a
 *                             figure which is not there is left out; NULL: all are
 *   figure_text(x, unit)      x in a unit of claims.json, "276 ms"; NULL: there is no such unit */
#include <errno.h>
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

/* ---- Aggregates -------------------------------------------------------------------------- */

/* Compares the samples of the first set with those of the second; both keep their order. */
static int compare_sets(const struct gathered *all, struct ratio *ratio)
{
    double *sets = calloc(all->count, sizeof(*sets));
    size_t first = 0, next;
    int code;

    if (sets == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < all->count; i++)
        if (all->y[i] > 0)
            sets[first++] = all->x[i];
    next = first;
    for (size_t i = 0; i < all->count; i++)
        if (!(all->y[i] > 0))
            sets[next++] = all->x[i];
    code = ratio_independent(sets, first, sets + first, next - first, all->tolerance, ratio);
    free(sets);
    return code;
}

enum aggregate { AGGREGATE_SUMMARY, AGGREGATE_PAIRED, AGGREGATE_UNPAIRED, AGGREGATE_SLOPE };

static const struct aggregate_function {
    const char *name;
    int arguments;
    enum aggregate aggregate;
} aggregates[] = {
    {"summary", 1, AGGREGATE_SUMMARY},
    {"paired", 3, AGGREGATE_PAIRED},
    {"unpaired", 3, AGGREGATE_UNPAIRED},
    {"slope", 2, AGGREGATE_SLOPE},
};

/* Gives the figure of what was gathered; of nothing it is NULL. */
static void finish(sqlite3_context *context)
{
    static const enum kind kinds[] = {SUMMARY, RATIO, RATIO, LINE};
    enum aggregate aggregate =
        ((const struct aggregate_function *)sqlite3_user_data(context))->aggregate;
    struct gathered *all = sqlite3_aggregate_context(context, 0);
    struct figure figure = {.kind = kinds[aggregate]};
    int code = -EINVAL;

    if (all == NULL)
        return;
    switch (all->count > 0 ? (int)aggregate : -1) {
    case AGGREGATE_SUMMARY:
        code = stats_summarise(all->x, all->count, &figure.of.summary);
        break;
    case AGGREGATE_PAIRED:
        code = ratio_paired(all->x, all->y, all->count, all->tolerance, &figure.of.ratio);
        break;
    case AGGREGATE_UNPAIRED:
        code = compare_sets(all, &figure.of.ratio);
        break;
    case AGGREGATE_SLOPE:
        code = line_fit(all->x, all->y, all->count, &figure.of.line);
        break;
    }
    if (code == 0)
        sqlite3_result_blob(context, &figure, sizeof(figure), SQLITE_TRANSIENT);
    free(all->x);
    free(all->y);
}

/* ---- Parts of what they give ------------------------------------------------------------- */

/* A part of a figure by its name: where it stands, and whether it is a count. The first ones are
 * what tables show of a summary, by these names. */
struct part {
    const char *name;
    enum kind kind;
    size_t offset;
    bool is_count;
    const char *shown;
};

#define PART(function, kind, field, is_count, ...)                                                 \
    {                                                                                              \
        .name = (function), (kind), offsetof(struct figure, of.field), (is_count), __VA_ARGS__     \
    }

static const struct part parts[] = {
    PART("samples", SUMMARY, summary.count, true, "count"),
    PART("median", SUMMARY, summary.median, false, "median"),
    PART("low", SUMMARY, summary.interval.low, false, "low"),
    PART("high", SUMMARY, summary.interval.high, false, "high"),
    PART("least", SUMMARY, summary.min, false, "min"),
    PART("most", SUMMARY, summary.max, false, "max"),
    PART("mad", SUMMARY, summary.mad, false, "mad"),
    PART("outliers", SUMMARY, summary.outliers, true, NULL),
    PART("ratio_pairs", RATIO, ratio.count, true, NULL),
    PART("ratio", RATIO, ratio.ratio, false, NULL),
    PART("ratio_low", RATIO, ratio.interval.low, false, NULL),
    PART("ratio_high", RATIO, ratio.interval.high, false, NULL),
    PART("ratio_least", RATIO, ratio.min, false, NULL),
    PART("ratio_most", RATIO, ratio.max, false, NULL),
    PART("ratio_p", RATIO, ratio.p, false, NULL),
    PART("slope_points", LINE, line.count, true, NULL),
    PART("slope_of", LINE, line.slope, false, NULL),
    PART("slope_low", LINE, line.slope_interval.low, false, NULL),
    PART("slope_high", LINE, line.slope_interval.high, false, NULL),
    PART("intercept", LINE, line.intercept, false, NULL),
    PART("r_squared", LINE, line.r_squared, false, NULL),
};

static double value_of(const struct part *part, const struct figure *figure)
{
    const void *at = (const char *)figure + part->offset;

    return part->is_count ? (double)*(const size_t *)at : *(const double *)at;
}

static void part(sqlite3_context *context, int count, sqlite3_value **values)
{
    const struct part *part = sqlite3_user_data(context);
    struct figure figure;

    (void)count;
    if (!figure_of(values[0], part->kind, &figure))
        return;
    if (part->is_count)
        sqlite3_result_int64(context, (sqlite3_int64)value_of(part, &figure));
    else
        give_number(context, value_of(part, &figure));
}

const char *dataset_part(size_t i, const char *column, char *name)
{
    static const char *const units[] = {"_ns", "_bytes"};
    size_t length = strlen(column);
    const char *unit = "";

    for (size_t k = 0; k < COUNT_OF(units); k++)
        if (length > strlen(units[k]) && strcmp(column + length - strlen(units[k]), units[k]) == 0)
            unit = units[k];
    snprintf(name, DATASET_NAME_SIZE, "%.*s_%s%s", (int)(length - strlen(unit)), column,
             parts[i].shown, parts[i].is_count ? "" : unit);
    return parts[i].name;
}

double dataset_part_value(size_t i, const struct stats_summary *summary)
{
    const struct figure figure = {.kind = SUMMARY, .of.summary = *summary};

    return value_of(&parts[i], &figure);
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
    static const int signs[] = {
        [DIFFERENCE_LESS] = -1, [DIFFERENCE_MORE] = 1, [DIFFERENCE_EQUAL] = 0};
    struct figure figure;

    (void)count;
    if (!figure_of(values[0], RATIO, &figure))
        return;
    if (figure.of.ratio.difference != DIFFERENCE_TOO_FEW)
        sqlite3_result_int(context, signs[figure.of.ratio.difference]);
}

static void is_equal(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct figure figure;

    (void)count;
    sqlite3_result_int(context, figure_of(values[0], RATIO, &figure) &&
                                    figure.of.ratio.difference == DIFFERENCE_EQUAL);
}

/* ---- Figures as text --------------------------------------------------------------------- */

typedef void format_function(char *text, double value);

static const struct text_format {
    const char *name;
    format_function *write;
} formats[] = {
    {"duration", format_duration}, {"bytes", format_bytes}, {"count_text", format_count},
    {"change", format_change},     {"share", format_share}, {"ratio_text", format_ratio},
    {"rate", format_rate},
};

static void as_text(sqlite3_context *context, int count, sqlite3_value **values)
{
    const struct text_format *format = sqlite3_user_data(context);
    char text[FORMAT_SIZE];

    (void)count;
    format->write(text, number_of(values[0]));
    sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
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

/* "[279 ms, 285 ms]", or "279 ms … 285 ms". */
static void spread(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *unit = (const char *)sqlite3_value_text(values[1]);
    format_function *write = unit != NULL && strcmp(unit, "ns") == 0      ? format_duration
                             : unit != NULL && strcmp(unit, "bytes") == 0 ? format_bytes
                                                                          : format_count;
    double offset = count > 2 ? number_of(values[2]) : 0;
    char low[FORMAT_SIZE], high[FORMAT_SIZE];
    struct figure figure;
    const struct stats_summary *of = &figure.of.summary;
    bool known;

    if (!figure_of(values[0], SUMMARY, &figure) || !isfinite(offset)) {
        sqlite3_result_text(context, FORMAT_UNKNOWN, -1, SQLITE_STATIC);
        return;
    }
    known = stats_has_interval(&of->interval);
    write(low, (known ? of->interval.low : of->min) - offset);
    write(high, (known ? of->interval.high : of->max) - offset);
    sqlite3_result_text(context, sqlite3_mprintf(known ? "[%s, %s]" : "%s … %s", low, high), -1,
                        sqlite3_free);
}

/* Around 1, where it matters on which side, with a digit more. */
static void write_ratio(char *text, double ratio)
{
    if (ratio > 0.9 && ratio < 1.1)
        snprintf(text, FORMAT_SIZE, "%.3f", ratio);
    else
        format_ratio(text, ratio);
}

/* The extremes stand in parentheses where there is no interval; of one pair alone there are none.
 */
static void ratio_spread(sqlite3_context *context, int count, sqlite3_value **values)
{
    char middle[FORMAT_SIZE], low[FORMAT_SIZE], high[FORMAT_SIZE];
    struct figure figure;
    const struct ratio *of = &figure.of.ratio;
    bool known;

    (void)count;
    if (!figure_of(values[0], RATIO, &figure)) {
        sqlite3_result_text(context, FORMAT_UNKNOWN, -1, SQLITE_STATIC);
        return;
    }
    known = stats_has_interval(&of->interval);
    write_ratio(middle, of->ratio);
    write_ratio(low, known ? of->interval.low : of->min);
    write_ratio(high, known ? of->interval.high : of->max);
    sqlite3_result_text(context,
                        sqlite3_mprintf(known           ? "%s [%s, %s]"
                                        : of->count > 1 ? "%s (%s … %s)"
                                                        : "%s",
                                        middle, low, high),
                        -1, sqlite3_free);
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

/* A text as a terminal may show it: what could move the cursor or colour it becomes a blank. */
static void plain(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *text = (const char *)sqlite3_value_text(values[0]);
    char *copy = text != NULL ? sqlite3_mprintf("%s", text) : NULL;

    (void)count;
    for (char *at = copy; at != NULL && *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == '\x7f')
            *at = ' ';
        else if (at[0] == '\xC2' && (unsigned char)at[1] >= 0x80 && (unsigned char)at[1] < 0xA0)
            at[0] = at[1] = ' '; /* controls beyond ASCII */
    sqlite3_result_text(context, copy, -1, sqlite3_free);
}

static void md(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *text = (const char *)sqlite3_value_text(values[0]);

    (void)count;
    if (text != NULL)
        sqlite3_result_text(context, format_markdown(text), -1, sqlite3_free);
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

/* ---- Sentences of claims ------------------------------------------------------------------ */

static json_t *json_of(sqlite3_value *value)
{
    const char *text = (const char *)sqlite3_value_text(value);

    return text != NULL ? json_loads(text, 0, NULL) : NULL;
}

/* NULL: there is none of that name. */
static const char *named_figure(const json_t *figures, const char *name, size_t length)
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
        figure = end != NULL ? named_figure(figures, open + 1, (size_t)(end - open) - 1) : NULL;
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
} claim_units[] = {
    {"s", 1e9, format_duration, ""},  {"MB", 1e6, format_bytes, ""},
    {"count", 1, format_count, ""},   {"ratio", 1, format_ratio, " : 1"},
    {"times", 1, format_ratio, " ×"}, {"share", 1, format_share, ""},
};

static void figure_text(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *unit = (const char *)sqlite3_value_text(values[1]);
    char text[FORMAT_SIZE];

    (void)count;
    for (size_t i = 0; unit != NULL && i < COUNT_OF(claim_units); i++)
        if (strcmp(claim_units[i].name, unit) == 0) {
            claim_units[i].format(text, sqlite3_value_double(values[0]) * claim_units[i].scale);
            sqlite3_result_text(context, sqlite3_mprintf("%s%s", text, claim_units[i].suffix), -1,
                                sqlite3_free);
        }
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
    {"plot_text", 1, plot_text},
    {"filled", 2, filled},
    {"figure_text", 2, figure_text},
};

#define FLAGS (SQLITE_UTF8 | SQLITE_DETERMINISTIC)

int dataset_register_functions(sqlite3 *db)
{
    int code = SQLITE_OK;

    for (size_t i = 0; code == SQLITE_OK && i < COUNT_OF(functions); i++)
        code = sqlite3_create_function(db, functions[i].name, functions[i].arguments, FLAGS, NULL,
                                       functions[i].call, NULL, NULL);
    for (size_t i = 0; code == SQLITE_OK && i < COUNT_OF(aggregates); i++)
        code = sqlite3_create_function(db, aggregates[i].name, aggregates[i].arguments, FLAGS,
                                       (void *)&aggregates[i], NULL, gather, finish);
    for (size_t i = 0; code == SQLITE_OK && i < COUNT_OF(parts); i++)
        code = sqlite3_create_function(db, parts[i].name, 1, FLAGS, (void *)&parts[i], part, NULL,
                                       NULL);
    for (size_t i = 0; code == SQLITE_OK && i < COUNT_OF(formats); i++)
        code = sqlite3_create_function(db, formats[i].name, 1, FLAGS, (void *)&formats[i], as_text,
                                       NULL, NULL);
    return code;
}
