/* What the command line asks for. */
#ifndef MOCKSERVER_SETTINGS_H
#define MOCKSERVER_SETTINGS_H

#include <stddef.h>
#include <stdint.h>

#include "mockserver/faults.h"
#include "common/latency.h"

#define SETTINGS_LISTEN_MAX  64
#define SETTINGS_WORKERS_MAX 64

struct settings {
    const char *listen[SETTINGS_LISTEN_MAX]; /* ADDRESS:PORT, of argv */
    size_t listen_count;
    uint64_t workers; /* processes that serve */
    const char *latency_spec;
    struct distribution latency;
    uint64_t seed;
    const char *faults_spec; /* or NULL */
    struct faults faults;
    uint64_t drip_rate;       /* bytes a second */
    uint64_t connections_max; /* these three: 0 is no limit */
    uint64_t in_flight_max;
    uint64_t rate_max; /* requests a second */
    uint64_t
        request_ns_max;    /* for a client to send its request, or to read its reply, once begun */
    uint64_t grace_ns;     /* for what is in flight at the end */
    uint64_t print_delays; /* how many to print instead of serving */
};

/* Reads the command line; argv must live as long as the settings. --help and --version print and
 * exit with 0; bad usage says what is wrong and what to do on stderr and exits with 2. */
void settings_parse(int argc, char **argv, struct settings *settings);

#endif
