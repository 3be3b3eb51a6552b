/* The folder of a run: made once, locked as long as its run lives, filled by appending. */
#ifndef HARNESS_RUN_RUN_FOLDER_H
#define HARNESS_RUN_RUN_FOLDER_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>

#include "common/error.h"
#define RUN_ID_SIZE 128

struct run_folder {
    char id[RUN_ID_SIZE]; /* "20261122T194541Z-quick" */
    char path[PATH_MAX];
    int fd; /* of the folder, locked */
};

/* Makes a new folder for a run of the plan `plan_name` in `results`, with its subfolders. Returns
 * 0, or a negative errno with the reason and the remedy in `error`. */
int run_folder_create(struct run_folder *folder, const char *results, const char *plan_name,
                      struct error *error);
/* Opens the folder of a run at `path` to go on with it. Returns 0, or a negative errno with the
 * reason in `error` (-EBUSY: its run still goes on; -EINVAL: it holds links, devices or pipes). */
int run_folder_open(struct run_folder *folder, const char *path, struct error *error);

/* Removes what a kill may have left of a last line, so that lines can be appended again. Returns 0,
 * also where there is no such file, or a negative errno with the reason in `error`. */
int run_folder_mend(const struct run_folder *folder, const char *name, struct error *error);

/* How many lines each file of lines has, by its name, for whoever reads the folder to see a loss: a
 * new reference, or NULL without memory. */
json_t *run_folder_count(const struct run_folder *folder);

void run_folder_close(struct run_folder *folder);

/* The path of a file in it. Returns `path`, of PATH_MAX bytes. */
const char *run_folder_path(const struct run_folder *folder, const char *name, char *path);

/* Appends a line to a file, or replaces a JSON file, safely on the disk when they return. Return 0,
 * or a negative errno with the reason in `error`. */
int run_folder_append(const struct run_folder *folder, const char *name, const json_t *line,
                      struct error *error);
int run_folder_write(const struct run_folder *folder, const char *name, const json_t *value,
                     struct error *error);

/* Whether the run of the folder at `path` still goes on. */
bool run_folder_in_use(const char *path);

#endif
