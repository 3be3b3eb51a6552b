/* An item that is a talk with a server over one socket: a request of the raw client (raw.h), a
 * WebSocket, or a query of a database.
 *
 * A talk belongs to one worker, and has one item after the other. It never waits itself: each step
 * returns what its socket has to become before the next one (POLLIN, POLLOUT, both), or 0 where the
 * item has ended, and is recorded. Who waits is talk_perform(), or a loop (talk_loop.h). */
#ifndef WORKLOAD_TALK_H
#define WORKLOAD_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workload/recorder.h"
#include "workload/workload.h"

struct talk {
    const struct talk_kind *kind;
    const struct workload *workload;
    struct recorder *recorder;
    uint64_t id;
    int fd;           /* its socket; -1: none */
    uint32_t watched; /* by a loop, for these events; who closes the socket sets it to 0 */
    bool connected;   /* before that, a step may replace the socket without a word */
    bool answered;    /* the item is not recorded: it is yet to be computed from the answer */
};

/* What there is to a kind of talk. */
struct talk_kind {
    size_t size;                            /* of its struct, that begins with a struct talk */
    short (*begin)(struct talk *talk);      /* with talk->id; its socket may be open already */
    short (*go_on)(struct talk *talk);      /* the socket has become what was waited for */
    bool (*rests)(const struct talk *talk); /* an item has ended: is the next one to have its
                                               socket, too? Else, and in the end, … */
    void (*close)(struct talk *talk);       /* … that is closed, and all is freed */
    unsigned timed_out;                     /* detail of the record where it took too long */
};

extern const struct talk_kind raw_talk, websocket_talk, query_talk;

/* Makes one for the kind of work. Returns NULL where there is no memory. */
struct talk *talk_new(const struct workload *w, struct recorder *r);

/* Closes its socket, too. NULL is allowed. */
void talk_free(struct talk *talk);

/* Closes its socket, where it has one: for the kinds of talk. */
void talk_disconnect(struct talk *talk);

/* Begins with the item `id`, which was started. */
short talk_begin(struct talk *talk, uint64_t id);

/* When the time of its item is over, of clock_ns(). */
uint64_t talk_expires_ns(const struct talk *talk);

/* Ends the item where it has timed out or the run is over. Returns whether it did. */
bool talk_expire(struct talk *talk);

/* Does the item `id`, which was started, from beginning to end. Returns talk->answered. */
bool talk_perform(struct talk *talk, uint64_t id);

#endif
