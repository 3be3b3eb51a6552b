/* The article's claims, held against a run. Claims are data (claims.json): what the article says in
 * our words, its figure, the cell and the metric that measure it, the criterion under which it
 * counts as reproduced, and the sentences that explain the outcome, with figures of the run in
 * braces. A claim whose cell the run lacks, or whose latency is another, is not measured. */
#ifndef REPORT_CLAIMS_H
#define REPORT_CLAIMS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "report/run_data.h"

enum verdict { VERDICT_REPRODUCED, VERDICT_NOT_REPRODUCED, VERDICT_NOT_MEASURED };

struct claim {
    const json_t *json; /* its entry in the claims, borrowed */
    json_t *own;        /* of a variant: the entry made for it, owned; else NULL */
    enum verdict verdict;
    struct stats_summary measured; /* in the metric's unit (s, bytes, requests, …); count 0: none */
    const struct cell *cell;       /* what measured it: a cell, or … */
    const struct memory_cell *memory_cell; /* … a memory cell; both NULL where none did */
    const struct cell *to;                 /* the other side of a ratio, likewise */
    const struct memory_cell *to_memory;
    char *reason;                    /* Markdown, "" where there is nothing to explain; owned */
    bool absent;                     /* not measured, since no cell of the plan is meant */
    const struct language *language; /* of the lanes that measure it; of a claim of the list: C */
    struct claim *variants;          /* the same claim held against lanes in other languages, in
                                        the order of the claims file; owned */
    size_t variant_count;
};

struct claims {
    json_t *json; /* the whole claims file */
    struct claim *list;
    size_t count;
};

/* Holds the claims in `text` (claims.json; NULL: those built in) against `run`. Returns 0, to be
 * freed with claims_free(); or -EINVAL (no such claims, with the reason in `error` of
 * JSON_ERROR_SIZE bytes), -ENOMEM. */
int claims_evaluate(struct claims *claims, const char *text, const struct run *run, char *error);
void claims_free(struct claims *claims);

/* Fills the cells of `claim`, of which only `json` is given, with those that it selects. Returns
 * whether all of them are there and measured. */
bool claims_find_cells(struct claim *claim, const struct run *run);

/* Number `index` of those by which a language measures the claim, or NULL. Of C this is the claim
 * itself. */
const struct claim *claims_in(const struct claim *claim, const struct language *language,
                              size_t index);

/* The first of them that is measured, or the first at all; NULL where there is none. */
const struct claim *claims_first_in(const struct claim *claim, const struct language *language);

/* "reproduced", "not reproduced", "not measured". */
const char *claims_verdict_name(enum verdict verdict);

/* What the verdict rests on: the median, or the extreme where that is what is judged. */
double claims_judged_value(const struct claim *claim);

/* Writes a value in the unit of the claim's metric: "276 ms", "12.5 MB", "1000 requests". */
void claims_format_value(FILE *out, const struct claim *claim, double value);

/* Writes what was measured: the median with its 95 % [interval], or with (min … max) where there is
 * none; the extreme where that is what is judged; or a dash. */
void claims_format_measured(FILE *out, const struct claim *claim);

/* Writes the criterion: "±15 %", "at most 5.00 s", "within a factor of 2". */
void claims_format_criterion(FILE *out, const struct claim *claim);

/* The article's wall time in ns for a cell's lane, requests, concurrency and latency, or NAN. */
double claims_article_wall_ns(const struct claims *claims, const struct cell *cell);

/* The article's PSS in bytes for a memory cell's lane and concurrency, or NAN. */
double claims_article_pss_bytes(const struct claims *claims, const struct memory_cell *cell);

#endif
