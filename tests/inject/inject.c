/* A library (LD_PRELOAD) that lets one call of a program fail, as a broken machine would.
 *
 * INJECT_PROGRAM names the program, of all that are started below; INJECT_FAMILY the calls that are
 * counted, and INJECT_AT which of them fails (from 1 on; 0: none). They are counted in the file
 * INJECT_STATE, which all processes map that the program forks, so that one call fails in all of
 * them together; whoever looks into it (struct state) knows how many there were, and who crashed.
 *
 * Families: malloc calloc realloc read write open fork thread connect fsync rename descriptor map
 * send receive. A read or write of what is no file, pipe, socket or terminal never fails: that of
 * an eventfd cannot, and libraries end the program then. */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct state {
    _Atomic uint64_t calls, failed;
    char crashed[64]; /* the file, program or library, whose code it was; the C library's is not */
};

static struct state *state; /* NULL: nothing is counted */
static const char *family;
static uint64_t at;

static bool is_of_others(const char *file)
{
    return strncmp(file, "libc.so", 7) != 0 && strncmp(file, "inject.so", 9) != 0;
}

/* Notes who called abort(), or did what the processor refuses, and lets the program end of it. */
static void on_crash(int number)
{
    void *frames[32];
    int count = backtrace(frames, 32);

    for (int i = 0; i < count && state->crashed[0] == '\0'; i++) {
        Dl_info info;
        const char *file = dladdr(frames[i], &info) != 0 ? info.dli_fname : "?", *slash;

        slash = strrchr(file, '/');
        file = slash != NULL ? slash + 1 : file;
        if (is_of_others(file))
            strncpy(state->crashed, file, sizeof(state->crashed) - 1);
    }
    raise(number);
}

static void watch_crashes(void)
{
    static const int crashes[] = {SIGABRT, SIGSEGV, SIGFPE, SIGBUS};
    const struct sigaction action = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND};
    void *frame;

    backtrace(&frame, 1); /* which loads what it needs */
    for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
        sigaction(crashes[i], &action, NULL);
}

