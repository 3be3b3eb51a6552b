/* Limits of this process, raised as far as it is allowed to. */
#ifndef COMMON_LIMIT_H
#define COMMON_LIMIT_H

#include <stdint.h>

/* Raises the soft limit of RLIMIT_NOFILE or another resource. Returns what it is then; UINT64_MAX
 * where there is none, or it cannot be read. */
uint64_t limit_raise(int resource);

#endif
