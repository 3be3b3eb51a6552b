#include "workload/query.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/count.h"
#include "workload/request.h"

#define QUERY         "SELECT users($1)"
#define STOP_CHECK_NS NS_PER_S /* as often as libcurl looks for it */

/* What a message of PostgreSQL says of the reason, in place of an errno. */
static const struct {
    const char *sqlstate;
    int error;
} states[] = {
    {"53300", EUSERS}, /* too_many_connections */
    {"53100", ENOSPC}, /* disk_full */
    {"53200", ENOMEM}, /* out_of_memory */
};

/* What libpq's message of a connection that failed may end with. */
static const int errors[] = {ECONNREFUSED, ECONNRESET, EMFILE, EADDRNOTAVAIL, ENOENT, EAGAIN};

void query_init(struct query *q, const struct workload *w, struct recorder *r)
{
    *q = (struct query){.workload = w, .recorder = r};
}

void query_term(struct query *q)
{
    PQfinish(q->connection);
    q->connection = NULL;
    q->connecting = false;
}

bool query_rests(const struct query *q)
{
    return !q->workload->fresh && q->idle && PQstatus(q->connection) == CONNECTION_OK;
}

static int end(struct query *q, enum outcome outcome, int error)
{
    int none = 0;

    if (error != 0)
        atomic_compare_exchange_strong(&q->recorder->os_error, &none, -error);
    recorder_end(q->recorder, q->id, outcome, (unsigned)error);
    return 0;
}

/* The errno that is meant by what libpq says of a connection that failed, or 0. */
static int error_of_message(const char *message)
{
    char state[16];

    for (size_t i = 0; i < COUNT_OF(states); i++) {
        snprintf(state, sizeof(state), ":  %s", states[i].sqlstate);
        if (strstr(message, state) != NULL)
            return states[i].error;
    }
    for (size_t i = 0; i < COUNT_OF(errors); i++)
        if (strstr(message, strerror(errors[i])) != NULL)
            return errors[i];
    return 0;
}

static int fail_to_connect(struct query *q)
{
    return end(q, OUTCOME_CONNECT, error_of_message(PQerrorMessage(q->connection)));
}

static int lose(struct query *q)
{
    return end(q, OUTCOME_RESET, ECONNRESET);
}

/* Sends what has to be sent, and then waits for the answer. */
static int flush(struct query *q)
{
    int left = PQflush(q->connection);

    if (left < 0)
        return lose(q);
    return left > 0 ? POLLIN | POLLOUT : POLLIN;
}

static int ask(struct query *q)
{
    char id[24];
    const char *const values[] = {id};

    snprintf(id, sizeof(id), "%" PRIu64, q->id);
    q->recorder->records[q->id].connected_ns = clock_ns();
    q->outcome = OUTCOME_OTHER;
    if (PQsendQueryParams(q->connection, QUERY, 1, NULL, values, NULL, NULL, 0) != 1)
        return lose(q);
    return flush(q);
}

/* A warning of the server is none of the lane's output. */
static void ignore(void *user, const char *message)
{
    (void)user, (void)message;
}

int query_begin(struct query *q, uint64_t id)
{
    q->id = id;
    q->idle = false;
    q->error = 0;
    if (q->connection != NULL)
        return ask(q);
    q->connection = PQconnectStart(q->workload->url);
    if (q->connection == NULL)
        return end(q, OUTCOME_OTHER, ENOMEM);
    if (PQstatus(q->connection) == CONNECTION_BAD)
        return fail_to_connect(q);
    PQsetErrorVerbosity(q->connection, PQERRORS_VERBOSE); /* with the SQLSTATE */
    PQsetNoticeProcessor(q->connection, ignore, NULL);
    q->connecting = true;
    return POLLOUT;
}

