/* The functions that views.sql uses beside SQLite's own: statistics by common/, and figures as
 * text.
 *
 *   number(x)                 x where it is a number from 0 to 1e18, else NULL
 *   string(x)                 x where it is a text, else NULL
 *   summary(x [, run])        aggregate: a summary of all x, as a blob; NULL where there is none.
 *                             Of several runs, here and below, the intervals are of the runs
 *   median(s) low(s) high(s) least(s) most(s) mad(s) samples(s) outliers(s)   of a summary
 *   is_outlier(s, x)          whether x is one of those that are summarised in s
 *   paired(a, b, tolerance [, run])   aggregate over pairs: their ratio, as a blob
 *   unpaired(x, first, tolerance [, run])   aggregate over samples, of the first set where `first`
 *                             is 1
 *   ratio(r) ratio_low(r) ratio_high(r) ratio_least(r) ratio_most(r) ratio_p(r) ratio_pairs(r)
 *   ratio_p_beyond(r)         of its parts
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
#include "report/memory.h"

#define NUMBER_MAX 1e18

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

struct samples {
    double *values, *runs;
    size_t count, room;
};

/* What an aggregate gathers: the x and the y of points, or two sets of samples. */
struct gathered {
    struct samples x, y;
    double tolerance;
};

/* A function of SQL. SQLite hands it to each of the functions below as their user data. */
struct function {
    const char *name;
    int arguments;
    void (*call)(sqlite3_context *context, sqlite3_value **values); /* NULL: an aggregate */
    /* An aggregate, over points or over samples of two sets: what comes of them. Returns 0, or a
     * negative errno: there is none. */
    int (*conclude)(const struct gathered *all, struct figure *figure);
    bool of_sets, of_runs; /* of_runs: its last argument is the run */
    enum kind kind; /* of the figure that an aggregate gives, or that a part is taken from: */
    size_t offset;  /* where the part stands */
    bool is_count;
    const char *shown;                    /* what tables call it */
    void (*format)(char *text, double x); /* of a figure as text */
    char *(*translate)(const char *text); /* of a text; to be freed with sqlite3_free() */
};

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

