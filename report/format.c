#include "report/format.h"

#include <math.h>
#include <string.h>

#include "common/units.h"

#define VALUE_MAX 1e18 /* fits the integers that the units take; 31 years, an exabyte */

static int is_known(FILE *out, double value)
{
    if (isfinite(value) && fabs(value) <= VALUE_MAX)
        return 1;
    fputs(FORMAT_UNKNOWN, out);
    return 0;
}

void format_duration(FILE *out, double ns)
{
    char text[UNITS_TEXT_SIZE];

    if (is_known(out, ns))
        fprintf(out, "%s%s", ns <= -0.5 ? "-" : "",
                units_format_duration((uint64_t)llround(fabs(ns)), text));
}

void format_bytes(FILE *out, double bytes)
{
    char text[UNITS_TEXT_SIZE];

    if (is_known(out, bytes))
        fprintf(out, "%s%s", bytes <= -0.5 ? "-" : "",
                units_format_bytes((uint64_t)llround(fabs(bytes)), text));
}

void format_count(FILE *out, double count)
{
    char digits[UNITS_TEXT_SIZE];
    size_t length;

    if (!is_known(out, count))
        return;
    snprintf(digits, sizeof(digits), "%.0f", fabs(count));
    length = strlen(digits);
    if (count <= -0.5)
        fputc('-', out);
    for (size_t i = 0; i < length; i++) {
        if (length > 4 && i > 0 && (length - i) % 3 == 0)
            fputc(',', out);
        fputc(digits[i], out);
    }
}

void format_change(FILE *out, double share)
{
    double percent = 100 * share;

    if (is_known(out, percent))
        fprintf(out, "%+.*f %%", fabs(percent) < 0.995 ? 2 : fabs(percent) < 9.95 ? 1 : 0, percent);
}

void format_share(FILE *out, double share)
{
    double percent = 100 * share;

    if (is_known(out, percent))
        fprintf(out, "%.*f %%", percent > 0 && percent < 9.95 ? 1 : 0, percent);
}

void format_ratio(FILE *out, double ratio)
{
    if (is_known(out, ratio))
        fprintf(out, "%.*f", ratio < 0.0995 ? 4 : ratio < 9.995 ? 2 : ratio < 99.95 ? 1 : 0, ratio);
}

void format_rate(FILE *out, double per_second)
{
    if (per_second < 999.5)
        format_ratio(out, per_second);
    else
        format_count(out, per_second);
}

void format_short(FILE *out, double value, void (*format)(FILE *, double))
{
    char text[2 * UNITS_TEXT_SIZE] = "";
    FILE *stream = fmemopen(text, sizeof(text) - 1, "w");
    char *point, *end, *last;

    if (stream == NULL)
        return;
    format(stream, value);
    fclose(stream);
    point = strchr(text, '.');
    if (point != NULL) {
        end = point + 1 + strspn(point + 1, "0123456789");
        for (last = end; last[-1] == '0'; last--)
            ;
        if (last[-1] == '.')
            last--;
        memmove(last, end, strlen(end) + 1);
    }
    fputs(text, out);
}

size_t format_cut(const char *text, size_t limit)
{
    size_t length = strnlen(text, limit + 1);

    if (length <= limit)
        return length;
    while (limit > 0 && ((unsigned char)text[limit] & 0xC0) == 0x80)
        limit--;
    return limit;
}
