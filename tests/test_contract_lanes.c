/* The lanes themselves: what is asked of their twins holds for them, held against the lane
 * contract. */
#include <stddef.h>

#include "tests/contract.h"

int main(void)
{
    return contract_test((const char *const[]){"sync", "threads", "procs", "async", "co", NULL});
}