/* NULL where there is none. */
static const char *text_of(sqlite3_value *value)
{
    return (const char *)sqlite3_value_text(value);
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

bool dataset_is_summary(sqlite3_stmt *row, int column)
{
    struct figure figure;

    return figure_of(sqlite3_column_value(row, column), SUMMARY, &figure);
}

/* Takes the text, which sqlite3_mprintf() or the like made. */
static void give_text(sqlite3_context *context, char *text)
{
    sqlite3_result_text(context, text, -1, sqlite3_free);
}

static void number(sqlite3_context *context, sqlite3_value **values)
{
    double value = number_of(values[0]);

    if (value >= 0 && value <= NUMBER_MAX)
        sqlite3_result_value(context, values[0]);
}

static void string(sqlite3_context *context, sqlite3_value **values)
{
    if (sqlite3_value_type(values[0]) == SQLITE_TEXT)
        sqlite3_result_value(context, values[0]);
}

/* ---- Aggregates -------------------------------------------------------------------------- */

static bool grow(double **values, size_t room)
{
    double *grown = realloc(*values, room * sizeof(*grown));

    if (grown != NULL)
        *values = grown;
    return grown != NULL;
}

static bool add(struct samples *samples, double value, double run)
{
    if (samples->count == samples->room) {
        size_t room = 2 * samples->room + 16;

        if (!grow(&samples->values, room) || !grow(&samples->runs, room))
            return false;
        samples->room = room;
    }
    samples->runs[samples->count] = run;
    samples->values[samples->count++] = value;
    return true;
}

/* Sets are told apart by the second argument. */
static void gather(sqlite3_context *context, int count, sqlite3_value **values)
{
    const struct function *function = sqlite3_user_data(context);
    struct gathered *all = sqlite3_aggregate_context(context, sizeof(*all));
    double run = function->of_runs ? number_of(values[--count]) : 0;
    double x = number_of(values[0]), y = count > 1 ? number_of(values[1]) : 0;
    bool added;

    if (all == NULL || !isfinite(x) || !isfinite(y) || !isfinite(run))
        return;
    added = function->of_sets ? add(y > 0 ? &all->x : &all->y, x, run)
                              : add(&all->x, x, run) && add(&all->y, y, run);
    if (!added)
        memory_end();
    all->tolerance = count > 2 ? number_of(values[2]) : 0;
}

static int summarise(const struct gathered *all, struct figure *figure)
{
    return stats_summarise(all->x.values, all->x.runs, all->x.count, &figure->of.summary);
}

static int compare_pairs(const struct gathered *all, struct figure *figure)
{
    return ratio_paired(all->x.values, all->y.values, all->x.runs, all->x.count, all->tolerance,
                        &figure->of.ratio);
}

static int compare_sets(const struct gathered *all, struct figure *figure)
{
    return ratio_independent(all->x.values, all->x.runs, all->x.count, all->y.values, all->y.runs,
                             all->y.count, all->tolerance, &figure->of.ratio);
}

static int fit(const struct gathered *all, struct figure *figure)
{
    return line_fit(all->x.values, all->y.values, all->x.count, &figure->of.line);
}

/* Gives the figure of what was gathered; of nothing it is NULL. */
static void finish(sqlite3_context *context)
{
    const struct function *function = sqlite3_user_data(context);
    struct gathered *all = sqlite3_aggregate_context(context, 0);
    struct figure figure = {.kind = function->kind};
    int code;

    if (all == NULL)
        return;
    code = function->conclude(all, &figure);
    if (code == -ENOMEM)
        memory_end();
    if (code == 0)
        sqlite3_result_blob(context, &figure, sizeof(figure), SQLITE_TRANSIENT);
    free(all->x.values);
    free(all->x.runs);
    free(all->y.values);
    free(all->y.runs);
}

/* ---- Parts of what they give ------------------------------------------------------------- */

static double value_of(const struct function *part, const struct figure *figure)
{
    const void *at = (const char *)figure + part->offset;

    return part->is_count ? (double)*(const size_t *)at : *(const double *)at;
}

/* What is not finite is NULL. */
static void part(sqlite3_context *context, sqlite3_value **values)
{
    const struct function *part = sqlite3_user_data(context);
    struct figure figure;
    double value = figure_of(values[0], part->kind, &figure) ? value_of(part, &figure) : NAN;

    if (isfinite(value) && part->is_count)
        sqlite3_result_int64(context, (sqlite3_int64)value);
    else if (isfinite(value))
        sqlite3_result_double(context, value);
}

static void is_outlier(sqlite3_context *context, sqlite3_value **values)
{
    struct figure figure;
    double value = number_of(values[1]);

    sqlite3_result_int(context, figure_of(values[0], SUMMARY, &figure) && isfinite(value) &&
                                    stats_is_outlier(&figure.of.summary, value));
}

static void difference(sqlite3_context *context, sqlite3_value **values)
{
    static const int signs[] = {
        [DIFFERENCE_LESS] = -1, [DIFFERENCE_MORE] = 1, [DIFFERENCE_EQUAL] = 0};
    struct figure figure;

    if (figure_of(values[0], RATIO, &figure) && figure.of.ratio.difference != DIFFERENCE_TOO_FEW)
        sqlite3_result_int(context, signs[figure.of.ratio.difference]);
}

static void is_equal(sqlite3_context *context, sqlite3_value **values)
{
    struct figure figure;

    sqlite3_result_int(context, figure_of(values[0], RATIO, &figure) &&
                                    figure.of.ratio.difference == DIFFERENCE_EQUAL);
}

/* ---- Figures as text --------------------------------------------------------------------- */

static void as_text(sqlite3_context *context, sqlite3_value **values)
{
    const struct function *function = sqlite3_user_data(context);
    char text[FORMAT_SIZE];

    function->format(text, number_of(values[0]));
    sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

/* "[279 ms, 285 ms]", or "279 ms … 285 ms". */
static void spread(sqlite3_context *context, sqlite3_value **values)
{
    const char *unit = text_of(values[1]);
    void (*format)(char *, double) = unit != NULL && strcmp(unit, "ns") == 0      ? format_duration
                                     : unit != NULL && strcmp(unit, "bytes") == 0 ? format_bytes
                                                                                  : format_count;
    bool has_offset = ((const struct function *)sqlite3_user_data(context))->arguments > 2;
    double offset = has_offset ? number_of(values[2]) : 0;
    char low[FORMAT_SIZE], high[FORMAT_SIZE];
    struct figure figure;
    const struct stats_summary *of = &figure.of.summary;
    bool known;

    if (!figure_of(values[0], SUMMARY, &figure) || !isfinite(offset)) {
        sqlite3_result_text(context, FORMAT_UNKNOWN, -1, SQLITE_STATIC);
        return;
    }
    known = stats_has_interval(&of->interval);
    format(low, (known ? of->interval.low : of->min) - offset);
    format(high, (known ? of->interval.high : of->max) - offset);
    give_text(context, sqlite3_mprintf(known ? "[%s, %s]" : "%s … %s", low, high));
}

/* Around 1, where it matters on which side, with a digit more. */
static void format_ratio_around_1(char *text, double ratio)
{
    if (ratio > 0.9 && ratio < 1.1)
        snprintf(text, FORMAT_SIZE, "%.3f", ratio);
    else
        format_ratio(text, ratio);
}

/* The extremes stand in parentheses where there is no interval; of one pair alone there are none.
 */
static void ratio_spread(sqlite3_context *context, sqlite3_value **values)
{
    char middle[FORMAT_SIZE], low[FORMAT_SIZE], high[FORMAT_SIZE];
    struct figure figure;
    const struct ratio *of = &figure.of.ratio;
    bool known;

    if (!figure_of(values[0], RATIO, &figure)) {
        sqlite3_result_text(context, FORMAT_UNKNOWN, -1, SQLITE_STATIC);
        return;
    }
    known = stats_has_interval(&of->interval);
    format_ratio_around_1(middle, of->ratio);
    format_ratio_around_1(low, known ? of->interval.low : of->min);
    format_ratio_around_1(high, known ? of->interval.high : of->max);
    give_text(context, sqlite3_mprintf(known           ? "%s [%s, %s]"
                                       : of->count > 1 ? "%s (%s … %s)"
                                                       : "%s",
                                       middle, low, high));
}

/* ---- Texts ------------------------------------------------------------------------------- */

/* A number stays what it is. */
static void translate(sqlite3_context *context, sqlite3_value **values)
{
    const struct function *function = sqlite3_user_data(context);

    if (is_number(values[0]))
        sqlite3_result_value(context, values[0]);
    else if (text_of(values[0]) != NULL)
        give_text(context, function->translate(text_of(values[0])));
}

/* "1 s" in place of "1.00 s". */
static char *short_text(const char *text)
{
    const char *point = text + strcspn(text, "."), *end = point, *last;

    if (*point == '.')
        end += 1 + strspn(point + 1, "0123456789");
    for (last = end; last > point && last[-1] == '0'; last--)
        ;
    if (last == point + 1)
        last--;
    return sqlite3_mprintf("%.*s%s", (int)(last - text), text, end);
}

/* The short name of a lane, which a plan may name by its path: "/opt/x/lane-go" is "go". */
static char *lane_name(const char *text)
{
    const char *slash = strrchr(text, '/'), *name = slash != NULL ? slash + 1 : text;

    return sqlite3_mprintf("%s", name + (strncmp(name, "lane-", 5) == 0 ? 5 : 0));
}

static void cut(sqlite3_context *context, sqlite3_value **values)
{
    const char *text = text_of(values[0]);
    int limit = sqlite3_value_int(values[1]);

    if (text != NULL && limit >= 0)
        sqlite3_result_text(context, text, (int)format_cut(text, (size_t)limit), SQLITE_TRANSIENT);
}

/* ---- Sentences of claims ------------------------------------------------------------------ */

static json_t *json_of(sqlite3_value *value)
{
    return text_of(value) != NULL ? json_loads(text_of(value), 0, NULL) : NULL;
}

/* The sentence with its figures, to be freed with sqlite3_free(); NULL where it lacks one. */
static char *fill(const char *sentence, const json_t *figures)
{
    sqlite3_str *out = sqlite3_str_new(NULL);
    const char *open, *end, *figure = "";

    while (figure != NULL && (open = strchr(sentence, '{')) != NULL) {
        end = strchr(open, '}');
        figure =
            end != NULL
                ? json_string_value(json_object_getn(figures, open + 1, (size_t)(end - open) - 1))
                : NULL;
        if (figure != NULL) {
            sqlite3_str_append(out, sentence, (int)(open - sentence));
            sqlite3_str_appendall(out, figure);
            sentence = end + 1;
        }
    }
    sqlite3_str_appendall(out, sentence);
    if (figure != NULL)
        return sqlite3_str_finish(out);
    sqlite3_free(sqlite3_str_finish(out));
    return NULL;
}

static void filled(sqlite3_context *context, sqlite3_value **values)
{
    json_t *sentences = json_of(values[0]), *figures = json_of(values[1]), *sentence;
    sqlite3_str *all = sqlite3_str_new(NULL);
    const char *blank = "";
    size_t i;

    json_array_foreach(sentences, i, sentence)
    {
        const char *text = json_string_value(sentence);
        char *whole = text != NULL ? fill(text, figures) : NULL;

        if (whole != NULL) {
            sqlite3_str_appendall(all, blank);
            sqlite3_str_appendall(all, whole);
            blank = " ";
        }
        sqlite3_free(whole);
    }
    give_text(context, sqlite3_str_finish(all));
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

static void figure_text(sqlite3_context *context, sqlite3_value **values)
{
    const char *unit = text_of(values[1]);
    char text[FORMAT_SIZE];

    for (size_t i = 0; unit != NULL && i < COUNT_OF(claim_units); i++)
        if (strcmp(claim_units[i].name, unit) == 0) {
            claim_units[i].format(text, sqlite3_value_double(values[0]) * claim_units[i].scale);
            give_text(context, sqlite3_mprintf("%s%s", text, claim_units[i].suffix));
        }
}

/* ---- All of them ------------------------------------------------------------------------- */

/* What is the same of a function in each of these groups, behind its name. */
#define PART(of_kind, field, counts)                                                               \
    1, .call = part, .kind = of_kind, .offset = offsetof(struct figure, of.field),                 \
       .is_count = counts
#define AGGREGATE(gives, by, sets, runs)                                                           \
    .conclude = by, .of_sets = sets, .of_runs = runs, .kind = gives
#define FIGURE(by) 1, .call = as_text, .format = by
#define TEXT(by)   1, .call = translate, .translate = by

/* The first ones are the parts that tables show of a summary. */
static const struct function functions[] = {
    {"samples", PART(SUMMARY, summary.count, true), .shown = "count"},
    {"median", PART(SUMMARY, summary.median, false), .shown = "median"},
    {"low", PART(SUMMARY, summary.interval.low, false), .shown = "low"},
    {"high", PART(SUMMARY, summary.interval.high, false), .shown = "high"},
    {"least", PART(SUMMARY, summary.min, false), .shown = "min"},
    {"most", PART(SUMMARY, summary.max, false), .shown = "max"},
    {"mad", PART(SUMMARY, summary.mad, false), .shown = "mad"},
    {"outliers", PART(SUMMARY, summary.outliers, true)},
    {"ratio_pairs", PART(RATIO, ratio.count, true)},
    {"ratio", PART(RATIO, ratio.ratio, false)},
    {"ratio_low", PART(RATIO, ratio.interval.low, false)},
    {"ratio_high", PART(RATIO, ratio.interval.high, false)},
    {"ratio_least", PART(RATIO, ratio.min, false)},
    {"ratio_most", PART(RATIO, ratio.max, false)},
    {"ratio_p", PART(RATIO, ratio.p, false)},
    {"ratio_p_beyond", PART(RATIO, ratio.p_beyond, false)},
    {"slope_points", PART(LINE, line.count, true)},
    {"slope_of", PART(LINE, line.slope, false)},
    {"slope_low", PART(LINE, line.slope_interval.low, false)},
    {"slope_high", PART(LINE, line.slope_interval.high, false)},
    {"intercept", PART(LINE, line.intercept, false)},
    {"r_squared", PART(LINE, line.r_squared, false)},
    {"summary", 1, AGGREGATE(SUMMARY, summarise, false, false)},
    {"summary", 2, AGGREGATE(SUMMARY, summarise, false, true)},
    {"paired", 3, AGGREGATE(RATIO, compare_pairs, false, false)},
    {"paired", 4, AGGREGATE(RATIO, compare_pairs, false, true)},
    {"unpaired", 3, AGGREGATE(RATIO, compare_sets, true, false)},
    {"unpaired", 4, AGGREGATE(RATIO, compare_sets, true, true)},
    {"slope", 2, AGGREGATE(LINE, fit, false, false)},
    {"duration", FIGURE(format_duration)},
    {"bytes", FIGURE(format_bytes)},
    {"count_text", FIGURE(format_count)},
    {"change", FIGURE(format_change)},
    {"share", FIGURE(format_share)},
    {"ratio_text", FIGURE(format_ratio)},
    {"rate", FIGURE(format_rate)},
    {"short", TEXT(short_text)},
    {"lane_name", TEXT(lane_name)},
    {"md", TEXT(format_markdown)},
    {"html", TEXT(format_html)},
    {"plain", TEXT(format_plain)},
    {"plot_text", TEXT(format_plot_text)},
    {"number", 1, .call = number},
    {"string", 1, .call = string},
    {"is_outlier", 2, .call = is_outlier},
    {"difference", 1, .call = difference},
    {"is_equal", 1, .call = is_equal},
    {"cut", 2, .call = cut},
    {"spread", 2, .call = spread},
    {"spread", 3, .call = spread},
    {"ratio_spread", 1, .call = ratio_spread},
    {"filled", 2, .call = filled},
    {"figure_text", 2, .call = figure_text},
};

static void call(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count; /* as the function has registered */
    ((const struct function *)sqlite3_user_data(context))->call(context, values);
}

int dataset_register_functions(sqlite3 *db)
{
    int code = SQLITE_OK;

    for (size_t i = 0; code == SQLITE_OK && i < COUNT_OF(functions); i++) {
        bool scalar = functions[i].call != NULL;

        code = sqlite3_create_function(db, functions[i].name, functions[i].arguments,
                                       SQLITE_UTF8 | SQLITE_DETERMINISTIC, (void *)&functions[i],
                                       scalar ? call : NULL, scalar ? NULL : gather,
                                       scalar ? NULL : finish);
    }
    return code;
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
             functions[i].shown, functions[i].is_count ? "" : unit);
    return functions[i].name;
}

double dataset_part_value(size_t i, sqlite3_stmt *row, int column)
{
    struct figure figure;

    if (figure_of(sqlite3_column_value(row, column), SUMMARY, &figure))
        return value_of(&functions[i], &figure);
    return functions[i].is_count ? 0 : NAN;
}
