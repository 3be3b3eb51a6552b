/* Ctrl-C and its relatives (SIGINT, SIGTERM, SIGHUP). They are blocked everywhere but in
 * interrupt_poll(), so that no step is cut in two, and no signal is missed between a check and a
 * wait. The handler only sets a flag. */
#ifndef COMMON_PROCESS_INTERRUPT_H
#define COMMON_PROCESS_INTERRUPT_H

#include <poll.h>
#include <stdint.h>

/* Takes over the signals. Called once, before anything is started. */
void interrupt_install(void);

/* The signal that asked to stop, or 0. */
int interrupt_signal(void);

/* As poll(), until `deadline_ns` of clock_ns() (UINT64_MAX: for ever). Returns how many of `fds`
 * are ready, 0 at the deadline, -EINTR when a signal asks to stop (or has asked before), or another
 * negative errno. With `count` 0 it sleeps. */
int interrupt_poll(struct pollfd *fds, nfds_t count, uint64_t deadline_ns);

#endif
