#include "common/units.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

struct unit {
    const char *name;
    double factor;
};

/* Largest to smallest, as the formatting functions need them. */
static const struct unit duration_units[] = {
    {"h", 3600e9}, {"m", 60e9}, {"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}, {NULL, 0},
};
/* Counts in thousandths, so that "1.5k" is seen to be whole and "1.5" not. */
static const struct unit count_units[] = {
    {"G", 1e12}, {"M", 1e9}, {"k", 1e6}, {"", 1e3}, {NULL, 0},
};
static const struct unit size_units[] = {
    {"G", 1 << 30}, {"M", 1 << 20}, {"k", 1 << 10}, {"", 1}, {NULL, 0},
};
static const struct unit byte_units[] = {
    {"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"bytes", 1}, {NULL, 0},
};

#define DURATION_NS_MAX (100.0 * 365 * 24 * 3600e9)
#define COUNT_MAX       1e15 /* thousandths */
#define SIZE_BYTES_MAX  (1024.0 * (1 << 30))

/* Only plain decimals: strtod() alone would also take "inf", "nan", "0x10", signs and spaces. */
static int parse_with_unit(const char *text, const struct unit *units, double limit,
                           uint64_t *result)
{
    double value;
    char *rest;

    if (!isdigit((unsigned char)text[0]) || (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')))
        return -EINVAL;
    value = strtod(text, &rest);
    while (units->name != NULL && strcmp(units->name, rest) != 0)
        units++;
    if (units->name == NULL)
        return -EINVAL;
    value *= units->factor;
    if (!(value <= limit))
        return -ERANGE;
    *result = (uint64_t)(value + 0.5);
    return 0;
}

int units_parse_duration(const char *text, uint64_t *ns)
{
    if (strcmp(text, "0") == 0) {
        *ns = 0;
        return 0;
    }
    return parse_with_unit(text, duration_units, DURATION_NS_MAX, ns);
}

int units_parse_count(const char *text, uint64_t *count)
{
    uint64_t thousandths;
    int error = parse_with_unit(text, count_units, COUNT_MAX, &thousandths);

    if (error < 0)
        return error;
    *count = thousandths / 1000;
    return thousandths % 1000 == 0 ? 0 : -EINVAL;
}

int units_parse_size(const char *text, uint64_t *bytes)
{
    return strchr(text, '.') != NULL ? -EINVAL
                                     : parse_with_unit(text, size_units, SIZE_BYTES_MAX, bytes);
}

int units_parse_share(const char *text, double max, double *share)
{
    char *end;
    double percent = strtod(text, &end);

    if (end == text || strcmp(end, "%") != 0 || !(percent > 0 && percent <= 100 * max))
        return -EINVAL;
    *share = percent / 100;
    return 0;
}

/* Three significant digits from 1 up, four from 10 s on, where the third is often all that moves.
 */
static const char *format(double value, const struct unit *units, int digits, char *text)
{
    int decimals;

    while (units[1].name != NULL && value < units->factor)
        units++;
    value /= units->factor;
    decimals = value >= 100 ? digits - 3 : value >= 10 ? digits - 2 : digits - 1;
    snprintf(text, UNITS_TEXT_SIZE, "%.*f %s", units->factor == 1 ? 0 : decimals, value,
             units->name);
    return text;
}

const char *units_format_duration(uint64_t ns, char *text)
{
    /* Seconds up to ten minutes: "200.4 s" says more beside "20.04 s" than "3.34 m" does. */
    const struct unit *units = ns < 600 * 1000000000ULL ? duration_units + 2 : duration_units;

    return format((double)ns, units, ns >= 10000000000ULL ? 4 : 3, text);
}

const char *units_format_bytes(uint64_t bytes, char *text)
{
    return format((double)bytes, byte_units, 3, text);
}

const char *units_exact_duration(uint64_t ns, char *text)
{
    const struct unit *unit = duration_units + 2; /* no minutes: "90s" */

    while (ns % (uint64_t)unit->factor != 0)
        unit++;
    snprintf(text, UNITS_TEXT_SIZE, "%" PRIu64 "%s", ns / (uint64_t)unit->factor,
             ns > 0 ? unit->name : "");
    return text;
}

const char *units_format_eta(uint64_t ns, char *text)
{
    uint64_t s = (ns + NS_PER_S / 2) / NS_PER_S;

    if (s >= 3600)
        snprintf(text, UNITS_TEXT_SIZE, "%" PRIu64 "h%02" PRIu64 "m", s / 3600, s / 60 % 60);
    else if (s >= 60)
        snprintf(text, UNITS_TEXT_SIZE, "%" PRIu64 "m%02" PRIu64 "s", s / 60, s % 60);
    else
        snprintf(text, UNITS_TEXT_SIZE, "%" PRIu64 "s", s);
    return text;
}
