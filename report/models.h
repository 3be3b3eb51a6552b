/* The concurrency models as the report names and draws them: the same words and the same colour in
 * every table and plot. The colours are Okabe and Ito's, which colour-blind readers can tell apart;
 * each model has a point shape of its own besides. */
#ifndef REPORT_MODELS_H
#define REPORT_MODELS_H

#include <stdio.h>

struct model {
    const char *lane; /* short name of its lane: "async"; NULL: a lane that the report knows not */
    const char *name; /* "event loop" */
    const char *unit; /* what the concurrency counts, in the plural: "threads"; NULL: requests */
    unsigned colour;  /* 0xRRGGBB */
    int point;        /* gnuplot's point type */
};

/* The model of a lane by its short name ("async"). Lanes that are not known get the generic model
 * number `other` (counted from 0, any number). Never NULL; static storage. */
const struct model *model_of(const char *lane, size_t other);

/* A language in which lanes are written. */
struct language {
    const char *key;  /* as a plan names it: "python" */
    const char *name; /* "Python" */
};

#define LANGUAGE_COUNT 4 /* C first, then Python, Go and Node */

/* The language number `index` < LANGUAGE_COUNT. Static storage. */
const struct language *language_at(size_t index);

/* The language by its key. NULL is C; one that the report knows not is none: NULL. */
const struct language *language_of(const char *key);

/* How a lane that follows `follows` (one of the four) is drawn beside lanes in other languages: the
 * colour is that of the language, the point that of the model. Its `lane` is NULL. `shade` (any
 * number) tells lanes of the same language and model apart; 0 is the language's own colour. */
const struct model *model_in(const struct language *language, const struct model *follows,
                             size_t shade);

/* The short name of a lane, which a plan may name by its path: "/opt/x/lane-go" -> "go". Points
 * into `lane`. */
const char *model_lane_short(const char *lane);

#endif
