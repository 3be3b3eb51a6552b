/* All patterns, each of which is a value in the file that is named after it. */
#include "patterns/pattern.h"

extern const struct pattern pattern_gather, pattern_background, pattern_group, pattern_worker_pool,
    pattern_pipeline, pattern_http_errors, pattern_gather_errors, pattern_group_cancel,
    pattern_timeout, pattern_never_awaited, pattern_blocked_loop, pattern_task_bomb,
    pattern_lost_error, pattern_throttling, pattern_rate_limit, pattern_retry, pattern_service_call,
    pattern_gather_siblings, pattern_exception_group, pattern_no_yield, pattern_queue_worker,
    pattern_testing, pattern_service;

const struct pattern *const patterns[] = {
    &pattern_gather,          &pattern_background,   &pattern_group,
    &pattern_worker_pool,     &pattern_pipeline,     &pattern_http_errors,
    &pattern_gather_errors,   &pattern_group_cancel, &pattern_timeout,
    &pattern_never_awaited,   &pattern_blocked_loop, &pattern_task_bomb,
    &pattern_lost_error,      &pattern_throttling,   &pattern_rate_limit,
    &pattern_retry,           &pattern_service_call, &pattern_gather_siblings,
    &pattern_exception_group, &pattern_no_yield,     &pattern_queue_worker,
    &pattern_testing,         &pattern_service,      NULL,
};
