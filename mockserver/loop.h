/* The event loop of one process: one epoll, one timer, the clients' sockets. Everything it reaches
 * belongs to the one thread that runs it. */
#ifndef MOCKSERVER_LOOP_H
#define MOCKSERVER_LOOP_H

#include "mockserver/counters.h"
#include "mockserver/files.h"
#include "mockserver/listener.h"
#include "mockserver/settings.h"

/* Serves the clients of `listeners` and the mock file system (NULL: there is none), which stay the
 * caller's, as process `number` of the server, until SIGTERM or SIGINT comes, which the caller must
 * have blocked. Then closes the listeners and what is idle, and ends when what is in flight is
 * answered, when settings->grace_ns is over, or at another signal. Returns 0 or a negative errno.
 */
int loop_serve(const struct settings *settings, struct counters *counters,
               struct listeners *listeners, struct files *files, size_t number);

#endif
