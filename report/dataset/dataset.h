/* The dataset: the raw lines of one or several run folders as tables and views of SQLite, in
 * memory. Every figure is defined once, in views.sql; tables, plots, claims, comparisons and
 * `bench show` are queries on it. It is made from the raw lines and can be thrown away.
 *
 * Nothing in a run folder is trusted. A value of the wrong type, negative or beyond reason counts
 * as missing (NULL); a line that cannot be used is a fault with its file and number. Texts of a run
 * must be escaped where they are shown.
 *
 * One thread at a time may use a dataset. */
#ifndef REPORT_DATASET_DATASET_H
#define REPORT_DATASET_DATASET_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

struct dataset {
    sqlite3 *db;
};

/* Opens an empty dataset with all views and functions. Returns 0, to be closed with
 * dataset_close(), or -ENOMEM or -EINVAL (the views are wrong) with the reason in *error. */
int dataset_open(struct dataset *dataset, struct error *error);
void dataset_close(struct dataset *dataset);

/* Adds the run in `folder` as the next one (`run` is 1, 2, …), with its records where `records`
 * asks for them. What is missing or broken in it is no error, but a row of the view `faults`.
 * Returns 0; or a negative errno with the reason in *error where it is no folder of a run, or two
 * of its cells have one name. */
int dataset_load(struct dataset *dataset, const char *folder, bool records, struct error *error);

/* Likewise, but only what a list of runs says: run.json, and of each line of results.jsonl whether
 * it is valid (in raw_samples). Much faster. */
int dataset_load_brief(struct dataset *dataset, const char *folder, struct error *error);

/* Computes every view once: each becomes a table of the same name, so that what many queries use is
 * not computed for each. Nothing may be loaded afterwards. Returns 0 or a negative errno. */
int dataset_freeze(struct dataset *dataset, struct error *error);

/* Writes the frozen dataset to the file `path`, with summaries as plain columns (wall_ns becomes
 * wall_count, wall_median_ns, …), so that it can be read without this program's functions. Returns
 * 0 or a negative errno. */
int dataset_save(struct dataset *dataset, const char *path, struct error *error);

/* Prepares a query. Returns NULL with the reason in *error where it is no query. The caller
 * finalizes it. */
sqlite3_stmt *dataset_query(struct dataset *dataset, const char *sql, struct error *error);

/* Runs statements that take no values, with their lists written out (lists.sql). Returns 0, or
 * -ENOMEM or -EINVAL with the reason in *error. */
int dataset_run(struct dataset *dataset, const char *sql, struct error *error);

/* Runs one statement that gives no rows, with these values: for each letter of `types` an int
 * ('i'), a double ('d') or a text or NULL ('s'). Returns 0 or -EIO. */
int dataset_execute(struct dataset *dataset, const char *sql, const char *types, ...);

/* Runs one query and returns the number or the text in its first row and column, or `otherwise`
 * (text: NULL) where there is none. The text is to be freed. */
double dataset_number(struct dataset *dataset, const char *sql, double otherwise);
char *dataset_text(struct dataset *dataset, const char *sql);

/* Likewise the text, with values for the query as dataset_execute() takes them. */
char *dataset_ask(struct dataset *dataset, const char *sql, const char *types, ...);

/* A column that holds a summary of samples is a blob, as the SQL function summary() makes it.
 * Returns whether the column of the row at which `row` stands is one. */
bool dataset_is_summary(sqlite3_stmt *row, int column);

/* The parts of a summary that tables show, the first one its count. Writes what the part `i` of
 * `column` is called to `name` of DATASET_NAME_SIZE bytes: of "wall_ns" the median is
 * "wall_median_ns", and the count "wall_count". Returns the SQL function that gives it. */
#define DATASET_PARTS     7
#define DATASET_NAME_SIZE 128
const char *dataset_part(size_t i, const char *column, char *name);

/* The part `i` of the summary in a column; NAN where it has none, or there is no summary, whose
 * count is 0. */
double dataset_part_value(size_t i, sqlite3_stmt *row, int column);

/* Registers the functions that views.sql uses: see functions.c. Returns a code of SQLite. */
int dataset_register_functions(sqlite3 *db);

#endif
