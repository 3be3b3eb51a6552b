/* What the server counts, in memory that its processes share, so that any of them can speak for
 * all. Every field is an atomic of its own; a reader sees each number whole, though not all of
 * them at one instant. */
#ifndef MOCKSERVER_COUNTERS_H
#define MOCKSERVER_COUNTERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/histogram.h"
#include "mockserver/faults.h"
#include "mockserver/settings.h"

#define COUNTERS_STATUS_MAX  600
#define COUNTERS_WORKERS_MAX SETTINGS_WORKERS_MAX
#define COUNTERS_IDS_MAX     (1U << 20) /* ids beyond are not told apart */

/* A number that goes up and down, and the most it has been. */
struct gauge {
    _Atomic uint64_t now;
    _Atomic uint64_t peak;
};

struct counters {
    struct counters *files;  /* those of the mock file system; NULL: there is none */
    uint64_t started_ns;     /* of clock_ns() */
    _Atomic uint64_t resets; /* since the start */
    _Atomic uint64_t cpu_ns_at_reset;
    _Atomic uint64_t rate_next_ns;            /* of rate_allows() */
    _Atomic pid_t pids[COUNTERS_WORKERS_MAX]; /* the processes that serve, or 0 */
    struct gauge connections;                 /* open */
    struct gauge in_flight;                   /* requests received whole and not yet answered */

    /* From here on all are counters that a reset takes back to zero. */
    _Atomic uint64_t requests;     /* received whole */
    _Atomic uint64_t responses;    /* of them answered */
    _Atomic uint64_t aborted;      /* of them left by the client before the answer */
    _Atomic uint64_t bad_requests; /* refused as malformed */
    _Atomic uint64_t accepted;     /* connections */
    _Atomic uint64_t bytes_in, bytes_out;
    _Atomic uint64_t early;             /* replies before their time: must stay 0 */
    _Atomic uint64_t busy_ns_max;       /* longest time without a look at the sockets */
    _Atomic uint64_t unaccepted_peak;   /* connections that waited for want of descriptors */
    _Atomic uint64_t unaccepted_ns_max; /* longest time for which some did */
    struct histogram lateness_ns;
    struct histogram unread_ns; /* from when input came in to when it was read */
    _Atomic uint64_t statuses[COUNTERS_STATUS_MAX];   /* replies by status */
    _Atomic uint64_t faults[FAULT_COUNT];             /* injected, by kind */
    _Atomic uint64_t ids;                             /* different ones that were asked for */
    _Atomic uint64_t id_max;                          /* the highest of all */
    _Atomic uint64_t ids_seen[COUNTERS_IDS_MAX / 64]; /* a bit for each */
};

/* Makes the counters, all zero, in memory shared with processes forked later. Returns NULL where
 * there is no memory. */
struct counters *counters_new(void);
void counters_free(struct counters *counters);

/* Back to zero, but for what is open or in flight now, which is the new peak; those of the files,
 * too. */
void counters_reset(struct counters *counters);

uint64_t counters_read(const _Atomic uint64_t *counter);
void counters_add(_Atomic uint64_t *counter, uint64_t amount);

/* Goes up unless that would exceed `max` (0: no limit). Returns whether it did. */
bool gauge_try_up(struct gauge *gauge, uint64_t max);

void gauge_down(struct gauge *gauge);

/* Whether a request at `now_ns` is within `per_second` (0: no limit), and then counts it, for all
 * processes together. Up to a tenth of a second's requests may come at once. `next_ns` is the
 * state, zero to begin with. */
bool rate_allows(_Atomic uint64_t *next_ns, uint64_t per_second, uint64_t now_ns);

/* Somebody asked for this id. */
void counters_id(struct counters *counters, uint64_t id);

/* A reply was due at `due_ns` and was out at `sent_ns`. */
void counters_late(struct counters *counters, uint64_t due_ns, uint64_t sent_ns);

/* For `ns` the loop has not looked at its sockets. What came in meanwhile counts from when it was
 * read: its wait before that is in no lateness, and is at most the longest such time. */
void counters_busy(struct counters *counters, uint64_t ns);

/* CPU time of all processes that serve, since the last reset; their resident memory. */
uint64_t counters_cpu_ns(const struct counters *counters);
uint64_t counters_rss_bytes(const struct counters *counters);

/* All of it as JSON (mockserver.stats/1), and as Prometheus reads it (text format 0.0.4): to be
 * freed by the caller; NULL where there is no memory. */
char *stats_json(const struct counters *counters, const struct settings *settings);
char *stats_prometheus(const struct counters *counters, const struct settings *settings);

#endif
