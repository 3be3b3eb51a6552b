#include "report/claims/criterion.h"

#include <math.h>
#include <string.h>

#include "common/count.h"
#include "common/json.h"
#include "report/format.h"

#define ROUNDING 1e-9 /* 2.3 s is within 15 % of 2 s, although 0.15 is no binary fraction */

struct unit {
    const char *name;
    double scale; /* what one of it is in the dataset's unit */
    void (*format)(FILE *out, double value);
    const char *suffix;
};

static const struct unit units[] = {
    {"s", 1e9, format_duration, ""},  {"MB", 1e6, format_bytes, ""},
    {"count", 1, format_count, ""},   {"ratio", 1, format_ratio, " : 1"},
    {"times", 1, format_ratio, " ×"}, {"share", 1, format_share, ""},
};

static const char *const judged_names[] = {
    [JUDGED_MEDIAN] = "median", [JUDGED_MOST] = "most", [JUDGED_LEAST] = "least"};

static const char *const rule_names[] = {
    [RULE_NONE] = "",
    [RULE_WITHIN_PERCENT] = "within_percent",
    [RULE_FACTOR] = "factor",
    [RULE_AT_MOST] = "at_most",
    [RULE_AT_LEAST] = "at_least",
};

/* ---- Reading ----------------------------------------------------------------------------- */

static const char *read_rule(struct criterion *criterion, const json_t *claim)
{
    json_t *rules = json_at(claim, "criterion"), *limit;
    const char *name;

    criterion->article = json_number_at(claim, "article.value", NAN);
    json_object_foreach(rules, name, limit)
    {
        for (size_t i = 1; i < COUNT_OF(rule_names); i++)
            if (strcmp(name, rule_names[i]) == 0 && json_is_number(limit))
                criterion->rule = (enum rule)i;
        criterion->limit = json_number_value(limit);
    }
    if (json_object_size(rules) != 1 || criterion->rule == RULE_NONE)
        return "it needs a criterion: at_most, at_least, within_percent or factor, and a number";
    if (criterion->rule <= RULE_FACTOR && !(criterion->article > 0))
        return "its criterion needs article.value";
    return NULL;
}

const char *criterion_read(struct criterion *criterion, const json_t *claim)
{
    const char *unit = json_text_at(claim, "unit", "");
    const char *judged = json_text_at(claim, "judged", judged_names[JUDGED_MEDIAN]);
    size_t i = 0;

    *criterion = (struct criterion){.article = NAN};
    for (size_t u = 0; u < COUNT_OF(units); u++)
        if (strcmp(units[u].name, unit) == 0)
            criterion->unit = &units[u];
    if (criterion->unit == NULL)
        return "its unit must be s, MB, count, ratio, times or share";
    while (i < COUNT_OF(judged_names) && strcmp(judged_names[i], judged) != 0)
        i++;
    if (i == COUNT_OF(judged_names))
        return "what is judged must be median, most or least";
    criterion->judged = (enum judged)i;
    return read_rule(criterion, claim);
}

/* ---- Judging ----------------------------------------------------------------------------- */

double criterion_in_unit(const struct criterion *criterion, double value)
{
    return value / criterion->unit->scale;
}

double criterion_deciding(const struct criterion *criterion, const struct stats_summary *measured)
{
    switch (criterion->judged) {
    case JUDGED_MOST:
        return measured->max;
    case JUDGED_LEAST:
        return measured->min;
    default:
        return measured->median;
    }
}

/* Whether it would be met if `measured` were what was measured. */
static bool is_met_by(const struct criterion *criterion, double measured)
{
    double value = criterion_in_unit(criterion, measured), slack = ROUNDING * (1 + value);
    double article = criterion->article, limit = criterion->limit;

    switch (criterion->rule) {
    case RULE_WITHIN_PERCENT:
        return fabs(value - article) <= limit / 100 * article + slack;
    case RULE_FACTOR:
        return value * limit >= article - slack && value <= article * limit + slack;
    case RULE_AT_MOST:
        return value <= limit + slack;
    default:
        return value >= limit - slack;
    }
}

bool criterion_is_met(const struct criterion *criterion, const struct stats_summary *measured)
{
    return is_met_by(criterion, criterion_deciding(criterion, measured));
}

bool criterion_is_close(const struct criterion *criterion, const struct stats_summary *measured)
{
    bool known = stats_has_interval(&measured->interval);
    double low = known ? measured->interval.low : measured->min;
    double high = known ? measured->interval.high : measured->max;
    bool met = criterion_is_met(criterion, measured);

    return criterion->judged == JUDGED_MEDIAN &&
           (is_met_by(criterion, low) != met || is_met_by(criterion, high) != met);
}

const char *criterion_outcome(const struct criterion *criterion,
                              const struct stats_summary *measured)
{
    double value = criterion_in_unit(criterion, criterion_deciding(criterion, measured));

    if (criterion_is_met(criterion, measured))
        return "reproduced";
    if (criterion->rule == RULE_AT_MOST || criterion->rule == RULE_AT_LEAST)
        return criterion->rule == RULE_AT_MOST ? "higher" : "lower";
    return value > criterion->article ? "higher" : "lower";
}

/* ---- Writing ----------------------------------------------------------------------------- */

void criterion_write(FILE *out, const struct criterion *criterion)
{
    switch (criterion->rule) {
    case RULE_NONE:
        break;
    case RULE_WITHIN_PERCENT:
        fprintf(out, "±%g %%", criterion->limit);
        break;
    case RULE_FACTOR:
        fprintf(out, "within a factor of %g", criterion->limit);
        break;
    case RULE_AT_MOST:
    case RULE_AT_LEAST:
        fputs(criterion->rule == RULE_AT_MOST ? "at most " : "at least ", out);
        format_short(out, criterion->limit * criterion->unit->scale, criterion->unit->format);
        fputs(criterion->unit->suffix, out);
        break;
    }
}

static void write_value(FILE *out, const struct criterion *criterion, double value)
{
    criterion->unit->format(out, value);
    fputs(criterion->unit->suffix, out);
}

void criterion_write_measured(FILE *out, const struct criterion *criterion,
                              const struct stats_summary *measured)
{
    bool known = stats_has_interval(&measured->interval);

    write_value(out, criterion, criterion_deciding(criterion, measured));
    if (criterion->judged != JUDGED_MEDIAN || measured->count < 2)
        return;
    fputs(known ? " [" : " (", out);
    write_value(out, criterion, known ? measured->interval.low : measured->min);
    fputs(known ? ", " : " … ", out);
    write_value(out, criterion, known ? measured->interval.high : measured->max);
    fputs(known ? "]" : ")", out);
}
