#include "common/process/proctree.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/count.h"
#include "common/file.h"

#define MAPS_SIZE_MAX ((size_t)256 << 20)

/* Of /proc/PID/pagemap. */
#define PAGE_PRESENT ((uint64_t)1 << 63)
#define PAGE_OF_FILE ((uint64_t)1 << 61)
#define PAGE_OWN     ((uint64_t)1 << 56) /* no other process maps it */

struct mapping {
    uint64_t from, to, offset, inode;
    char access[5], device[16], path[8];
};

/* Ordered: the tops of the stacks of a process' threads but the first. glibc puts what it knows of
 * a thread, the head of its list of robust mutexes too, at the end of its stack. A thread without
 * such a list (Go's) has its stack in the heap, or wherever: its top is 0. */
static uint64_t *list_tops(pid_t pid, size_t *count)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), *tops;
    char pattern[64];
    glob_t tasks = {0};

    snprintf(pattern, sizeof(pattern), "/proc/%d/task/*", (int)pid);
    glob(pattern, GLOB_NOSORT, NULL, &tasks);
    tops = calloc(tasks.gl_pathc + 1, sizeof(*tops));
    *count = 0;
    for (size_t i = 0; i < tasks.gl_pathc && tops != NULL; i++) {
        pid_t tid = (pid_t)atoi(strrchr(tasks.gl_pathv[i], '/') + 1);
        uintptr_t head = 0;
        size_t length;

        if (tid == pid)
            continue;
        syscall(SYS_get_robust_list, tid, &head, &length);
        tops[(*count)++] = (head + page - 1) / page * page;
    }
    globfree(&tasks);
    return tops;
}

static int compare_tops(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;

    return (first > second) - (first < second);
}

/* The pages with all these `bits`, in bytes. */
static uint64_t resident(int pagemap, uint64_t from, uint64_t to, uint64_t bits)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), entries[512], pages = 0;
    ssize_t got = 1;

    for (uint64_t next = from / page, end = to / page; next < end && got > 0;
         next += (uint64_t)got / sizeof(*entries)) {
        uint64_t count = end - next < COUNT_OF(entries) ? end - next : COUNT_OF(entries);

        got = pread(pagemap, entries, count * sizeof(*entries), (off_t)(next * sizeof(*entries)));
        for (size_t i = 0; got > 0 && i < (size_t)got / sizeof(*entries); i++)
            pages += (entries[i] & bits) == bits;
    }
    return pages * page;
}

static void add(uint64_t *figure, uint64_t bytes)
{
    if (*figure != PROCTREE_UNKNOWN)
        *figure += bytes;
}

/* Of a part of a file that several processes map counts the one with the most pages. Shared memory
 * has a file's name in /dev or in none, and is anonymous. */
static void add_file(struct proctree_memory *sum, json_t *files, const struct mapping *mapping,
                     int pagemap)
{
    char key[96];
    json_int_t bytes, before;

    if (mapping->path[0] != '/' || strncmp(mapping->path, "/dev/", 5) == 0 ||
        strncmp(mapping->path, "/memfd:", 7) == 0 || strncmp(mapping->path, "/SYSV", 5) == 0)
        return;
    snprintf(key, sizeof(key), "%s %" PRIu64 " %" PRIx64, mapping->device, mapping->inode,
             mapping->offset);
    before = json_integer_value(json_object_get(files, key));
    bytes = (json_int_t)resident(pagemap, mapping->from, mapping->to, PAGE_PRESENT | PAGE_OF_FILE);
    if (bytes > before) {
        add(&sum->library_bytes, (uint64_t)(bytes - before));
        json_object_set_new(files, key, json_integer(bytes));
    }
}

static void add_stack(struct proctree_memory *sum, uint64_t from, uint64_t to, int pagemap,
                      uint64_t bits)
{
    add(&sum->stack_virtual_bytes, to - from);
    add(&sum->stack_bytes, resident(pagemap, from, to, bits));
}

/* A stack begins above its guard page, where nothing can be read, and ends at its top: what the
 * kernel shows as one mapping may go on with memory that the heap has right above it. Two in one
 * mapping (guarded by madvise(), glibc 2.42) cannot be told. */
static void add_mappings(struct proctree_memory *sum, json_t *files, char *maps, int pagemap,
                         const uint64_t *tops, size_t count)
{
    /* What the first process of a tree shares with its children is its own. */
    uint64_t bits = PAGE_PRESENT | (json_object_size(files) > 0 ? PAGE_OWN : 0);
    struct mapping one, below = {.to = 0};
    size_t next = 0;
    char *rest;

    for (char *line = strtok_r(maps, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        one = (struct mapping){.path = ""};
        sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %15s %" SCNu64 " %7s", &one.from,
               &one.to, one.access, &one.offset, one.device, &one.inode, one.path);
        if (strcmp(one.path, "[stack]") == 0)
            add_stack(sum, one.from, one.to, pagemap, bits);
        add_file(sum, files, &one, pagemap);
        for (; next < count && tops[next] <= one.to; next++)
            if (tops[next] > one.from && below.to == one.from && below.access[0] == '-' &&
                (next == 0 || tops[next - 1] <= one.from))
                add_stack(sum, one.from, tops[next], pagemap, bits);
            else
                sum->stack_bytes = sum->stack_virtual_bytes = PROCTREE_UNKNOWN;
        below = one;
    }
}

void proctree_add_mappings(struct proctree_memory *sum, json_t *files, pid_t pid)
{
    char path[64], *maps;
    size_t count;
    uint64_t *tops = list_tops(pid, &count);
    int pagemap;

    snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
    maps = file_read(path, MAPS_SIZE_MAX, NULL);
    snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)pid);
    pagemap = maps != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (pagemap >= 0 && tops != NULL) {
        qsort(tops, count, sizeof(*tops), compare_tops);
        add_mappings(sum, files, maps, pagemap, tops, count);
    } else if (errno != ENOENT && errno != ESRCH) {
        sum->stack_bytes = sum->stack_virtual_bytes = sum->library_bytes = PROCTREE_UNKNOWN;
    }
    if (pagemap >= 0)
        close(pagemap);
    free(maps);
    free(tops);
}
