#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, data, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        data += written;
        size -= (size_t)written;
    }
    return 0;
}

/* Flushes what was written without an `error`, and closes; pipes and terminals cannot be flushed
 * (EINVAL), and need not be. */
static int sync_and_close(int fd, int error)
{
    if (error == 0 && fsync(fd) < 0 && errno != EINVAL && errno != EROFS)
        error = -errno;
    if (close(fd) < 0 && error == 0)
        error = -errno;
    return error;
}

bool file_is_special(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

int file_replace_at(int folder, const char *name, const void *data, size_t size)
{
    char temporary[PATH_MAX];
    int fd, error;

    if (snprintf(temporary, sizeof(temporary), "%s.%d.tmp", name, (int)getpid()) >=
        (int)sizeof(temporary))
        return -ENAMETOOLONG;
    unlinkat(folder, temporary, 0); /* of a process that was killed */
    fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return -errno;
    error = sync_and_close(fd, write_all(fd, data, size));
    if (error == 0 && renameat(folder, temporary, folder, name) < 0)
        error = -errno;
    if (error != 0)
        unlinkat(folder, temporary, 0);
    return error;
}

int file_replace(const char *path, const void *data, size_t size)
{
    return file_replace_at(AT_FDCWD, path, data, size);
}

int file_write(const char *path, const void *data, size_t size)
{
    int fd;

    if (!file_is_special(path))
        return file_replace(path, data, size);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    return fd < 0 ? -errno : sync_and_close(fd, write_all(fd, data, size));
}

int file_check_appendable(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

    if (fd < 0)
        return -errno;
    close(fd);
    return 0;
}

/* The whole line or nothing of it: the next one must not join half a line. */
static int append_and_close(int fd, const char *line, size_t size)
{
    struct stat before;
    bool known = fstat(fd, &before) == 0 && S_ISREG(before.st_mode);
    int error = write_all(fd, line, size);

    if (error < 0 && known && ftruncate(fd, before.st_size) < 0)
        error = -errno;
    return sync_and_close(fd, error);
}

int file_append_line(const char *path, const char *line)
{
    size_t length = strlen(line);
    char *text = malloc(length + 1);
    int fd, error;

    if (text == NULL)
        return -ENOMEM;
    memcpy(text, line, length);
    text[length] = '\n';
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    error = fd < 0 ? -errno : append_and_close(fd, text, length + 1);
    free(text);
    return error;
}

static char *read_until_end(int fd, size_t size_max, size_t *size)
{
    size_t capacity = 4096, length = 0;
    char *data = malloc(capacity + 1);

    while (data != NULL) {
        ssize_t got = read(fd, data + length, capacity - length);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || length + (size_t)got > size_max) {
            if (got > 0)
                errno = EFBIG;
            if (got != 0)
                break;
            data[length] = '\0';
            *size = length;
            return data;
        }
        length += (size_t)got;
        if (length == capacity) {
            char *larger = realloc(data, 2 * capacity + 1);

            if (larger == NULL)
                break;
            data = larger;
            capacity *= 2;
        }
    }
    free(data);
    return NULL;
}

char *file_read(const char *path, size_t size_max, size_t *size)
{
    size_t ignored;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), error; /* no writer is waited for */
    struct stat status;
    char *data = NULL;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode))
        errno = S_ISDIR(status.st_mode) ? EISDIR : ENODEV;
    else
        data = read_until_end(fd, size_max, size != NULL ? size : &ignored);
    error = errno;
    close(fd);
    errno = error;
    return data;
}

const char *file_find(const char *text, const char *key)
{
    size_t length = strlen(key);

    while (text != NULL && !(strncmp(text, key, length) == 0 && strchr(" \t:", text[length]))) {
        text = strchr(text, '\n');
        text = text != NULL ? text + 1 : NULL;
    }
    return text != NULL ? text + length + strspn(text + length, " \t:") : NULL;
}

uint64_t file_read_number(const char *path, const char *name, uint64_t otherwise)
{
    char *text = file_read(path, 1UL << 20, NULL);
    const char *place = name[0] != '\0' ? file_find(text, name) : text;
    uint64_t number = place != NULL ? strtoull(place, NULL, 10) : otherwise;

    free(text);
    return number;
}

int file_make_folder(const char *path)
{
    char partial[PATH_MAX];
    size_t length = strlen(path);

    if (length == 0 || length >= sizeof(partial))
        return length == 0 ? -ENOENT : -ENAMETOOLONG;
    memcpy(partial, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        partial[i] = '\0';
        if (mkdir(partial, 0755) < 0 && errno != EEXIST)
            return -errno;
        partial[i] = path[i];
    }
    return 0;
}

int file_open_folder(const char *path)
{
    int error = file_make_folder(path), fd;

    if (error < 0)
        return error;
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status, (void)type, (void)where;
    remove(path);
    return 0;
}

void file_remove_tree(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_MOUNT | FTW_PHYS);
}
