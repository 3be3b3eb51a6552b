#include "workload/curl_loop.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

/* What the loop watches a descriptor for. Stays with the number of the descriptor and is used again
 * by the next socket that gets it, because each start of a new watch costs system calls. */
struct curl_watch {
    uv_poll_t poll;  /* first; its data is the struct curl_loop */
    int events;      /* 0: not watching */
    bool connection; /* not a descriptor of libcurl's own, which it closes without a word */
    bool idle;       /* no transfer uses it */
};

static int stop(struct curl_watch *watch)
{
    watch->events = 0;
    return uv_poll_stop(&watch->poll);
}

static void on_ready(uv_poll_t *poll, int status, int events);

static int start(struct curl_watch *watch, int events)
{
    watch->events = events;
    return uv_poll_start(&watch->poll, events, on_ready);
}

/* ---- From the loop to libcurl ------------------------------------------------------------ */

static void end_finished(struct curl_loop *c)
{
    CURLMsg *message;
    int left;

    for (message = curl_multi_info_read(c->multi, &left); message != NULL;
         message = curl_multi_info_read(c->multi, &left)) {
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result; /* `message` is gone with the handle */

        curl_multi_remove_handle(c->multi, easy);
        c->ended(c->user, easy, code);
    }
}

/* Where the socket has an error libuv has stopped the watch, and libcurl would give the transfer up
 * if it were told of nothing else: but what came before the error is still to be read, a buffer at
 * a time. */
static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct curl_loop *c = poll->data;
    struct curl_watch *watch = (struct curl_watch *)poll;
    int flags = 0, running, wanted = watch->events;
    uv_os_fd_t fd;

    if (watch->idle) { /* the server closed it, which libcurl finds out when it wants it again */
        stop(watch);
        return;
    }
    uv_fileno((uv_handle_t *)poll, &fd);
    if (status < 0) {
        flags = CURL_CSELECT_ERR | CURL_CSELECT_IN;
        watch->events = 0;
    }
    flags |= events & UV_READABLE ? CURL_CSELECT_IN : 0;
    flags |= events & UV_WRITABLE ? CURL_CSELECT_OUT : 0;
    curl_multi_socket_action(c->multi, fd, flags, &running);
    if (status < 0 && watch->connection && !watch->idle && watch->events == 0)
        start(watch, wanted);
    end_finished(c);
}

static void on_timer(uv_timer_t *timer)
{
    struct curl_loop *c = timer->data;
    int running;

    curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    end_finished(c);
}

/* ---- From libcurl to the loop ------------------------------------------------------------ */

static bool make_room(struct curl_loop *c, curl_socket_t fd)
{
    int size = fd < 512 ? 1024 : 2 * fd;
    struct curl_watch **larger;

    if (fd < c->watches_size)
        return true;
    larger = realloc(c->watches, (size_t)size * sizeof(struct curl_watch *));
    if (larger == NULL)
        return false;
    for (int i = c->watches_size; i < size; i++)
        larger[i] = NULL;
    c->watches = larger;
    c->watches_size = size;
    return true;
}

static struct curl_watch *watch_of(struct curl_loop *c, curl_socket_t fd)
{
    struct curl_watch *watch;

    if (!make_room(c, fd))
        return NULL;
    if (c->watches[fd] != NULL)
        return c->watches[fd];
    watch = calloc(1, sizeof(*watch));
    if (watch == NULL || uv_poll_init(c->loop, &watch->poll, fd) < 0) {
        free(watch);
        return NULL;
    }
    watch->poll.data = c;
    c->watches[fd] = watch;
    return watch;
}

/* An idle connection is no reason for the loop to go on. */
static void set_idle(struct curl_watch *watch, bool idle)
{
    watch->idle = idle;
    if (idle)
        uv_unref((uv_handle_t *)&watch->poll);
    else
        uv_ref((uv_handle_t *)&watch->poll);
}

/* libcurl's socket callback: not 0 fails the transfer. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *unused)
{
    struct curl_watch *watch = watch_of(user, fd);
    int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);

    (void)easy, (void)unused;
    if (watch == NULL)
        return -1;
    set_idle(watch, what == CURL_POLL_REMOVE);
    if (watch->idle && !watch->connection)
        return stop(watch);
    if (watch->idle || watch->events == events)
        return 0;
    return start(watch, events);
}

/* libcurl's callback to make a socket. */
static curl_socket_t on_open(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    struct curl_watch *watch = fd < 0 ? NULL : watch_of(user, fd);

    (void)purpose;
    if (watch != NULL) {
        watch->connection = true;
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return CURL_SOCKET_BAD;
}

/* libcurl's callback to close one: it is watched until then, whether a transfer uses it or not. */
static int on_close(void *user, curl_socket_t fd)
{
    struct curl_loop *c = user;

    if (fd < c->watches_size && c->watches[fd] != NULL) {
        stop(c->watches[fd]);
        c->watches[fd]->connection = false;
    }
    return close(fd);
}

/* libcurl's timer callback. 0 is "at once", but never from within this call. */
static int on_timeout(CURLM *multi, long timeout_ms, void *user)
{
    struct curl_loop *c = user;

    (void)multi;
    if (timeout_ms < 0)
        return uv_timer_stop(&c->timer);
    return uv_timer_start(&c->timer, on_timer, (uint64_t)timeout_ms, 0);
}

/* ---- What others call -------------------------------------------------------------------- */

int curl_loop_init(struct curl_loop *c, uv_loop_t *loop, long connections_max,
                   void (*ended)(void *user, CURL *easy, CURLcode code), void *user)
{
    *c = (struct curl_loop){.loop = loop, .ended = ended, .user = user};
    c->multi = curl_multi_init();
    c->share = curl_share_init();
    if (c->multi == NULL || c->share == NULL) {
        curl_multi_cleanup(c->multi);
        curl_share_cleanup(c->share);
        return -ENOMEM;
    }
    uv_timer_init(loop, &c->timer);
    c->timer.data = c;
    curl_share_setopt(c->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
    curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, connections_max);
    return 0;
}

static void free_watch(uv_handle_t *handle)
{
    free(handle); /* the poll is first in its watch */
}

/* libcurl first: while it closes its connections, it still calls on_socket and on_close. */
void curl_loop_term(struct curl_loop *c)
{
    curl_multi_cleanup(c->multi);
    curl_share_cleanup(c->share);
    uv_close((uv_handle_t *)&c->timer, NULL);
    for (int fd = 0; fd < c->watches_size; fd++)
        if (c->watches[fd] != NULL)
            uv_close((uv_handle_t *)&c->watches[fd]->poll, free_watch);
    free(c->watches);
}

void curl_loop_prepare(struct curl_loop *c, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, c);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, c);
    curl_easy_setopt(easy, CURLOPT_SHARE, c->share);
}

int curl_loop_add(struct curl_loop *c, CURL *easy)
{
    return curl_multi_add_handle(c->multi, easy) == CURLM_OK ? 0 : -ENOMEM;
}

void curl_loop_remove(struct curl_loop *c, CURL *easy)
{
    curl_multi_remove_handle(c->multi, easy);
}
