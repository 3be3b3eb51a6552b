/* Each task is a thread that waits for its time, or for the program to stop. The first thread has a
 * loop, which receives signals and news. */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "common/clock.h"
#include "sleepers/sleepers.h"

/* As in threads/threads.c: address space, of which a sleeper touches a page or two. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK_BYTES (1024UL * 1024)
#else
#define STACK_BYTES (128UL * 1024)
#endif

struct threads {
    struct sleepers *sleepers; /* these two: under the lock */
    bool stopping;
    pthread_mutex_t lock;
    pthread_cond_t stop;
    pthread_t *handles;
    uint64_t started;
    uv_loop_t loop;
    uv_async_t news; /* for the first thread */
};

static void *sleep_once(void *argument)
{
    struct threads *all = argument;
    uint64_t due_ns = clock_ns() + all->sleepers->latency_ns;
    struct timespec due = clock_timespec(due_ns);
    int error = 0;

    pthread_mutex_lock(&all->lock);
    if (sleepers_lie_down(all->sleepers))
        uv_async_send(&all->news);
    while (!all->stopping && error == 0)
        error = pthread_cond_timedwait(&all->stop, &all->lock, &due);
    if (sleepers_get_up(all->sleepers, due_ns, error == ETIMEDOUT ? 0 : -ECANCELED))
        uv_async_send(&all->news);
    pthread_mutex_unlock(&all->lock);
    return NULL;
}

static void say_refused(struct threads *all, int error)
{
    snprintf(all->sleepers->why, sizeof(all->sleepers->why),
             "thread %" PRIu64 " of %" PRIu64
             " was refused: %s; kernel.pid_max, kernel.threads-max, RLIMIT_NPROC and pids.max of "
             "the control group count what else runs as well: raise them, or lower -n",
             all->started + 1, all->sleepers->tasks, strerror(-error));
}

static int start_all(struct threads *all)
{
    pthread_attr_t attributes;
    int error = 0;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    while (all->started < all->sleepers->tasks && error == 0) {
        error = -pthread_create(&all->handles[all->started], &attributes, sleep_once, all);
        all->started += error == 0;
        uv_run(&all->loop, UV_RUN_NOWAIT);
        if (all->sleepers->interrupted)
            break;
    }
    pthread_attr_destroy(&attributes);
    return error;
}

/* Returns 0 or a negative errno; then nothing is left to be freed. */
static int init(struct threads *all)
{
    pthread_condattr_t attributes;

    all->handles = malloc(all->sleepers->tasks * sizeof(*all->handles));
    if (all->handles == NULL)
        return -ENOMEM;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&all->stop, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&all->lock, NULL);
    return 0;
}

/* News only make a turn of the loop end: what they are is looked up after each. */
static void on_news(uv_async_t *news)
{
    (void)news;
}

static bool is_done(struct threads *all)
{
    bool done;

    pthread_mutex_lock(&all->lock);
    done = sleepers_done(all->sleepers);
    pthread_mutex_unlock(&all->lock);
    return done;
}

static void close_handle(uv_handle_t *handle, void *user)
{
    (void)user;
    uv_close(handle, NULL);
}

/* Lets the threads sleep until all are done, or something stops them; then all have ended. */
static int sleep_all(struct threads *all)
{
    struct sleepers *s = all->sleepers;
    int error = start_all(all);

    if (error < 0)
        say_refused(all, error);
    while (error == 0 && !s->interrupted && !is_done(all))
        uv_run(&all->loop, UV_RUN_ONCE);
    pthread_mutex_lock(&all->lock);
    all->stopping = error < 0 || s->interrupted;
    if (all->stopping)
        pthread_cond_broadcast(&all->stop);
    pthread_mutex_unlock(&all->lock);
    for (uint64_t i = 0; i < all->started; i++)
        pthread_join(all->handles[i], NULL);
    sleepers_give_up(s, s->tasks - all->started);
    return error;
}

int thread_run(struct sleepers *s)
{
    struct threads all = {.sleepers = s};
    struct interrupt interrupt;
    int error = uv_loop_init(&all.loop);

    if (error < 0)
        return error;
    error = interrupt_watch(&interrupt, &all.loop, s, NULL, NULL);
    if (error == 0)
        error = uv_async_init(&all.loop, &all.news, on_news);
    if (error == 0)
        error = init(&all);
    if (error == 0) {
        error = sleep_all(&all);
        pthread_mutex_destroy(&all.lock);
        pthread_cond_destroy(&all.stop);
        free(all.handles);
    }
    uv_walk(&all.loop, close_handle, NULL);
    uv_run(&all.loop, UV_RUN_DEFAULT);
    uv_loop_close(&all.loop);
    return error;
}
