/* What `bench show` shares with the other commands: the tables of a run, the dataset of one or two
 * runs, and tables for programs. */
#ifndef HARNESS_SHOW_H
#define HARNESS_SHOW_H

#include <jansson.h>

#include "harness/bench_options.h"
#include "report/dataset/dataset.h"

/* Prints the tables of the run in the folder at `path`, whatever state the run is in, in the format
 * of the options. Returns 0, or a negative errno with the reason in *error. */
int show_run(const char *path, const struct bench_options *options, struct error *error);

/* Opens a dataset with the run in the folder `a`, and with that in `b` where it is not NULL,
 * without their records. Returns 0, or a negative errno with the reason in *error; to be closed
 * with dataset_close() in any case. */
int show_open(struct dataset *dataset, const char *a, const char *b, struct error *error);

/* Whether each line of the runs could be read: 0, or -EINVAL with the first fault in *error. */
int show_check(struct dataset *dataset, struct error *error);

/* What queries.json says of a command: its tables, and texts of its own. A new reference. */
json_t *show_queries(const char *command);

/* Prints what a command says of the dataset, in the format of the options. For people: the text of
 * that name (texts.h). Else the tables of show_queries(), or of them the one that the options name.
 * JSON is one object: `object`, which it takes over, with the rows of each table as a member more;
 * NULL: the rows of the one table are all. Returns 0, or a negative errno with the reason in
 * *error. */
int show_print(struct dataset *dataset, const char *command, const struct bench_options *options,
               json_t *object, struct error *error);

#endif
