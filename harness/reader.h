/* The dataset of one or two runs, as `bench show` and `bench compare` read it. */
#ifndef HARNESS_READER_H
#define HARNESS_READER_H

#include "common/error.h"
#include "report/dataset/dataset.h"

/* Opens a dataset with the run in the folder `a`, and with that in `b` where it is not NULL,
 * without their records. Returns 0, or a negative errno with the reason in *error; to be closed
 * with dataset_close() in any case. */
int reader_open(struct dataset *dataset, const char *a, const char *b, struct error *error);

/* Whether each line of the runs could be read: 0, or -EINVAL with the first fault in *error. */
int reader_check(struct dataset *dataset, struct error *error);

#endif
