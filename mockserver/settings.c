#include "mockserver/settings.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/command_line.h"
#include "common/count.h"

#define DEFAULT_LISTEN  "127.0.0.1:8080"
#define DEFAULT_LATENCY "200ms"
#define NUMBER_MAX      (1ULL << 53)

/* ---- Values of their own kind ------------------------------------------------------------ */

static void set_latency(struct argp_state *state, const char *spec, void *settings)
{
    struct settings *s = settings;
    struct error error = {0};

    s->latency_spec = spec;
    if (latency_parse(spec, &s->latency, &error) < 0)
        argp_error(state, "--latency: %s", error.text);
}

static void set_faults(struct argp_state *state, const char *spec, void *settings)
{
    struct settings *s = settings;
    struct error error = {0};

    s->faults_spec = spec;
    if (faults_parse(spec, &s->faults, &error) < 0)
        argp_error(state, "--faults: %s", error.text);
}

static void add_listen(struct argp_state *state, const char *address, void *settings)
{
    struct settings *s = settings;

    if (s->listen_count == SETTINGS_LISTEN_MAX)
        argp_error(state, "--listen: more than %d; give ranges as in 127.0.0.1-8:8080",
                   SETTINGS_LISTEN_MAX);
    s->listen[s->listen_count++] = address;
}

/* "100/s", or "100". */
static void set_rate(struct argp_state *state, const char *text, void *settings)
{
    struct settings *s = settings;
    char number[32];
    size_t size = strlen(text);

    if (size >= 2 && strcmp(text + size - 2, "/s") == 0)
        size -= 2;
    snprintf(number, sizeof(number), "%.*s", (int)size, text);
    s->rate_max = command_line_number(state, "rate", number, 1, NS_PER_S);
}

/* ---- All options ------------------------------------------------------------------------- */

#define AT(member) offsetof(struct settings, member)

static const struct option_row rows[] = {
    {.kind = OPTION_GROUP, .help = "Where it listens:"},
    {"listen", 'l', OPTION_SPECIAL, 0, "ADDRESS:PORT",
     .help = "Where to listen; may be given again, and ADDRESS may be a range as in "
             "127.0.0.1-8:8080; port 0 picks a free one (default: " DEFAULT_LISTEN ")",
     .set = add_listen},
    {"workers", 'w', OPTION_NUMBER, AT(workers), "N",
     .help = "Processes that share the port and the counters (default: 1)", .min = 1,
     .max = SETTINGS_WORKERS_MAX},
    {.kind = OPTION_GROUP, .help = "Delays:"},
    {"latency", 'L', OPTION_SPECIAL, 0, "SPEC",
     .help = "How long a request waits: " LATENCY_HELP " (default: " DEFAULT_LATENCY ")",
     .set = set_latency},
    {"seed", 's', OPTION_NUMBER, AT(seed), "N", .help = "Of the delays and faults (default: 1)",
     .max = NUMBER_MAX},
    {"print-delays", 0, OPTION_NUMBER, AT(print_delays), "N",
     .help = "Print delay and fault of the ids from 0 to N-1, and end", .min = 1,
     .max = NUMBER_MAX},
    {.kind = OPTION_GROUP, .help = "Faults:"},
    {"faults", 'f', OPTION_SPECIAL, 0, "KIND=SHARE,...",
     .help = "What goes wrong, and for how many of all requests, as in 503=1%,reset=0.001; "
             "kinds: " FAULTS_HELP,
     .set = set_faults},
    {"drip-rate", 0, OPTION_NUMBER, AT(drip_rate), "N",
     .help = "Bytes a second of the fault drip (default: 10)", .min = 1, .max = UINT32_MAX},
    {.kind = OPTION_GROUP, .help = "Limits:"},
    {"max-connections", 0, OPTION_NUMBER, AT(connections_max), "N",
     .help = "Reset connections above it", .min = 1, .max = NUMBER_MAX},
    {"max-in-flight", 0, OPTION_NUMBER, AT(in_flight_max), "N", .help = "Answer 503 above it",
     .min = 1, .max = NUMBER_MAX},
    {"rate", 0, OPTION_SPECIAL, 0, "N/s", .help = "Answer 429 above so many requests a second",
     .set = set_rate},
    {.kind = OPTION_GROUP, .help = "Patience:"},
    {"request-timeout", 0, OPTION_TIME, AT(request_ns_max), "TIME",
     .help = "For a client to send its request (then 408), or to read its reply, once begun "
             "(default: 10s)"},
    {"grace", 0, OPTION_TIME, AT(grace_ns), "TIME",
     .help = "At SIGTERM, for what is in flight to be answered (default: 5s)"},
};

void settings_parse(int argc, char **argv, struct settings *settings)
{
    static const char *const examples[] = {
        "--latency 200ms",
        "-l 127.0.0.1-8:8080 -w 8 -L lognormal:median=200ms,p99=800ms",
        "-L 50ms -f 503=1%,reset=0.001",
        NULL,
    };
    const struct command_line line = {
        .program = "mockserver",
        .summary = "Answers HTTP requests after an exact delay, and tells how exact it was.",
        .details = "GET /users/{id}[/orders|/preferences|/profile] and POST /analytics wait. A "
                   "query overrides one request: ?delay=SPEC, ?status=503, ?fault=KIND (with drip: "
                   "&rate=10), ?attempt=1. GET /stats and GET /metrics tell what was measured, "
                   "POST /reset starts anew, GET /healthz answers at once.",
        .examples = examples,
        .statuses = "0 ended as it was told to; 1 a worker ended by itself, or the output could "
                    "not be written; 2 bad usage; 3 the machine does not let it serve",
        .rows = rows,
        .count = COUNT_OF(rows),
        .options = settings,
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
    command_line_parse(&line, argc, argv);
    if (settings->listen_count == 0)
        settings->listen[settings->listen_count++] = DEFAULT_LISTEN;
}
