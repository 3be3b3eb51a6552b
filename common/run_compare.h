/* Two runs against each other, cell by cell: has B become slower than A? The runs took place one
 * after the other, so their rounds do not belong together and the samples count as independent:
 * what changed between the runs on the machine is part of the difference. Only executions that are
 * valid count, and memory passes that the server confirmed. Where items are computed, each run has
 * calibrated them for itself: times of cells that do nothing else are compared for the same work.
 */
#ifndef COMMON_RUN_COMPARE_H
#define COMMON_RUN_COMPARE_H

#include <jansson.h>
#include <stddef.h>

#include "common/dataset.h"
#include "common/ratio.h"

/* What is compared of a cell. */
enum compared { COMPARED_WALL, COMPARED_CPU, COMPARED_PSS };

struct run_row {
    const char *cell; /* its id, borrowed from run A */
    enum compared compared;
    struct stats_summary a, b; /* in ns or bytes; count 0: nothing that counts; of B for A's work */
    struct ratio ratio;        /* of B to A: above 1, B takes more */
};

struct run_comparison {
    struct run_row *rows; /* wall and CPU of each cell, then the PSS of each memory cell */
    size_t count;
    size_t slower; /* rows of wall or PSS, by their verdicts: more in B, … */
    size_t faster; /* … and less in B; the rows of CPU stand beside them for information */
    size_t unclear, too_few;
    size_t far;     /* of those too few: all of B's lie above all of A's, by run_compare_is_far() */
    size_t missing; /* cells that count in A, and that B does not have */
    json_t *notes;  /* texts: cells that only one run has, machines that differ */
    json_t *run[2]; /* run.json, results.jsonl and memory.jsonl of A and B */
    json_t *samples[2], *memory[2];
};

/* Compares the run folders `a` (before) and `b` (after); a difference within `tolerance` (0.01 is
 * 1 %) is none. Returns 0, to be freed with run_compare_free(); or a negative errno with the file
 * and the reason in `error` of JSON_ERROR_SIZE bytes, -ENOENT where the runs share no cell. */
int run_compare(const char *a, const char *b, double tolerance, struct run_comparison *comparison,
                char *error);
void run_compare_free(struct run_comparison *comparison);

/* "wall", "cpu", "pss". */
const char *run_compare_name(enum compared compared);

/* Whether a row without a verdict, for want of executions, is a reason to look all the same: B's
 * least is a quarter above A's most, or more. No statistics, but an alarm that a check in CI should
 * not pass over. */
bool run_compare_is_far(const struct run_row *row);

/* The verdict of a row in words: "slower", "more", "no clear difference", … */
const char *run_compare_verdict(const struct run_row *row);

/* All rows as a table. Returns 0, to be freed with dataset_free(), or -ENOMEM. */
int run_compare_dataset(const struct run_comparison *comparison, struct dataset *dataset);

/* The comparison as JSON, `bench.comparison/1`: a new reference, or NULL without memory. */
json_t *run_compare_json(const struct run_comparison *comparison);

#endif
