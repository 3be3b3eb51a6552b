/* The counters as text: JSON (mockserver.stats/1), and the format of Prometheus. */
#ifndef MOCKSERVER_STATS_H
#define MOCKSERVER_STATS_H

#include "mockserver/counters.h"
#include "mockserver/settings.h"

/* All of it as JSON, to be freed by the caller; NULL where there is no memory. */
char *stats_json(const struct counters *counters, const struct settings *settings);

/* The same as Prometheus reads it (text format 0.0.4), to be freed by the caller; NULL where there
 * is no memory. */
char *stats_prometheus(const struct counters *counters, const struct settings *settings);

#endif
