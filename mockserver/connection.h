/* One client: reads its requests one after another, lets each wait its time, sends the answer. A
 * connection belongs to the one thread that runs its loop; it never closes itself, but tells its
 * owner to (false). At most one request of a connection is in flight; what the client sends
 * meanwhile stays in the socket. */
#ifndef MOCKSERVER_CONNECTION_H
#define MOCKSERVER_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mockserver/counters.h"
#include "mockserver/delay_queue.h"
#include "mockserver/http_request.h"
#include "mockserver/output.h"
#include "mockserver/reply.h"
#include "mockserver/settings.h"

#define CONNECTION_INPUT_SIZE 16384 /* most bytes read at once, and most kept for later */

/* Requests of a client that sends without waiting for answers, before the others have their turn. A
 * document of the counters takes as long as all of them: it ends the turn. */
#define TURN_REQUESTS_MAX 32

struct wslay_event_context;

/* What all connections of a process share. The loop owns it. */
struct service {
    const struct settings *settings;
    struct counters *counters;
    struct delay_queue delays; /* replies that wait for their time */
    struct delay_queue guards; /* connections that must have made progress by then */
    TAILQ_HEAD(connection_turns, connection) turns; /* those that want another turn */
    size_t turn_count;
    unsigned turn_requests; /* begun in the present turn */
    int epoll;
    int spare;       /* a descriptor to give up for a moment where none is left; or -1 */
    uint32_t serial; /* of the last connection */
    bool stamped;    /* the kernel says when input came in */
    bool draining;   /* the server ends: no further request after the one in flight */
    char input[CONNECTION_INPUT_SIZE];
};

enum connection_state {
    CONNECTION_READING,
    CONNECTION_WAITING,   /* for the time of the reply, which never comes where it hangs */
    CONNECTION_DRIPPING,  /* sending the body bit by bit */
    CONNECTION_SENDING,   /* the rest of a reply that the socket did not take at once */
    CONNECTION_ANSWERED,  /* a WebSocket that has had its message: the client has the word */
    CONNECTION_LINGERING, /* refused: dropping input until the client has read why */
};

/* What a step of a connection leads to. */
enum step {
    STEP_AGAIN, /* there may be more to do at once */
    STEP_WAIT,  /* nothing to do before the next event or timer */
    STEP_CLOSE,
};

struct connection {
    struct delay_item timer; /* in delays while WAITING or DRIPPING, else in guards, or in none */
    struct service *service;
    struct http_request request;
    struct reply reply;
    struct output output;
    struct wslay_event_context *frames; /* of a WebSocket; NULL: it is none */
    uint64_t later_ns;                  /* when its message is due, where a chat comes before it */
    TAILQ_ENTRY(connection) turn;       /* in service->turns, where wants_turn */
    char *kept;                         /* input behind the present request, or NULL */
    uint32_t kept_size;
    uint32_t drip_rate; /* bytes a second */
    uint32_t pieces;    /* of a WebSocket, of the message that it is sending */
    int fd;
    uint32_t serial : 24;  /* tells it from others that have had its descriptor */
    uint8_t state;         /* enum connection_state */
    uint8_t reads_left;    /* of a WebSocket, in this turn */
    bool readable : 1;     /* the socket may hold input, no event will tell again */
    bool peer_left : 1;    /* the client has closed its side */
    bool watches_out : 1;  /* registered for EPOLLOUT */
    bool close_after : 1;  /* once the output is sent */
    bool linger_after : 1; /* likewise, but the client may still be sending */
    bool reset_after : 1;  /* likewise, with a reset */
    bool kept_open : 1;    /* it has had an answer before */
    bool delay_apart : 1;  /* the request asked for a delay of its own */
    bool wants_turn : 1;
};

/* Makes what connections share, with an epoll that is the caller's to open; `service` stays where
 * it is. */
void service_init(struct service *service, const struct settings *settings,
                  struct counters *counters);

/* Takes over the connected, nonblocking socket `fd`, which the gauge of connections counts already,
 * and registers it with service->epoll under its key. Returns NULL (the socket is then closed and
 * not counted) where there is no memory. */
struct connection *connection_new(struct service *service, int fd);

/* Its key in events of epoll: the descriptor in the lower half, above it 24 bits of its serial
 * number. The upper 8 bits are 0. An event fetched before a descriptor was closed and used again
 * has another key than the connection that has the descriptor now. */
uint64_t connection_key(const struct connection *connection);

/* Has close() of a socket send a reset. */
void connection_reset(int fd);

/* Closes the socket and frees all. A request in flight counts as aborted. */
void connection_free(struct connection *connection);

/* `events` of epoll happened. Returns false if the connection has come to its end. */
bool connection_ready(struct connection *connection, uint32_t events);

/* The time of its timer has come, and the timer was taken from its queue: send the reply, or give
 * up on a client that makes no progress. Returns as connection_ready(). */
bool connection_due(struct connection *connection);

/* It stands in service->turns, and has its turn now. Returns as connection_ready(). */
bool connection_turn(struct connection *connection);

/* Whether a request of it is in flight. */
bool connection_in_flight(const struct connection *connection);

/* Changes the state and, where `deadline_ns` is not 0, sets the timer of the new state. Returns
 * STEP_WAIT, or STEP_CLOSE where there is no memory. */
enum step connection_enter(struct connection *connection, enum connection_state state,
                           uint64_t deadline_ns);

/* Until when a client may let the server wait. */
uint64_t connection_patience(const struct connection *connection);

/* Says no more, and drops what still comes in until the client has read all. */
enum step connection_linger(struct connection *connection);

/* Whether it could be closed now with nothing lost: no request has begun, no reply is under way. */
bool connection_idle(const struct connection *connection);

/* The connection whose timer this is. */
struct connection *connection_of_timer(struct delay_item *timer);

/* ---- answer.c ----
 *
 * What a connection answers, and when: from a request that is here whole, over its delay and its
 * faults, to the last byte of the reply. Knows nothing of epoll or of reading; each function
 * returns what the connection has to do next. */

/* connection->request is complete: answers it at once, or lets it wait. */
enum step answer_begin(struct connection *connection);

/* The time of the request in flight has come; its timer is in no queue. */
enum step answer_due(struct connection *connection);

/* The socket takes more of the reply (state SENDING). */
enum step answer_rest(struct connection *connection);

/* Answers a malformed request with `status`, and takes no other from this client. */
enum step answer_refusal(struct connection *connection, uint16_t status);

#endif
