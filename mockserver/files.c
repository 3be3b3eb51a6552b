#define FUSE_USE_VERSION 35

#include "mockserver/files.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/child.h"
#include "common/clock.h"
#include "common/units.h"
#include "mockserver/delay_queue.h"

#define AT_ONCE_MAX    256     /* messages, or replies that are due */
#define BACKGROUND_MAX 65535   /* reads that nobody waits for (io_uring): FUSE's most */
#define CACHED_S       86400.0 /* how long the kernel remembers names: they never change */

/* The numbers of inodes say all: the root, the folder users, and from INODE_OWN on the folders with
 * delays of their own, by the microsecond; a file has that of its folder in the upper half. */
#define INODE_USERS   (FUSE_ROOT_ID + 1)
#define INODE_OWN     (INODE_USERS + 1)
#define INODE_SHIFT   32
#define ID_MAX        ((1ULL << INODE_SHIFT) - 1)
#define OWN_DELAY_MAX (3600 * NS_PER_S)

struct files {
    const struct settings *settings;
    struct counters *counters;
    struct fuse_session *session;
    struct fuse_buf buffer;
    struct delay_queue delays;
    char path[PATH_MAX];
    pid_t guardian;
    int lifeline; /* open as long as the server lives */
};

/* A read that waits for its time. */
struct waiting {
    struct delay_item timer; /* first */
    fuse_req_t request;
    uint64_t id;
    size_t size;
    enum fault fault;
};

/* ---- What there is ----------------------------------------------------------------------- */

/* Folders have the delay as their name. Returns 0 where it is none. */
static fuse_ino_t find_folder(const char *name)
{
    uint64_t delay_ns;

    if (strcmp(name, "users") == 0)
        return INODE_USERS;
    if (units_parse_duration(name, &delay_ns) < 0 || delay_ns > OWN_DELAY_MAX)
        return 0;
    return INODE_OWN + delay_ns / NS_PER_US;
}

static fuse_ino_t find_file(fuse_ino_t folder, const char *name)
{
    char *end = NULL;
    uint64_t id = isdigit((unsigned char)name[0]) ? strtoull(name, &end, 10) : ID_MAX + 1;

    return id <= ID_MAX && *end == '\0' ? folder << INODE_SHIFT | id : 0;
}

static struct stat describe(fuse_ino_t inode)
{
    bool folder = inode <= ID_MAX;

    return (struct stat){
        .st_ino = inode,
        .st_mode = folder ? S_IFDIR | 0555 : S_IFREG | 0444,
        .st_nlink = 1,
        .st_size = folder ? 0 : FILES_BLOCK_BYTES,
    };
}

static void on_lookup(fuse_req_t request, fuse_ino_t parent, const char *name)
{
    struct fuse_entry_param entry = {.attr_timeout = CACHED_S, .entry_timeout = CACHED_S};

    entry.ino = parent == FUSE_ROOT_ID ? find_folder(name) : find_file(parent, name);
    entry.attr = describe(entry.ino);
    if (entry.ino != 0)
        fuse_reply_entry(request, &entry);
    else
        fuse_reply_err(request, ENOENT);
}

static void on_getattr(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info)
{
    struct stat found = describe(inode);

    (void)info;
    fuse_reply_attr(request, &found, CACHED_S);
}

static void on_open(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info)
{
    (void)inode;
    info->direct_io = 1;
    fuse_reply_open(request, info);
}

static void on_init(void *files, struct fuse_conn_info *connection)
{
    (void)files;
    connection->max_background = BACKGROUND_MAX;
}

/* ---- Reading ----------------------------------------------------------------------------- */

static uint64_t delay_of(const struct files *files, fuse_ino_t inode, uint64_t id)
{
    const struct settings *settings = files->settings;
    fuse_ino_t folder = inode >> INODE_SHIFT;

    if (folder == INODE_USERS)
        return latency_delay_ns(&settings->latency, settings->seed, id, 0);
    return (folder - INODE_OWN) * NS_PER_US;
}

/* Those that a file can have. */
static enum fault fault_of(const struct files *files, uint64_t id)
{
    enum fault fault = faults_choose(&files->settings->faults, files->settings->seed, id, 0);

    return fault == FAULT_HANG || fault == FAULT_DRIP || fault == FAULT_STALE ? FAULT_NONE : fault;
}

