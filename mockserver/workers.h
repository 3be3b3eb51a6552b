/* Several processes that serve together: each has listeners and a loop of its own and its own limit
 * of descriptors; they share the ports and the counters. */
#ifndef MOCKSERVER_WORKERS_H
#define MOCKSERVER_WORKERS_H

#include "mockserver/counters.h"
#include "mockserver/listener.h"
#include "mockserver/settings.h"

/* Serves in `settings->workers` processes, each with one of the sets of `listeners`, until SIGTERM
 * or SIGINT, which are passed on to them and must be blocked in the caller. Closes all listeners of
 * this process. Returns 0 once all have ended well; -ECHILD where one ended by itself or badly
 * (then the others are ended too); another negative errno where they could not be started. */
int workers_run(const struct settings *settings, struct counters *counters,
                struct listeners *listeners);

#endif
