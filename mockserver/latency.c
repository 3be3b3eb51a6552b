#include "mockserver/latency.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/count.h"
#include "common/units.h"
#include "mockserver/draw.h"

#define NORMAL_P99   2.3263478740408408 /* 99th percentile of the standard normal distribution */
#define DELAY_NS_MAX 3.2e18             /* 100 years: what units_parse_duration() takes at most */

struct latency_form {
    const char *name;
    int (*parse)(char *text, struct distribution *latency);
    double (*delay_ns)(const struct distribution *latency, uint64_t seed, uint64_t id,
                       uint64_t attempt);
    const char *example;
};

static int parse_ns(const char *text, double *ns)
{
    uint64_t value;

    if (units_parse_duration(text, &value) < 0)
        return -EINVAL;
    *ns = (double)value;
    return 0;
}

/* The value of "key=value" in a list that commas separate, with the list cut up; NULL where it is
 * not there. */
static const char *take_value(char *list[], size_t count, const char *key)
{
    size_t size = strlen(key);

    for (size_t i = 0; i < count; i++)
        if (strncmp(list[i], key, size) == 0 && list[i][size] == '=')
            return list[i] + size + 1;
    return NULL;
}

/* Cuts `text` up at its commas. Returns the number of parts, or 0 where there are too many. */
static size_t cut_up(char *text, char *parts[], size_t parts_max)
{
    size_t count = 0;

    for (char *part = text; part != NULL; count++) {
        if (count == parts_max)
            return 0;
        parts[count] = part;
        part = strchr(part, ',');
        if (part != NULL)
            *part++ = '\0';
    }
    return count;
}

static int parse_fixed(char *text, struct distribution *latency)
{
    return parse_ns(text, &latency->a_ns);
}

static double fixed_ns(const struct distribution *latency, uint64_t seed, uint64_t id,
                       uint64_t attempt)
{
    (void)seed, (void)id, (void)attempt;
    return latency->a_ns;
}

static int parse_uniform(char *text, struct distribution *latency)
{
    char *dots = strstr(text, "..");

    if (dots == NULL)
        return -EINVAL;
    *dots = '\0';
    if (parse_ns(text, &latency->a_ns) < 0 || parse_ns(dots + 2, &latency->b_ns) < 0)
        return -EINVAL;
    return latency->a_ns <= latency->b_ns ? 0 : -EINVAL;
}

static double uniform_ns(const struct distribution *latency, uint64_t seed, uint64_t id,
                         uint64_t attempt)
{
    double u = draw(seed, id, attempt, DRAW_DELAY);

    return latency->a_ns + u * (latency->b_ns - latency->a_ns);
}

/* A standard normal number (Box and Muller 1958). */
static double draw_normal(uint64_t seed, uint64_t id, uint64_t attempt)
{
    double radius = sqrt(-2 * log(draw(seed, id, attempt, DRAW_DELAY)));

    return radius * cos(2 * M_PI * draw(seed, id, attempt, DRAW_DELAY_ANGLE));
}

static int parse_normal(char *text, struct distribution *latency)
{
    char *parts[2];

    if (cut_up(text, parts, 2) != 2 || parse_ns(parts[0], &latency->a_ns) < 0)
        return -EINVAL;
    return parse_ns(parts[1], &latency->b_ns);
}

static double normal_ns(const struct distribution *latency, uint64_t seed, uint64_t id,
                        uint64_t attempt)
{
    return latency->a_ns + latency->b_ns * draw_normal(seed, id, attempt);
}

static int parse_lognormal(char *text, struct distribution *latency)
{
    char *parts[2];
    const char *median, *p99;

    if (cut_up(text, parts, 2) != 2)
        return -EINVAL;
    median = take_value(parts, 2, "median");
    p99 = take_value(parts, 2, "p99");
    if (median == NULL || p99 == NULL || parse_ns(median, &latency->a_ns) < 0 ||
        parse_ns(p99, &latency->b_ns) < 0)
        return -EINVAL;
    return latency->a_ns > 0 && latency->a_ns <= latency->b_ns ? 0 : -EINVAL;
}

static double lognormal_ns(const struct distribution *latency, uint64_t seed, uint64_t id,
                           uint64_t attempt)
{
    double sigma = log(latency->b_ns / latency->a_ns) / NORMAL_P99;

    return latency->a_ns * exp(sigma * draw_normal(seed, id, attempt));
}

static int parse_positive(const char *text, double *value)
{
    char *end;

    if (strspn(text, "0123456789.") != strlen(text))
        return -EINVAL;
    *value = strtod(text, &end);
    return *end == '\0' && *value > 0 ? 0 : -EINVAL;
}

