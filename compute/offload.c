#include "compute/offload.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void end_piece(struct piece *piece, enum computed computed)
{
    struct offload *o = piece->offload;

    piece->computed = computed;
    piece->busy = false;
    o->under_way--;
    o->ended(o->user, piece);
}

/* Whoever computes first with a computer also makes it: what threads allocate for themselves lies
 * apart, and they do not fight for the cache lines that they write in each round. */
static enum computed compute(struct offload *o, struct computer *computer)
{
    if (computer->computation == NULL && computer_init(computer, o->computation, o->stop) < 0) {
        computer_term(computer);
        *computer = (struct computer){0};
        return COMPUTED_NOT;
    }
    return computer_run(computer);
}

/* ---- Threads ----------------------------------------------------------------------------- */

/* In the thread. There are as many computers as threads, so that one is always idle. */
static void on_work(uv_work_t *work)
{
    struct piece *piece = (struct piece *)work;
    struct offload *o = piece->offload;
    struct computer *computer;

    uv_mutex_lock(&o->mutex);
    computer = o->idle[--o->idle_count];
    uv_mutex_unlock(&o->mutex);
    piece->computed = compute(o, computer);
    uv_mutex_lock(&o->mutex);
    o->idle[o->idle_count++] = computer;
    uv_mutex_unlock(&o->mutex);
}

static void on_worked(uv_work_t *work, int status)
{
    struct piece *piece = (struct piece *)work;

    end_piece(piece, status < 0 ? COMPUTED_STOPPED : piece->computed);
}

/* ---- Processes --------------------------------------------------------------------------- */

/* In the process; `in` is the address of the offload, of which it has its own copy. */
static int compute_in_process(const void *in, size_t in_bytes, void *out)
{
    struct offload *o = *(struct offload *const *)in;
    enum computed *computed = out;

    (void)in_bytes;
    *computed = compute(o, &o->computers[0]);
    return sizeof(*computed);
}

static void on_job_ended(struct process_job *job, int result)
{
    struct piece *piece = (struct piece *)job;

    end_piece(piece, result < 0 ? COMPUTED_NOT : piece->computed);
}

/* ---- Both -------------------------------------------------------------------------------- */

static int make_computers(struct offload *o, uint64_t count)
{
    o->computers = calloc(count, sizeof(*o->computers));
    o->idle = calloc(count, sizeof(struct computer *));
    if (o->computers == NULL || o->idle == NULL)
        return -ENOMEM;
    while (o->computers_count < count)
        o->idle[o->idle_count++] = &o->computers[o->computers_count++];
    return 0;
}

int offload_init(struct offload *o, const struct computation *what, const struct stop *stop,
                 uint64_t processes)
{
    bool threads = what->where == COMPUTE_THREADS;
    char count[24];
    int error;

    *o = (struct offload){.computation = what, .stop = stop};
    uv_mutex_init(&o->mutex);
    error = make_computers(o, threads ? what->workers : 1);
    if (error < 0)
        return error;
    if (threads) { /* libuv makes them when the first work comes, and reads then how many */
        snprintf(count, sizeof(count), "%" PRIu64, what->workers);
        setenv("UV_THREADPOOL_SIZE", count, 1);
        return 0;
    }
    o->pool = process_pool_fork(processes);
    return o->pool != NULL ? 0 : -errno;
}

int offload_attach(struct offload *o, uv_loop_t *loop,
                   void (*ended)(void *user, struct piece *piece), void *user)
{
    o->loop = loop;
    o->ended = ended;
    o->user = user;
    return o->pool != NULL ? process_pool_attach(o->pool, loop) : 0;
}

static int begin_in_process(struct offload *o, struct piece *piece)
{
    piece->process = (struct process_job){
        .work = compute_in_process,
        .in = &piece->offload,
        .in_bytes = sizeof(struct offload *),
        .out = &piece->computed,
        .ended = on_job_ended,
    };
    return process_pool_submit(o->pool, &piece->process);
}

int offload_begin(struct offload *o, struct piece *piece, uint64_t id)
{
    int error;

    piece->offload = o;
    piece->id = id;
    error = o->pool != NULL ? begin_in_process(o, piece)
                            : uv_queue_work(o->loop, &piece->thread, on_work, on_worked);
    piece->busy = error == 0;
    o->under_way += piece->busy;
    return error;
}

/* Threads use the pieces: what they have begun, they also end, soon, since the run is over. */
void offload_cancel(struct offload *o, struct piece *pieces, uint64_t count)
{
    if (o->pool != NULL) {
        process_pool_free(o->pool);
        o->pool = NULL;
        return;
    }
    for (uint64_t i = 0; i < count; i++)
        if (pieces[i].busy)
            uv_cancel((uv_req_t *)&pieces[i].thread);
    while (o->under_way > 0)
        uv_run(o->loop, UV_RUN_ONCE);
}

void offload_term(struct offload *o)
{
    if (o->computation == NULL)
        return;
    process_pool_free(o->pool);
    for (uint64_t i = 0; i < o->computers_count; i++)
        computer_term(&o->computers[i]);
    uv_mutex_destroy(&o->mutex);
    free(o->computers);
    free(o->idle);
}
