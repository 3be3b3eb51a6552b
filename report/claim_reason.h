/* The reason beside a verdict: sentences of the claims file with figures of the run filled in. */
#ifndef REPORT_CLAIM_REASON_H
#define REPORT_CLAIM_REASON_H

#include "report/claims.h"

/* Writes the sentences of `sentences` (an array of texts, or NULL) to `out`, a space between them.
 * "{name}" stands for a figure of what measured the claim, "{to.name}" for one of the other side
 * of a ratio, as named in claims.json; a sentence that needs a figure which the run lacks is left
 * out. Returns the number of sentences written. */
size_t claim_reason_write(FILE *out, const json_t *sentences, const struct claim *claim,
                          const struct run *run);

/* Whether every figure that `sentence` names is one that claim_reason_write() knows. */
bool claim_reason_is_known(const char *sentence);

#endif
