#include "workload/job_loop.h"

#include <errno.h>
#include <liburing.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "workload/item.h"

enum step { STEP_NONE, STEP_CALL, STEP_OPEN, STEP_READ, STEP_CLOSE };

/* What is done in a slot. */
struct job {
    union {
        uv_fs_t file;
        uv_work_t call;
    } request; /* first */
    struct job_loop *jobs;
    uint64_t id;
    int fd;
    enum step step; /* under way */
};

struct job_loop {
    uv_loop_t *loop;
    const struct workload *workload;
    struct recorder *recorder;
    struct job *slots;
    struct item *items;    /* for calls, one for each slot; else NULL */
    unsigned char *blocks; /* for files, likewise */
    uint64_t under_way;
    void (*ended)(void *user, uint64_t slot);
    void *user;

    /* Of io_uring: */
    struct io_uring ring;
    int event;             /* readable when something is done; -1: libuv's pool does it */
    uv_poll_t completions; /* of `event` */
};

static void go_on(struct job *job, ssize_t result);

static unsigned char *block_of(const struct job *job)
{
    return job->jobs->blocks + (size_t)(job - job->jobs->slots) * FILE_BLOCK_BYTES;
}

/* ---- By libuv's pool --------------------------------------------------------------------- */

static void on_done(uv_fs_t *request)
{
    struct job *job = (struct job *)request;
    ssize_t result = request->result;

    uv_fs_req_cleanup(request);
    go_on(job, result);
}

/* In the thread. */
static void on_work(uv_work_t *work)
{
    struct job *job = (struct job *)work;

    item_finish(&job->jobs->items[job - job->jobs->slots], job->id);
}

static void on_worked(uv_work_t *work, int status)
{
    go_on((struct job *)work, status);
}

static int begin_in_pool(struct job *job, const char *path)
{
    uv_loop_t *loop = job->jobs->loop;
    uv_fs_t *file = &job->request.file;
    uv_buf_t block;

    switch (job->step) {
    case STEP_CALL:
        return uv_queue_work(loop, &job->request.call, on_work, on_worked);
    case STEP_OPEN:
        return uv_fs_open(loop, file, path, FILE_FLAGS, 0, on_done);
    case STEP_READ:
        block = uv_buf_init((char *)block_of(job), FILE_BLOCK_BYTES);
        return uv_fs_read(loop, file, job->fd, &block, 1, 0, on_done);
    default:
        return uv_fs_close(loop, file, job->fd, on_done);
    }
}

/* ---- By io_uring ------------------------------------------------------------------------- */

/* A slot has one step at a time, and the ring has room for all slots. */
static int begin_in_ring(struct job *job, const char *path)
{
    struct io_uring *ring = &job->jobs->ring;
    struct io_uring_sqe *entry = io_uring_get_sqe(ring);
    int submitted;

    if (entry == NULL)
        return -EBUSY;
    if (job->step == STEP_OPEN)
        io_uring_prep_openat(entry, AT_FDCWD, path, FILE_FLAGS, 0);
    else if (job->step == STEP_READ)
        io_uring_prep_read(entry, job->fd, block_of(job), FILE_BLOCK_BYTES, 0);
    else
        io_uring_prep_close(entry, job->fd);
    io_uring_sqe_set_data(entry, job);
    submitted = io_uring_submit(ring);
    return submitted < 0 ? submitted : 0;
}

static void on_completions(uv_poll_t *completions, int status, int events)
{
    struct job_loop *jobs = completions->data;
    struct io_uring_cqe *entry;
    eventfd_t count;

    (void)status, (void)events;
    eventfd_read(jobs->event, &count);
    while (io_uring_peek_cqe(&jobs->ring, &entry) == 0) {
        struct job *job = io_uring_cqe_get_data(entry);
        int result = entry->res;

        io_uring_cqe_seen(&jobs->ring, entry);
        go_on(job, result);
    }
}

static int open_ring(struct job_loop *jobs)
{
    int error = io_uring_queue_init((unsigned)jobs->workload->concurrency, &jobs->ring, 0);

    if (error < 0)
        return error;
    jobs->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    error = jobs->event < 0 ? -errno : io_uring_register_eventfd(&jobs->ring, jobs->event);
    if (error == 0)
        error = uv_poll_init(jobs->loop, &jobs->completions, jobs->event);
    if (error == 0) {
        jobs->completions.data = jobs;
        uv_unref((uv_handle_t *)&jobs->completions);
        return uv_poll_start(&jobs->completions, UV_READABLE, on_completions);
    }
    if (jobs->event >= 0)
        close(jobs->event);
    jobs->event = -1;
    io_uring_queue_exit(&jobs->ring);
    return error;
}