/* System calls alone, since nothing here may be counted. */
static __attribute__((constructor)) void prepare(void)
{
    const char *name = getenv("INJECT_PROGRAM"), *file = getenv("INJECT_STATE");
    const char *number = getenv("INJECT_AT");
    void *mapped;
    int fd;

    family = getenv("INJECT_FAMILY");
    if (name == NULL || file == NULL || family == NULL || number == NULL ||
        strcmp(name, program_invocation_short_name) != 0)
        return;
    fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    mapped =
        (void *)syscall(SYS_mmap, NULL, sizeof(*state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0L);
    syscall(SYS_close, fd);
    at = strtoull(number, NULL, 10);
    watch_crashes();
    if (mapped != MAP_FAILED)
        state = mapped;
}

/* Whether this call is the one; if so errno is set. */
static bool fails(const char *of, int error)
{
    if (state == NULL || strcmp(of, family) != 0 || atomic_fetch_add(&state->calls, 1) + 1 != at)
        return false;
    atomic_fetch_add(&state->failed, 1);
    errno = error;
    return true;
}

static bool may_fail(int fd)
{
    struct stat status;
    int before = errno;
    bool known = syscall(SYS_newfstatat, fd, "", &status, AT_EMPTY_PATH) == 0 &&
                 (status.st_mode & S_IFMT) != 0;

    errno = before;
    return known;
}

static void *next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

/* What the C library has under that name. */
#define REAL(name)                                                                                 \
    static __typeof__(name) *real;                                                                 \
    if (real == NULL)                                                                              \
    real = (__typeof__(name) *)next(#name)

#define EXPORT __attribute__((visibility("default")))

/* A function with these parameters, of this family; what it gives where it fails. */
#define WRAP(of, error, failure, type, name, parameters, values)                                   \
    EXPORT type name parameters                                                                    \
    {                                                                                              \
        REAL(name);                                                                                \
        return fails(of, error) ? failure : real values;                                           \
    }

/* ---- Memory: dlsym() itself may ask for some ---------------------------------------------- */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

EXPORT void *malloc(size_t size)
{
    return fails("malloc", ENOMEM) ? NULL : __libc_malloc(size);
}

EXPORT void *calloc(size_t count, size_t size)
{
    return fails("calloc", ENOMEM) ? NULL : __libc_calloc(count, size);
}

EXPORT void *realloc(void *old, size_t size)
{
    return fails("realloc", ENOMEM) ? NULL : __libc_realloc(old, size);
}

WRAP("map", ENOMEM, MAP_FAILED, void *, mmap,
     (void *where, size_t size, int protection, int flags, int fd, off_t offset),
     (where, size, protection, flags, fd, offset))

/* ---- Files -------------------------------------------------------------------------------- */

EXPORT ssize_t read(int fd, void *data, size_t size)
{
    REAL(read);
    return may_fail(fd) && fails("read", EIO) ? -1 : real(fd, data, size);
}

EXPORT ssize_t write(int fd, const void *data, size_t size)
{
    REAL(write);
    return may_fail(fd) && fails("write", ENOSPC) ? -1 : real(fd, data, size);
}

static mode_t mode_of(int flags, va_list rest)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
}

#define WRAP_OPEN(name, parameters, ...)                                                           \
    EXPORT int name parameters                                                                     \
    {                                                                                              \
        va_list rest;                                                                              \
        mode_t mode;                                                                               \
        REAL(name);                                                                                \
        va_start(rest, flags);                                                                     \
        mode = mode_of(flags, rest);                                                               \
        va_end(rest);                                                                              \
        return fails("open", EMFILE) ? -1 : real(__VA_ARGS__, flags, mode);                        \
    }

WRAP_OPEN(open, (const char *path, int flags, ...), path)
WRAP_OPEN(open64, (const char *path, int flags, ...), path)
WRAP_OPEN(openat, (int folder, const char *path, int flags, ...), folder, path)
WRAP_OPEN(openat64, (int folder, const char *path, int flags, ...), folder, path)

WRAP("fsync", EIO, -1, int, fsync, (int fd), (fd))
WRAP("fsync", EIO, -1, int, fdatasync, (int fd), (fd))
WRAP("rename", ENOSPC, -1, int, rename, (const char *from, const char *to), (from, to))
WRAP("rename", ENOSPC, -1, int, renameat,
     (int old_folder, const char *from, int new_folder, const char *to),
     (old_folder, from, new_folder, to))

/* ---- Processes and threads ---------------------------------------------------------------- */

WRAP("fork", EAGAIN, -1, pid_t, fork, (void), ())
WRAP("fork", EAGAIN, EAGAIN, int, posix_spawn,
     (pid_t * pid, const char *path, const posix_spawn_file_actions_t *actions,
      const posix_spawnattr_t *attributes, char *const argv[], char *const environment[]),
     (pid, path, actions, attributes, argv, environment))
WRAP("fork", EAGAIN, EAGAIN, int, posix_spawnp,
     (pid_t * pid, const char *path, const posix_spawn_file_actions_t *actions,
      const posix_spawnattr_t *attributes, char *const argv[], char *const environment[]),
     (pid, path, actions, attributes, argv, environment))
WRAP("thread", EAGAIN, EAGAIN, int, pthread_create,
     (pthread_t * thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument),
     (thread, attributes, run, argument))

/* ---- Sockets and other descriptors -------------------------------------------------------- */

WRAP("connect", ECONNREFUSED, -1, int, connect,
     (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size))
WRAP("send", ECONNRESET, -1, ssize_t, send, (int fd, const void *data, size_t size, int flags),
     (fd, data, size, flags))
WRAP("send", ECONNRESET, -1, ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags),
     (fd, message, flags))
WRAP("receive", ECONNRESET, -1, ssize_t, recv, (int fd, void *data, size_t size, int flags),
     (fd, data, size, flags))
WRAP("receive", ECONNRESET, -1, ssize_t, recvmsg, (int fd, struct msghdr *message, int flags),
     (fd, message, flags))
WRAP("descriptor", EMFILE, -1, int, socket, (int domain, int type, int protocol),
     (domain, type, protocol))
WRAP("descriptor", EMFILE, -1, int, socketpair, (int domain, int type, int protocol, int fds[2]),
     (domain, type, protocol, fds))
WRAP("descriptor", EMFILE, -1, int, accept4,
     (int fd, struct sockaddr *address, socklen_t *size, int flags), (fd, address, size, flags))
WRAP("descriptor", EMFILE, -1, int, pipe2, (int fds[2], int flags), (fds, flags))
WRAP("descriptor", EMFILE, -1, int, epoll_create1, (int flags), (flags))
WRAP("descriptor", EMFILE, -1, int, eventfd, (unsigned value, int flags), (value, flags))
WRAP("descriptor", EMFILE, -1, int, timerfd_create, (int clock, int flags), (clock, flags))
WRAP("descriptor", EMFILE, -1, int, signalfd, (int fd, const sigset_t *set, int flags),
     (fd, set, flags))
WRAP("descriptor", EMFILE, -1, int, memfd_create, (const char *name, unsigned flags), (name, flags))
