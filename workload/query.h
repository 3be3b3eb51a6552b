/* A query of the workload, by libpq: a call of the function users(id) of the database, which takes
 * its time and gives the same JSON object as the mock server does over HTTP.
 *
 * A query object is one client: a connection to PostgreSQL that is used again for one id after the
 * other. It belongs to one worker. Nothing here waits but query_perform(): each step returns what
 * the socket of the connection has to become (POLLIN, POLLOUT, both) before the next one, or 0
 * where the query has ended. An event loop waits for that itself: query_loop.h. */
#ifndef WORKLOAD_QUERY_H
#define WORKLOAD_QUERY_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "workload/recorder.h"
#include "workload/workload.h"

struct query {
    PGconn *connection; /* NULL: there is none yet, or any more */
    const struct workload *workload;
    struct recorder *recorder;
    uint64_t id;
    bool connecting;
    bool idle;            /* all of the last answer has been received */
    enum outcome outcome; /* of what has been received so far, … */
    int error;            /* … with its errno, or 0 */
};

void query_init(struct query *q, const struct workload *w, struct recorder *r);

/* Ends the connection, and does nothing where there is none. */
void query_term(struct query *q);

/* Begins the query of the item `id`, which was started. */
int query_begin(struct query *q, uint64_t id);

/* Goes on, as the socket has become what was waited for. */
int query_go_on(struct query *q);

/* Ends the query where it has timed out, or where the run is over. Returns whether it did. */
bool query_expire(struct query *q);

/* Whether the connection of a query that has ended may be used by the next; else query_term() is
 * due. */
bool query_rests(const struct query *q);

/* Makes the query of the item `id`, and waits for its answer. */
void query_perform(struct query *q, uint64_t id);

#endif
