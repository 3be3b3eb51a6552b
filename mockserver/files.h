/* The mock latency file system: a file takes its time to be read, as a request takes its time to be
 * answered. What is mounted holds DIR/users/7, which takes the delay of (seed, 7), and DIR/50ms/7,
 * which takes 50 ms; each is a block of FILES_BLOCK_BYTES with the body of that user, and blanks
 * behind it. No page of them is ever cached (direct I/O).
 *
 * It is served by the event loop, in its one thread, and counted in counters of its own. A second
 * process, the guardian, unmounts it when the server has ended, however that ended. */
#ifndef MOCKSERVER_FILES_H
#define MOCKSERVER_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "mockserver/counters.h"
#include "mockserver/settings.h"

#define FILES_BLOCK_BYTES 4096

struct files;

/* Mounts it at settings->files, an empty folder at which nothing is mounted, and counts in
 * `counters`; both are the caller's. The descriptors that are open stay closed to the guardian, but
 * for the standard ones. Returns NULL with cause and remedy in `error`. */
struct files *files_mount(const struct settings *settings, struct counters *counters,
                          struct error *error);

/* Unmounts it and ends the guardian. What is in flight fails. NULL is allowed. */
void files_unmount(struct files *files);

/* Readable when something is asked for. */
int files_fd(const struct files *files);

/* Takes what has been asked for, as much as is fair to others. Returns false where the file system
 * was unmounted by somebody else, and nothing will come any more. */
bool files_ready(struct files *files);

/* Answers the reads that are due, at most as many as is fair. */
void files_run_due(struct files *files);

/* When the next one is due, of clock_ns(); 0: none is in flight. */
uint64_t files_next_ns(const struct files *files);

#endif
