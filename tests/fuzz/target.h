/* What the fuzzer and the tests feed with bytes. */
#ifndef TESTS_FUZZ_TARGET_H
#define TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/* Lets a client send `size` bytes: the first tells in pieces of how many bytes the others are sent
 * (0: all at once). Aborts where the server does what it must not. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
