#include "common/process/proctree.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/count.h"
#include "common/file.h"
#include "common/text_stream.h"

#define PROC_FILE_SIZE_MAX 65536
#define KILL_LIMIT_NS      (5 * NS_PER_S)
#define KILL_STEP_NS       NS_PER_MS

struct process_entry {
    pid_t pid;
    pid_t parent;
};

struct snapshot {
    struct process_entry *entries;
    size_t count;
};

static char *read_proc(pid_t pid, const char *name)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    return file_read(path, PROC_FILE_SIZE_MAX, NULL);
}

bool proctree_look(pid_t pid, pid_t *parent, unsigned *flags)
{
    char *stat = read_proc(pid, "stat");
    /* The name of the program is in parentheses and may hold anything, parentheses too. */
    const char *after_name = stat != NULL ? strrchr(stat, ')') : NULL;
    char state = 'Z';

    *parent = 0;
    *flags = 0;
    if (after_name != NULL)
        sscanf(after_name + 1, " %c %d %*d %*d %*d %*d %u", &state, parent, flags);
    free(stat);
    return state != 'Z' && state != 'X';
}

static int snapshot_take(struct snapshot *snapshot)
{
    DIR *proc = opendir("/proc");
    size_t size;
    struct text_stream entries;
    struct process_entry one;
    struct dirent *entry;
    unsigned flags;
    int error = proc == NULL ? -errno : 0, code;

    text_stream_begin(&entries);
    if (error == 0 && entries.file == NULL)
        error = -ENOMEM;

    while (error == 0 && (entry = readdir(proc)) != NULL) {
        one.pid = isdigit((unsigned char)entry->d_name[0]) ? (pid_t)atoi(entry->d_name) : 0;
        if (one.pid > 0 && proctree_look(one.pid, &one.parent, &flags))
            fwrite(&one, sizeof(one), 1, entries.file);
    }
    code = text_stream_end(&entries, (char **)&snapshot->entries, &size);
    if (proc != NULL)
        closedir(proc);
    snapshot->count = code == 0 ? size / sizeof(one) : 0;
    return error < 0 ? error : code;
}

/* The list is its own queue: each process found is asked for its children in turn. */
static void collect_descendants(const struct snapshot *snapshot, pid_t except,
                                struct proctree *tree)
{
    for (size_t next = 0; next < tree->count; next++)
        for (size_t i = 0; i < snapshot->count && tree->count <= snapshot->count; i++)
            if (snapshot->entries[i].parent == tree->pids[next] &&
                snapshot->entries[i].pid != except)
                tree->pids[tree->count++] = snapshot->entries[i].pid;
}

static int list_except(pid_t root, pid_t except, struct proctree *tree)
{
    struct snapshot snapshot = {0};
    pid_t parent;
    unsigned flags;
    int error = proctree_look(root, &parent, &flags) ? snapshot_take(&snapshot) : -ESRCH;

    *tree = (struct proctree){0};
    if (error == 0) {
        /* One more than there are processes: a parent that came and went in the pass may make a
         * process appear twice, but never more than fit. */
        tree->pids = calloc(snapshot.count + 1, sizeof(*tree->pids));
        error = tree->pids != NULL ? 0 : -ENOMEM;
    }
    if (error == 0) {
        tree->pids[tree->count++] = root;
        collect_descendants(&snapshot, except, tree);
    }
    free(snapshot.entries);
    return error;
}

int proctree_list(pid_t root, struct proctree *tree)
{
    return list_except(root, 0, tree);
}

void proctree_free(struct proctree *tree)
{
    free(tree->pids);
    *tree = (struct proctree){0};
}

/* What is summed up: which field of /proc, where "kB" means 1024 bytes (NULL: of mappings.c). */
static const struct {
    const char *name; /* in bench.memory/1 */
    size_t offset;
    bool in_smaps; /* in smaps_rollup, else in status */
    const char *field;
    uint64_t unit;
} figures[] = {
#define FIGURE(name, in_smaps, field, unit)                                                        \
    {                                                                                              \
#name, offsetof(struct proctree_memory, name), in_smaps, field, unit                       \
    }
    FIGURE(processes, false, "", 1),
    FIGURE(threads, false, "Threads", 1),
    FIGURE(pss_bytes, true, "Pss", 1024),
    FIGURE(pss_anon_bytes, true, "Pss_Anon", 1024),
    FIGURE(pss_anon_bytes, true, "Pss_Shmem", 1024),
    FIGURE(rss_bytes, true, "Rss", 1024),
    FIGURE(hwm_bytes, false, "VmHWM", 1024),
    FIGURE(virtual_bytes, false, "VmSize", 1024),
    FIGURE(page_table_bytes, false, "VmPTE", 1024),
    FIGURE(stack_bytes, false, NULL, 1),
    FIGURE(stack_virtual_bytes, false, NULL, 1),
    FIGURE(library_bytes, false, NULL, 1),
#undef FIGURE
};

