/* Predictions, recommendations and what they missed, as tables of a dataset: see choosing.sql. */
#ifndef CHOOSE_CHOOSE_H
#define CHOOSE_CHOOSE_H

#include <jansson.h>

#include "report/dataset/dataset.h"

/* Adds them to a frozen dataset, by the parameters in the file `path`, or NULL: those that are
 * built in. The question is as choosing.sql says, or NULL: nothing is asked. Returns 0, or a
 * negative errno with the reason in *error. */
int choose_open(struct dataset *dataset, const char *path, const json_t *question,
                struct error *error);

#endif
