/* The command line of `sleepers`: that of a lane, as far as tasks that sleep have use for it. */
#ifndef SLEEPERS_OPTIONS_H
#define SLEEPERS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "sleepers/sleepers.h"

struct options {
    const struct kind *kind;
    uint64_t tasks;
    uint64_t latency_ns;
    const char *ready;  /* NULL: none */
    const char *output; /* NULL: none */
    bool quiet;
};

/* Reads the command line. Ends the program with status 2 and a message where it is wrong, with 0
 * after --help or --version. */
struct options options_parse(int argc, char **argv);

#endif
