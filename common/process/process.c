#include "common/process/process.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/process/interrupt.h"
#define FIRST_LINE_LIMIT_NS (10 * NS_PER_S)

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Closing the socket is what makes the keeper end whatever still runs. */
static void release(struct process *process)
{
    close_fd(&process->socket);
    close_fd(&process->output);
    if (process->keeper > 0)
        waitpid(process->keeper, NULL, 0);
    process->keeper = 0;
}

static int fork_keeper(struct process *process, const struct process_options *options)
{
    int sockets[2] = {-1, -1}, output[2] = {-1, -1}, error = 0;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
        return -errno;
    if (options->capture != PROCESS_CAPTURE_NOTHING && pipe2(output, O_CLOEXEC) < 0)
        error = -errno;
    process->keeper = error == 0 ? fork() : -1;
    if (process->keeper == 0)
        keeper_run(sockets[1], output[1], options);
    if (process->keeper < 0 && error == 0)
        error = -errno;
    process->socket = sockets[0];
    process->output = output[0];
    close_fd(&sockets[1]);
    close_fd(&output[1]);
    if (process->output >= 0)
        fcntl(process->output, F_SETFL, O_NONBLOCK);
    return error;
}

int process_start(struct process *process, const struct process_options *options,
                  struct error *error)
{
    struct keeper_message message;
    int code;

    *process = (struct process){.socket = -1, .output = -1};
    code = fork_keeper(process, options);
    if (code == 0 && recv(process->socket, &message, sizeof(message), 0) != sizeof(message))
        code = -ECHILD;
    if (code == 0)
        code = -message.value;
    if (code < 0) {
        release(process);
        return error_set(error, code, "cannot start %s: %s", options->argv[0], strerror(-code));
    }
    process->pid = message.pid;
    return 0;
}

/* Keeps the beginning and drops the rest, so that a talkative program neither blocks nor fills the
 * memory. */
static void keep_text(struct process *process, const char *data, size_t size)
{
    size_t room = PROCESS_TEXT_SIZE - 1 - process->text_length;

    if (size > room)
        size = room;
    memcpy(process->text + process->text_length, data, size);
    process->text_length += size;
    process->text[process->text_length] = '\0';
}

/* Takes what is in the pipe, at most what a full one holds: never caught by an endless writer. */
static void collect_text(struct process *process)
{
    char chunk[4096];

    for (int i = 0; i < 16 && process->output >= 0; i++) {
        ssize_t got = read(process->output, chunk, sizeof(chunk));

        if (got < 0)
            return;
        if (got == 0)
            close_fd(&process->output);
        else
            keep_text(process, chunk, (size_t)got);
    }
}

static int receive_end(struct process *process)
{
    struct keeper_message message;
    ssize_t got = recv(process->socket, &message, sizeof(message), 0);

    collect_text(process);
    release(process);
    if (got != sizeof(message)) {
        process->wait_status =
            SIGKILL; /* what the kernel did to the program when its keeper died */
        return -ECHILD;
    }
    process->wait_status = message.value;
    process->leftovers = message.leftovers;
    process->usage = message.usage;
    return 1;
}

int process_wait_text(struct process *process, uint64_t deadline_ns)
{
    struct pollfd fds[] = {
        {.fd = process->socket, .events = POLLIN},
        {.fd = process->output, .events = POLLIN}, /* poll() passes over -1 */
    };
    int ready;

    if (process->keeper == 0)
        return 1;
    ready = interrupt_poll(fds, 2, deadline_ns);
    if (ready <= 0)
        return ready;
    if (fds[0].revents != 0)
        return receive_end(process);
    collect_text(process);
    return 2;
}

int process_wait(struct process *process, uint64_t deadline_ns)
{
    int state;

    /* The deadline holds for programs that never cease to print, too. */
    do
        state = process_wait_text(process, deadline_ns);
    while (state == 2 && clock_ns() < deadline_ns);
    return state == 2 ? 0 : state;
}

void process_end(struct process *process, uint64_t grace_ns)
{
    uint64_t deadline = clock_ns() + grace_ns;
    struct pollfd end = {.fd = process->socket, .events = POLLIN};
    int signal = SIGTERM;

    if (process->keeper == 0)
        return;
    if (grace_ns > 0 && send(process->socket, &signal, sizeof(signal), MSG_NOSIGNAL) > 0) {
        /* Plain poll(): also when the harness is asked to stop, the grace is granted. */
        while (clock_ns() < deadline && poll(&end, 1, 10) == 0)
            collect_text(process);
        if (end.revents != 0) {
            receive_end(process);
            return;
        }
    }
    release(process);
    process->wait_status = SIGKILL;
}

struct process_usage process_usage_of(int who)
{
    struct rusage usage;

    getrusage((__rusage_who_t)who, &usage);
    return (struct process_usage){
        .cpu_ns = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * NS_PER_S +
                  (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * NS_PER_US,
        .involuntary_switches = (uint64_t)usage.ru_nivcsw,
    };
}

int process_exit_status(const struct process *process)
{
    int status = process->wait_status;

    assert(process->keeper == 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int process_run(struct process *process, const char *const argv[], unsigned capture,
                uint64_t limit_ns, struct error *error)
{
    struct process_options options = {.argv = argv, .capture = capture};
    int code = process_start(process, &options, error);

    if (code < 0)
        return code;
    code = process_wait(process, clock_ns() + limit_ns);
    process_end(process, 0);
    if (code == -EINTR)
        return error_set(error, code, "interrupted");
    if (code <= 0)
        return error_set(error, -ETIMEDOUT, "%s did not end in time", argv[0]);
    return process_exit_status(process);
}

void process_line(const char *text, char *line, size_t size)
{
    text += strspn(text, " \t\r\n");
    snprintf(line, size, "%.*s", (int)strcspn(text, "\r\n"), text);
    for (; *line != '\0'; line++)
        *line = (char)(*line >= ' ' && *line <= '~' ? *line : '?');
}

int process_first_line(const char *const argv[], char *line, size_t size)
{
    struct process process;
    struct error error;
    int status = process_run(&process, argv, PROCESS_CAPTURE_OUT, FIRST_LINE_LIMIT_NS, &error);

    line[0] = '\0';
    if (status == 0)
        process_line(process.text, line, size);
    return status;
}
