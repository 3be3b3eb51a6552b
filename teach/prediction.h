/* What a learner says beforehand: a number with a unit, or one of several choices. */
#ifndef TEACH_PREDICTION_H
#define TEACH_PREDICTION_H

#include <jansson.h>
#include <stdbool.h>

struct prediction {
    bool given;    /* else it was left out */
    double value;  /* in the unit of the figure; NAN of a choice */
    char text[64]; /* as it was typed; of a choice its letter */
};

/* The unit that a figure's name ends with: "ns", "bytes", "share", "factor", or "count". */
const char *prediction_unit(const char *figure);

/* How a value in that unit is written, "a time, such as 5s". */
const char *prediction_example(const char *unit);

/* Reads the value in that unit. Returns 0 or -EINVAL. */
int prediction_parse(const char *text, const char *unit, double *value);

/* Asks what `question` (of a lesson) says, on stdout, until stdin gives an answer that can be read;
 * an empty one leaves it out. Returns 0, or -EINTR (asked to stop) or -EIO (no more input). */
int prediction_ask(const json_t *question, struct prediction *prediction);

#endif
