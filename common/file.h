/* Files that are never seen half written, and lines that are never lost. */
#ifndef COMMON_FILE_H
#define COMMON_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether there is something at `path` that is no regular file: a device, a pipe, a folder. */
bool file_is_special(const char *path);

/* Puts `size` bytes at `path`: writes a new temporary file beside it, flushes it to the disk,
 * renames it. A reader sees the old file or the new one. Nothing that stands there is written to,
 * whoever put it there: a link or a pipe is replaced as well. Returns 0 or a negative errno. */
int file_replace(const char *path, const void *data, size_t size);

/* Likewise at `name` in the open folder `folder`; or as openat() takes both. */
int file_replace_at(int folder, const char *name, const void *data, size_t size);

/* Likewise for a file that the user named, which may be a device or a pipe, such as /dev/stdout:
 * that is written to. */
int file_write(const char *path, const void *data, size_t size);

/* Appends `line` and a newline to `path` (made where it is missing) with one write(), so that lines
 * of several processes do not mix, and flushes it to the disk. Returns 0 or a negative errno. */
int file_append_line(const char *path, const char *line);

/* Whether `path` (made where it is missing) can be appended to: better known before a measurement
 * than after. Returns 0 or a negative errno. */
int file_check_appendable(const char *path);

/* Reads a whole file of at most `size_max` bytes. Returns its bytes followed by a NUL, to be freed
 * by the caller, with *size set; or NULL with errno set (EFBIG: larger than size_max; ENODEV: no
 * regular file, which might never end). Reads until the end, so it serves /proc as well. `size` may
 * be NULL. */
char *file_read(const char *path, size_t size_max, size_t *size);

/* In a file of the kernel: what follows "KEY: " or "KEY " at the start of a line, or NULL. */
const char *file_find(const char *text, const char *key);

/* The whole number at the start of a file of the kernel, or, where `name` is not empty, the one
 * that follows it as in file_find(); `otherwise` where there is none. */
uint64_t file_read_number(const char *path, const char *name, uint64_t otherwise);

/* Makes a folder and those above it, as mkdir -p. Returns 0 or a negative errno. */
int file_make_folder(const char *path);

/* Likewise, and opens it. Returns its descriptor or a negative errno: -ENOTDIR for a link, which
 * may be somebody else's. */
int file_open_folder(const char *path);

/* Removes what is at `path`: a folder with all that is in it, but not what links in it lead to or
 * what is mounted there. What cannot be removed stays. */
void file_remove_tree(const char *path);

#endif
