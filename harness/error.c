#include "harness/error.h"

#include <stdarg.h>
#include <stdio.h>

int error_set(char *error, int code, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    vsnprintf(error, ERROR_SIZE, format, values);
    va_end(values);
    return code;
}
