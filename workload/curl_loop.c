#include "workload/curl_loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "workload/easy.h"

/* The transfers of one multi handle. */
struct curl_share {
    struct curl_loop *loop;
    CURLM *multi;
    uv_timer_t timer; /* libcurl's next timeout; its data is this */
};

/* What is waited for of a descriptor. */
struct curl_watch {
    unsigned share;
    uint8_t wanted;  /* events of epoll, by libcurl */
    uint8_t events;  /* it is registered for these; 0: not at all */
    bool connection; /* not a descriptor of libcurl's own, which it closes without a word */
    bool busy;       /* a transfer uses it */
    bool begun;      /* among those that end_begun() is to look at */
    int next_begun;  /* the next of them, or -1 */
};

/* Returns 0 or a negative errno. A descriptor that is closed already is not registered any more. */
static int watch_for(struct curl_loop *c, curl_socket_t fd, uint32_t events)
{
    struct curl_watch *watch = &c->watches[fd];
    int error = poller_watch(&c->poller, fd, watch->events, events, (uint64_t)fd);

    if (error == 0 || events == 0)
        watch->events = (uint8_t)events;
    return events == 0 ? 0 : error;
}

/* ---- From the loop to libcurl ------------------------------------------------------------ */

/* Connections that were begun, as on loopback, stand already: they are told so before they are
 * waited for, and then there is one thing less to wait for. libcurl looks itself whether it is
 * true. */
static void end_begun(struct curl_loop *c)
{
    while (c->first_begun >= 0) {
        curl_socket_t fd = c->first_begun;
        CURLM *multi = c->shares[c->watches[fd].share].multi;
        int running;

        c->first_begun = c->watches[fd].next_begun;
        c->watches[fd].begun = false;
        if (!c->watches[fd].busy)
            continue;
        curl_multi_socket_action(multi, fd, CURL_CSELECT_OUT, &running);
        if (c->watches[fd].busy && watch_for(c, fd, c->watches[fd].wanted) < 0)
            curl_multi_socket_action(multi, fd, CURL_CSELECT_ERR, &running);
    }
}

static void on_timer(uv_timer_t *timer);

static void end_finished(struct curl_share *share)
{
    struct curl_loop *c = share->loop;
    CURLMsg *message;
    int left;

    end_begun(c);
    for (message = curl_multi_info_read(share->multi, &left); message != NULL;
         message = curl_multi_info_read(share->multi, &left)) {
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result; /* `message` is gone with the handle */

        curl_multi_remove_handle(share->multi, easy);
        c->ended(c->user, easy, code);
    }
}

/* Where libcurl has no memory it leaves its timers as they are, and would never be called again. */
static void act(struct curl_share *share, curl_socket_t fd, int flags)
{
    int running;

    if (curl_multi_socket_action(share->multi, fd, flags, &running) != CURLM_OK)
        uv_timer_start(&share->timer, on_timer, 1, 0);
    end_finished(share);
}

/* Where the socket has an error libcurl would give the transfer up if it were told of nothing else:
 * but what came before the error is still to be read, a buffer at a time. */
static void on_ready(void *user, uint64_t what, uint32_t events)
{
    struct curl_loop *c = user;
    curl_socket_t fd = (curl_socket_t)what;
    struct curl_watch *watch = &c->watches[fd];
    struct curl_share *share = &c->shares[watch->share];
    int flags = 0;

    if (!watch->busy) { /* the server closed it, which libcurl finds out when it wants it again */
        watch_for(c, fd, 0);
        return;
    }
    if (events & EPOLLHUP)
        events |= watch->events;
    if (events & EPOLLERR)
        flags = CURL_CSELECT_ERR | CURL_CSELECT_IN;
    flags |= events & EPOLLIN ? CURL_CSELECT_IN : 0;
    flags |= events & EPOLLOUT ? CURL_CSELECT_OUT : 0;
    act(share, fd, flags);
}

