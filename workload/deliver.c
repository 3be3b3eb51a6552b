#include "workload/deliver.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/file.h"
#include "common/json.h"
#include "common/limit.h"

int deliver_complain(const char *what, int error)
{
    struct error limit;

    if (error < 0)
        warnx("%s: %s%s%s", what, strerror(-error), limit_explain(error, &limit) ? ": " : "",
              limit.text);
    return error;
}

int deliver_check(const char *path)
{
    return path != NULL ? deliver_complain(path, file_check_appendable(path)) : 0;
}

int deliver_line(const char *path, json_t *json)
{
    int error = json != NULL ? json_line_append(path, json) : -ENOMEM;

    json_decref(json);
    return deliver_complain(path, error);
}

int deliver_summary(void)
{
    return deliver_complain("standard output", fflush(stdout) != 0 ? -errno : 0);
}

enum lane_status deliver_status(bool interrupted, bool ran, bool complete)
{
    if (interrupted)
        return STATUS_INTERRUPTED;
    if (!ran)
        return STATUS_LIMITS;
    return complete ? STATUS_OK : STATUS_FAILURES;
}
