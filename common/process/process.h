/* A program that the harness has started: with its own process group, under a keeper (below)
 * that ends it and all that it started when the harness goes away, whatever the reason. */
#ifndef COMMON_PROCESS_PROCESS_H
#define COMMON_PROCESS_PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/error.h"

#define PROCESS_TEXT_SIZE 4096

enum process_capture {
    PROCESS_CAPTURE_NOTHING = 0, /* what is not captured goes to /dev/null */
    PROCESS_CAPTURE_OUT = 1,
    PROCESS_CAPTURE_ERR = 2,
    PROCESS_CAPTURE_ALL = 3,
};

struct process_options {
    const char *const *argv; /* ends with NULL; a name without a slash is looked up in PATH */
    unsigned capture;        /* of enum process_capture */
    const char *cgroup;      /* folder of the cgroup in which the program starts, or NULL */
    const char *folder; /* that is the program's, or NULL: where the harness is gone, the keeper
                           unmounts what is mounted there, and removes it with all that is in it */
};

/* Of a program and all its descendants. */
struct process_usage {
    uint64_t cpu_ns;               /* user and system time */
    uint64_t involuntary_switches; /* how often the processor was taken from a thread */
};

/* What this process has used (RUSAGE_SELF), or those of its descendants that have been waited for
 * (RUSAGE_CHILDREN). */
struct process_usage process_usage_of(int who);

struct process {
    pid_t pid;       /* of the program */
    int wait_status; /* as waitpid() gives it, once process_wait() has returned 1 */
    int leftovers;   /* processes that it left running when it ended, and that were ended */
    struct process_usage usage;   /* of all that ran in it, once process_wait() has returned 1 */
    char text[PROCESS_TEXT_SIZE]; /* the beginning of what was captured, NUL-terminated */
    size_t text_length;
    pid_t keeper; /* 0: there is nothing to be ended any more */
    int socket;   /* to the keeper */
    int output;   /* what is captured comes from here; -1 at its end */
};

/* Starts a program. Standard input is /dev/null. Returns 0, or a negative errno with the reason in
 * `error`; then there is nothing to be ended. */
int process_start(struct process *process, const struct process_options *options,
                  struct error *error);

/* Waits until the program has ended, or until `deadline_ns` of clock_ns(), and collects what is
 * captured meanwhile. Returns 1 once it has ended (again in every later call), 0 at the deadline,
 * -EINTR when the harness is asked to stop, -ECHILD when its keeper was killed. */
int process_wait(struct process *process, uint64_t deadline_ns);

/* As process_wait(), but returns 2 as soon as something more was captured. */
int process_wait_text(struct process *process, uint64_t deadline_ns);

/* Ends the program with all that it started: SIGTERM to its group where `grace_ns` is not 0, and
 * SIGKILL to whatever is left after that time. Does nothing where it has ended. */
void process_end(struct process *process, uint64_t grace_ns);

/* The exit status of a program that has ended, or 128 + the signal that ended it. */
int process_exit_status(const struct process *process);

/* Runs a program to its end, at most `limit_ns`, and captures what it prints
 * (`capture`, of enum process_capture). Returns its exit
 * status, or a negative errno with the reason in `error` (-EINTR: the harness is asked to stop;
 * -ETIMEDOUT: it was ended). */
int process_run(struct process *process, const char *const argv[], unsigned capture,
                uint64_t limit_ns, struct error *error);

/* The first line of `text` that is not blank, without what JSON or a terminal could not show, to
 * `line` of `size` bytes. */
void process_line(const char *text, char *line, size_t size);

/* Runs a program to its end, at most 10 s, and gives the first line of what it prints on stdout to
 * `line`, empty where it cannot be run or fails. Returns as process_run(). */
int process_first_line(const char *const argv[], char *line, size_t size);

/* The keeper: a small process between the harness and each program that it starts. It is there for
 * one thing: whatever happens to the harness, SIGKILL included, nothing that it started goes on.
 *
 * The keeper is a subreaper, so that every descendant of the program stays its own even when the
 * parents in between (hyperfine, say) have died. It is in a session of its own, out of reach of the
 * terminal and of signals to the harness's group. It holds one end of a socket; when the other end
 * closes, because the harness asked so or because it has died, the keeper ends all its descendants
 * and then itself. When the program ends, the keeper ends what that left behind, and reports. */

/* From the keeper to the harness, one packet when the program has started and one at its end. In
 * the other direction a packet is an int: the signal to be sent to the program's process group. */
struct keeper_message {
    int value; /* at first 0, or the errno that forbade the start; at the end as waitpid() gave it
                */
    pid_t pid; /* of the program */
    int leftovers;              /* processes that the program left running, and that were ended */
    struct process_usage usage; /* at the end: of the program and of all its descendants */
};

/* Runs the keeper in a process that was forked for it, with `socket` to the harness. What is
 * captured of the program's output goes to `output` (-1: nothing is). */
_Noreturn void keeper_run(int socket, int output, const struct process_options *options);

#endif
