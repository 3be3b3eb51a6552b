/* The tables of a report, in Markdown. */
#ifndef REPORT_TABLES_H
#define REPORT_TABLES_H

#include <stdio.h>

#include "report/claims.h"
#include "report/groups.h"
#include "report/run_data.h"

/* The claims: the article's figure, what was measured, the verdict, the reason. */
void table_claims(FILE *out, const struct claims *claims);

/* Likewise with a column for each language of the run. */
void table_claims_by_language(FILE *out, const struct run *run, const struct claims *claims);

/* Writes the first two cells of a claim's row; the mark of a verdict. */
void table_claim_and_article(FILE *out, const struct claim *claim);
const char *table_verdict_mark(enum verdict verdict);

/* The cells of one group by rank, with a footnote for each that had fewer requests in flight than
 * it asked for. */
void table_wall(FILE *out, const struct run *run, const struct group *group);

/* The ranked cells of one group against the first and against the one above, each with its verdict;
 * nothing where there are fewer than two. */
void table_comparison(FILE *out, const struct run *run, const struct group *group);

/* The cells of one group of work cpu, each against the sequential one. */
void table_cpu(FILE *out, const struct run *run, const struct group *group);

/* The cells of one group of mixed work, each against the single event loop. */
void table_mixed(FILE *out, const struct run *run, const struct group *group);

/* The memory cells, or a sentence where there are none. */
void table_memory(FILE *out, const struct run *run);

/* The memory cells by both methods, with the difference between them. */
void table_methods(FILE *out, const struct run *run);

/* What one more request in flight costs, for each lane that was measured at three concurrencies or
 * more. Returns how many rows it has; nothing is written where there are none. */
size_t table_slopes(FILE *out, const struct run *run);

/* The machine: what was measured on. */
void table_environment(FILE *out, const struct run *run);

#endif
