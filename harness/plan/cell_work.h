/* What a cell's lane does with each of its N items: it makes a request and waits, it computes, it
 * does both, or it only sleeps. An item is computed by a chain of hashes whose length is calibrated
 * once a run, so that every lane computes the same. */
#ifndef HARNESS_PLAN_CELL_WORK_H
#define HARNESS_PLAN_CELL_WORK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CALIBRATION_DIGEST_SIZE 65 /* 64 hex digits and NUL */
#define BLOCK_BYTES_DEFAULT     32

enum cell_work_kind { CELL_IO, CELL_CPU, CELL_MIXED, CELL_SLEEP };

/* What an item of a certain CPU time comes to on this machine. */
struct calibration {
    uint64_t cpu_ns;                      /* what an item is to take */
    uint64_t block_bytes;                 /* hashed in a round */
    uint64_t rounds;                      /* of the chain; 0: not known yet */
    uint64_t measured_ns;                 /* what an item of so many rounds took, on average */
    char digest[CALIBRATION_DIGEST_SIZE]; /* what the chain comes to, in hex */
};

struct cell_work {
    enum cell_work_kind kind;
    uint64_t cpu_ns;      /* of an item; 0 where none is computed */
    uint64_t block_bytes; /* hashed in a round; 0 where none is computed */
    const char *compute;  /* "loop", "threads", "processes" or NULL: not said; not owned */
    uint64_t workers;     /* of the pool of `compute`; 0: the lane's default */
    uint64_t loops;       /* event loops, each with a thread; 0: the lane's default, one */
    bool gil;             /* one thread computes at a time */
    const struct calibration *calibration; /* NULL where none is computed; not owned */
};

/* Reads "io", "cpu", "mixed" or "sleep". Returns whether `text` is one of them. */
bool cell_work_parse(const char *text, enum cell_work_kind *kind);
const char *cell_work_name(enum cell_work_kind kind);

/* Whether requests are made, and the server has its part in it. */
bool cell_work_requests(const struct cell_work *work);

/* Whether items are computed. */
bool cell_work_computes(const struct cell_work *work);

/* What an item is called where several are counted: "requests", "items" or "tasks". */
const char *cell_work_items(const struct cell_work *work);

/* What the work adds to the name of a cell, "-cpu20ms-threads-w2", to `text` of `size` bytes;
 * nothing for what is not said. Returns the length that it needs, as snprintf(). */
size_t cell_work_suffix(const struct cell_work *work, char *text, size_t size);

/* Sets `work`, `cpu_ns`, `block_bytes`, `compute`, `workers`, `loops` and `gil` in `value`, null
 * where there is none or nothing was said. */
void cell_work_describe(const struct cell_work *work, json_t *value);

#endif
