/* Tables for a terminal: columns as wide as their widest text. */
#ifndef HARNESS_TABLE_H
#define HARNESS_TABLE_H

#include <stddef.h>
#include <stdio.h>

struct table {
    const char *const *heads;
    size_t columns;
    char **texts; /* row by row */
    size_t count; /* of texts */
    int failed;   /* memory ran out; the table is printed as far as it goes */
};

/* `heads` ends with NULL and stays the caller's. A head that starts with '<' (which is not shown)
 * aligns its column to the left, others to the right. */
void table_init(struct table *table, const char *const *heads);

/* Adds the text of the next field. */
void table_add(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints it with its heads and frees it. */
void table_print(struct table *table, FILE *stream);

#endif
