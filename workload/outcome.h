/* How a request ended: exactly one outcome for every request, whatever happened. */
#ifndef WORKLOAD_OUTCOME_H
#define WORKLOAD_OUTCOME_H

#include <curl/curl.h>
#include <stdbool.h>

#include "compute/computer.h"

enum outcome {
    OUTCOME_PENDING, /* not ended yet; never seen in a result */
    OUTCOME_OK,
    OUTCOME_TIMEOUT,     /* no whole answer within --timeout */
    OUTCOME_CONNECT,     /* no connection could be made */
    OUTCOME_RESET,       /* the peer closed or reset the connection before the whole header */
    OUTCOME_TRUNCATED,   /* it did so within the body */
    OUTCOME_HTTP_STATUS, /* an answer with a status outside 200-299 */
    OUTCOME_BAD_BODY,    /* a whole answer that is not the one of this request, or a wrong digest */
    OUTCOME_CANCELLED,   /* given up by the lane: interrupted, or --deadline reached */
    OUTCOME_OTHER,       /* the rest: a peer that speaks no HTTP, a worker that died */
    OUTCOME_COUNT
};

/* The name in results ("http_status"). */
const char *outcome_name(enum outcome outcome);

/* The outcome of an item that was computed. */
enum outcome outcome_of_computing(enum computed computed);

/* The outcome of a transfer that libcurl ended with `code`; `head_ended`: after the whole header of
 * the final answer (not of a 1xx). OUTCOME_OK where an answer came whole: status and body are the
 * caller's to check. */
enum outcome outcome_of_transfer(CURLcode code, bool head_ended);

#endif
