/* The twin in Rust, held against the lane contract. */
#include <stddef.h>

#include "tests/contract.h"

int main(void)
{
    return contract_test((const char *const[]){"rust-tokio", NULL});
}
