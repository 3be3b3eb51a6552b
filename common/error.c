#include "common/error.h"

#include <stdarg.h>
#include <stdio.h>

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

void error_make_plain(char *text)
{
    for (unsigned char *at = (unsigned char *)text; *at != '\0'; at++) {
        if (*at < ' ' || *at == 0x7f)
            *at = ' ';
        else if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f)
            at[0] = at[1] = ' ';
    }
}

void error_print(const char *program, struct error *error)
{
    error_make_plain(error->text);
    fprintf(stderr, "%s: %s\n", program, error->text);
}
