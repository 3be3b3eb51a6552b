#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "mockserver/connection.h"
#include "mockserver/websocket.h"

#define DRIPS_PER_S_MAX 1000 /* faster rates send more than a byte at once */

/* A reply is out: on to the next request, or to the end. */
static enum step after_reply(struct connection *connection)
{
    if (connection->linger_after)
        return connection_linger(connection);
    if (connection->close_after || connection->service->draining)
        return STEP_CLOSE;
    http_request_next(&connection->request);
    connection->kept_open = true;
    connection_enter(connection, CONNECTION_READING, 0);
    return STEP_AGAIN;
}

/* Counts what was sent. Returns STEP_AGAIN where all is out, STEP_WAIT where the socket has to
 * tell when it takes more. */
static enum step sent_so_far(struct connection *connection, ssize_t sent)
{
    if (sent < 0)
        return STEP_CLOSE;
    counters_add(&connection->service->counters->bytes_out, (uint64_t)sent);
    return output_pending(&connection->output) ? STEP_WAIT : STEP_AGAIN;
}

static enum step send_bytes(struct connection *connection, const char *bytes, size_t size)
{
    return sent_so_far(connection, output_send(&connection->output, connection->fd, bytes, size));
}

/* Goes on from send_bytes() with the next request now, or once the socket has taken the rest. */
static enum step after_send(struct connection *connection, enum step sent)
{
    if (sent == STEP_AGAIN)
        return after_reply(connection);
    if (sent == STEP_CLOSE)
        return STEP_CLOSE;
    return connection_enter(connection, CONNECTION_SENDING, connection_patience(connection));
}

/* Counts the answer to a request, or that the client has left before it. */
static void count_answer(struct connection *connection, bool left)
{
    struct counters *counters = connection->service->counters;
    const struct reply *reply = &connection->reply;

    if (left)
        counters_add(&counters->aborted, 1);
    else if (reply->fault != FAULT_RESET)
        counters_add(&counters->responses, 1);
    else /* which is no answer */
        counters_add(&counters->faults[FAULT_RESET], 1);
    if (!left && reply->fault != FAULT_RESET && reply->fault != FAULT_MALFORMED)
        counters_add(&counters->statuses[reply->status], 1);
}

/* Sends the reply to a request that is not in flight, or not any more. */
static enum step deliver(struct connection *connection, uint64_t due_ns)
{
    char bytes[REPLY_SIZE_MAX];
    size_t head_size, size = reply_write(&connection->reply, bytes, &head_size);
    enum step sent = size > 0 ? send_bytes(connection, bytes, size) : STEP_AGAIN;

    count_answer(connection, sent == STEP_CLOSE);
    if (sent != STEP_CLOSE)
        counters_late(connection->service->counters, due_ns, clock_ns());
    return after_send(connection, sent);
}

/* The request in flight stops being so before its reply leaves: a client that has its reply may
 * send the next request at once, to another process of this server, and the peak must never exceed
 * what the clients really had in flight. */
static void land(struct connection *connection)
{
    gauge_down(&connection->service->counters->in_flight);
    connection->state = CONNECTION_READING;
}

/* Sends the next few bytes of the body, and sets the timer for those after them. */
static enum step drip(struct connection *connection)
{
    uint32_t rate = connection->drip_rate, per_step = rate / DRIPS_PER_S_MAX + 1;
    uint64_t next_ns = connection->timer.deadline_ns + per_step * NS_PER_S / rate;
    struct output *output = &connection->output;
    bool last = output->size - output->sent <= per_step;
    ssize_t sent;

    if (last)
        land(connection);
    sent = output_go_on(output, connection->fd, per_step);
    if (last)
        count_answer(connection, sent < 0);
    if (sent < 0)
        return STEP_CLOSE;
    if (last)
        return after_send(connection, sent_so_far(connection, sent));
    counters_add(&connection->service->counters->bytes_out, (uint64_t)sent);
    return connection_enter(connection, CONNECTION_DRIPPING, next_ns);
}

/* Sends the head of the reply; the body drips. */
static enum step start_dripping(struct connection *connection, uint64_t due_ns)
{
    char bytes[REPLY_SIZE_MAX];
    size_t head_size, size = reply_write(&connection->reply, bytes, &head_size);

