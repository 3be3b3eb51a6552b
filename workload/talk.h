/* An item that is a talk with a server over one socket: a request of the raw client (raw.h), a
 * WebSocket, or a query of a database.
 *
 * A talk belongs to one worker, and has one item after the other. It never waits itself: each step
 * returns what its socket has to become before the next one (POLLIN, POLLOUT, both), or 0 where the
 * item has ended. Who waits is talk_perform(), or a loop (talk_loop.h). */
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
    uint64_t expires_ns;         /* when its time is over */
    struct talk *before, *after; /* on a loop: in the order of that */
    uint64_t slot;               /* on a loop */
    uint32_t watched;            /* on a loop: for these events; a step that may have changed the
                                    socket sets it to 0 */
    int fd;                      /* -1: not connected */
    bool busy;                   /* from the beginning of an item to its end */
};

/* What there is to a kind of talk. */
struct talk_kind {
    size_t size;                       /* of its struct, that begins with a struct talk */
    short (*begin)(struct talk *talk); /* with talk->id; its socket may be open already */
    short (*go_on)(struct talk *talk); /* the socket has become what was waited for */
    void (*give_up)(struct talk *talk, CURLcode code); /* ends the item */
    void (*close)(struct talk *talk);                  /* closes the socket, and frees all */
};

extern const struct talk_kind raw_talk, websocket_talk, query_talk;

/* Sets up what is all zeros. */
void talk_init(struct talk *talk, const struct talk_kind *kind, const struct workload *w,
               struct recorder *r);

/* Makes one for the kind of work. Returns NULL where there is no memory. */
struct talk *talk_new(const struct workload *w, struct recorder *r);

/* Closes its socket, too. NULL is allowed. */
void talk_free(struct talk *talk);

/* Begins with the item `id`, which was started, and goes on with it. */
short talk_begin(struct talk *talk, uint64_t id);
short talk_go_on(struct talk *talk);

/* Ends the item, for the reason that libcurl would give. */
void talk_give_up(struct talk *talk, CURLcode code);

/* Does so where it has timed out or the run is over. Returns whether it did. */
bool talk_expire(struct talk *talk);

/* Does the item `id`, which was started, from beginning to end. */
void talk_perform(struct talk *talk, uint64_t id);

#endif