static int parse_pareto(char *text, struct distribution *latency)
{
    char *parts[3];
    const char *min, *shape, *max;

    if (cut_up(text, parts, 3) != 3)
        return -EINVAL;
    min = take_value(parts, 3, "min");
    shape = take_value(parts, 3, "shape");
    max = take_value(parts, 3, "max");
    if (min == NULL || shape == NULL || max == NULL || parse_ns(min, &latency->a_ns) < 0 ||
        parse_ns(max, &latency->b_ns) < 0 || parse_positive(shape, &latency->shape) < 0)
        return -EINVAL;
    return latency->a_ns > 0 && latency->a_ns <= latency->b_ns ? 0 : -EINVAL;
}

static double pareto_ns(const struct distribution *latency, uint64_t seed, uint64_t id,
                        uint64_t attempt)
{
    double u = draw(seed, id, attempt, DRAW_DELAY);

    return fmin(latency->b_ns, latency->a_ns * pow(u, -1 / latency->shape));
}

/* One "p99.9=800ms", "min=1ms" or "max=2s". */
static int parse_point(char *text, struct latency_point *point)
{
    char *equals = strchr(text, '=');

    if (equals == NULL)
        return -EINVAL;
    *equals = '\0';
    if (strcmp(text, "min") == 0)
        point->share = 0;
    else if (strcmp(text, "max") == 0)
        point->share = 1;
    else if (text[0] != 'p' || parse_positive(text + 1, &point->share) < 0)
        return -EINVAL;
    else
        point->share /= 100;
    return parse_ns(equals + 1, &point->ns);
}

/* The points must come in order and end with "max"; without "min" the least delay is 0. */
static int parse_percentiles(char *text, struct distribution *latency)
{
    char *parts[LATENCY_POINTS_MAX - 1];
    size_t count = cut_up(text, parts, LATENCY_POINTS_MAX - 1);
    struct latency_point *points = latency->points;

    latency->points_count = 1; /* 0 ns for the share 0 */
    for (size_t i = 0; i < count; i++) {
        struct latency_point point;

        if (parse_point(parts[i], &point) < 0)
            return -EINVAL;
        if (point.share == 0 && i == 0)
            latency->points_count = 0;
        points[latency->points_count++] = point;
    }
    for (size_t i = 1; i < latency->points_count; i++)
        if (points[i].share <= points[i - 1].share || points[i].ns < points[i - 1].ns)
            return -EINVAL;
    return points[latency->points_count - 1].share == 1 ? 0 : -EINVAL;
}

/* On the straight line between the two points around the share that was drawn. */
static double percentiles_ns(const struct distribution *latency, uint64_t seed, uint64_t id,
                             uint64_t attempt)
{
    double u = draw(seed, id, attempt, DRAW_DELAY);
    const struct latency_point *point = latency->points;

    while (u > point[1].share)
        point++;
    return point->ns +
           (u - point->share) / (point[1].share - point->share) * (point[1].ns - point->ns);
}

static const struct latency_form forms[] = {
    [LATENCY_FIXED] = {"fixed", parse_fixed, fixed_ns, "200ms"},
    [LATENCY_UNIFORM] = {"uniform", parse_uniform, uniform_ns, "uniform:100ms..300ms"},
    [LATENCY_NORMAL] = {"normal", parse_normal, normal_ns, "normal:200ms,20ms"},
    [LATENCY_LOGNORMAL] = {"lognormal", parse_lognormal, lognormal_ns,
                           "lognormal:median=200ms,p99=800ms"},
    [LATENCY_PARETO] = {"pareto", parse_pareto, pareto_ns, "pareto:min=50ms,shape=1.5,max=2s"},
    [LATENCY_PERCENTILES] = {"percentiles", parse_percentiles, percentiles_ns,
                             "percentiles:p50=90ms,p90=200ms,p99=800ms,max=2s"},
};

static int fail(const char *spec, const char *example, struct error *error)
{
    return error_set(error, -EINVAL, "'%.80s' is not a latency; write it as in %s", spec, example);
}

int latency_parse(const char *spec, struct distribution *latency, struct error *error)
{
    size_t name_size = strcspn(spec, ":"), kind = 0;
    char text[256];

    *latency = (struct distribution){.kind = LATENCY_FIXED};
    if (strlen(spec) >= sizeof(text))
        return fail(spec, LATENCY_HELP, error);
    strcpy(text, spec);
    if (spec[name_size] == '\0')
        return parse_fixed(text, latency) == 0 ? 0 : fail(spec, forms[0].example, error);
    while (kind < COUNT_OF(forms) && (strlen(forms[kind].name) != name_size ||
                                      memcmp(forms[kind].name, spec, name_size) != 0))
        kind++;
    if (kind == COUNT_OF(forms))
        return fail(spec, LATENCY_HELP, error);
    latency->kind = (enum latency_kind)kind;
    if (forms[kind].parse(text + name_size + 1, latency) < 0)
        return fail(spec, forms[kind].example, error);
    return 0;
}

uint64_t latency_delay_ns(const struct distribution *latency, uint64_t seed, uint64_t id,
                          uint64_t attempt)
{
    double ns = forms[latency->kind].delay_ns(latency, seed, id, attempt);

    return (uint64_t)fmin(DELAY_NS_MAX, fmax(0, round(ns)));
}
