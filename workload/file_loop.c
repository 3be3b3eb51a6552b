#include "workload/file_loop.h"

#include <errno.h>
#include <liburing.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "workload/file.h"
#include "workload/request.h"

enum step { STEP_NONE, STEP_OPEN, STEP_READ, STEP_CLOSE };

/* What is done in a slot. */
struct job {
    uv_fs_t request;
    struct file_loop *files;
    uint64_t id;
    int fd;
    enum step step; /* under way */
};

struct file_loop {
    uv_loop_t *loop;
    const struct workload *workload;
    struct recorder *recorder;
    struct job *jobs;
    unsigned char *blocks; /* one for each job */
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
    return job->files->blocks + (size_t)(job - job->files->jobs) * FILE_BLOCK_BYTES;
}

/* ---- By libuv's pool --------------------------------------------------------------------- */

static void on_done(uv_fs_t *request)
{
    struct job *job = (struct job *)request;
    ssize_t result = request->result;

    uv_fs_req_cleanup(request);
    go_on(job, result);
}

static int begin_in_pool(struct job *job, const char *path)
{
    uv_loop_t *loop = job->files->loop;
    uv_buf_t block = uv_buf_init((char *)block_of(job), FILE_BLOCK_BYTES);

    if (job->step == STEP_OPEN)
        return uv_fs_open(loop, &job->request, path, FILE_FLAGS, 0, on_done);
    if (job->step == STEP_READ)
        return uv_fs_read(loop, &job->request, job->fd, &block, 1, 0, on_done);
    return uv_fs_close(loop, &job->request, job->fd, on_done);
}

/* ---- By io_uring ------------------------------------------------------------------------- */

/* A slot has one step at a time, and the ring has room for all slots. */
static int begin_in_ring(struct job *job, const char *path)
{
    struct io_uring *ring = &job->files->ring;
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
    struct file_loop *files = completions->data;
    struct io_uring_cqe *entry;
    eventfd_t count;

    (void)status, (void)events;
    eventfd_read(files->event, &count);
    while (io_uring_peek_cqe(&files->ring, &entry) == 0) {
        struct job *job = io_uring_cqe_get_data(entry);
        int result = entry->res;

        io_uring_cqe_seen(&files->ring, entry);
        go_on(job, result);
    }
}

static int open_ring(struct file_loop *files)
{
    int error = io_uring_queue_init((unsigned)files->workload->concurrency, &files->ring, 0);

    if (error < 0)
        return error;
    files->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    error = files->event < 0 ? -errno : io_uring_register_eventfd(&files->ring, files->event);
    if (error == 0)
        error = uv_poll_init(files->loop, &files->completions, files->event);
    if (error == 0) {
        files->completions.data = files;
        uv_unref((uv_handle_t *)&files->completions);
        return uv_poll_start(&files->completions, UV_READABLE, on_completions);
    }
    if (files->event >= 0)
        close(files->event);
    files->event = -1;
    io_uring_queue_exit(&files->ring);
    return error;
}

static void release(struct file_loop *files)
{
    free(files->jobs);
    free(files->blocks);
    free(files);
}

static void on_closed(uv_handle_t *completions)
{
    release(completions->data);
}

static void close_ring(struct file_loop *files)
{
    uv_poll_stop(&files->completions); /* before its descriptor closes */
    uv_close((uv_handle_t *)&files->completions, on_closed);
    io_uring_queue_exit(&files->ring);
    close(files->event);
}

/* ---- Both -------------------------------------------------------------------------------- */

static int begin(struct job *job, enum step step)
{
    char path[PATH_MAX];

    job->step = step;
    if (step == STEP_OPEN)
        request_place(job->files->workload, job->id, path, sizeof(path));
    return job->files->event < 0 ? begin_in_pool(job, path) : begin_in_ring(job, path);
}

static void end(struct job *job)
{
    struct file_loop *files = job->files;

    job->step = STEP_NONE;
    files->under_way--;
    files->ended(files->user, (uint64_t)(job - files->jobs));
}

/* A step has come to `result`. */
static void go_on(struct job *job, ssize_t result)
{
    struct file_loop *files = job->files;
    int error = 0;

    switch (job->step) {
    case STEP_OPEN:
        if (result < 0) {
            file_not_opened(files->recorder, job->id, (int)result);
            end(job);
            return;
        }
        job->fd = (int)result;
        file_opened(files->recorder, job->id);
        error = begin(job, STEP_READ);
        if (error == 0)
            return;
        result = error;
        /* fall through */
    case STEP_READ:
        file_was_read(files->workload, files->recorder, job->id, block_of(job), result);
        if (begin(job, STEP_CLOSE) == 0)
            return;
        close(job->fd);
        /* fall through */
    default:
        end(job);
    }
}

bool file_loop_begin(struct file_loop *files, uint64_t slot, uint64_t id)
{
    struct job *job = &files->jobs[slot];
    int error;

    job->files = files;
    job->id = id;
    error = begin(job, STEP_OPEN);
    files->under_way += error == 0;
    if (error < 0) {
        job->step = STEP_NONE;
        file_not_opened(files->recorder, id, error);
    }
    return error == 0;
}

int file_loop_new(struct file_loop **files, uv_loop_t *loop, const struct workload *w,
                  struct recorder *r, void (*ended)(void *user, uint64_t slot), void *user)
{
    struct file_loop *f = calloc(1, sizeof(*f));
    int error = 0;

    if (f == NULL)
        return -ENOMEM;
    *f = (struct file_loop){
        .loop = loop, .workload = w, .recorder = r, .event = -1, .ended = ended, .user = user};
    f->jobs = calloc(w->concurrency, sizeof(*f->jobs));
    f->blocks = aligned_alloc(FILE_BLOCK_BYTES, w->concurrency * FILE_BLOCK_BYTES);
    if (f->jobs == NULL || f->blocks == NULL)
        error = -ENOMEM;
    else if (w->blocking == BLOCKING_URING)
        error = open_ring(f);
    if (error == 0)
        *files = f;
    else
        file_loop_free(f);
    return error;
}

/* What only waits for a thread of the pool is given up at once. */
void file_loop_free(struct file_loop *files)
{
    if (files == NULL)
        return;
    for (uint64_t slot = 0; files->under_way > 0 && slot < files->workload->concurrency; slot++)
        if (files->event < 0 && files->jobs[slot].step != STEP_NONE)
            uv_cancel((uv_req_t *)&files->jobs[slot].request);
    while (files->under_way > 0)
        uv_run(files->loop, UV_RUN_ONCE);
    if (files->event >= 0)
        close_ring(files);
    else
        release(files);
}
