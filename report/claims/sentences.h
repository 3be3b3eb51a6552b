/* Sentences with figures of the run: "{wall}" stands for the column `wall` of a query's row. */
#ifndef REPORT_CLAIMS_SENTENCES_H
#define REPORT_CLAIMS_SENTENCES_H

#include <stdio.h>

#include "report/claims/query.h"

/* Writes the sentences, an array of texts, with a blank between them. One that needs a figure which
 * the row lacks, or where `query` is NULL any figure, is left out. Returns how many were written.
 */
size_t sentences_write(FILE *out, const json_t *sentences, const struct query *query);

/* What is wrong with them where the figures are the query's columns, or NULL. Where there are no
 * sentences, nothing is. */
const char *sentences_fault(const json_t *sentences, const struct query *query);

#endif
