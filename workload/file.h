/* A file of the workload: opened, read with one read() of FILE_BLOCK_BYTES, closed; what it begins
 * with is verified as the body of an answer is.
 *
 * It is read past the page cache (O_DIRECT): for the time of the file system and not of memory, and
 * because io_uring waits for nothing else without a thread. A read that has begun cannot be given
 * up: the run ends when those that are under way have ended. */
#ifndef WORKLOAD_FILE_H
#define WORKLOAD_FILE_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "workload/recorder.h"
#include "workload/workload.h"

#define FILE_BLOCK_BYTES 4096 /* and their alignment, which O_DIRECT asks for */
#define FILE_FLAGS       (O_RDONLY | O_DIRECT | O_CLOEXEC)

/* Opens, reads and closes the file of the item `id`, which was started, and ends it. Takes 12 KB of
 * the stack. */
void file_perform(const struct workload *w, struct recorder *r, uint64_t id);

/* Records that the file could not be opened; `error` is a negative errno. */
void file_not_opened(struct recorder *r, uint64_t id, int error);

/* Verifies and records what was read of it: `got` bytes in `block`, or a negative errno. */
void file_was_read(const struct workload *w, struct recorder *r, uint64_t id, const void *block,
                   ssize_t got);

#endif
