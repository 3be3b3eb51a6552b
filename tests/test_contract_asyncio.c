/* The twins in Python on an event loop, held against the lane contract. */
#include <stddef.h>

#include "tests/contract.h"

int main(void)
{
    return contract_test((const char *const[]){"python-asyncio", "python-httpx",
                                               "python-httpx-unlimited", "python-aiohttp",
                                               "python-blocking", "python-uvloop", NULL});
}
