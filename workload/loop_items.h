/* Items of the workload on an event loop: begun, not waited for. Who runs the loop is called back
 * when an item has ended. (Who waits: item.h.)
 *
 * The loop has slots, each for one item at a time: a request (curl_loop.h), a computation, first
 * one and then the other, a talk, which a request of the raw client is as well (talk_loop.h), or
 * what no loop can wait for: a file, or a call of a library that blocks (job_loop.h). What computes
 * on the loop makes all others wait; what is offloaded (compute/offload.h) is one more thing that
 * the loop calls back for. A pulse (compute/pulse.h) tells how well the loop keeps up. All of it
 * belongs to the loop's thread. */
#ifndef WORKLOAD_LOOP_ITEMS_H
#define WORKLOAD_LOOP_ITEMS_H

#include "compute/pulse.h"
#include "workload/curl_loop.h"
#include "workload/due_slots.h"
#include "workload/job_loop.h"
#include "workload/loops.h"
#include "workload/request.h"
#include "workload/talk_loop.h"

struct loop_items {
    const struct workload *workload;
    struct recorder *recorder;
    struct loop_share *share;   /* the loop's own part of what is there (loops.h) */
    struct request *requests;   /* of libcurl, one for each slot; NULL where none are made */
    struct curl_loop transfers; /* … that they are */
    struct computer computer;   /* the loop's own */
    struct piece *pieces;       /* one for each slot; NULL where nothing is offloaded */
    struct job_loop *jobs;      /* NULL where nothing blocks */
    struct talk_loop talks;     /* set up where there are any */
    struct pulse pulse;
    struct due_slots waiting; /* for their time, in an open load */
    void (*ended)(void *user, uint64_t slot);
    void *user;
};

/* Sets up items for a loop that has not run yet, with w->concurrency slots. ended() is called, by
 * the loop, once for each item that is under way. Returns 0, or a negative error, and then the loop
 * is to run until it has closed its handles. */
int loop_items_init(struct loop_items *items, uv_loop_t *loop, const struct workload *w,
                    struct recorder *r, void (*ended)(void *user, uint64_t slot), void *user);

/* Prepares a slot, before its first item. Returns 0 or -ENOMEM. */
int loop_items_open(struct loop_items *items, uint64_t slot);

/* Begins the item `id`, which was taken, in a slot that is free, or has the loop begin it when it
 * is due. Returns true where it is under way; false where it has ended already: computed on the
 * loop, or failed. */
bool loop_items_begin(struct loop_items *items, uint64_t slot, uint64_t id);

/* A slot is needed no more. */
void loop_items_close(struct loop_items *items, uint64_t slot);

/* Gives up what is under way, without calling ended(), and frees all; where anything is, the run
 * is over (stop_due). The handles are closed when the loop runs next. */
void loop_items_term(struct loop_items *items);

#endif
