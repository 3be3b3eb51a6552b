/* The twins in Node, held against the lane contract. */
#include <stddef.h>

#include "tests/contract.h"

int main(void)
{
    return contract_test((const char *const[]){"node-fetch", "node-http", "node-workers",
                                               "node-promises", "node-ws", NULL});
}
