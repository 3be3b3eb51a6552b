#include "harness/run/run_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/count.h"
#include "common/file.h"
#include "common/json.h"
#include "common/limit.h"
#include "common/path.h"

#define SAME_SECOND_MAX 100

static const char *remedy(int code)
{
    switch (code) {
    case -ENOSPC:
    case -EDQUOT:
        return "; free some space there";
    case -EACCES:
    case -EPERM:
    case -EROFS:
        return "; choose another folder with --results DIR";
    default:
        return "";
    }
}

/* A name of its own even for runs that start in the same second. */
static int make_folder(struct run_folder *folder, const char *results, const char *plan_name)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm utc;

    gmtime_r(&now, &utc);
    strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &utc);
    for (int n = 1; n <= SAME_SECOND_MAX; n++) {
        char suffix[16] = "";

        if (n > 1)
            snprintf(suffix, sizeof(suffix), "-%d", n);
        snprintf(folder->id, sizeof(folder->id), "%s-%s%s", stamp, plan_name, suffix);
        path_join(folder->path, results, folder->id);
        if (folder->path[0] == '\0' || strlen(folder->path) >= PATH_MAX - RUN_ID_SIZE)
            return -ENAMETOOLONG;
        if (mkdir(folder->path, 0755) == 0)
            return 0;
        if (errno != EEXIST)
            return -errno;
    }
    return -EEXIST;
}

/* Opens and locks it. A file system without locks only costs `bench list` and `bench resume`. */
static int lock_folder(struct run_folder *folder)
{
    char path[PATH_MAX];

    folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->fd < 0)
        return -errno;
    if (flock(folder->fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
        return -EBUSY;
    if (mkdir(run_folder_path(folder, "records", path), 0755) < 0 && errno != EEXIST)
        return -errno;
    return 0;
}

int run_folder_create(struct run_folder *folder, const char *results, const char *plan_name,
                      struct error *error)
{
    int code = file_make_folder(results);

    *folder = (struct run_folder){.fd = -1};
    if (code == 0)
        code = make_folder(folder, results, plan_name);
    if (code == 0)
        code = lock_folder(folder);
    if (code == 0)
        return 0;
    run_folder_close(folder);
    return error_set(error, code, "cannot make a folder for the run in %s: %s%s", results,
                     strerror(-code), remedy(code));
}

/* A folder from somebody else may hold links to what is not in it, and pipes without an end. Sets
 * `other` to the first of them, of PATH_MAX bytes, or to "". Returns 0 or a negative errno. */
static int find_other(const char *folder, char *other)
{
    char *const roots[] = {(char *)folder, NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    FTSENT *entry;

    other[0] = '\0';
    if (tree == NULL)
        return -errno;
    while (other[0] == '\0' && (entry = fts_read(tree)) != NULL)
        if (entry->fts_info != FTS_F && entry->fts_info != FTS_D && entry->fts_info != FTS_DP)
            snprintf(other, PATH_MAX, "%s", entry->fts_path);
    fts_close(tree);
    return 0;
}

int run_folder_open(struct run_folder *folder, const char *path, struct error *error)
{
    char *real = realpath(path, NULL), other[PATH_MAX] = "";
    int code = real != NULL ? 0 : -errno;

    *folder = (struct run_folder){.fd = -1};
    if (code == 0 && strlen(real) >= sizeof(folder->path) - RUN_ID_SIZE)
        code = -ENAMETOOLONG;
    if (code == 0) {
        snprintf(folder->path, sizeof(folder->path), "%s", real);
        snprintf(folder->id, sizeof(folder->id), "%.127s", strrchr(real, '/') + 1);
        code = find_other(real, other);
        if (code == 0)
            code = other[0] == '\0' ? lock_folder(folder) : -EINVAL;
    }
    free(real);
    if (code == 0)
        return 0;
    run_folder_close(folder);
    if (other[0] != '\0')
        return error_set(error, code, "%s is no file and no folder: take it away", other);
    if (code == -EBUSY)
        return error_set(error, code, "the run %s still goes on", path);
    return error_set(error, code, "cannot open %s: %s", path, strerror(-code));
}

int run_folder_mend(const struct run_folder *folder, const char *name, struct error *error)
{
    char path[PATH_MAX];
    size_t size, whole;
    char *text = file_read(run_folder_path(folder, name, path), SIZE_MAX / 2, &size);
    const char *end;
    int code = 0;

    if (text == NULL)
        return errno == ENOENT
                   ? 0
                   : error_set(error, -errno, "cannot read %s: %s", path, strerror(errno));
    end = memrchr(text, '\n', size);
    whole = end != NULL ? (size_t)(end - text) + 1 : 0;
    if (whole < size && truncate(path, (off_t)whole) < 0)
        code = error_set(error, -errno, "cannot write %s: %s", path, strerror(errno));
    free(text);
    return code;
}

json_t *run_folder_count(const struct run_folder *folder)
{
    static const char *const names[] = {"results.jsonl", "memory.jsonl", "patterns.jsonl"};
    json_t *lines = json_object();
    char path[PATH_MAX];

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char *text = file_read(run_folder_path(folder, names[i], path), SIZE_MAX / 2, NULL);
        json_int_t count = 0;

        for (const char *at = text; at != NULL && (at = strchr(at, '\n')) != NULL; at++)
            count++;
        if (text != NULL)
            json_object_set_new(lines, names[i], json_integer(count));
        free(text);
    }
    return lines;
}

void run_folder_close(struct run_folder *folder)
{
    if (folder->fd >= 0)
        close(folder->fd);
    folder->fd = -1;
}

const char *run_folder_path(const struct run_folder *folder, const char *name, char *path)
{
    return path_join(path, folder->path, name);
}

static int failed(int code, const char *path, struct error *error)
{
    struct error limit;

    if (code == 0)
        return 0;
    limit_explain(code, &limit);
    return error_set(error, code, "cannot write %s: %s%s%s%s", path, strerror(-code), remedy(code),
                     limit.text[0] != '\0' ? ": " : "", limit.text);
}

int run_folder_append(const struct run_folder *folder, const char *name, const json_t *line,
                      struct error *error)
{
    char path[PATH_MAX];

    return failed(json_line_append(run_folder_path(folder, name, path), line), path, error);
}

int run_folder_write(const struct run_folder *folder, const char *name, const json_t *value,
                     struct error *error)
{
    char path[PATH_MAX];

    return failed(json_file_write(run_folder_path(folder, name, path), value), path, error);
}

bool run_folder_in_use(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool in_use = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;

    if (fd >= 0)
        close(fd);
    return in_use;
}