    connection_enter(connection, CONNECTION_WAITING, 0);
    if (size == head_size) {
        land(connection);
        return deliver(connection, due_ns);
    }
    if (send_bytes(connection, bytes, head_size) != STEP_AGAIN ||
        output_keep(&connection->output, bytes + head_size, size - head_size) < 0)
        return STEP_CLOSE;
    counters_late(connection->service->counters, due_ns, clock_ns());
    connection->timer.deadline_ns = clock_ns();
    return drip(connection);
}

/* The message of a WebSocket. */
static enum step send_message(struct connection *connection, uint64_t due_ns)
{
    enum step step = websocket_send(connection);

    count_answer(connection, false);
    counters_late(connection->service->counters, due_ns, clock_ns());
    return step;
}

/* The time of the request in flight has come. */
static enum step answer_now(struct connection *connection, uint64_t due_ns)
{
    if (connection->service->draining) {
        connection->close_after = true;
        connection->reply.keep_alive = false;
    }
    if (connection->reply.fault == FAULT_DRIP)
        return start_dripping(connection, due_ns);
    land(connection);
    return connection->frames != NULL ? send_message(connection, due_ns)
                                      : deliver(connection, due_ns);
}

/* Sends a reply that is not counted as one to a request. */
static enum step send_reply(struct connection *connection)
{
    char bytes[REPLY_SIZE_MAX];
    size_t head_size, size = reply_write(&connection->reply, bytes, &head_size);

    return after_send(connection, send_bytes(connection, bytes, size));
}

enum step answer_refusal(struct connection *connection, uint16_t status)
{
    struct counters *counters = connection->service->counters;

    connection->reply = (struct reply){.status = status};
    connection->close_after = connection->linger_after = true;
    counters_add(&counters->bad_requests, 1);
    counters_add(&counters->statuses[status], 1);
    return send_reply(connection);
}

static enum step send_text(struct connection *connection, const char *type, const char *body)
{
    size_t body_size = body != NULL ? strlen(body) : 0, size;
    char *bytes = malloc(REPLY_SIZE_MAX + body_size);
    enum step step = STEP_CLOSE;

    if (body != NULL && bytes != NULL) {
        size = reply_write_head(&connection->reply, type, body_size, bytes);
        memcpy(bytes + size, body, body_size);
        size += connection->reply.head ? 0 : body_size;
        step = after_send(connection, send_bytes(connection, bytes, size));
    }
    free(bytes);
    return step;
}

/* Reading /proc takes a descriptor, and clients may have all. */
static char *describe(struct service *service,
                      char *(*text)(const struct counters *, const struct settings *))
{
    char *described;

    close(service->spare);
    described = text(service->counters, service->settings);
    service->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return described;
}

static enum step answer_control(struct connection *connection)
{
    struct service *service = connection->service;
    bool json = connection->reply.endpoint == ENDPOINT_STATS;
    enum step step;
    char *text;

    if (connection->reply.endpoint == ENDPOINT_RESET)
        counters_reset(service->counters);
    if (!json && connection->reply.endpoint != ENDPOINT_METRICS)
        return send_reply(connection);
    service->turn_requests = TURN_REQUESTS_MAX;
    text = describe(service, json ? stats_json : stats_prometheus);
    step = send_text(connection, json ? "application/json" : "text/plain; version=0.0.4", text);
    free(text);
    return step;
}

static uint64_t delay_of(const struct connection *connection, const struct route *route)
{
    const struct settings *settings = connection->service->settings;

    if (route->endpoint == ENDPOINT_NONE)
        return 0;
    return latency_delay_ns(route->has_delay ? &route->delay : &settings->latency, settings->seed,
                            route->id, route->attempt);
}

static enum fault fault_of(const struct connection *connection, const struct route *route)
{
    const struct settings *settings = connection->service->settings;

    if (route->has_fault)
        return route->fault;
    if (route->endpoint == ENDPOINT_NONE || route->has_status)
        return FAULT_NONE;
    return faults_choose(&settings->faults, settings->seed, route->id, route->attempt);
}

