/* What is seen of each request: one record per request id, in one shared mapping, with the queue
 * that the ids are taken from.
 *
 * The mapping is shared with forked workers, so that threads, processes and the loop record in the
 * same way. An id is taken by one worker only, and only that worker writes its record until it ends
 * it; the counters are atomic. After a worker died, recorder_end_worker() ends what it left. */
#ifndef WORKLOAD_RECORDER_H
#define WORKLOAD_RECORDER_H

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "compute/computer.h"
#include "compute/heartbeat.h"
#include "workload/queue.h"

/* How a request ended: exactly one outcome for every request, whatever happened. */
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

/* Times are of clock_ns(), 0 where it never happened. */
struct record {
    uint64_t start_ns;      /* handed to libcurl, or to be computed */
    uint64_t connected_ns;  /* connected, or an open connection chosen */
    uint64_t first_byte_ns; /* first byte of the answer */
    uint64_t end_ns;        /* answer complete and verified, computed, or failed */
    uint32_t worker;        /* thread, process or slot, from 0 */
    uint16_t detail;        /* the CURLcode, or the HTTP status for OUTCOME_HTTP_STATUS */
    uint8_t resends;        /* how often the client sent it again by itself: few times (easy.h) */
    _Atomic uint8_t outcome;
};

struct recorder {
    struct queue queue;
    bool progress;                /* progress on stderr, */
    uint64_t created_ns;          /* … counted from here: of clock_ns() */
    _Atomic uint64_t ended;       /* requests that ended */
    _Atomic uint64_t connections; /* new connections made */
    _Atomic uint64_t progress_at_ns;
    _Atomic int os_error;    /* negative errno of the first connection that failed, or 0 */
    struct loop_health loop; /* written by the model at its end, if it is an event loop */
    struct record records[];
};

/* Of more requests than this the records are those of a sample. */
#define RECORDS_ALL_MAX 100000

/* Makes a recorder for `requests` requests; NULL (errno set) where there is no memory. Pages are
 * touched only as records are written. */
struct recorder *recorder_create(uint64_t requests, uint64_t deadline_ns, bool progress);
void recorder_destroy(struct recorder *r);

/* `worker` begins the request `id`, which it has taken. */
void recorder_start(struct recorder *r, uint64_t id, uint32_t worker);

/* Ends a request: sets its end time and its outcome, once (a second end is ignored). */
void recorder_end(struct recorder *r, uint64_t id, enum outcome outcome, unsigned detail);

/* Keeps the errno of a connection that failed, which is positive, where it is the first. */
void recorder_note_error(struct recorder *r, int error);

/* Ends what `worker` had started and not ended; returns how many that were. */
uint64_t recorder_end_worker(struct recorder *r, uint32_t worker, enum outcome outcome);

/* Ends all that has not ended, started or not: afterwards the outcomes add up to N. */
void recorder_end_all(struct recorder *r, enum outcome outcome);

/* Writes the records as CSV (see results/README.md), with times from `origin_ns` on, as a whole new
 * file; where they are many, of a sample of about RECORDS_ALL_MAX, which a hash of the id chooses.
 * The first id is `first_id`. Returns 0 or a negative errno. */
int recorder_write_csv(const struct recorder *r, const char *path, uint64_t origin_ns,
                       uint64_t first_id);

#endif
