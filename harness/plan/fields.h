/* Strict reading of JSON written by people: every value is checked for its type and range, and an
 * error names the file and the key ("cells[2].latency"). The first error is kept, and the functions
 * then return harmless values, so that the reader checks once at the end. */
#ifndef HARNESS_PLAN_FIELDS_H
#define HARNESS_PLAN_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define FIELDS_PATH_SIZE 192

struct fields {
    const char *file;
    const char *text; /* of the file, so that errors name lines, or NULL */
    char *error;      /* of ERROR_SIZE bytes; empty as long as all is well */
};

/* Where a value is: "cells[2].latency". */
struct fields_path {
    char text[FIELDS_PATH_SIZE];
};

/* The path of a member or of an element below `parent` (NULL: the top). */
struct fields_path fields_member(const struct fields_path *parent, const char *key);
struct fields_path fields_element(const struct fields_path *parent, size_t index);

/* Reports what is wrong at `path`: "FILE:LINE: PATH: ...". Only the first report is kept. */
void fields_report(struct fields *fields, const struct fields_path *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Reports that the value at `path` is wrong ("must be …"). */
void fields_fail(struct fields *fields, const struct fields_path *path, const json_t *value,
                 const char *expected);

bool fields_failed(const struct fields *fields);

/* Checks that `value` is an object with no keys but those of `allowed` (ends with NULL). Returns
 * whether it is. */
bool fields_object(struct fields *fields, const struct fields_path *path, const json_t *value,
                   const char *const allowed[]);

/* The readers of values. A missing value (NULL) is an error, but `…_or` readers return `otherwise`
 * for it. */
const char *fields_text(struct fields *fields, const struct fields_path *path, const json_t *value);
const char *fields_text_or(struct fields *fields, const struct fields_path *path,
                           const json_t *value, const char *otherwise);

/* A whole number from `min` to `max`: 1000 or "10k". */
uint64_t fields_count(struct fields *fields, const struct fields_path *path, const json_t *value,
                      uint64_t min, uint64_t max);

/* A duration up to `max_ns`: "200ms". */
uint64_t fields_duration(struct fields *fields, const struct fields_path *path, const json_t *value,
                         uint64_t max_ns);

/* Reads "2%" as 0.02. Returns whether `text` is a share above 0 and up to `max`. */
bool fields_parse_share(const char *text, double max, double *share);

/* A share, "2%", up to `max` (1 is 100 %), above 0: returned as 0.02. */
double fields_share(struct fields *fields, const struct fields_path *path, const json_t *value,
                    double max);

bool fields_bool_or(struct fields *fields, const struct fields_path *path, const json_t *value,
                    bool otherwise);

/* A name of letters, digits, '.', '_' and '-' that starts with a letter or digit: it becomes part
 * of file names. */
const char *fields_name(struct fields *fields, const struct fields_path *path, const json_t *value);

/* An array of texts, or NULL where it is missing; borrowed. */
const json_t *fields_texts_or_null(struct fields *fields, const struct fields_path *path,
                                   const json_t *value);

#endif
