#include "mockserver/settings.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/units.h"

#define EXIT_USAGE      2
#define DEFAULT_LISTEN  "127.0.0.1:8080"
#define DEFAULT_LATENCY "200ms"

/* Options without a letter. */
enum {
    OPTION_DRIP_RATE = 256,
    OPTION_GRACE,
    OPTION_MAX_CONNECTIONS,
    OPTION_MAX_IN_FLIGHT,
    OPTION_PRINT_DELAYS,
    OPTION_RATE,
    OPTION_REQUEST_TIMEOUT,
};

static const struct argp_option options[] = {
    {"listen", 'l', "ADDRESS:PORT", 0,
     "where to listen; may be given again, and ADDRESS may be a range as in 127.0.0.1-8:8080; port "
     "0 picks a free one (default: " DEFAULT_LISTEN ")",
     1},
    {"workers", 'w', "N", 0, "processes that share the port and the counters (default: 1)", 1},
    {"latency", 'L', "SPEC", 0,
     "how long a request waits: " LATENCY_HELP " (default: " DEFAULT_LATENCY ")", 2},
    {"seed", 's', "N", 0, "of the delays and faults (default: 1)", 2},
    {"print-delays", OPTION_PRINT_DELAYS, "N", 0,
     "print delay and fault of the ids from 0 to N-1, and exit", 2},
    {"faults", 'f', "KIND=SHARE,...", 0,
     "what goes wrong, and for how many of all requests, as in 503=1%,reset=0.001; kinds: "
     "" FAULTS_HELP,
     3},
    {"drip-rate", OPTION_DRIP_RATE, "N", 0, "bytes a second of the fault drip (default: 10)", 3},
    {"max-connections", OPTION_MAX_CONNECTIONS, "N", 0, "reset connections above it", 4},
    {"max-in-flight", OPTION_MAX_IN_FLIGHT, "N", 0, "answer 503 above it", 4},
    {"rate", OPTION_RATE, "N/s", 0, "answer 429 above so many requests a second", 4},
    {"request-timeout", OPTION_REQUEST_TIMEOUT, "TIME", 0,
     "for a client to send its request (then 408), or to read its reply, once begun "
     "(default: 10s)",
     5},
    {"grace", OPTION_GRACE, "TIME", 0,
     "at SIGTERM, for what is in flight to be answered (default: 5s)", 5},
    {"version", 'V', NULL, 0, "print the version", -1},
    {0},
};

static void set_latency(struct argp_state *state, struct settings *settings, const char *spec)
{
    char error[LATENCY_ERROR_SIZE];

    settings->latency_spec = spec;
    if (latency_parse(spec, &settings->latency, error) < 0)
        argp_error(state, "--latency: %s", error);
}

static void set_faults(struct argp_state *state, struct settings *settings, const char *spec)
{
    char error[FAULTS_ERROR_SIZE];

    settings->faults_spec = spec;
    if (faults_parse(spec, &settings->faults, error) < 0)
        argp_error(state, "--faults: %s", error);
}

static void add_listen(struct argp_state *state, struct settings *settings, const char *address)
{
    if (settings->listen_count == SETTINGS_LISTEN_MAX)
        argp_error(state, "--listen: more than %d; give ranges as in 127.0.0.1-8:8080",
                   SETTINGS_LISTEN_MAX);
    settings->listen[settings->listen_count++] = address;
}

static void set_duration(struct argp_state *state, const char *option, const char *value,
                         uint64_t *ns)
{
    if (units_parse_duration(value, ns) < 0)
        argp_error(state, "%s: '%s' is not a duration; give one with its unit, such as 5s", option,
                   value);
}

static uint64_t parse_number(struct argp_state *state, const char *option, const char *value,
                             uint64_t min, uint64_t max)
{
    uint64_t number = 0;

    if (units_parse_count(value, &number) < 0 || number < min || number > max)
        argp_error(state, "%s: '%s' is not a whole number from %llu to %llu", option, value,
                   (unsigned long long)min, (unsigned long long)max);
    return number;
}

static void set_rate(struct argp_state *state, struct settings *settings, const char *value)
{
    char number[32];
    size_t size = strlen(value);

    if (size >= 2 && strcmp(value + size - 2, "/s") == 0)
        size -= 2;
    snprintf(number, sizeof(number), "%.*s", (int)size, value);
    settings->rate_max = parse_number(state, "--rate", number, 1, NS_PER_S);
}

static error_t set_option(int key, char *value, struct argp_state *state)
{
    struct settings *settings = state->input;

    switch (key) {
    case 'l':
        add_listen(state, settings, value);
        return 0;
    case 'w':
        settings->workers = parse_number(state, "--workers", value, 1, SETTINGS_WORKERS_MAX);
        return 0;
    case 'L':
        set_latency(state, settings, value);
        return 0;
    case 's':
        settings->seed = parse_number(state, "--seed", value, 0, 1ULL << 53);
        return 0;
    case 'f':
        set_faults(state, settings, value);
        return 0;
    case OPTION_DRIP_RATE:
        settings->drip_rate = (uint32_t)parse_number(state, "--drip-rate", value, 1, UINT32_MAX);
        return 0;
    case OPTION_MAX_CONNECTIONS:
        settings->connections_max = parse_number(state, "--max-connections", value, 1, 1ULL << 53);
        return 0;
    case OPTION_MAX_IN_FLIGHT:
        settings->in_flight_max = parse_number(state, "--max-in-flight", value, 1, 1ULL << 53);
        return 0;
    case OPTION_RATE:
        set_rate(state, settings, value);
        return 0;
    case OPTION_REQUEST_TIMEOUT:
        set_duration(state, "--request-timeout", value, &settings->request_ns_max);
        return 0;
    case OPTION_GRACE:
        set_duration(state, "--grace", value, &settings->grace_ns);
        return 0;
    case OPTION_PRINT_DELAYS:
        settings->print_delays = parse_number(state, "--print-delays", value, 1, 1ULL << 53);
        return 0;
    case 'V':
        printf("mockserver %s\n", SUITE_VERSION);
        exit(EXIT_SUCCESS);
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is no option; options begin with --", value);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

void settings_parse(int argc, char **argv, struct settings *settings)
{
    const struct argp parser = {
        .options = options,
        .parser = set_option,
        .doc = "Answers HTTP requests after an exact delay, and tells how exact it was.\v"
               "GET /users/{id}[/orders|/preferences|/profile] and POST /analytics wait. A query "
               "overrides one request: ?delay=50ms, ?status=503, ?fault=KIND (with drip: "
               "&rate=10), ?attempt=1. GET /stats and GET /metrics tell what was measured, POST "
               "/reset starts anew, GET /healthz answers at once.",
    };

    *settings = (struct settings){
        .workers = 1,
        .latency_spec = DEFAULT_LATENCY,
        .latency = {.kind = LATENCY_FIXED, .a_ns = 200 * NS_PER_MS},
        .seed = 1,
        .drip_rate = 10,
        .request_ns_max = 10 * NS_PER_S,
        .grace_ns = 5 * NS_PER_S,
    };
    argp_err_exit_status = EXIT_USAGE;
    argp_parse(&parser, argc, argv, 0, NULL, settings);
    if (settings->listen_count == 0)
        settings->listen[settings->listen_count++] = DEFAULT_LISTEN;
}
