/* How far off predictions are for cells that were measured. */
#ifndef CHOOSE_CHECK_H
#define CHOOSE_CHECK_H

#include "choose/parameters.h"
#include "report/dataset/dataset.h"

/* Makes the tables and views of choosing.sql, and fills them with what is predicted of each cell of
 * a frozen dataset, and what would be recommended. Returns 0, or a negative errno with the reason
 * in *error. */
int residuals_make(struct dataset *dataset, const struct parameters *parameters,
                   struct error *error);

/* Prints them. Returns 0, or a negative errno with the reason in *error. */
int residuals_print(struct dataset *dataset, struct error *error);

#endif
