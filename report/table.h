/* The rows of a query as a table: for people in Markdown or in the terminal, for programs as CSV or
 * JSON. One printer for all of them, so that a figure looks the same everywhere. */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include <jansson.h>
#include <stdio.h>

#include "report/dataset/dataset.h"

enum table_style {
    TABLE_MARKDOWN, /* values as they are: the query escapes and formats them */
    TABLE_MARKED,   /* Markdown of any values */
    TABLE_ASCIIDOC, /* likewise, as AsciiDoc has it */
    TABLE_TERMINAL, /* values formatted by the query, in columns as wide as the terminal allows,
                       control characters out */
    TABLE_CSV,      /* RFC 4180, with the figures as numbers */
};

/* Writes all rows of `query`, which is left at its end. But for CSV, a column whose name ends with
 * ">" is aligned to the right (the sign is left out), and a last column "colour" is not shown; it
 * colours its line where the output is a terminal and NO_COLOR is not set. In CSV a summary takes
 * seven columns: "wall_ns" becomes wall_count, wall_median_ns, wall_low_ns, wall_high_ns,
 * wall_min_ns, wall_max_ns, wall_mad_ns. Returns how many rows there were, or a negative errno. */
int table_write(FILE *out, sqlite3_stmt *query, enum table_style style);

/* Likewise as CSV to the file `name` in the open folder `folder`, a new one: never through a link.
 */
int table_save(int folder, const char *name, sqlite3_stmt *query);

/* Likewise as an array of objects, a new reference; NULL without memory. */
json_t *table_json(sqlite3_stmt *query);

/* Writes the tables that the dataset's table `exports` lists to `folder`/tables.json and
 * `folder`/tables/NAME.csv. Of one run the column `run` is left out. Returns 0 or a negative errno
 * with the reason in *error. */
int tables_write(struct dataset *dataset, const char *folder, struct error *error);

#endif
