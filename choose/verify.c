#include "choose/verify.h"

#include <errno.h>

enum status verify(const struct candidates *candidates, const struct question *question,
                   struct error *error)
{
    (void)candidates;
    (void)question;
    error_set(error, -ENOSYS, "not yet");
    return STATUS_IMPOSSIBLE;
}
