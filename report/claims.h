/* The article's claims, held against the dataset. Claims are data (claims.json): what the article
 * says in our words, its figure, the query that measures it, the criterion under which it counts as
 * reproduced, and the sentences that explain the outcome. */
#ifndef REPORT_CLAIMS_H
#define REPORT_CLAIMS_H

#include "common/error.h"
#include "report/dataset/dataset.h"

/* Judges the claims in `text` (claims.json; NULL: those built in) for every run of the frozen
 * dataset and adds them as its tables `claims` and `explanations`, and what the article says of a
 * cell as `article_figures`. Returns 0, or with these tables empty -EINVAL (no such claims, with
 * the reason in *error) or -ENOMEM. */
int claims_judge(struct dataset *dataset, const char *text, struct error *error);

#endif
