#include "common/process/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/file.h"
#include "common/path.h"
#include "common/process/proctree.h"

#define KERNEL_PF_EXITING 0x4 /* in the flags of /proc/PID/stat; the kernel's own name for it */

/* Descriptors of the keeper, fixed so that all others can be closed: those of other keepers'
 * sockets among them, which must not outlive the harness. */
enum { SOCKET_FD = 3, OUTPUT_FD, SIGNAL_FD, FREE_FD };

struct keeper {
    const struct process_options *options;
    pid_t program;
    bool program_ended;
    int wait_status;
};

/* Ends the process that was to become the program, and says why to `start`. */
static _Noreturn void die_with_errno(int start)
{
    int error = errno;
    ssize_t ignored = write(start, &error, sizeof(error));

    (void)ignored;
    _exit(127);
}

static void join_cgroup(const char *cgroup, int start)
{
    char path[PATH_MAX];
    int fd = open(path_join(path, cgroup, "cgroup.procs"), O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, "0", 1) != 1)
        die_with_errno(start);
    close(fd);
}

static void reset_signals(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (int signal = 1; signal < NSIG; signal++)
        sigaction(signal, &action, NULL); /* fails for SIGKILL and its like, which need no reset */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void start_program(const struct process_options *options, pid_t keeper, int start)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != keeper)
        _exit(127);
    reset_signals();
    if ((options->capture & PROCESS_CAPTURE_OUT) && dup2(OUTPUT_FD, STDOUT_FILENO) < 0)
        die_with_errno(start);
    if ((options->capture & PROCESS_CAPTURE_ERR) && dup2(OUTPUT_FD, STDERR_FILENO) < 0)
        die_with_errno(start);
    if (options->cgroup != NULL)
        join_cgroup(options->cgroup, start);
    execvp(options->argv[0], (char *const *)options->argv);
    die_with_errno(start);
}

/* Starts the program. The pipe closes on exec, or brings the errno of what failed before. Returns 0
 * or that errno. */
static int fork_program(struct keeper *keeper, const struct process_options *options)
{
    int start[2], error = 0;
    pid_t self = getpid();

    if (pipe2(start, O_CLOEXEC) < 0)
        return errno;
    keeper->program = fork();
    if (keeper->program < 0)
        return errno;
    if (keeper->program == 0)
        start_program(options, self, start[1]);
    close(start[1]);
    if (read(start[0], &error, sizeof(error)) != sizeof(error))
        error = 0;
    close(start[0]);
    return error;
}

/* The usage is that of all that has ended: each descendant either was waited for by its parent or
 * fell to the keeper. */
static ssize_t send_message(const struct keeper *keeper, int value, int leftovers)
{
    struct keeper_message message;

    memset(&message, 0, sizeof(message)); /* its padding is sent as well */
    message.value = value;
    message.pid = keeper->program;
    message.leftovers = leftovers;
    message.usage = process_usage_of(RUSAGE_CHILDREN);
    return send(SOCKET_FD, &message, sizeof(message), MSG_NOSIGNAL);
}

static void reap(struct keeper *keeper)
{
    int status;
    pid_t pid;

    for (pid = waitpid(-1, &status, WNOHANG); pid > 0; pid = waitpid(-1, &status, WNOHANG)) {
        if (pid != keeper->program)
            continue;
        keeper->program_ended = true;
        keeper->wait_status = status;
    }
}

/* The harness is gone or wants an end. What it made for the program is empty then. */
static _Noreturn void end_all(const struct keeper *keeper)
{
    proctree_kill_descendants(0);
    if (keeper->options->cgroup != NULL)
        rmdir(keeper->options->cgroup);
    if (keeper->options->folder != NULL) {
        umount2(keeper->options->folder, MNT_DETACH);
        file_remove_tree(keeper->options->folder);
    }
    _exit(0);
}

/* Obeys the harness: a signal for the program's group, or the end of the socket. */
static void obey(const struct keeper *keeper)
{
    int signal;

    if (recv(SOCKET_FD, &signal, sizeof(signal), 0) != sizeof(signal))
        end_all(keeper);
    kill(-keeper->program, signal);
}

static void wait_for_end(struct keeper *keeper)
{
    struct pollfd fds[] = {{.fd = SOCKET_FD, .events = POLLIN},
                           {.fd = SIGNAL_FD, .events = POLLIN}};

    while (!keeper->program_ended) {
        struct signalfd_siginfo signal;

        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[1].revents != 0) {
            if (read(SIGNAL_FD, &signal, sizeof(signal)) != sizeof(signal) ||
                signal.ssi_signo != SIGCHLD)
                end_all(keeper);
            reap(keeper);
        }
        if (fds[0].revents != 0 && !keeper->program_ended)
            obey(keeper);
    }
}

/* Whether the kernel is just ending it: it runs nothing of its own any more. */
static bool is_exiting(pid_t pid)
{
    pid_t parent;
    unsigned flags;

    return !proctree_look(pid, &parent, &flags) || (flags & KERNEL_PF_EXITING) != 0;
}

/* How many processes still run at the end of the program. None is granted any time: who leaves the
 * rest of its work to another process would seem to be faster. */
static int count_leftovers(struct keeper *keeper)
{
    struct proctree tree;
    int count = 0;

    reap(keeper);
    if (waitpid(-1, NULL, WNOHANG) < 0 || proctree_list(getpid(), &tree) < 0)
        return 0;
    for (size_t i = 1; i < tree.count; i++)
        count += !is_exiting(tree.pids[i]);
    proctree_free(&tree);
    return count;
}

static void redirect_to_null(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        dup2(null, fd);
    if (null > STDERR_FILENO)
        close(null);
}

/* Returns 0 or an errno. */
static int set_up_descriptors(int socket, int output)
{
    int signals, error;
    sigset_t all;

    /* Out of the way of the fixed numbers first. */
    socket = fcntl(socket, F_DUPFD_CLOEXEC, FREE_FD);
    if (output >= 0)
        output = fcntl(output, F_DUPFD_CLOEXEC, FREE_FD);
    dup3(socket, SOCKET_FD, O_CLOEXEC);
    close(OUTPUT_FD);
    if (output >= 0)
        dup3(output, OUTPUT_FD, O_CLOEXEC);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    sigemptyset(&all);
    sigaddset(&all, SIGCHLD);
    sigaddset(&all, SIGTERM);
    sigaddset(&all, SIGINT);
    close(SIGNAL_FD); /* perhaps the harness's end of the socket: open here it would never end */
    signals = signalfd(-1, &all, SFD_CLOEXEC);
    error = signals < 0 ? errno : 0;
    if (error == 0 && signals != SIGNAL_FD)
        dup3(signals, SIGNAL_FD, O_CLOEXEC);
    closefrom(FREE_FD);
    redirect_to_null();
    return error;
}

void keeper_run(int socket, int output, const struct process_options *options)
{
    struct keeper keeper = {.options = options};
    int error, leftovers;

    setsid();
    prctl(PR_SET_NAME, "keeper");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    error = set_up_descriptors(socket, output);
    if (error == 0)
        error = fork_program(&keeper, options);
    close(OUTPUT_FD);
    if (send_message(&keeper, error, 0) < 0 || error != 0)
        end_all(&keeper);
    wait_for_end(&keeper);
    leftovers = count_leftovers(&keeper);
    proctree_kill_descendants(0);
    send_message(&keeper, keeper.wait_status, leftovers);
    _exit(0);
}
