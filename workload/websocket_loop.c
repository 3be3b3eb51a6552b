#include "workload/websocket_loop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "common/clock.h"
#include "workload/websocket.h"

/* A websocket's descriptor, watched. It goes with the descriptor, the slot stays. */
struct watch {
    uv_poll_t poll; /* first */
    struct slot *slot;
    short wanted;
};

struct slot {
    uv_timer_t timer; /* first */
    struct websocket socket;
    struct websocket_loop *sockets;
    struct watch *watch; /* NULL: nothing is under way */
};

struct websocket_loop {
    uv_loop_t *loop;
    struct slot *slots;
    uint64_t count;
    uint64_t open; /* timers that are not yet closed */
    void (*ended)(void *user, uint64_t slot);
    void *user;
};

static void on_ready(uv_poll_t *poll, int status, int events);

static int watch(struct slot *slot, short wanted)
{
    int events = (wanted & POLLIN ? UV_READABLE : 0) | (wanted & POLLOUT ? UV_WRITABLE : 0);

    if (wanted == slot->watch->wanted)
        return 0;
    slot->watch->wanted = wanted;
    return uv_poll_start(&slot->watch->poll, events, on_ready);
}

static void on_unwatched(uv_handle_t *poll)
{
    free(poll);
}

static void end(struct slot *slot)
{
    struct websocket_loop *sockets = slot->sockets;

    uv_poll_stop(&slot->watch->poll); /* before its descriptor may be in use again */
    uv_timer_stop(&slot->timer);
    websocket_close(&slot->socket);
    uv_close((uv_handle_t *)&slot->watch->poll, on_unwatched);
    slot->watch = NULL;
    sockets->ended(sockets->user, (uint64_t)(slot - sockets->slots));
}

static void give_up(struct slot *slot)
{
    websocket_give_up(&slot->socket);
    end(slot);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct slot *slot = ((struct watch *)poll)->slot;
    short wanted;

    (void)status, (void)events; /* an error of the socket is what the next call tells */
    wanted = websocket_go_on(&slot->socket);
    if (wanted == 0)
        end(slot);
    else if (watch(slot, wanted) < 0)
        give_up(slot);
}

static void on_timeout(uv_timer_t *timer)
{
    give_up((struct slot *)timer);
}

bool websocket_loop_begin(struct websocket_loop *sockets, uint64_t slot_number, uint64_t id)
{
    struct slot *slot = &sockets->slots[slot_number];
    struct websocket *socket = &slot->socket;
    short wanted = websocket_begin(socket, id);
    uint64_t now_ns = clock_ns();

    if (wanted == 0) {
        websocket_close(socket);
        return false;
    }
    slot->watch = calloc(1, sizeof(*slot->watch));
    if (slot->watch == NULL || uv_poll_init(sockets->loop, &slot->watch->poll, socket->fd) < 0) {
        free(slot->watch);
        slot->watch = NULL;
        websocket_give_up(socket);
        websocket_close(socket);
        return false;
    }
    slot->watch->slot = slot;
    watch(slot, wanted);
    uv_timer_start(&slot->timer, on_timeout,
                   socket->until_ns > now_ns ? (socket->until_ns - now_ns) / NS_PER_MS + 1 : 0, 0);
    return true;
}

int websocket_loop_new(struct websocket_loop **sockets, uv_loop_t *loop, const struct workload *w,
                       struct recorder *r, void (*ended)(void *user, uint64_t slot), void *user)
{
    struct websocket_loop *all = calloc(1, sizeof(*all));
    struct slot *slots = calloc(w->concurrency, sizeof(*slots));

    if (all == NULL || slots == NULL) {
        free(all);
        free(slots);
        return -ENOMEM;
    }
    *all = (struct websocket_loop){
        .loop = loop, .slots = slots, .count = w->concurrency, .ended = ended, .user = user};
    for (all->open = 0; all->open < all->count; all->open++) {
        uv_timer_init(loop, &slots[all->open].timer);
        slots[all->open].sockets = all;
        websocket_init(&slots[all->open].socket, w, r);
    }
    *sockets = all;
    return 0;
}

static void on_timer_closed(uv_handle_t *timer)
{
    struct websocket_loop *sockets = ((struct slot *)timer)->sockets;

    if (--sockets->open == 0) {
        free(sockets->slots);
        free(sockets);
    }
}

static void ignore(void *user, uint64_t slot)
{
    (void)user, (void)slot;
}

void websocket_loop_free(struct websocket_loop *sockets)
{
    if (sockets == NULL)
        return;
    sockets->ended = ignore;
    for (uint64_t slot = 0; slot < sockets->count; slot++) {
        if (sockets->slots[slot].watch != NULL)
            give_up(&sockets->slots[slot]);
        uv_close((uv_handle_t *)&sockets->slots[slot].timer, on_timer_closed);
    }
}
