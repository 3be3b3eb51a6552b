#include "common/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/count.h"

int error_set(struct error *error, int code, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    /* It is written here and not read, which cppcheck does not know. */
    /* cppcheck-suppress ctuuninitvar */
    vsnprintf(error->text, sizeof(error->text), format, values);
    va_end(values);
    return code;
}

/* UTF-8 of the characters that make a terminal show text in another order (Unicode TR 9, table 1),
 * and of those that end a line. */
static const char *const reorder[] = {
    "\u061C", "\u200E", "\u200F", "\u2028", "\u2029", "\u202A", "\u202B",
    "\u202C", "\u202D", "\u202E", "\u2066", "\u2067", "\u2068", "\u2069",
};

size_t error_control_length(const char *at)
{
    if (at[0] == '\xC2' && (unsigned char)at[1] >= 0x80 && (unsigned char)at[1] < 0xA0)
        return 2;
    for (size_t i = 0; (*at & '\x80') != 0 && i < COUNT_OF(reorder); i++)
        if (strncmp(at, reorder[i], strlen(reorder[i])) == 0)
            return strlen(reorder[i]);
    return (unsigned char)*at < ' ' || *at == '\x7f';
}

void error_make_plain(char *text)
{
    for (size_t length; *text != '\0'; text += length > 0 ? length : 1) {
        length = error_control_length(text);
        memset(text, ' ', length);
    }
}

void error_print(const char *program, struct error *error)
{
    error_make_plain(error->text);
    fprintf(stderr, "%s: %s\n", program, error->text);
}
