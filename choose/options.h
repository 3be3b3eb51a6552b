/* What `choose` is asked, by the command line or one question after the other. */
#ifndef CHOOSE_OPTIONS_H
#define CHOOSE_OPTIONS_H

#include "choose/candidates.h"

struct options {
    struct question question;
    uint64_t calls, rate;
    uint64_t cpu_ns;
    const char *latencies, *parameters, *output;
    const char *const *runs; /* to fit */
    size_t run_count;
    int language, lock;
    bool json, verify, fit, check, explorer, fresh;
};

/* Ends the program with status 2 where the command line is wrong, with 3 where an answer to a
 * question is missing. What it points to stays. */
struct options options_read(int argc, char **argv);

#endif
