/* The command line of a lane, the same for all: one table gives parsing and help. */
#ifndef WORKLOAD_OPTIONS_H
#define WORKLOAD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/load.h"
#include "workload/workload.h"

enum connections { CONNECTIONS_REUSE, CONNECTIONS_FRESH };
enum client { CLIENT_CURL, CLIENT_RAW };

struct options {
    struct workload workload;     /* its deadline_ns is set when the run starts; what is to be
                                     computed is completed before it (computation_complete) */
    enum connections connections; /* as asked; workload.fresh is what came of it */
    enum client client;           /* workload.target is set when the run starts */
    uint64_t deadline_after_ns;   /* of the whole run; 0: none */
    uint64_t start_at_ns;         /* of CLOCK_REALTIME; 0: at once */
    struct load load; /* what the server was told, for the floor, and when requests are due;
                         complete but for own_ns */
    bool latency_known;
    bool gil;            /* a simulated interpreter lock, which the lane makes before the run */
    const char *output;  /* NULL: none */
    const char *records; /* NULL: none */
    bool quiet;
    bool progress;
};

/* Reads the command line. Ends the program with status 2 and a message where it is wrong, with 0
 * after --help or --version. */
struct options options_parse(int argc, char **argv);

/* The words for them, in options and results ("mixed", "threads", "poisson"). */
const char *options_work_name(enum work work);
const char *options_compute_name(enum compute compute);
const char *options_arrivals_name(enum arrivals arrivals);
const char *options_client_name(enum client client);

#endif