static void release(struct job_loop *jobs)
{
    for (uint64_t slot = 0; jobs->items != NULL && slot < jobs->workload->concurrency; slot++)
        item_term(&jobs->items[slot]);
    free(jobs->slots);
    free(jobs->items);
    free(jobs->blocks);
    free(jobs);
}

static void on_closed(uv_handle_t *completions)
{
    release(completions->data);
}

static void close_ring(struct job_loop *jobs)
{
    uv_poll_stop(&jobs->completions); /* before its descriptor closes */
    uv_close((uv_handle_t *)&jobs->completions, on_closed);
    io_uring_queue_exit(&jobs->ring);
    close(jobs->event);
}

/* ---- Both -------------------------------------------------------------------------------- */

static int begin(struct job *job, enum step step)
{
    char path[PATH_MAX];

    job->step = step;
    if (step == STEP_OPEN)
        request_place(job->jobs->workload, job->id, path, sizeof(path));
    return job->jobs->event < 0 ? begin_in_pool(job, path) : begin_in_ring(job, path);
}

static void end(struct job *job)
{
    struct job_loop *jobs = job->jobs;

    job->step = STEP_NONE;
    jobs->under_way--;
    jobs->ended(jobs->user, (uint64_t)(job - jobs->slots));
}

/* A step has come to `result`. */
static void go_on(struct job *job, ssize_t result)
{
    struct job_loop *jobs = job->jobs;

    switch (job->step) {
    case STEP_OPEN:
        if (result < 0) {
            file_not_opened(jobs->recorder, job->id, (int)result);
            break;
        }
        job->fd = (int)result;
        jobs->recorder->records[job->id].connected_ns = clock_ns();
        result = begin(job, STEP_READ);
        if (result == 0)
            return;
        /* fall through */
    case STEP_READ:
        file_was_read(jobs->workload, jobs->recorder, job->id, block_of(job), result);
        if (begin(job, STEP_CLOSE) == 0)
            return;
        close(job->fd);
        break;
    default:
        if (result < 0) /* a call that was given up; else it has ended already */
            recorder_end(jobs->recorder, job->id, OUTCOME_CANCELLED, 0);
    }
    end(job);
}

bool job_loop_begin(struct job_loop *jobs, uint64_t slot, uint64_t id)
{
    struct job *job = &jobs->slots[slot];
    int error;

    job->jobs = jobs;
    job->id = id;
    if (jobs->workload->blocking == BLOCKING_LOOP) {
        item_finish(&jobs->items[slot], id);
        return false;
    }
    error = begin(job, jobs->items != NULL ? STEP_CALL : STEP_OPEN);
    if (error == 0) {
        jobs->under_way++;
        return true;
    }
    job->step = STEP_NONE;
    recorder_end(jobs->recorder, id, OUTCOME_OTHER, (unsigned)-error);
    return false;
}

/* What each slot has: for calls an item, else a block. */
static int init_slots(struct job_loop *jobs)
{
    uint64_t count = jobs->workload->concurrency;
    bool calls = workload_calls(jobs->workload);
    int error = 0;

    jobs->slots = calloc(count, sizeof(*jobs->slots));
    if (calls)
        jobs->items = calloc(count, sizeof(*jobs->items));
    else
        jobs->blocks = aligned_alloc(FILE_BLOCK_BYTES, count * FILE_BLOCK_BYTES);
    if (jobs->slots == NULL || (jobs->items == NULL && jobs->blocks == NULL))
        return -ENOMEM;
    for (uint64_t slot = 0; calls && slot < count && error == 0; slot++)
        error = item_init(&jobs->items[slot], jobs->workload, jobs->recorder, (uint32_t)slot);
    return error;
}

int job_loop_new(struct job_loop **jobs, uv_loop_t *loop, const struct workload *w,
                 struct recorder *r, void (*ended)(void *user, uint64_t slot), void *user)
{
    struct job_loop *j = calloc(1, sizeof(*j));
    int error;

    if (j == NULL)
        return -ENOMEM;
    *j = (struct job_loop){
        .loop = loop, .workload = w, .recorder = r, .event = -1, .ended = ended, .user = user};
    error = init_slots(j);
    if (error == 0 && w->blocking == BLOCKING_URING)
        error = open_ring(j);
    if (error == 0)
        *jobs = j;
    else
        release(j);
    return error;
}

void job_loop_free(struct job_loop *jobs)
{
    if (jobs == NULL)
        return;
    for (uint64_t slot = 0; jobs->under_way > 0 && slot < jobs->workload->concurrency; slot++)
        if (jobs->event < 0 && jobs->slots[slot].step != STEP_NONE)
            uv_cancel((uv_req_t *)&jobs->slots[slot].request);
    while (jobs->under_way > 0)
        uv_run(jobs->loop, UV_RUN_ONCE);
    if (jobs->event >= 0)
        close_ring(jobs);
    else
        release(jobs);
}
