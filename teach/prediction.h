/* What a learner says beforehand: a number with a unit, or one of several choices. */
#ifndef TEACH_PREDICTION_H
#define TEACH_PREDICTION_H

#include <jansson.h>

/* The unit that a figure's name ends with: "ns", "bytes", "share", "factor", or "count". */
const char *prediction_unit(const char *figure);

/* Reads the value in that unit. Returns 0 or -EINVAL. */
int prediction_parse(const char *text, const char *unit, double *value);

/* Asks what `question` (of a lesson) says, on stdout, until stdin gives an answer that can be read.
 * Returns 0, and in *said a new reference: the `text` as it was typed, of a choice its letter, and
 * its `value` in the unit of the figure; null where it was left out. Or -EINTR (asked to stop) or
 * -EIO (no more input). */
int prediction_ask(const json_t *question, json_t **said);

#endif