/* The number of a field, or 0. */
static uint64_t field(const char *text, const char *name)
{
    const char *number = file_find(text, name);

    return number != NULL ? strtoull(number, NULL, 10) : 0;
}

static uint64_t *figure_of(const struct proctree_memory *sum, size_t index)
{
    return (uint64_t *)((char *)sum + figures[index].offset);
}

static int add_process(pid_t pid, struct proctree_memory *sum)
{
    char *status = read_proc(pid, "status");
    char *smaps = status != NULL ? read_proc(pid, "smaps_rollup") : NULL;
    int error = status != NULL && smaps != NULL ? 0 : -errno;

    if (error == 0 && field(smaps, "Rss") > 0) {
        sum->processes++;
        for (size_t i = 1; i < COUNT_OF(figures) && figures[i].field != NULL; i++)
            *figure_of(sum, i) +=
                figures[i].unit * field(figures[i].in_smaps ? smaps : status, figures[i].field);
    }
    free(status);
    free(smaps);
    return error;
}

void proctree_describe(const struct proctree_memory *sum, bool known, json_t *line)
{
    for (size_t i = 0; i < COUNT_OF(figures); i++) {
        uint64_t figure = *figure_of(sum, i);

        json_object_set_new(line, figures[i].name,
                            known && figure != PROCTREE_UNKNOWN ? json_integer((json_int_t)figure)
                                                                : json_null());
    }
}

int proctree_measure(pid_t root, struct proctree_memory *sum)
{
    json_t *files = json_object();
    struct proctree tree;
    int error = proctree_list(root, &tree);

    *sum = (struct proctree_memory){0};
    for (size_t i = 0; i < tree.count && error == 0; i++) {
        error = add_process(tree.pids[i], sum);
        proctree_add_mappings(sum, files, tree.pids[i]);
        if (error == -ENOENT || error == -ESRCH)
            error = 0;
    }
    json_decref(files);
    proctree_free(&tree);
    return error == 0 && sum->processes == 0 ? -ESRCH : error;
}

int proctree_rss(pid_t root, uint64_t *rss_bytes)
{
    struct proctree tree;
    int error = proctree_list(root, &tree);
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

    *rss_bytes = 0;
    for (size_t i = 0; i < tree.count && error == 0; i++) {
        char *statm = read_proc(tree.pids[i], "statm");
        unsigned long long pages = 0;

        if (statm != NULL && sscanf(statm, "%*u %llu", &pages) == 1)
            *rss_bytes += pages * page;
        free(statm);
    }
    proctree_free(&tree);
    return error;
}

/* Returns how many there were. */
static size_t kill_listed(pid_t except)
{
    struct proctree tree;
    size_t count;

    if (list_except(getpid(), except, &tree) < 0)
        return 0;
    count = tree.count - 1;
    for (size_t i = 1; i < tree.count; i++)
        kill(tree.pids[i], SIGKILL);
    proctree_free(&tree);
    return count;
}

/* Returns whether there are children that have not ended. */
static bool reap_children(void)
{
    pid_t pid;

    do
        pid = waitpid(-1, NULL, WNOHANG);
    while (pid > 0);
    return pid == 0;
}

/* A list may be empty although there are descendants: one that had ended when it was looked at may
 * have left a child that started after /proc was read. The kernel's word is exact: who has no child
 * has no descendants. */
void proctree_kill_descendants(pid_t except)
{
    uint64_t deadline = clock_ns() + KILL_LIMIT_NS;
    bool children;
    size_t left;

    do {
        left = kill_listed(except);
        if (left > 0)
            clock_sleep_until(clock_ns() + KILL_STEP_NS);
        children = reap_children();
    } while ((left > 0 || (children && except == 0)) && clock_ns() < deadline);
}
