/* Strict reading of JSON written by people: an error names the file, the line and the key
 * ("plan.json:7: cells[2].latency: must be …"). The first error is kept, and all others are
 * ignored, so that who reads checks once at the end. */
#ifndef HARNESS_PLAN_READER_H
#define HARNESS_PLAN_READER_H

#include <jansson.h>
#include <stdbool.h>

#include "common/error.h"

/* Reading, at one place. */
struct reader {
    const char *file;
    const char *text;    /* of the file, so that errors name lines, or NULL */
    struct error *error; /* empty as long as all is well */
    char path[192];      /* where the value is, "cells[2].latency"; "": all of the file */
};

/* At a member or an element of what `parent` is at. */
struct reader reader_member(const struct reader *parent, const char *key);
struct reader reader_element(const struct reader *parent, size_t index);

/* Reports what is wrong there: "FILE:LINE: PATH: ...". */
void reader_report(const struct reader *at, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reports that the value there is wrong or missing (NULL): it must be what is `expected`. */
void reader_fail(const struct reader *at, const json_t *value, const char *expected);

bool reader_failed(const struct reader *at);

#endif
