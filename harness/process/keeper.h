/* The keeper: a small process between the harness and each program that it starts. It is there for
 * one thing: whatever happens to the harness, SIGKILL included, nothing that it started goes on.
 *
 * The keeper is a subreaper, so that every descendant of the program stays its own even when the
 * parents in between (hyperfine, say) have died. It is in a session of its own, out of reach of the
 * terminal and of signals to the harness's group. It holds one end of a socket; when the other end
 * closes, because the harness asked so or because it has died, the keeper ends all its descendants
 * and then itself. When the program ends, the keeper ends what that left behind, and reports. */
#ifndef HARNESS_PROCESS_KEEPER_H
#define HARNESS_PROCESS_KEEPER_H

#include <stdint.h>
#include <sys/types.h>

enum keeper_message_kind {
    KEEPER_STARTED, /* value: 0, or the errno that forbade the start */
    KEEPER_ENDED,   /* value: the status as waitpid() gave it */
};

/* From the keeper to the harness, one packet each. In the other direction a packet is an int: the
 * signal to be sent to the program's process group. */
struct keeper_message {
    enum keeper_message_kind kind;
    int value;
    pid_t pid;     /* of the program */
    int leftovers; /* processes that the program left running, and that were ended */
    struct process_usage {
        uint64_t cpu_ns;               /* user and system time */
        uint64_t involuntary_switches; /* how often the processor was taken from a thread */
    } usage;                           /* at the end: of the program and of all its descendants */
};

struct process_options;

/* Runs the keeper in a process that was forked for it, with `socket` to the harness. What is
 * captured of the program's output goes to `output` (-1: nothing is). */
_Noreturn void keeper_run(int socket, int output, const struct process_options *options);

#endif
