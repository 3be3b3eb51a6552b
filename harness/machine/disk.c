/* What a read costs on the disk under a run's folder, past the page cache as the lanes read: beside
 * files whose 200 ms are made, it says what those of this machine take. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/draw.h"
#include "common/file.h"
#include "common/percentile.h"
#include "harness/machine/environment.h"

#define BLOCK_BYTES   4096U
#define FILE_BLOCKS   4096U /* 16 MiB: more than a disk's track, little to write */
#define READS_MAX     1000U
#define READS_ENDS_NS (2 * NS_PER_S)
#define MOUNTS_MAX    (1UL << 20)

/* A file without a name, of blocks that were written out. Returns a descriptor, or -1. */
static int make_file(const char *folder, void *block)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_DIRECT | O_CLOEXEC, 0600);

    for (unsigned i = 0; fd >= 0 && i < FILE_BLOCKS; i++) {
        memset(block, (int)i, BLOCK_BYTES);
        if (pwrite(fd, block, BLOCK_BYTES, (off_t)i * BLOCK_BYTES) != (ssize_t)BLOCK_BYTES) {
            close(fd);
            fd = -1;
        }
    }
    if (fd >= 0)
        fsync(fd);
    return fd;
}

/* Reads blocks anywhere in the file, one after another. Returns how many were read in `taken_ns`.
 */
static size_t read_blocks(int fd, void *block, uint64_t *taken_ns)
{
    uint64_t start = clock_ns(), before, now = start;
    size_t count = 0;

    while (count < READS_MAX && now - start < READS_ENDS_NS) {
        off_t at = (off_t)(draw(1, count, 0, DRAW_DELAY) * FILE_BLOCKS) * BLOCK_BYTES;

        before = clock_ns();
        if (pread(fd, block, BLOCK_BYTES, at) != (ssize_t)BLOCK_BYTES)
            break;
        now = clock_ns();
        taken_ns[count++] = now - before;
    }
    return count;
}

/* "ext4": the type of the file system that `fd` is on, as the kernel lists its mounts. */
static void find_type(int fd, char type[32])
{
    char *mounts = file_read("/proc/self/mountinfo", MOUNTS_MAX, NULL), *rest = mounts, *line;
    struct stat status;
    unsigned major, minor;

    strcpy(type, "unknown");
    while (mounts != NULL && fstat(fd, &status) == 0 && (line = strsep(&rest, "\n")) != NULL) {
        const char *behind = strstr(line, " - ");

        if (sscanf(line, "%*d %*d %u:%u", &major, &minor) == 2 && behind != NULL &&
            major == major(status.st_dev) && minor == minor(status.st_dev))
            sscanf(behind, " - %31s", type);
    }
    free(mounts);
}

json_t *disk_measure(const char *folder)
{
    uint64_t taken_ns[READS_MAX];
    char type[32];
    void *block = NULL;
    size_t count = 0;
    int fd = -1;

    if (posix_memalign(&block, BLOCK_BYTES, BLOCK_BYTES) == 0)
        fd = make_file(folder, block);
    if (fd >= 0) {
        count = read_blocks(fd, block, taken_ns);
        find_type(fd, type);
        close(fd);
    }
    free(block);
    if (count == 0)
        return json_null();
    percentile_sort(taken_ns, count);
    return json_pack("{s:s, s:i, s:I, s:I, s:I}", "file_system", type, "reads", (int)count,
                     "p50_ns", (json_int_t)percentile_of_sorted(taken_ns, count, 500), "p99_ns",
                     (json_int_t)percentile_of_sorted(taken_ns, count, 990), "max_ns",
                     (json_int_t)taken_ns[count - 1]);
}
