/* Strict reading of JSON written by people: an error names the file, the line and the key
 * ("plan.json:7: cells[2].latency: must be …"). The first error is kept, and all others are
 * ignored, so that who reads checks once at the end. */
#ifndef HARNESS_PLAN_READER_H
#define HARNESS_PLAN_READER_H

#include <jansson.h>
#include <stdbool.h>

#include "common/error.h"

struct reader {
    const char *file;
    const char *text;    /* of the file, so that errors name lines, or NULL */
    struct error *error; /* empty as long as all is well */
};

/* Where a value is: "cells[2].latency". */
struct reader_path {
    char text[192];
};

/* The path of a member or of an element below `parent` (NULL: the top). */
struct reader_path reader_member(const struct reader_path *parent, const char *key);
struct reader_path reader_element(const struct reader_path *parent, size_t index);

/* Reports what is wrong at `path`: "FILE:LINE: PATH: ...", or with the file as a whole (NULL). */
void reader_report(struct reader *reader, const struct reader_path *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Reports that the value at `path` is wrong or missing (NULL): it must be what is `expected`. */
void reader_fail(struct reader *reader, const struct reader_path *path, const json_t *value,
                 const char *expected);

bool reader_failed(const struct reader *reader);

#endif
