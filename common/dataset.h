/* A table as data, for other programs: columns with names, rows of numbers and texts, written as
 * CSV (RFC 4180) or JSON. Units stand in the names of the columns (wall_ns, pss_bytes). */
#ifndef COMMON_DATASET_H
#define COMMON_DATASET_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

#include "common/stats.h"

struct dataset {
    const char *name;
    const char *const *columns; /* ends with NULL; the caller's, as is `name` */
    json_t *rows;               /* an array of arrays, as many values as columns */
    json_t *row;                /* the row that is being filled, within `rows` */
};

/* Returns 0, to be freed with dataset_free(), or -ENOMEM. */
int dataset_init(struct dataset *dataset, const char *name, const char *const *columns);
void dataset_free(struct dataset *dataset);

/* Begins a row, then its values from left to right. What is not finite, and NULL, becomes null in
 * JSON and an empty field in CSV. Where memory lacks, values are missing at the end of a row. */
void dataset_row(struct dataset *dataset);
void dataset_number(struct dataset *dataset, double value);
void dataset_text(struct dataset *dataset, const char *text);
void dataset_truth(struct dataset *dataset, bool truth);

/* Seven values: count, median, low and high of its 95 % interval, min, max, mad. */
void dataset_summary(struct dataset *dataset, const struct stats_summary *summary);
#define DATASET_SUMMARY(prefix, unit)                                                              \
    prefix "_count", prefix "_median" unit, prefix "_low" unit, prefix "_high" unit,               \
        prefix "_min" unit, prefix "_max" unit, prefix "_mad" unit

/* Returns a new array of objects, one a row; NULL without memory. */
json_t *dataset_json(const struct dataset *dataset);

/* Writes a head and the rows. A text that a spreadsheet would take for a formula gets an apostrophe
 * before it. */
void dataset_csv(FILE *out, const struct dataset *dataset);

#endif