static void on_timer(uv_timer_t *timer)
{
    act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

/* ---- From libcurl to the loop ------------------------------------------------------------ */

static bool make_room(struct curl_loop *c, curl_socket_t fd)
{
    int size = fd < 512 ? 1024 : 2 * fd;
    struct curl_watch *larger;

    if (fd < c->watches_size)
        return true;
    larger = realloc(c->watches, (size_t)size * sizeof(struct curl_watch));
    if (larger == NULL)
        return false;
    memset(larger + c->watches_size, 0, (size_t)(size - c->watches_size) * sizeof(*larger));
    c->watches = larger;
    c->watches_size = size;
    return true;
}

/* An idle connection is no reason for the loop to go on. */
static void set_busy(struct curl_loop *c, struct curl_watch *watch, bool busy)
{
    if (busy && !watch->busy)
        poller_hold(&c->poller);
    else if (!busy && watch->busy)
        poller_release(&c->poller);
    watch->busy = busy;
}

/* libcurl's socket callback: not 0 fails the transfer. What is not wanted any more is perhaps about
 * to be closed. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *unused)
{
    struct curl_share *share = user;
    struct curl_loop *c = share->loop;
    struct curl_watch *watch;
    struct exchange *exchange = NULL;
    uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);

    (void)unused;
    if (what == CURL_POLL_REMOVE)
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&exchange);
    if (exchange != NULL)
        easy_on_close(easy, exchange);
    if (!make_room(c, fd))
        return -1;
    watch = &c->watches[fd];
    watch->share = (unsigned)(share - c->shares);
    watch->wanted = (uint8_t)events;
    set_busy(c, watch, what != CURL_POLL_REMOVE);
    if (watch->begun || (what == CURL_POLL_REMOVE && watch->connection))
        return 0;
    return watch_for(c, fd, events);
}

/* libcurl's callback to make a socket. */
static curl_socket_t on_open(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct curl_loop *c = user;
    struct curl_watch *watch;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

    (void)purpose;
    if (fd >= 0 && !make_room(c, fd)) {
        close(fd);
        return CURL_SOCKET_BAD;
    }
    if (fd >= 0) {
        watch = &c->watches[fd];
        watch->connection = true;
        watch->events = 0; /* of a descriptor of libcurl's own that had this number */
        if (!watch->begun) {
            watch->next_begun = c->first_begun;
            c->first_begun = fd;
            watch->begun = true;
        }
    }
    return fd;
}

/* libcurl's callback to close one, with which the kernel ends its watch: it is watched until then,
 * whether a transfer uses it or not. */
static int on_close(void *user, curl_socket_t fd)
{
    struct curl_loop *c = user;

    if (fd < c->watches_size) {
        set_busy(c, &c->watches[fd], false);
        c->watches[fd].connection = false;
        c->watches[fd].events = 0;
        poller_drop(&c->poller, (uint64_t)fd);
    }
    return close(fd);
}

/* libcurl's timer callback. 0 is "at once", but never from within this call. libuv runs the timers
 * that are due by its time, which stands still meanwhile, before anything else: of a peer that
 * sends faster than libcurl reads, this one would always be. A millisecond later is then past as
 * well, but only when libuv has looked at the rest. */
static int on_timeout(CURLM *multi, long timeout_ms, void *user)
{
    struct curl_share *share = user;

    (void)multi;
    if (timeout_ms < 0)
        return uv_timer_stop(&share->timer);
    if (timeout_ms == 0 && clock_ns() / NS_PER_MS >= uv_now(share->timer.loop) + 2)
        timeout_ms = 1;
    return uv_timer_start(&share->timer, on_timer, (uint64_t)timeout_ms, 0);
}

/* ---- What others call -------------------------------------------------------------------- */

/* Returns 0 or -ENOMEM. */
static int init_share(struct curl_loop *c, uv_loop_t *loop, long connections_max)
{
    struct curl_share *share = &c->shares[c->share_count];

    share->loop = c;
    share->multi = curl_multi_init();
    if (share->multi == NULL)
        return -ENOMEM;
    c->share_count++;
    uv_timer_init(loop, &share->timer);
    share->timer.data = share;
    curl_multi_setopt(share->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(share->multi, CURLMOPT_SOCKETDATA, share);
    curl_multi_setopt(share->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
    curl_multi_setopt(share->multi, CURLMOPT_TIMERDATA, share);
    curl_multi_setopt(share->multi, CURLMOPT_MAXCONNECTS, connections_max);
    return 0;
}

int curl_loop_init(struct curl_loop *c, uv_loop_t *loop, unsigned shares, long connections_max,
                   void (*ended)(void *user, CURL *easy, CURLcode code), void *user)
{
    int error;

    *c = (struct curl_loop){.first_begun = -1, .ended = ended, .user = user};
    error = poller_init(&c->poller, loop, on_ready, c);
    if (error < 0)
        return error;
    c->sessions = curl_share_init();
    c->shares = calloc(shares, sizeof(*c->shares));
    if (c->sessions == NULL || c->shares == NULL)
        error = -ENOMEM;
    while (error == 0 && c->share_count < shares)
        error = init_share(c, loop, connections_max);
    if (error == 0)
        curl_share_setopt(c->sessions, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    else
        curl_loop_term(c);
    return error;
}

static void on_timer_closed(uv_handle_t *timer)
{
    const struct curl_share *share = timer->data;

    if (--share->loop->share_count == 0)
        free(share->loop->shares);
}

/* libcurl first: while it closes its connections, it still calls on_socket and on_close. */
void curl_loop_term(struct curl_loop *c)
{
    for (unsigned i = 0; i < c->share_count; i++)
        curl_multi_cleanup(c->shares[i].multi);
    curl_share_cleanup(c->sessions);
    poller_term(&c->poller);
    for (unsigned i = 0; i < c->share_count; i++)
        uv_close((uv_handle_t *)&c->shares[i].timer, on_timer_closed);
    if (c->share_count == 0)
        free(c->shares);
    free(c->watches);
}

void curl_loop_prepare(struct curl_loop *c, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, c);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, c);
    curl_easy_setopt(easy, CURLOPT_SHARE, c->sessions);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
}

int curl_loop_add(struct curl_loop *c, unsigned share, CURL *easy)
{
    return curl_multi_add_handle(c->shares[share].multi, easy) == CURLM_OK ? 0 : -ENOMEM;
}

void curl_loop_remove(struct curl_loop *c, unsigned share, CURL *easy)
{
    curl_multi_remove_handle(c->shares[share].multi, easy);
}
