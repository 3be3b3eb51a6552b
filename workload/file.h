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

/* One reader, of a worker that waits. */
struct file_reader {
    unsigned char *block;
    const struct workload *workload;
    struct recorder *recorder;
};

/* Returns 0 or -ENOMEM. One that is all zeros may be ended too. */
int file_reader_init(struct file_reader *f, const struct workload *w, struct recorder *r);
void file_reader_term(struct file_reader *f);

/* Opens, reads and closes the file of the item `id`, which was started, and ends it. */
void file_reader_perform(struct file_reader *f, uint64_t id);

/* Records that the file could not be opened; `error` is a negative errno. */
void file_not_opened(struct recorder *r, uint64_t id, int error);

/* Records that it was opened. */
void file_opened(struct recorder *r, uint64_t id);

/* Verifies and records what was read: `got` bytes in `block`, or a negative errno. */
void file_was_read(const struct workload *w, struct recorder *r, uint64_t id, const void *block,
                   ssize_t got);

#endif
