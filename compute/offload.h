/* Computing off the loop: an item is computed in a thread of libuv's pool, or in a process of a
 * pool of ours, and the loop is told when it is done. One for each loop; all but the computing
 * itself belongs to the loop's thread.
 *
 * Threads share the memory and the one pool, whatever loop asks; processes share nothing, and each
 * loop has its own. A process that dies loses the item that it computed. */
#ifndef COMPUTE_OFFLOAD_H
#define COMPUTE_OFFLOAD_H

#include <uv.h>

#include "compute/computer.h"
#include "compute/process_pool.h"

struct offload;

/* The place of one item; lies with who offloads it. All zeros is idle. */
struct piece {
    union {
        uv_work_t thread;
        struct process_job process;
    };
    struct offload *offload;
    uint64_t id;
    enum computed computed;
    bool busy; /* begun, and not ended yet */
};

struct offload {
    const struct computation *computation;
    const struct stop *stop;
    uv_loop_t *loop;
    void (*ended)(void *user, struct piece *piece); /* how is in piece->computed */
    void *user;
    uint64_t under_way;         /* pieces that are busy */
    struct process_pool *pool;  /* NULL: threads */
    struct computer *computers; /* as many as threads; one, of which each process has a copy */
    struct computer **idle;     /* of the threads' */
    uint64_t computers_count, idle_count;
    uv_mutex_t mutex; /* of `idle` and `idle_count` */
};

/* Makes the offload, and forks `processes` workers where it is to processes: before any loop,
 * thread or libcurl handle. Returns 0 or a negative errno. Ended in either case. */
int offload_init(struct offload *o, const struct computation *what, const struct stop *stop,
                 uint64_t processes);

/* From now on `loop` is told, by ended(): once for each piece begun. It may begin it again. Returns
 * 0 or a negative error. */
int offload_attach(struct offload *o, uv_loop_t *loop,
                   void (*ended)(void *user, struct piece *piece), void *user);

/* Begins to compute the item `id`, or lets it wait for a worker. Returns 0, or a negative error
 * where nobody is left who could compute it. */
int offload_begin(struct offload *o, struct piece *piece, uint64_t id);

/* Gives up what is under way, of `count` pieces; `stop` is due. Threads end what they have begun,
 * and ended() is called for it; processes are killed, and it is not. */
void offload_cancel(struct offload *o, struct piece *pieces, uint64_t count);

/* Ends the workers, of one that was made or is all zeros. The loop, if one was attached, runs once
 * more afterwards. */
void offload_term(struct offload *o);

#endif
