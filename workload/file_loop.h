/* Files on an event loop, which has no way of its own to wait for them: no file is ever "not
 * ready", as a socket is. Either the threads of libuv's pool block in its place (uv_fs_read), all
 * that the pool has of them at a time; or io_uring takes what is to be done to the kernel, and
 * makes an eventfd readable when it is done. In either case the steps are the same: open, read,
 * close.
 *
 * All of it belongs to the loop's thread. */
#ifndef WORKLOAD_FILE_LOOP_H
#define WORKLOAD_FILE_LOOP_H

#include <stdbool.h>
#include <uv.h>

#include "workload/recorder.h"
#include "workload/workload.h"

struct file_loop;

/* Makes one for w->concurrency slots. ended() is called, by the loop, once for each file that is
 * under way. Returns 0, or a negative error with *files NULL, and then the loop is to run until it
 * has closed its handles. */
int file_loop_new(struct file_loop **files, uv_loop_t *loop, const struct workload *w,
                  struct recorder *r, void (*ended)(void *user, uint64_t slot), void *user);

/* Begins with the file of the item `id`, which was started. Returns true where it is under way;
 * false where it has ended already, as there is no memory. */
bool file_loop_begin(struct file_loop *files, uint64_t slot, uint64_t id);

/* Waits, with the loop, for what is under way, and frees all. The handles are closed when the loop
 * runs next. NULL is allowed. */
void file_loop_free(struct file_loop *files);

#endif
