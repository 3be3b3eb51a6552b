#include "common/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

size_t error_control_length(const char *at)
{
    if (at[0] == '\xC2' && (unsigned char)at[1] >= 0x80 && (unsigned char)at[1] < 0xA0)
        return 2;
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
