#include "common/latency.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/count.h"
#include "common/units.h"
#include "common/draw.h"

#define NORMAL_P99   2.3263478740408408 /* 99th percentile of the standard normal distribution */
#define DELAY_NS_MAX 3.2e18             /* 100 years: what units_parse_duration() takes at most */

/* A form of SPEC. All but percentiles hold one value for each key, in any order where the keys are
 * not empty; the values are a_ns, b_ns and shape of a distribution, by the place of their keys. */
struct latency_form {
    const char *name, *example;
    const char *separator;
    const char *keys[3];
    unsigned values; /* how many; 0: points of their own */
    double least_ns; /* of a_ns */
};

static const struct latency_form forms[] = {
    [LATENCY_FIXED] = {"fixed", "200ms", ",", {""}, 1, 0},
    [LATENCY_UNIFORM] = {"uniform", "uniform:100ms..300ms", "..", {"", ""}, 2, 0},
    [LATENCY_NORMAL] = {"normal", "normal:200ms,20ms", ",", {"", ""}, 2, 0},
    [LATENCY_LOGNORMAL] =
        {"lognormal", "lognormal:median=200ms,p99=800ms", ",", {"median=", "p99="}, 2, 1},
    [LATENCY_PARETO] =
        {"pareto", "pareto:min=50ms,shape=1.5,max=2s", ",", {"min=", "max=", "shape="}, 3, 1},
    [LATENCY_PERCENTILES] = {.name = "percentiles",
                             .example = "percentiles:p50=90ms,p90=200ms,p99=800ms,max=2s"},
};

/* ---- SPECs ------------------------------------------------------------------------------- */

static int parse_ns(const char *text, double *ns)
{
    uint64_t value;

    if (units_parse_duration(text, &value) < 0)
        return -EINVAL;
    *ns = (double)value;
    return 0;
}

static int parse_positive(const char *text, double *value)
{
    char *end;

    if (strspn(text, "0123456789.") != strlen(text))
        return -EINVAL;
    *value = strtod(text, &end);
    return *end == '\0' && *value > 0 ? 0 : -EINVAL;
}

/* Cuts the first part off *rest, which is NULL behind the last one. */
static char *cut_off(char **rest, const char *separator)
{
    char *part = *rest, *end = strstr(part, separator);

    *rest = end != NULL ? end + strlen(separator) : NULL;
    if (end != NULL)
        *end = '\0';
    return part;
}

/* Reads the value that stands in `place` of the list. Returns the place of its key, or -EINVAL. */
static int parse_value(const struct latency_form *form, const char *text, unsigned place,
                       struct distribution *latency)
{
    double *const places[] = {&latency->a_ns, &latency->b_ns};

    for (unsigned i = 0; i < form->values; i++) {
        size_t size = strlen(form->keys[i]);

        if (size > 0 ? strncmp(text, form->keys[i], size) != 0 : i != place)
            continue;
        text += size;
        if ((i < 2 ? parse_ns(text, places[i]) : parse_positive(text, &latency->shape)) < 0)
            return -EINVAL;
        return (int)i;
    }
    return -EINVAL;
}

static int parse_values(const struct latency_form *form, char *text, struct distribution *latency)
{
    unsigned found = 0, all = (1U << form->values) - 1;

    for (unsigned place = 0; text != NULL; place++) {
        int key = parse_value(form, cut_off(&text, form->separator), place, latency);

        if (key < 0 || place == form->values)
            return -EINVAL;
        found |= 1U << key;
    }
    if (form->values > 1 && latency->kind != LATENCY_NORMAL && latency->a_ns > latency->b_ns)
        return -EINVAL;
    return found == all && latency->a_ns >= form->least_ns ? 0 : -EINVAL;
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
static int parse_points(char *text, struct distribution *latency)
{
    struct latency_point *point = latency->points + 1; /* the first: 0 ns for the share 0 */
    bool first = true;

    for (; text != NULL; first = false) {
        if (point == latency->points + LATENCY_POINTS_MAX ||
            parse_point(cut_off(&text, ","), point) < 0)
            return -EINVAL;
        if (first && point->share == 0)
            latency->points[0] = *point;
        else if (point->share <= point[-1].share || point->ns < point[-1].ns)
            return -EINVAL;
        else
            point++;
    }
    return point[-1].share == 1 ? 0 : -EINVAL;
}

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
        return parse_ns(text, &latency->a_ns) == 0 ? 0 : fail(spec, forms[0].example, error);
    while (kind < COUNT_OF(forms) && (strlen(forms[kind].name) != name_size ||
                                      memcmp(forms[kind].name, spec, name_size) != 0))
        kind++;
    if (kind == COUNT_OF(forms))
        return fail(spec, LATENCY_HELP, error);
    latency->kind = (enum latency_kind)kind;
    if ((forms[kind].values > 0 ? parse_values(&forms[kind], text + name_size + 1, latency)
                                : parse_points(text + name_size + 1, latency)) < 0)
        return fail(spec, forms[kind].example, error);
    return 0;
}

/* ---- Delays ------------------------------------------------------------------------------ */

/* A standard normal number (Box and Muller 1958), of two uniform ones. */
static double normal(double u, double angle)
{
    return sqrt(-2 * log(u)) * cos(2 * M_PI * angle);
}

/* On the straight line between the two points around the share that was drawn. */
static double between_points(const struct latency_point *point, double u)
{
    while (u > point[1].share)
        point++;
    return point->ns +
           (u - point->share) / (point[1].share - point->share) * (point[1].ns - point->ns);
}

uint64_t latency_delay_ns(const struct distribution *latency, uint64_t seed, uint64_t id,
                          uint64_t attempt)
{
    double a = latency->a_ns, b = latency->b_ns, ns = a, u, angle = 0;

    if (latency->kind == LATENCY_FIXED)
        return (uint64_t)a;
    u = draw(seed, id, attempt, DRAW_DELAY);
    if (latency->kind == LATENCY_NORMAL || latency->kind == LATENCY_LOGNORMAL)
        angle = draw(seed, id, attempt, DRAW_DELAY_ANGLE);
    switch (latency->kind) {
    case LATENCY_FIXED:
        break;
    case LATENCY_UNIFORM:
        ns = a + u * (b - a);
        break;
    case LATENCY_NORMAL:
        ns = a + b * normal(u, angle);
        break;
    case LATENCY_LOGNORMAL:
        ns = a * exp(log(b / a) / NORMAL_P99 * normal(u, angle));
        break;
    case LATENCY_PARETO:
        ns = fmin(b, a * pow(u, -1 / latency->shape));
        break;
    case LATENCY_PERCENTILES:
        ns = between_points(latency->points, u);
        break;
    }
    return (uint64_t)fmin(DELAY_NS_MAX, fmax(0, round(ns)));
}