static int connect_further(struct query *q)
{
    switch (PQconnectPoll(q->connection)) {
    case PGRES_POLLING_READING:
        return POLLIN;
    case PGRES_POLLING_WRITING:
        return POLLOUT;
    case PGRES_POLLING_OK:
        q->connecting = false;
        atomic_fetch_add(&q->recorder->connections, 1);
        return PQsetnonblocking(q->connection, 1) == 0 ? ask(q) : lose(q);
    default:
        return fail_to_connect(q);
    }
}

/* Of a query that failed. Who is cancelled by the server took longer than that allows. */
static void judge_failure(struct query *q, const char *sqlstate)
{
    q->outcome = OUTCOME_OTHER;
    if (sqlstate == NULL || strncmp(sqlstate, "57P", 3) == 0 ||
        PQstatus(q->connection) != CONNECTION_OK) {
        q->outcome = OUTCOME_RESET;
        q->error = ECONNRESET;
    } else if (strcmp(sqlstate, "57014") == 0) {
        q->outcome = OUTCOME_TIMEOUT;
    }
    if (q->outcome == OUTCOME_OTHER)
        q->error = EREMOTEIO; /* what that is, its log says */
    for (size_t i = 0; sqlstate != NULL && i < COUNT_OF(states); i++)
        if (strcmp(sqlstate, states[i].sqlstate) == 0)
            q->error = states[i].error;
}

static void judge(struct query *q, const PGresult *result)
{
    bool right;

    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        judge_failure(q, PQresultErrorField(result, PG_DIAG_SQLSTATE));
        return;
    }
    right =
        PQntuples(result) == 1 && PQnfields(result) == 1 &&
        (q->workload->verify == VERIFY_STATUS ||
         request_verify_body(PQgetvalue(result, 0, 0), (size_t)PQgetlength(result, 0, 0), q->id));
    q->outcome = right ? OUTCOME_OK : OUTCOME_BAD_BODY;
}

static int receive(struct query *q)
{
    struct record *record = &q->recorder->records[q->id];
    PGresult *result;

    if (PQconsumeInput(q->connection) != 1)
        return lose(q);
    if (record->first_byte_ns == 0)
        record->first_byte_ns = clock_ns();
    while (!PQisBusy(q->connection)) {
        result = PQgetResult(q->connection);
        if (result == NULL) {
            q->idle = q->outcome != OUTCOME_RESET;
            return end(q, q->outcome, q->error);
        }
        judge(q, result);
        PQclear(result);
    }
    return flush(q);
}

int query_go_on(struct query *q)
{
    return q->connecting ? connect_further(q) : receive(q);
}

static uint64_t timeout_at_ns(const struct query *q)
{
    return q->recorder->records[q->id].start_ns + q->workload->timeout_ns;
}

bool query_expire(struct query *q)
{
    if (stop_due(&q->recorder->queue.stop))
        end(q, OUTCOME_CANCELLED, 0);
    else if (clock_ns() >= timeout_at_ns(q))
        end(q, OUTCOME_TIMEOUT, 0);
    else
        return false;
    return true;
}

/* Until the next look at the time, in ms: at the timeout, at the deadline, or a second from now. */
static int wait_ms(const struct query *q)
{
    uint64_t now = clock_ns(), until = now + STOP_CHECK_NS, deadline = q->workload->deadline_ns;

    if (timeout_at_ns(q) < until)
        until = timeout_at_ns(q);
    if (deadline != 0 && deadline < until)
        until = deadline;
    return until > now ? (int)((until - now + NS_PER_MS - 1) / NS_PER_MS) : 0;
}

void query_perform(struct query *q, uint64_t id)
{
    int events = query_begin(q, id);

    while (events != 0) {
        struct pollfd socket = {.fd = PQsocket(q->connection), .events = (short)events};

        if (poll(&socket, 1, wait_ms(q)) > 0)
            events = query_go_on(q);
        else if (query_expire(q))
            events = 0;
    }
    if (!query_rests(q))
        query_term(q);
}
