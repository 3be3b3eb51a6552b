/* The answer: a table of the candidates, which one to take, why, and what would change it. */
#ifndef CHOOSE_ANSWER_H
#define CHOOSE_ANSWER_H

#include "choose/candidates.h"
#include "report/dataset/dataset.h"

/* Prints it. `source` says what was measured for the parameters. Returns 0, or a negative errno
 * with the reason in *error. */
int answer_print(const struct candidates *candidates, const struct question *question,
                 const struct parameters *parameters, const char *source, bool json,
                 struct error *error);

#endif
