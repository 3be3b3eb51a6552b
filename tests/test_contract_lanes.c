/* The lanes themselves, with either client: what is asked of their twins holds for them, held
 * against the lane contract. */
#include <stddef.h>

#include "tests/contract.h"

int main(void)
{
    return contract_test((const char *const[]){"sync", "threads", "procs", "async", "co",
                                               "sync-raw", "threads-raw", "procs-raw", "async-raw",
                                               "co-raw", NULL});
}