/* What is in the file from `offset` on; cut short, only half of the body is. */
static int reply_bytes(fuse_req_t request, uint64_t id, size_t offset, size_t size, bool cut)
{
    char block[FILES_BLOCK_BYTES + 1];
    size_t end = FILES_BLOCK_BYTES;
    int body = snprintf(block, sizeof(block),
                        "{\"id\": %" PRIu64 ", \"name\": \"User %" PRIu64 "\"}", id, id);

    memset(block + body, ' ', FILES_BLOCK_BYTES - (size_t)body - 1);
    block[FILES_BLOCK_BYTES - 1] = '\n';
    if (cut)
        end = (size_t)body / 2;
    if (offset >= end)
        return fuse_reply_buf(request, NULL, 0);
    return fuse_reply_buf(request, block + offset, size < end - offset ? size : end - offset);
}

static int reply(const struct waiting *read)
{
    switch (read->fault) {
    case FAULT_NONE:
        return reply_bytes(read->request, read->id, 0, read->size, false);
    case FAULT_TRUNCATE:
    case FAULT_RESET_BODY:
        return reply_bytes(read->request, read->id, 0, read->size, true);
    case FAULT_WRONG_BODY:
        return reply_bytes(read->request, read->id + 1, 0, read->size, false);
    case FAULT_OVERLOAD:
        return fuse_reply_err(read->request, EBUSY);
    default:
        return fuse_reply_err(read->request, EIO);
    }
}

/* Replies and counts. A reader that was killed meanwhile has left. */
static void answer(struct files *files, const struct waiting *read, uint64_t due_ns)
{
    struct counters *counters = files->counters;
    int error = reply(read);

    if (read->fault != FAULT_NONE)
        counters_add(&counters->faults[read->fault], 1);
    counters_add(error < 0 ? &counters->aborted : &counters->responses, 1);
    if (error == 0)
        counters_late(counters, due_ns, clock_ns());
}

/* The reader has had a signal and does not want to wait any longer. */
static void on_interrupt(fuse_req_t request, void *user)
{
    struct files *files = fuse_req_userdata(request);
    struct waiting *read = user;

    delay_queue_remove(&files->delays, &read->timer);
    gauge_down(&files->counters->in_flight);
    counters_add(&files->counters->aborted, 1);
    fuse_reply_err(request, EINTR);
    free(read);
}

/* The first block takes the file's time. What is behind it, its end, is told at once. */
static void on_read(fuse_req_t request, fuse_ino_t inode, size_t size, off_t offset,
                    struct fuse_file_info *info)
{
    struct files *files = fuse_req_userdata(request);
    struct counters *counters = files->counters;
    uint64_t id = inode & ID_MAX, arrived_ns = clock_ns();
    struct waiting *read = offset == 0 ? calloc(1, sizeof(*read)) : NULL;

    (void)info;
    if (offset > 0) {
        reply_bytes(request, id, (size_t)offset, size, false);
        return;
    }
    if (read == NULL || fuse_req_interrupted(request)) {
        fuse_reply_err(request, read == NULL ? ENOMEM : EINTR);
        free(read);
        return;
    }
    *read = (struct waiting){.request = request, .id = id, .size = size};
    counters_add(&counters->requests, 1);
    if (!gauge_try_up(&counters->in_flight, files->settings->in_flight_max)) {
        read->fault = FAULT_OVERLOAD;
        answer(files, read, arrived_ns);
        free(read);
        return;
    }
    read->fault = fault_of(files, id);
    read->timer.deadline_ns = arrived_ns + delay_of(files, inode, id);
    fuse_req_interrupt_func(request, on_interrupt, read);
    if (delay_queue_add(&files->delays, &read->timer, false) < 0) {
        gauge_down(&counters->in_flight);
        fuse_reply_err(request, ENOMEM);
        counters_add(&counters->aborted, 1);
        free(read);
    }
}

void files_run_due(struct files *files)
{
    struct delay_item *item = delay_queue_first(&files->delays);

    for (int i = 0; i < AT_ONCE_MAX && item != NULL && item->deadline_ns <= clock_ns(); i++) {
        struct waiting *read = (struct waiting *)item;

        delay_queue_remove(&files->delays, item);
        gauge_down(&files->counters->in_flight); /* before the reply: see land() of answer.c */
        answer(files, read, read->timer.deadline_ns);
        free(read);
        item = delay_queue_first(&files->delays);
    }
}

uint64_t files_next_ns(const struct files *files)
{
    const struct delay_item *item = delay_queue_first(&files->delays);

    return item != NULL ? item->deadline_ns : 0;
}

int files_fd(const struct files *files)
{
    return fuse_session_fd(files->session);
}

