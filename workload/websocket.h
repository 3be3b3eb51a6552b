/* A WebSocket of the workload (RFC 6455): connected and upgraded at the URL of the item, kept open
 * until its message comes, which is verified as the body of an answer is and sent back; the server
 * ends it with a close of 1000 where what came back is right. The frames are wslay's affair.
 *
 * One websocket belongs to one worker. It never waits itself: who waits (websocket_perform(), or a
 * loop) is told for what. */
#ifndef WORKLOAD_WEBSOCKET_H
#define WORKLOAD_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workload/recorder.h"
#include "workload/workload.h"

#define WEBSOCKET_MESSAGE_MAX 65536 /* bytes of a message; a longer one is refused */

struct wslay_event_context;

struct websocket {
    const struct workload *workload;
    struct recorder *recorder;
    struct wslay_event_context *frames; /* NULL before the upgrade */
    char *head;                         /* what is yet to be sent, or has come, of the upgrade */
    size_t head_size;
    uint64_t id;
    uint64_t until_ns; /* of clock_ns(): it is given up then */
    int fd;            /* -1: none is open */
    bool connected;    /* the upgrade is asked for */
    bool begun;        /* a frame has begun to come */
    bool verified;     /* the message was the right one, and is sent back */
    bool wrong;        /* it was not */
    bool ended;        /* the server's side has, without a word */
};

/* Finds the server of `url` (ws:// or http://), once, before any thread or process. Returns 0 or
 * -ENOMEM; a name that is not found is the outcome of every item. */
int websocket_global_init(const char *url);

void websocket_init(struct websocket *s, const struct workload *w, struct recorder *r);

/* Begins with the item `id`, which was started. Returns what its descriptor is to be watched for
 * (POLLIN, POLLOUT), or 0 where it has ended already. */
short websocket_begin(struct websocket *s, uint64_t id);

/* The descriptor is ready. Returns likewise. */
short websocket_go_on(struct websocket *s);

/* Its time is over, or the run: ends the item. */
void websocket_give_up(struct websocket *s);

/* Closes the descriptor of an item that has ended, which is to be watched no more. */
void websocket_close(struct websocket *s);

/* Does the item `id`, which was started, from beginning to end. */
void websocket_perform(struct websocket *s, uint64_t id);

#endif
