/* All patterns, each of which is a value in the file that is named after it. */
#ifndef PATTERNS_LIST_H
#define PATTERNS_LIST_H

#include "patterns/pattern.h"

extern const struct pattern pattern_gather;
extern const struct pattern pattern_background;
extern const struct pattern pattern_group;
extern const struct pattern pattern_worker_pool;
extern const struct pattern pattern_pipeline;
extern const struct pattern pattern_http_errors;
extern const struct pattern pattern_gather_errors;
extern const struct pattern pattern_group_cancel;
extern const struct pattern pattern_timeout;
extern const struct pattern pattern_never_awaited;
extern const struct pattern pattern_blocked_loop;
extern const struct pattern pattern_task_bomb;
extern const struct pattern pattern_lost_error;
extern const struct pattern pattern_throttling;
extern const struct pattern pattern_rate_limit;
extern const struct pattern pattern_retry;
extern const struct pattern pattern_service_call;

#endif
