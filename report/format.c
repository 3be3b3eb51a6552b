#include "report/format.h"

#include <math.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/units.h"

#define VALUE_MAX 1e18 /* fits the integers that the units take; 31 years, an exabyte */

static bool is_known(char *text, double value)
{
    strcpy(text, FORMAT_UNKNOWN);
    return isfinite(value) && fabs(value) <= VALUE_MAX;
}

/* Writes the sign of a negative value. Returns where the rest of it begins. */
static char *write_sign(char *text, double value)
{
    *text = '-';
    return text + (value <= -0.5);
}

void format_duration(char *text, double ns)
{
    if (is_known(text, ns))
        units_format_duration((uint64_t)llround(fabs(ns)), write_sign(text, ns));
}

void format_bytes(char *text, double bytes)
{
    if (is_known(text, bytes))
        units_format_bytes((uint64_t)llround(fabs(bytes)), write_sign(text, bytes));
}

void format_count(char *text, double count)
{
    char digits[FORMAT_SIZE];
    int length;

    if (!is_known(text, count))
        return;
    text = write_sign(text, count);
    length = snprintf(digits, sizeof(digits), "%.0f", fabs(count));
    for (int i = 0; i <= length; i++) {
        if (length > 4 && i > 0 && i < length && (length - i) % 3 == 0)
            *text++ = ',';
        *text++ = digits[i];
    }
}

void format_change(char *text, double share)
{
    double percent = 100 * share;

    if (is_known(text, percent))
        snprintf(text, FORMAT_SIZE, "%+.*f %%",
                 fabs(percent) < 0.995  ? 2
                 : fabs(percent) < 9.95 ? 1
                                        : 0,
                 percent);
}

void format_share(char *text, double share)
{
    double percent = 100 * share;

    if (is_known(text, percent))
        snprintf(text, FORMAT_SIZE, "%.*f %%", percent > 0 && percent < 9.95 ? 1 : 0, percent);
}

void format_ratio(char *text, double ratio)
{
    if (is_known(text, ratio))
        snprintf(text, FORMAT_SIZE, "%.*f",
                 ratio < 0.0995  ? 4
                 : ratio < 9.995 ? 2
                 : ratio < 99.95 ? 1
                                 : 0,
                 ratio);
}

void format_rate(char *text, double per_second)
{
    if (per_second < 999.5)
        format_ratio(text, per_second);
    else
        format_count(text, per_second);
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

/* Only what works in the middle of a line: untrusted text never starts one. */
static const char *escape_of(const char *at)
{
    switch (*at) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case ':': /* "http://" would become a link */
        return at[1] == '/' ? "&#58;" : NULL;
    case '@': /* so would an address, or a mention */
        return "&#64;";
    case 'w': /* and "www.…" */
        return strncmp(at, "www.", 4) == 0 ? "&#119;" : NULL;
    case '\x7f':
        return " ";
    default:
        return (unsigned char)*at < ' ' ? " " : NULL;
    }
}

char *format_markdown(const char *text)
{
    size_t length = format_cut(text, FORMAT_MARKDOWN_MAX);
    sqlite3_str *out = sqlite3_str_new(NULL);

    for (size_t i = 0; i < length; i++) {
        const char *escape = escape_of(text + i);

        if (escape == NULL && strchr("\\`*_[]|~$#!{}", text[i]) != NULL)
            sqlite3_str_appendchar(out, 1, '\\');
        if (escape != NULL)
            sqlite3_str_appendall(out, escape);
        else
            sqlite3_str_appendchar(out, 1, text[i]);
    }
    sqlite3_str_appendall(out, text[length] != '\0' ? "…" : "");
    return sqlite3_str_finish(out);
}
