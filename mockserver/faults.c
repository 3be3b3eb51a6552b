#include "mockserver/faults.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/draw.h"

static const char *const names[] = {
    [FAULT_NONE] = "none",
    [FAULT_500] = "500",
    [FAULT_503] = "503",
    [FAULT_429] = "429",
    [FAULT_RESET] = "reset",
    [FAULT_RESET_BODY] = "reset-body",
    [FAULT_TRUNCATE] = "truncate",
    [FAULT_HANG] = "hang",
    [FAULT_DRIP] = "drip",
    [FAULT_MALFORMED] = "malformed",
    [FAULT_WRONG_BODY] = "wrong-body",
    [FAULT_STALE] = "stale",
    [FAULT_LONG] = "long",
    [FAULT_CLOSE] = "close",
    [FAULT_REFUSED] = "refused",
    [FAULT_OVERLOAD] = "overload",
    [FAULT_RATE] = "rate",
};

const char *fault_name(enum fault fault)
{
    return names[fault];
}

bool fault_find(const char *name, enum fault *fault)
{
    for (int i = 0; i < FAULT_CHOSEN; i++) {
        if (strcmp(names[i], name) != 0)
            continue;
        *fault = (enum fault)i;
        return true;
    }
    return false;
}

bool fault_ends_connection(enum fault fault)
{
    return fault == FAULT_RESET || fault == FAULT_RESET_BODY || fault == FAULT_TRUNCATE ||
           fault == FAULT_MALFORMED || fault == FAULT_LONG;
}

/* A share from 0 to 1, or "1%". */
static int parse_share(const char *text, double *share)
{
    char *end;

    if (strspn(text, "0123456789.%") != strlen(text))
        return -EINVAL;
    *share = strtod(text, &end);
    if (end == text)
        return -EINVAL;
    if (strcmp(end, "%") == 0)
        *share /= 100;
    else if (*end != '\0')
        return -EINVAL;
    return *share <= 1 ? 0 : -EINVAL;
}

static int parse_one(char *text, struct faults *faults)
{
    char *equals = strchr(text, '=');
    enum fault fault;

    if (equals == NULL)
        return -EINVAL;
    *equals = '\0';
    if (!fault_find(text, &fault) || fault == FAULT_NONE)
        return -EINVAL;
    return parse_share(equals + 1, &faults->share[fault]);
}

int faults_parse(const char *spec, struct faults *faults, struct error *error)
{
    char *text = strdup(spec), *rest = text;
    double sum = 0;
    int result = text != NULL ? 0 : -EINVAL;

    *faults = (struct faults){.any = false};
    while (result == 0 && rest != NULL)
        result = parse_one(strsep(&rest, ","), faults);
    free(text);
    for (int i = 0; i < FAULT_CHOSEN; i++)
        sum += faults->share[i];
    faults->any = sum > 0;
    if (result == 0 && sum <= 1 + 1e-9)
        return 0;
    return error_set(
        error, -EINVAL,
        "'%.80s' is not a list of faults; write KIND=SHARE,... as in 503=1%%,reset=0.001, with "
        "shares of 100%% at most in all; kinds are " FAULTS_HELP,
        spec);
}

enum fault faults_choose(const struct faults *faults, uint64_t seed, uint64_t id, uint64_t attempt)
{
    double u, sum = 0;

    if (!faults->any)
        return FAULT_NONE;
    u = draw(seed, id, attempt, DRAW_FAULT);
    for (int i = 0; i < FAULT_CHOSEN; i++) {
        sum += faults->share[i];
        if (u < sum)
            return (enum fault)i;
    }
    return FAULT_NONE;
}
