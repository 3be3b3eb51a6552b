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
