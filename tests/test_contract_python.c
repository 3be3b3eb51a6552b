/* The twins in Python that wait in threads and processes, held against the lane contract. */
#include <stddef.h>

#include "tests/contract.h"

int main(void)
{
    return contract_test((const char *const[]){"python-requests", "python-session",
                                               "python-threads", "python-procs", NULL});
}
