/* The command line that runs a cell, word by word, and as one line of text. */
#ifndef HARNESS_PLAN_COMMAND_H
#define HARNESS_PLAN_COMMAND_H

#include <stddef.h>

#include "harness/plan/cell.h"

/* A command line of its own memory. */
struct command {
    char **words; /* ends with NULL */
    size_t count;
};

/* The files that a lane is to write: paths, or NULL. */
struct cell_files {
    const char *output;           /* its result line */
    const char *records;          /* one row per request */
    const char *ready;            /* made once all tasks sleep */
    const char *launcher, *hosts; /* what starts it on the hosts of a hostfile, or NULL */
};

/* The command that runs the cell against the server at `server_url`: the mock server, or the URL of
 * a request where it is the plan's; of files the folder in which they are, of queries what stands
 * before their delay. Without `files` (NULL) it is the command for a run folder: what one would
 * type, without paths of this machine. Free with command_free(). Returns 0 or -ENOMEM. */
int cell_command(const struct cell *cell, const char *server_url, const struct cell_files *files,
                 struct command *command);

void command_free(struct command *command);

/* The words as one line of text for a shell or for hyperfine, quoted where needed. To be freed by
 * the caller; NULL without memory. */
char *command_text(const struct command *command);

#endif
