/* A cell: one lane with one set of parameters, and the command that runs it. */
#ifndef HARNESS_PLAN_CELL_H
#define HARNESS_PLAN_CELL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/plan/cell_work.h"

#define CELL_ID_SIZE 160

/* A program that runs the workload. */
struct lane {
    char *name;              /* as cells name it */
    char *path;              /* of the executable */
    char *model;             /* "sync", "threads", "procs" or "async" */
    const char *language;    /* that it is written in: "c", "python", …; not owned */
    const json_t *packages;  /* array of what must be installed for it, or NULL; not owned */
    const json_t *arguments; /* its own, before those of a cell; array or NULL; not owned */
};

struct cell {
    char id[CELL_ID_SIZE]; /* "threads-n1000-c10-200ms"; of a memory pass "…-memory" */
    const struct lane *lane;
    uint64_t requests;
    uint64_t concurrency;
    struct cell_work work;   /* what is done with each request, which may be no request at all */
    uint64_t latency_ns;     /* of each reply; of a memory pass: how long the requests are held */
    uint64_t timeout_ns;     /* of one request; 0: the lane's default */
    uint64_t limit_ns;       /* of a whole execution; 0: see execution_limit_ns() */
    unsigned rounds;         /* it takes part in rounds 1 to this */
    bool capped;             /* the plan gives it a number of rounds of its own: never more */
    double lateness;         /* how late the server may be at p99, as a share of the latency */
    bool optional;           /* it may be left out where the limits of the machine forbid it */
    bool may_fail;           /* the run is none the worse for executions that do not count */
    bool records;            /* one row per request is wanted */
    bool memory;             /* it is a memory pass */
    const char *connections; /* "reuse", "fresh" or NULL: the lane's default; not owned */
    const json_t *arguments; /* further arguments of the lane, an array or NULL; not owned */
};

/* A command line of its own memory. */
struct command {
    char **words; /* ends with NULL */
    size_t count;
};

/* Sets the id from the other members. Returns 0, or -ENAMETOOLONG. */
int cell_name(struct cell *cell);

/* How many cores this machine has online, at least 1. */
uint64_t cell_cores(void);

/* Least wall time possible: ceil(N/C) times the latency; where items are computed, what the cores
 * of this machine need for them, too. */
uint64_t cell_floor_ns(const struct cell *cell);

/* The wall time where no two items are computed at once: what a lane takes without any speed-up. */
uint64_t cell_serial_ns(const struct cell *cell);

/* What the cell is expected to take, by the number of items that its lane can compute at once. */
uint64_t cell_expected_ns(const struct cell *cell);

/* How many of its requests wait at the server at once: min(N, C). */
uint64_t cell_in_flight(const struct cell *cell);

/* The shortest exact text of a duration: "200ms", "1500us", "5s". Returns `text`, of
 * UNITS_TEXT_SIZE bytes. */
const char *cell_duration(uint64_t ns, char *text);

/* The files that a lane is to write: paths, or NULL. */
struct cell_files {
    const char *output;  /* its result line */
    const char *records; /* one row per request */
    const char *ready;   /* made once all tasks sleep */
};

/* The command that runs the cell against the server at `server_url`: the mock server, or the URL of
 * a request where it holds {id}. Free with command_free(). Returns 0 or -ENOMEM. */
int cell_command(const struct cell *cell, const char *server_url, const struct cell_files *files,
                 struct command *command);

void command_free(struct command *command);

/* The words as one line of text for a shell or for hyperfine, quoted where needed. To be freed by
 * the caller; NULL without memory. */
char *command_text(const struct command *command);

#endif
