#include "harness/memory/mappings.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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

struct mapped_file {
    char device[16];
    uint64_t inode;
    size_t size;
    bool *seen; /* which of its pages are counted */
};

struct mapping {
    uint64_t from, to, offset;
    char access[5], path[8];
    struct mapped_file file;
};

/* The tops of the stacks of a process' threads but the first, in ascending order. glibc puts what
 * it knows of a thread, the head of its list of robust mutexes too, at the end of its stack. A
 * thread without such a list (Go's) has its stack in the heap, or wherever: its top is 0. */
static size_t list_tops(pid_t pid, uint64_t **tops)
{
    char path[64];
    size_t size = 0;
    FILE *list = open_memstream((char **)tops, &size);
    DIR *tasks;
    struct dirent *task;

    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    tasks = opendir(path);
    while (tasks != NULL && list != NULL && (task = readdir(tasks)) != NULL) {
        pid_t tid = (pid_t)atoi(task->d_name);
        uintptr_t head = 0;
        size_t length;
        uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), top;

        if (!isdigit((unsigned char)task->d_name[0]) || tid == pid)
            continue;
        syscall(SYS_get_robust_list, tid, &head, &length);
        top = (head + page - 1) / page * page;
        fwrite(&top, sizeof(top), 1, list);
    }
    if (tasks != NULL)
        closedir(tasks);
    if (list != NULL)
        fclose(list);
    return size / sizeof(uint64_t);
}

static int compare_tops(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;

    return (first > second) - (first < second);
}

/* The pages with all these `bits`, in bytes; of `seen` (NULL: all) only those not seen before. */
static uint64_t resident(int pagemap, uint64_t from, uint64_t to, uint64_t bits, bool *seen)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), entries[512], bytes = 0;
    uint64_t next = from / page, end = to / page;

    while (next < end) {
        uint64_t count = end - next < COUNT_OF(entries) ? end - next : COUNT_OF(entries);
        ssize_t got =
            pread(pagemap, entries, count * sizeof(*entries), (off_t)(next * sizeof(*entries)));

        if (got <= 0)
            break;
        for (size_t i = 0; i < (size_t)got / sizeof(*entries); i++, next++) {
            if ((entries[i] & bits) != bits || (seen != NULL && seen[next - from / page]))
                continue;
            bytes += page;
            if (seen != NULL)
                seen[next - from / page] = true;
        }
    }
    return bytes;
}

/* The flags of the pages that are mapped, from the file's `offset` on; NULL without memory. */
static bool *find_file(struct mappings *sum, const struct mapping *mapping)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), i = 0, first = mapping->offset / page;
    size_t size = first + (mapping->to - mapping->from) / page;
    struct mapped_file *files = sum->files;
    bool *seen;

    while (i < sum->count && (files[i].inode != mapping->file.inode ||
                              strcmp(files[i].device, mapping->file.device) != 0))
        i++;
    if (i == sum->count) {
        files = realloc(files, (i + 1) * sizeof(*files));
        if (files == NULL)
            return NULL;
        sum->files = files;
        files[sum->count++] = mapping->file;
    }
    if (files[i].size < size) {
        seen = realloc(files[i].seen, size);
        if (seen == NULL)
            return NULL;
        memset(seen + files[i].size, 0, size - files[i].size);
        files[i].seen = seen;
        files[i].size = size;
    }
    return files[i].seen + first;
}

/* Shared memory has a file's name in /dev or in none, and counts as anonymous. */
static void add_file(struct mappings *sum, const struct mapping *mapping, int pagemap)
{
    bool *seen;

    if (mapping->path[0] != '/' || strncmp(mapping->path, "/dev/", 5) == 0 ||
        strncmp(mapping->path, "/memfd:", 7) == 0 || strncmp(mapping->path, "/SYSV", 5) == 0)
        return;
    seen = find_file(sum, mapping);
    if (seen == NULL)
        sum->known = false;
    else
        sum->file_bytes +=
            resident(pagemap, mapping->from, mapping->to, PAGE_PRESENT | PAGE_OF_FILE, seen);
}

static void add_stack(struct mappings *sum, uint64_t from, uint64_t to, int pagemap, uint64_t bits)
{
    sum->stack_virtual_bytes += to - from;
    sum->stack_bytes += resident(pagemap, from, to, bits, NULL);
}

/* A stack begins above its guard page, where nothing can be read, and ends at its top: what the
 * kernel shows as one mapping may go on with memory that the heap has right above it. */
static void add_mappings(struct mappings *sum, char *maps, int pagemap, const uint64_t *tops,
                         size_t count, uint64_t bits)
{
    struct mapping one, below = {.to = 0};
    size_t next = 0;
    char *rest;

    for (char *line = strtok_r(maps, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        one = (struct mapping){.path = ""};
        sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %15s %" SCNu64 " %7s", &one.from,
               &one.to, one.access, &one.offset, one.file.device, &one.file.inode, one.path);
        if (strcmp(one.path, "[stack]") == 0)
            add_stack(sum, one.from, one.to, pagemap, bits);
        add_file(sum, &one, pagemap);
        for (uint64_t from = one.from; next < count && tops[next] <= one.to; from = tops[next++])
            if (tops[next] > from &&
                (from > one.from || (below.to == from && below.access[0] == '-')))
                add_stack(sum, from, tops[next], pagemap, bits);
            else
                sum->stacks_known = false;
        below = one;
    }
}

void mappings_add(struct mappings *sum, pid_t pid)
{
    char path[64], *maps;
    uint64_t *tops = NULL;
    size_t count = list_tops(pid, &tops);
    int pagemap;

    snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
    maps = file_read(path, MAPS_SIZE_MAX, NULL);
    snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)pid);
    pagemap = maps != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (pagemap >= 0 && tops != NULL) {
        qsort(tops, count, sizeof(*tops), compare_tops);
        /* What the first process of a tree shares with its children is its own. */
        add_mappings(sum, maps, pagemap, tops, count,
                     sum->count == 0 ? PAGE_PRESENT : PAGE_PRESENT | PAGE_OWN);
    } else if (errno != ENOENT && errno != ESRCH) {
        sum->known = sum->stacks_known = false;
    }
    if (pagemap >= 0)
        close(pagemap);
    free(maps);
    free(tops);
}

void mappings_free(struct mappings *sum)
{
    for (size_t i = 0; i < sum->count; i++)
        free(sum->files[i].seen);
    free(sum->files);
    *sum = (struct mappings){.count = 0};
}
