/* For the readers of a run folder alone, which keep their messages in plain arrays. */
#ifndef HARNESS_ERROR_H
#define HARNESS_ERROR_H

#include "common/error.h"

#define ERROR_SIZE 1024 /* more than sizeof(struct error), which is what error_set() fills */

#define error_set(text, code, ...) (error_set)((struct error *)(text), code, __VA_ARGS__)

#endif
