#include "harness/reader.h"

#include <errno.h>
#include <stdlib.h>

static int load(struct dataset *dataset, const char *folder, struct error *error)
{
    struct error reason;
    int code = dataset_load(dataset, folder, false, &reason);

    return code < 0 ? error_set(error, code, "%.300s/%.200s", folder, reason.text) : 0;
}

int reader_open(struct dataset *dataset, const char *a, const char *b, struct error *error)
{
    int code = dataset_open(dataset, error);

    if (code == 0)
        code = load(dataset, a, error);
    if (code == 0 && b != NULL)
        code = load(dataset, b, error);
    return code;
}

/* A file that is not there is no fault: a run may have been killed before its first execution. */
int reader_check(struct dataset *dataset, struct error *error)
{
    char *fault = dataset_text(dataset, "SELECT folder || '/' || fault FROM faults JOIN runs "
                                        "USING (run) WHERE fault LIKE '%, line %' LIMIT 1");
    int code = fault != NULL ? error_set(error, -EINVAL, "%s", fault) : 0;

    free(fault);
    return code;
}
