/* A worker waits for a message on its socket, works, and answers; it ends when its socket does, or
 * with its parent. Messages are packets (SOCK_SEQPACKET), so they come whole. The program is the
 * same in both, so a function's address is its name. */
#include "compute/process_pool.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/child.h"

struct head {
    process_work *work; /* to the worker */
    int result;         /* from it */
};

struct process_worker {
    uv_poll_t poll; /* first */
    struct process_pool *pool;
    pid_t pid;
    int fd;
    bool dead;
    struct process_job *job; /* what it does; NULL: it is free */
};

struct process_pool {
    STAILQ_HEAD(process_jobs, process_job) waiting;
    size_t count, alive;
    size_t handles; /* of the loop, to be closed */
    struct process_worker workers[];
};

/* Sends or receives the head and `bytes` of `data`; returns the bytes of data, or negative where
 * nothing came whole. */
static ssize_t transfer(ssize_t (*call)(int, struct msghdr *, int), int fd, struct head *head,
                        void *data, size_t bytes, int flags)
{
    struct iovec parts[] = {{head, sizeof(*head)}, {data, bytes}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

    errno = 0; /* a socket that has ended gives nothing, and no error */
    return call(fd, &message, flags) - (ssize_t)sizeof(*head);
}

static ssize_t send_message(int fd, struct msghdr *message, int flags)
{
    return sendmsg(fd, message, flags | MSG_NOSIGNAL);
}

/* ---- In the worker ----------------------------------------------------------------------- */

static void serve(int fd)
{
    static _Alignas(max_align_t) char in[PROCESS_JOB_BYTES_MAX], out[PROCESS_JOB_BYTES_MAX];
    struct head head = {0};
    ssize_t bytes = transfer(recvmsg, fd, &head, in, sizeof(in), 0);

    while (bytes >= 0) {
        head.result = head.work(in, (size_t)bytes, out);
        bytes = head.result > 0 ? head.result : 0;
        if (transfer(send_message, fd, &head, out, (size_t)bytes, 0) < 0)
            break;
        bytes = transfer(recvmsg, fd, &head, in, sizeof(in), 0);
    }
}

/* A signal to the whole group is the parent's to handle, who then ends the workers. */
static _Noreturn void be_worker(const struct process_pool *pool, int fd)
{
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    for (size_t i = 0; i < pool->count; i++)
        close(pool->workers[i].fd);
    serve(fd);
    _exit(0);
}

/* ---- Beginning and end ------------------------------------------------------------------- */

static bool fork_worker(struct process_pool *pool, struct process_worker *worker)
{
    int fds[2], error;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
        return false;
    worker->pid = child_fork(SIGKILL);
    if (worker->pid == 0) {
        close(fds[0]);
        be_worker(pool, fds[1]);
    }
    error = errno;
    close(fds[1]);
    worker->fd = fds[0];
    worker->pool = pool;
    if (worker->pid < 0)
        close(fds[0]);
    errno = error;
    return worker->pid > 0;
}

struct process_pool *process_pool_fork(size_t count)
{
    struct process_pool *pool = calloc(1, sizeof(*pool) + count * sizeof(pool->workers[0]));
    int error;

    if (pool == NULL)
        return NULL;
    STAILQ_INIT(&pool->waiting);
    while (pool->count < count && fork_worker(pool, &pool->workers[pool->count]))
        pool->count++;
    pool->alive = pool->count;
    if (pool->count == count)
        return pool;
    error = errno;
    process_pool_free(pool);
    errno = error;
    return NULL;
}

/* Its socket's end tells an idle worker to end. It is shut down and not only closed, since workers
 * that another pool forked later have a copy of the descriptor. */
static void end_worker(struct process_worker *worker)
{
    if (worker->dead)
        return;
    if (worker->job != NULL)
        kill(worker->pid, SIGKILL);
    shutdown(worker->fd, SHUT_RDWR);
    close(worker->fd);
    child_wait(worker->pid);
}

static void on_closed(uv_handle_t *handle)
{
    struct process_pool *pool = ((struct process_worker *)handle)->pool;

    if (--pool->handles == 0)
        free(pool);
}

void process_pool_free(struct process_pool *pool)
{
    if (pool == NULL)
        return;
    for (size_t i = 0; i < pool->handles; i++)
        uv_poll_stop(&pool->workers[i].poll); /* before its descriptor closes */
    for (size_t i = 0; i < pool->count; i++)
        end_worker(&pool->workers[i]);
    if (pool->handles == 0)
        free(pool);
    else
        for (size_t i = pool->handles; i > 0; i--)
            uv_close((uv_handle_t *)&pool->workers[i - 1].poll, on_closed);
}

/* ---- Jobs -------------------------------------------------------------------------------- */

static void bury(struct process_worker *worker)
{
    uv_poll_stop(&worker->poll);
    close(worker->fd);
    child_wait(worker->pid);
    worker->dead = true;
    worker->pool->alive--;
}

/* Where the worker turns out to be dead, the job has not begun. */
static bool begin(struct process_worker *worker, struct process_job *job)
{
    struct head head = {.work = job->work};

    if (transfer(send_message, worker->fd, &head, (void *)job->in, job->in_bytes, 0) < 0) {
        bury(worker);
        return false;
    }
    worker->job = job;
    uv_ref((uv_handle_t *)&worker->poll);
    return true;
}

static struct process_worker *free_worker(struct process_pool *pool)
{
    for (size_t i = 0; i < pool->count; i++)
        if (!pool->workers[i].dead && pool->workers[i].job == NULL)
            return &pool->workers[i];
    return NULL;
}

/* As long as a worker is free, nothing waits. */
static void begin_waiting(struct process_pool *pool)
{
    struct process_worker *worker = free_worker(pool);

    while (!STAILQ_EMPTY(&pool->waiting) && worker != NULL) {
        if (begin(worker, STAILQ_FIRST(&pool->waiting)))
            STAILQ_REMOVE_HEAD(&pool->waiting, next);
        worker = free_worker(pool);
    }
}

static void fail_waiting(struct process_pool *pool)
{
    while (!STAILQ_EMPTY(&pool->waiting) && pool->alive == 0) {
        struct process_job *job = STAILQ_FIRST(&pool->waiting);

        STAILQ_REMOVE_HEAD(&pool->waiting, next);
        job->ended(job, UV_ESRCH);
    }
}

/* The worker gets its next job before the loop looks at what it has done. */
static void end_job(struct process_worker *worker, int result)
{
    struct process_job *job = worker->job;

    worker->job = NULL;
    if (!worker->dead)
        uv_unref((uv_handle_t *)&worker->poll);
    begin_waiting(worker->pool);
    if (job != NULL)
        job->ended(job, result);
    fail_waiting(worker->pool);
}

/* A worker has answered, or its socket has ended, and so has it. */
static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct process_worker *worker = (struct process_worker *)poll;
    void *out = worker->job != NULL ? worker->job->out : NULL;
    struct head head = {0};
    ssize_t bytes = transfer(recvmsg, worker->fd, &head, out,
                             out != NULL ? PROCESS_JOB_BYTES_MAX : 0, MSG_DONTWAIT);

    (void)status, (void)events;
    if (bytes < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (bytes < 0)
        bury(worker);
    end_job(worker, bytes < 0 ? UV_EPIPE : head.result);
}

int process_pool_attach(struct process_pool *pool, uv_loop_t *loop)
{
    int error = 0;

    for (size_t i = 0; i < pool->count && error == 0; i++) {
        uv_poll_t *poll = &pool->workers[i].poll;

        error = uv_poll_init(loop, poll, pool->workers[i].fd);
        if (error < 0)
            break;
        pool->handles++;
        uv_unref((uv_handle_t *)poll);
        error = uv_poll_start(poll, UV_READABLE | UV_DISCONNECT, on_readable);
    }
    return error;
}

int process_pool_submit(struct process_pool *pool, struct process_job *job)
{
    assert(job->in_bytes <= PROCESS_JOB_BYTES_MAX);
    STAILQ_INSERT_TAIL(&pool->waiting, job, next);
    begin_waiting(pool);
    if (pool->alive > 0)
        return 0;
    process_pool_cancel(pool, job); /* those that wait longer are being told */
    return UV_ESRCH;
}

bool process_pool_cancel(struct process_pool *pool, struct process_job *job)
{
    struct process_job *waiting = STAILQ_FIRST(&pool->waiting);

    while (waiting != NULL && waiting != job)
        waiting = STAILQ_NEXT(waiting, next);
    if (waiting == NULL)
        return false;
    STAILQ_REMOVE(&pool->waiting, job, process_job, next);
    return true;
}