static void apply_fault(struct connection *connection, enum fault fault)
{
    if (!reply_can_carry(&connection->reply, fault) ||
        (fault == FAULT_STALE && !connection->kept_open))
        return;
    if (fault != FAULT_RESET) /* which counts when it is made: until then the client may leave */
        counters_add(&connection->service->counters->faults[fault], 1);
    reply_damage(&connection->reply, fault);
    connection->close_after |= fault_ends_connection(fault);
    connection->reset_after = fault == FAULT_RESET || fault == FAULT_RESET_BODY;
}

/* The client of an upgrade has left already. */
static enum step give_up(struct connection *connection)
{
    land(connection);
    counters_add(&connection->service->counters->aborted, 1);
    return STEP_CLOSE;
}

/* A WebSocket may have said something already. */
static enum step wait_until(struct connection *connection, uint64_t due_ns)
{
    enum step step = connection_enter(connection, CONNECTION_WAITING, due_ns);

    return connection->frames != NULL && step == STEP_WAIT ? STEP_AGAIN : step;
}

/* A request that counts: over the limits it is answered at once, else it waits its time. */
static enum step begin_counted(struct connection *connection, const struct route *route,
                               uint64_t arrived_ns)
{
    const struct settings *settings = connection->service->settings;
    struct counters *counters = connection->service->counters;
    uint64_t delay_ns = delay_of(connection, route);

    counters_add(&counters->requests, 1);
    if (route->endpoint >= ENDPOINT_USER && route->endpoint <= ENDPOINT_PROFILE)
        counters_id(counters, route->id);
    if (!rate_allows(&counters->rate_next_ns, settings->rate_max, arrived_ns)) {
        apply_fault(connection, FAULT_RATE);
        return deliver(connection, arrived_ns);
    }
    if (!gauge_try_up(&counters->in_flight, settings->in_flight_max)) {
        apply_fault(connection, FAULT_OVERLOAD);
        return deliver(connection, arrived_ns);
    }
    apply_fault(connection, fault_of(connection, route));
    connection->delay_apart = route->has_delay;
    connection->drip_rate = route->drip_rate > 0 ? route->drip_rate : (uint32_t)settings->drip_rate;
    if (connection->reply.status == STATUS_UPGRADED && websocket_open(connection) == STEP_CLOSE)
        return give_up(connection);
    if (connection->reply.fault == FAULT_HANG)
        return wait_until(connection, 0);
    if (connection->reply.fault == FAULT_STALE) {
        land(connection);
        return STEP_CLOSE;
    }
    if (route->chat_ns > 0 && connection->frames != NULL && route->id < delay_ns / route->chat_ns) {
        connection->later_ns = arrived_ns + delay_ns;
        connection->delay_apart = true;
        delay_ns = (route->id + 1) * route->chat_ns;
    }
    if (delay_ns == 0)
        return answer_now(connection, arrived_ns);
    return wait_until(connection, arrived_ns + delay_ns);
}

enum step answer_begin(struct connection *connection)
{
    const struct http_request *request = &connection->request;
    uint64_t arrived_ns = clock_ns();
    struct route route;

    route_find(request->parser.method, request->target, request->target_size, &route);
    connection->close_after = !request->keep_alive || connection->service->draining;
    connection->reply = (struct reply){
        .id = route.id,
        .problem = route.problem,
        .allow = route.allow,
        .status = route.status,
        .endpoint = (uint8_t)route.endpoint,
        .keep_alive = !connection->close_after,
        .http_1_0 = request->http_1_0,
        .head = request->head,
    };
    if (request->upgrade && route.endpoint != ENDPOINT_NONE && !route.has_status)
        connection->reply.status = STATUS_UPGRADED;
    if (route_is_control(route.endpoint))
        return answer_control(connection);
    return begin_counted(connection, &route, arrived_ns);
}

enum step answer_due(struct connection *connection)
{
    if (connection->state == CONNECTION_DRIPPING)
        return drip(connection);
    if (connection->later_ns != 0) {
        if (connection_enter(connection, CONNECTION_WAITING, connection->later_ns) == STEP_CLOSE)
            return STEP_CLOSE;
        connection->later_ns = 0;
        return websocket_chat(connection);
    }
    return answer_now(connection, connection->timer.deadline_ns);
}

enum step answer_rest(struct connection *connection)
{
    ssize_t sent = output_go_on(&connection->output, connection->fd, SIZE_MAX);
    enum step step = sent_so_far(connection, sent);

    return step == STEP_AGAIN ? after_reply(connection) : step;
}
