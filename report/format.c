#include "report/format.h"

#include <math.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/error.h"
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
    if (is_known(text, count))
        sqlite3_snprintf(FORMAT_SIZE, text, fabs(count) > 9999.5 ? "%,lld" : "%lld",
                         (sqlite3_int64)rint(count));
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

const char *format_replacement(const struct format_replacement *replacements, const char *at,
                               size_t *length)
{
    for (; replacements->text != NULL; replacements++) {
        size_t all = strlen(replacements->text);

        *length = replacements->length > 0 ? replacements->length : all;
        if (strncmp(at, replacements->text, all) == 0)
            return replacements->in_place;
    }
    return NULL;
}

/* A text without control characters; with a backslash before each of the characters `backslashed`.
 */
static char *escaped(const char *text, size_t limit, const char *backslashed,
                     const struct format_replacement *escapes)
{
    const char *end = text + format_cut(text, limit);
    sqlite3_str *out = sqlite3_str_new(NULL);

    for (size_t length; text < end; text += length) {
        const char *escape = format_replacement(escapes, text, &length);

        if (escape == NULL) {
            length = error_control_length(text);
            escape = length > 0 ? " " : NULL;
        }
        if (escape != NULL) {
            sqlite3_str_appendall(out, escape);
            continue;
        }
        if (strchr(backslashed, *text) != NULL)
            sqlite3_str_appendchar(out, 1, '\\');
        sqlite3_str_appendchar(out, 1, *text);
        length = 1;
    }
    sqlite3_str_appendall(out, *end != '\0' ? "…" : "");
    return sqlite3_str_finish(out);
}

/* Only what works in the middle of a line: untrusted text never starts one. */
char *format_markdown(const char *text)
{
    static const struct format_replacement escapes[] = {
        {"&", "&amp;", 0},
        {"<", "&lt;", 0},
        {">", "&gt;", 0},
        {":/", "&#58;", 1}, /* "http://" would become a link, */
        {"www.", "&#119;", 1},
        {"@", "&#64;", 0}, /* so would an address, or a mention */
        {0},
    };

    return escaped(text, FORMAT_MARKDOWN_MAX, "\\`*_[]|~$#!{}", escapes);
}

char *format_html(const char *text)
{
    static const struct format_replacement escapes[] = {
        {"&", "&amp;", 0}, {"<", "&lt;", 0}, {">", "&gt;", 0}, {"\"", "&quot;", 0}, {0}};

    return escaped(text, SIZE_MAX - 1, "", escapes);
}

char *format_plain(const char *text)
{
    return escaped(text, SIZE_MAX - 1, "", &(struct format_replacement){0});
}

/* gnuplot would end the text at a comma and a double quote, takes a backslash for more than that,
 * and puts what a figure says into quotes of a script: they become characters that look alike. The
 * two non-characters are not allowed in XML. */
char *format_plot_text(const char *text)
{
    static const struct format_replacement escapes[] = {{",", "\u201A", 0},
                                                        {"\"", "\u201D", 0},
                                                        {"\\", "\u2216", 0},
                                                        {"'", "\u2019", 0},
                                                        {"\xEF\xBF\xBE", "", 0},
                                                        {"\xEF\xBF\xBF", "", 0},
                                                        {0}};

    return escaped(text, SIZE_MAX - 1, "", escapes);
}
