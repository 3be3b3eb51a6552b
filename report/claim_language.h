/* A claim as lanes in another language measure it: its entry in claims.json with what `languages`
 * says in place of its own. */
#ifndef REPORT_CLAIM_LANGUAGE_H
#define REPORT_CLAIM_LANGUAGE_H

#include <jansson.h>

#include "report/models.h"

/* The entries of a claim for a language: an array, or NULL. */
const json_t *claim_language_entries(const json_t *claim, const struct language *language);

/* The claim with the lanes and reasons of one such entry. A new reference, or NULL without memory.
 */
json_t *claim_language_apply(const json_t *claim, const struct language *language,
                             const json_t *entry);

/* What is wrong with the languages of a claim, or NULL. */
const char *claim_language_fault(const json_t *claim);

#endif
