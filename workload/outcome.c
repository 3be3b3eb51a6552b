#include <assert.h>

#include "workload/recorder.h"

static const char *const names[OUTCOME_COUNT] = {
    [OUTCOME_PENDING] = "pending",
    [OUTCOME_OK] = "ok",
    [OUTCOME_TIMEOUT] = "timeout",
    [OUTCOME_CONNECT] = "connect",
    [OUTCOME_RESET] = "reset",
    [OUTCOME_TRUNCATED] = "truncated",
    [OUTCOME_HTTP_STATUS] = "http_status",
    [OUTCOME_BAD_BODY] = "bad_body",
    [OUTCOME_CANCELLED] = "cancelled",
    [OUTCOME_OTHER] = "other",
};

const char *outcome_name(enum outcome outcome)
{
    assert(outcome < OUTCOME_COUNT);
    return names[outcome];
}

enum outcome outcome_of_computing(enum computed computed)
{
    static const enum outcome outcomes[] = {
        [COMPUTED_RIGHT] = OUTCOME_OK,
        [COMPUTED_WRONG] = OUTCOME_BAD_BODY,
        [COMPUTED_STOPPED] = OUTCOME_CANCELLED,
        [COMPUTED_NOT] = OUTCOME_OTHER,
    };

    return outcomes[computed];
}

enum outcome outcome_of_transfer(CURLcode code, bool head_ended)
{
    switch (code) {
    case CURLE_OK: /* to libcurl a header that ends with the connection has ended */
        return head_ended ? OUTCOME_OK : OUTCOME_RESET;
    case CURLE_OPERATION_TIMEDOUT:
        return OUTCOME_TIMEOUT;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
        return OUTCOME_CONNECT;
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_SEND_ERROR: /* also of a poll that found an error */
    case CURLE_RECV_ERROR: /* also of a chunk without a size, which cannot be told from it */
        return head_ended ? OUTCOME_TRUNCATED : OUTCOME_RESET;
    case CURLE_WRITE_ERROR: /* our own refusal of more than BODY_SIZE_MAX, of a body that is kept */
        return OUTCOME_BAD_BODY;
    case CURLE_ABORTED_BY_CALLBACK:
        return OUTCOME_CANCELLED;
    default:
        return OUTCOME_OTHER;
    }
}
