/* The live view of racers: on a terminal a bar for each, drawn again and again, with a mark where
 * the floor would be; elsewhere a line for each that ends, and one now and then for the others. */
#ifndef TEACH_LIVE_H
#define TEACH_LIVE_H

#include <stdio.h>

#include "teach/racer.h"

struct live {
    FILE *out;
    size_t drawn;     /* lines on the terminal that are to be drawn over */
    unsigned said;    /* a bit for each racer whose end has been said, where there is no terminal */
    uint64_t next_ns; /* when those that run are said next */
};

/* A view that shows racers on `live`, with its `out` set and all else zero. */
struct racer_view live_view(struct live *live);

#endif
