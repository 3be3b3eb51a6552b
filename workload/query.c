/* A query of the workload, by libpq: a call of the function users(id) of the database, which takes
 * its time and gives the same JSON object as the mock server does over HTTP. The connection is used
 * again for the next one. */
#include "workload/talk.h"

#include <errno.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/count.h"
#include "workload/request.h"

#define QUERY "SELECT users($1)"

struct query {
    struct talk talk;     /* first */
    PGconn *connection;   /* NULL: there is none yet, or any more */
    bool connected;       /* before that, a step may change the socket */
    bool idle;            /* all of the last answer has been received */
    enum outcome outcome; /* of what has been received so far, … */
    int error;            /* … with its errno, or 0 */
};

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

static void close_connection(struct talk *talk)
{
    struct query *q = (struct query *)talk;

    PQfinish(q->connection);
    q->connection = NULL;
    q->connected = false;
    talk->fd = -1;
    talk->watched = 0;
}

/* The next query has the same connection where it is fit for that. */
static short end(struct query *q, enum outcome outcome, int error)
{
    if (error != 0)
        recorder_note_error(q->talk.recorder, error);
    recorder_end(q->talk.recorder, q->talk.id, outcome, (unsigned)error);
    if (q->talk.workload->fresh || !q->idle || PQstatus(q->connection) != CONNECTION_OK)
        close_connection(&q->talk);
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

static short fail_to_connect(struct query *q)
{
    return end(q, OUTCOME_CONNECT, error_of_message(PQerrorMessage(q->connection)));
}

static short lose(struct query *q)
{
    return end(q, OUTCOME_RESET, ECONNRESET);
}

/* Sends what has to be sent, and then waits for the answer. */
static short flush(struct query *q)
{
    int left = PQflush(q->connection);

    if (left < 0)
        return lose(q);
    return left > 0 ? POLLIN | POLLOUT : POLLIN;
}

static short ask(struct query *q)
{
    char id[24];
    const char *const values[] = {id};

    snprintf(id, sizeof(id), "%" PRIu64, q->talk.id);
    q->talk.recorder->records[q->talk.id].connected_ns = clock_ns();
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

static short begin(struct talk *talk)
{
    struct query *q = (struct query *)talk;

    q->idle = false;
    q->error = 0;
    if (q->connection != NULL)
        return ask(q);
    q->connection = PQconnectStart(q->talk.workload->url);
    if (q->connection == NULL)
        return end(q, OUTCOME_OTHER, ENOMEM);
    if (PQstatus(q->connection) == CONNECTION_BAD)
        return fail_to_connect(q);
    PQsetErrorVerbosity(q->connection, PQERRORS_VERBOSE); /* with the SQLSTATE */
    PQsetNoticeProcessor(q->connection, ignore, NULL);
    talk->fd = PQsocket(q->connection);
    return POLLOUT;
}

static short connect_further(struct query *q)
{
    PostgresPollingStatusType status = PQconnectPoll(q->connection);

    q->talk.fd = PQsocket(q->connection);
    q->talk.watched = 0;
    switch (status) {
    case PGRES_POLLING_READING:
        return POLLIN;
    case PGRES_POLLING_WRITING:
        return POLLOUT;
    case PGRES_POLLING_OK:
        q->connected = true;
        atomic_fetch_add(&q->talk.recorder->connections, 1);
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
    right = PQntuples(result) == 1 && PQnfields(result) == 1 &&
            (q->talk.workload->verify == VERIFY_STATUS ||
             request_verify_body(PQgetvalue(result, 0, 0), (size_t)PQgetlength(result, 0, 0),
                                 q->talk.id));
    q->outcome = right ? OUTCOME_OK : OUTCOME_BAD_BODY;
}

static short receive(struct query *q)
{
    struct record *record = &q->talk.recorder->records[q->talk.id];
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

static short go_on(struct talk *talk)
{
    struct query *q = (struct query *)talk;

    return q->connected ? receive(q) : connect_further(q);
}

static void give_up(struct talk *talk, CURLcode code)
{
    end((struct query *)talk, outcome_of_transfer(code, false), 0);
}

const struct talk_kind query_talk = {.size = sizeof(struct query),
                                     .begin = begin,
                                     .go_on = go_on,
                                     .give_up = give_up,
                                     .close = close_connection};
