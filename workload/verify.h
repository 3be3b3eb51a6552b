/* Whether an answer is the one of its request. */
#ifndef WORKLOAD_VERIFY_H
#define WORKLOAD_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True when `body` (`size` bytes, NULL where empty) is a JSON object whose "id" is the number
 * `id`. */
bool verify_body(const char *body, size_t size, uint64_t id);

#endif
