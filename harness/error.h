/* For the readers of a run folder alone, which keep their messages in plain arrays. */
#ifndef HARNESS_ERROR_H
#define HARNESS_ERROR_H

#include "common/error.h"

#define ERROR_SIZE sizeof(struct error)

#define error_set(text, code, ...) (error_set)((struct error *)(text), code, __VA_ARGS__)

#endif
