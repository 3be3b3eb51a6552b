#include <stdio.h>

#include "co/co.h"
#include "co/http.h"

const char *co_error(int error)
{
    static const char *const classes[] = {"HTTP status 1xx", "HTTP status 2xx", "HTTP status 3xx",
                                          "HTTP status 4xx", "HTTP status 5xx"};

    switch (error) {
    case CO_HTTP_ERROR(400):
        return "HTTP status 400";
    case CO_HTTP_ERROR(404):
        return "HTTP status 404";
    case CO_HTTP_ERROR(429):
        return "HTTP status 429";
    case CO_HTTP_ERROR(500):
        return "HTTP status 500";
    case CO_HTTP_ERROR(503):
        return "HTTP status 503";
    case CO_EDEADLK:
        return "deadlock";
    }
    if (error <= CO_HTTP_ERROR(100) && error > CO_HTTP_ERROR(600))
        return classes[co_http_status(error) / 100 - 1];
    return error < 0 ? uv_strerror(error) : "no error";
}