bool files_ready(struct files *files)
{
    int size = 1;

    for (int i = 0; i < AT_ONCE_MAX && size > 0; i++) {
        size = fuse_session_receive_buf(files->session, &files->buffer);
        if (size > 0)
            fuse_session_process_buf(files->session, &files->buffer);
    }
    return size > 0 || size == -EAGAIN || size == -EINTR;
}

/* ---- Mounting ---------------------------------------------------------------------------- */

/* Whether something is mounted there: asked of the kernel alone, since a file system whose server
 * does nothing else at the moment, or has died, would not answer. */
static bool is_mounted(const char *path)
{
    struct statx found;

    return statx(AT_FDCWD, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, 0, &found) == 0 &&
           (found.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

/* Who may not unmount has fusermount3 do it, in place of this process. */
static int unmount(const char *path)
{
    if (is_mounted(path) && umount2(path, MNT_DETACH) < 0 && errno == EPERM)
        execlp("fusermount3", "fusermount3", "-u", "-z", "--", path, NULL);
    return is_mounted(path) ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Waits for the end of the server: of the other end of its pipe. No signal but SIGKILL ends it. */
static _Noreturn void be_guardian(const char *path, int lifeline)
{
    sigset_t all;
    char byte;

    setsid();
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    dup2(lifeline, STDERR_FILENO + 1);
    closefrom(STDERR_FILENO + 2);
    while (read(STDERR_FILENO + 1, &byte, 1) < 0 && errno == EINTR)
        ;
    _exit(unmount(path));
}

static int start_guardian(struct files *files)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    files->lifeline = ends[1];
    files->guardian = fork();
    if (files->guardian == 0) {
        close(ends[1]);
        be_guardian(files->path, ends[0]);
    }
    close(ends[0]);
    return files->guardian < 0 ? -errno : 0;
}

static const struct fuse_lowlevel_ops operations = {
    .init = on_init,
    .lookup = on_lookup,
    .getattr = on_getattr,
    .open = on_open,
    .read = on_read,
};

static int open_session(struct files *files)
{
    char *words[] = {"mockserver", "-oro,nosuid,nodev,fsname=mockserver,subtype=latency", NULL};
    struct fuse_args arguments = FUSE_ARGS_INIT(2, words);

    files->session = fuse_session_new(&arguments, &operations, sizeof(operations), files);
    fuse_opt_free_args(&arguments);
    if (files->session == NULL || fuse_session_mount(files->session, files->path) < 0)
        return -EIO; /* libfuse has said why */
    return fcntl(files_fd(files), F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int mount_at(struct files *files, const char *folder, struct error *error)
{
    int code;

    if (access("/dev/fuse", R_OK | W_OK) < 0)
        return error_set(error, -errno, "--files: /dev/fuse: %s; load it with: modprobe fuse",
                         strerror(errno));
    if (realpath(folder, files->path) == NULL)
        return error_set(error, -errno, "--files: %.200s: %s; name an empty folder", folder,
                         strerror(errno));
    if (is_mounted(files->path))
        return error_set(error, -EBUSY,
                         "--files: %.200s: something is mounted there already; "
                         "name an empty folder, or unmount it with: umount -l %.200s",
                         folder, folder);
    code = start_guardian(files);
    if (code == 0)
        code = open_session(files);
    if (code < 0)
        error_set(error, code, "--files: cannot be mounted: %s; be root, or install fuse3",
                  strerror(-code));
    return code;
}

struct files *files_mount(const struct settings *settings, struct counters *counters,
                          struct error *error)
{
    struct files *files = calloc(1, sizeof(*files));

    if (files == NULL) {
        error_set(error, -ENOMEM, "no memory");
        return NULL;
    }
    files->settings = settings;
    files->counters = counters;
    files->lifeline = -1;
    delay_queue_init(&files->delays);
    if (mount_at(files, settings->files, error) == 0)
        return files;
    files_unmount(files);
    return NULL;
}

/* The guardian unmounts; or libfuse, where it was killed. */
void files_unmount(struct files *files)
{
    struct delay_item *item;

    if (files == NULL)
        return;
    if (files->lifeline >= 0)
        close(files->lifeline);
    if (files->guardian > 0)
        child_wait(files->guardian);
    while ((item = delay_queue_first(&files->delays)) != NULL) {
        delay_queue_remove(&files->delays, item);
        fuse_reply_err(((struct waiting *)item)->request, EIO);
        free(item);
    }
    if (files->session != NULL) {
        fuse_session_unmount(files->session);
        fuse_session_destroy(files->session);
    }
    delay_queue_term(&files->delays);
    free(files->buffer.mem);
    free(files);
}
