#include "workload/options.h"

#include <curl/curl.h>
#include <errno.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/command_line.h"
#include "common/cores.h"
#include "common/count.h"
#include "common/units.h"
#include "workload/raw.h"

#define COUNT_MAX          10000000
#define PROCESSES_MAX      1024
#define RATE_MAX           1000000
#define SEED_MAX           (1ULL << 53) /* mockserver's */
#define TIMEOUT_DEFAULT_NS (30 * NS_PER_S)
#define WORKERS_MAX        1024 /* libuv's, for its threads */
#define READERS_DEFAULT    4    /* likewise: the size of its pool where nobody says another */
#define CPU_DEFAULT_NS     (20 * NS_PER_MS)
#define STACK_BYTES_MIN    (64UL << 10)
#define STACK_BYTES_MAX    (1UL << 30)

static const char *const works[] = {"io",        "cpu", "mixed", "file",
                                    "websocket", "sql", NULL}; /* enum work */
static const char *const blockings[] = {"none", "loop", "threads", "uring",
                                        NULL};                              /* enum blocking */
static const char *const verifies[] = {"id", "status", NULL};               /* enum verify */
static const char *const places[] = {"loop", "threads", "processes", NULL}; /* enum compute */
static const char *const connections[] = {"reuse", "fresh", NULL};          /* enum connections */
static const char *const arrivals[] = {"constant", "poisson", NULL};        /* enum arrivals */
static const char *const clients[] = {"curl", "raw", NULL};                 /* enum client */

const char *options_work_name(enum work work)
{
    return works[work];
}

const char *options_compute_name(enum compute compute)
{
    return places[compute];
}

const char *options_arrivals_name(enum arrivals kind)
{
    return arrivals[kind];
}

const char *options_client_name(enum client client)
{
    return clients[client];
}

/* ---- One option -------------------------------------------------------------------------- */

static void set_latency(struct argp_state *state, const char *text, void *options)
{
    struct options *o = options;
    struct error error = {0};

    if (latency_parse(text, &o->load.latency, &error) < 0)
        argp_error(state, "--latency: %s", error.text);
    o->latency_known = true;
}

static void set_block(struct argp_state *state, const char *text, void *options)
{
    struct computation *what = &((struct options *)options)->workload.computation;
    uint64_t bytes = 0;

    if (units_parse_size(text, &bytes) < 0 || bytes < CHAIN_DIGEST_BYTES ||
        bytes > CHAIN_BLOCK_BYTES_MAX)
        argp_error(state, "--block: '%s' is not a size from 32 bytes to 16M; write it like 64k",
                   text);
    what->block_bytes = bytes;
}

static void set_stack(struct argp_state *state, const char *text, void *options)
{
    uint64_t bytes = 0;

    if (units_parse_size(text, &bytes) < 0 || bytes < STACK_BYTES_MIN || bytes > STACK_BYTES_MAX)
        argp_error(state, "--stack: '%s' is not a size from 64k to 1G; write it like 8M", text);
    ((struct options *)options)->workload.stack_bytes = bytes;
}

static void set_digest(struct argp_state *state, const char *text, void *options)
{
    struct computation *what = &((struct options *)options)->workload.computation;

    if (chain_parse_digest(text, what->digest) < 0)
        argp_error(state, "--digest: '%s' is not a SHA-256 of 64 hexadecimal digits", text);
    what->digest_known = true;
}

/* "1764381600.25" */
static void set_start_at(struct argp_state *state, const char *text, void *options)
{
    char *end;
    long double seconds = strtold(text, &end);

    if (end == text || *end != '\0' || !(seconds > 0 && seconds < 1e10L))
        argp_error(state,
                   "--start-at: '%s' is no time in seconds since 1970; write it like 1764381600.25",
                   text);
    ((struct options *)options)->start_at_ns = (uint64_t)(seconds * NS_PER_S);
}

/* "127.0.0.1-10" */
static void set_addresses(struct argp_state *state, const char *text, void *options)
{
    struct addresses *to = &((struct options *)options)->workload.addresses;
    unsigned last = 0;
    char more;
    int size = 0,
        read = sscanf(text, "%*3u.%*3u.%*3u.%n%3u-%3u%c", &size, &to->first, &last, &more);

    if (read != 2 || size >= (int)sizeof(to->network) || last < to->first || last > 255)
        argp_error(state, "--addresses: '%s' is no range of addresses; write it like 127.0.0.1-10",
                   text);
    snprintf(to->network, sizeof(to->network), "%.*s", size, text);
    to->count = last - to->first + 1;
}

/* One of http or https; of a WebSocket http or ws. */
static void check_url(struct argp_state *state, const char *url, bool socket)
{
    const char *other = socket ? "ws" : "https";
    char *scheme = raw_url_part(url, CURLUPART_SCHEME);

    if (scheme == NULL || (strcmp(scheme, "http") != 0 && strcmp(scheme, other) != 0))
        argp_error(state, "'%s' is not an http:// or %s:// URL", url, other);
    curl_free(scheme);
}

/* It may hold {id} once. */
static void check_body(struct argp_state *state, const char *body)
{
    const char *place = strstr(body, "{id}");

    if (body[0] == '@')
        argp_error(state, "--body: '%s' would be a file for curl; write the text itself", body);
    if (place != NULL && strstr(place + 1, "{id}") != NULL)
        argp_error(state, "--body: '%s' holds {id} more than once", body);
}

/* It holds {id} once, or not at all where the body does, or where no answer must be of an id. */
static void check_place(struct argp_state *state, const struct workload *w)
{
    const char *url = w->url, *place = strstr(url, "{id}");
    bool told = w->body != NULL && strstr(w->body, "{id}") != NULL;
    bool fixed = work_requests(w->work) && (w->verify == VERIFY_STATUS || told);

    if (place == NULL ? !fixed : strstr(place + 1, "{id}") != NULL)
        argp_error(state,
                   "URL '%s' must hold {id} once, the place of the request's number: "
                   "http://127.0.0.1:8080/users/{id}%s",
                   url,
                   work_requests(w->work) ? "; one that is the same for all of them takes "
                                            "--verify status"
                                          : "");
}

/* One of libpq. */
static void check_database(struct argp_state *state, const char *url)
{
    char *reason = NULL;
    PQconninfoOption *parts =
        strncmp(url, "postgres", strlen("postgres")) == 0 ? PQconninfoParse(url, &reason) : NULL;

    if (parts == NULL)
        argp_error(state, "'%s' is not a URL of PostgreSQL, postgresql://user@host/database%s%s",
                   url, reason != NULL ? ": " : "", reason != NULL ? reason : "");
    PQconninfoFree(parts);
}

/* As in curl, "Name: value", "Name;" without one, or "Name:" for none of libcurl's own. */
static void add_header(struct argp_state *state, const char *text, void *options)
{
    struct workload *w = &((struct options *)options)->workload;
    struct curl_slist *headers;

    if (text[strcspn(text, ":;")] == '\0' || text[strcspn(text, "\r\n")] != '\0')
        argp_error(state, "--header: '%s' is no header; write it like 'Accept: text/plain'", text);
    headers = curl_slist_append(w->headers, text);
    if (headers == NULL)
        argp_failure(state, EXIT_FAILURE, ENOMEM, "--header");
    w->headers = headers;
}

static void take_url(struct argp_state *state, const char *text, void *options)
{
    struct options *o = options;

    if (o->workload.url != NULL)
        argp_error(state, "one URL only: '%s' is too much", text);
    o->workload.url = text;
}

#define AT(member) offsetof(struct options, member)

static const struct option_row rows[] = {
    {.kind = OPTION_GROUP, .help = "The workload:"},
    {"requests", 'n', OPTION_NUMBER, AT(workload.requests), "N",
     .help = "Requests in all (default: 1000)", .min = 1, .max = COUNT_MAX},
    {"concurrency", 'c', OPTION_NUMBER, AT(workload.concurrency), "C",
     .help = "Size of the pool, or most requests in flight (default: 1 for sync, 10 for threads "
             "and procs, N for async and co)",
     .min = 1, .max = COUNT_MAX},
    {"timeout", 't', OPTION_TIME, AT(workload.timeout_ns), "TIME",
     .help = "Longest time for one request (default: 30s)", .min = 1},
    {"deadline", 0, OPTION_TIME, AT(deadline_after_ns), "TIME",
     .help = "Longest time for the whole run (default: none)", .min = 1},
    {"connections", 0, OPTION_WORD, AT(connections), "reuse|fresh",
     .help = "Use a connection again, or make one for each request (default: reuse, and fresh "
             "where C >= N, so that none could be used again)",
     .words = connections},
    {"client", 0, OPTION_WORD, AT(client), "curl|raw",
     .help = "What makes a request: libcurl, or sockets and a parser and no more (default: curl)",
     .words = clients},
    {"method", 'X', OPTION_TEXT, AT(workload.method), "WORD",
     .help = "Of each request (default: GET, or POST with --body)"},
    {"header", 'H', OPTION_SPECIAL, 0, "LINE",
     .help = "Of each request, as in 'Accept: text/plain'; may be given again", .set = add_header},
    {"body", 'd', OPTION_TEXT, AT(workload.body), "TEXT",
     .help = "Of each request, this text, with its number in the place of {id}"},
    {"verify", 0, OPTION_WORD, AT(workload.verify), "id|status",
     .help = "What makes an answer right: a JSON body whose \"id\" is the request's, or any status "
             "200-299 (default: id)",
     .words = verifies},
    {"latency", 0, OPTION_SPECIAL, 0, "SPEC",
     .help = "The latency of the server, if known: the floor is computed from it (as --latency of "
             "mockserver)",
     .set = set_latency},
    {"seed", 0, OPTION_NUMBER, AT(load.seed), "S",
     .help = "Of a latency that is drawn: the server's; and of --arrivals poisson (default: 1)",
     .max = SEED_MAX},
    {"rate", 0, OPTION_NUMBER, AT(load.rate), "R",
     .help = "An open load: R requests are due in each second, whether or not there is a place "
             "among the C (default: each is made as soon as there is one)",
     .min = 1, .max = RATE_MAX},
    {"arrivals", 0, OPTION_WORD, AT(load.arrivals), "constant|poisson",
     .help = "When they are due: evenly spaced, or at random (default: constant)",
     .words = arrivals},
    {"loops", 0, OPTION_NUMBER, AT(workload.loops), "L",
     .help = "L threads with an event loop each; C is the total (default: 1)", .min = 1,
     .max = COUNT_MAX, .feature = FEATURE_LOOPS, .elsewhere = "lane-async"},
    {"processes", 0, OPTION_NUMBER, AT(workload.processes), "P",
     .help = "P processes, each with its L loops and its own limit of open files; C is the total "
             "(default: 1, or as many as there are addresses)",
     .min = 1, .max = PROCESSES_MAX, .feature = FEATURE_LOOPS, .elsewhere = "lane-async"},
    {"addresses", 0, OPTION_SPECIAL, 0, "FIRST-LAST",
     .help =
         "Where the server listens beside the URL's host, as in 127.0.0.1-10: a process connects "
         "to one of them, since each has its own ports",
     .set = set_addresses, .feature = FEATURE_LOOPS, .elsewhere = "lane-async"},
    {"first-id", 0, OPTION_NUMBER, AT(workload.first_id), "I",
     .help = "The first of the N ids (default: 0)", .max = SEED_MAX},
    {"start-at", 0, OPTION_SPECIAL, 0, "SECONDS",
     .help = "Begin at this time since 1970, as in 1764381600.25 (default: at once)",
     .set = set_start_at},
    {"stack", 0, OPTION_SPECIAL, 0, "BYTES",
     .help = "Stack of each thread: addresses, of which only what is touched becomes memory "
             "(default: 128k; the C library's own default is 8M)",
     .set = set_stack, .feature = FEATURE_STACK, .elsewhere = "lane-threads"},
    {.kind = OPTION_GROUP, .help = "Work for the CPU:"},
    {"work", 0, OPTION_WORD, AT(workload.work), "io|cpu|mixed|file|websocket|sql",
     .help =
         "What each of the N items is: a request; a computation, without a URL; a request and "
         "then a computation; a file to be read, with its path in place of the URL; or a WebSocket "
         "that is open until its message comes, which it sends back (default: io)",
     .words = works},
    {"cpu", 0, OPTION_TIME, AT(workload.computation.cpu_ns), "TIME",
     .help = "CPU time of one computation on an idle core (default: 20ms): turned into rounds "
             "before the run; beside --rounds only for the floor",
     .min = 1},
    {"rounds", 0, OPTION_NUMBER, AT(workload.computation.rounds), "R",
     .help = "Hashes in the chain that is computed", .min = 1, .max = UINT64_MAX},
    {"block", 0, OPTION_SPECIAL, 0, "BYTES", .help = "Bytes that each of them hashes (default: 32)",
     .set = set_block},
    {"digest", 0, OPTION_SPECIAL, 0, "HEX",
     .help = "What the chain must come to (default: what it comes to before the run)",
     .set = set_digest},
    {"gil", 0, OPTION_FLAG, AT(gil), NULL,
     .help = "Only one thread computes at a time, as under CPython's global interpreter lock",
     .feature = FEATURE_GIL, .elsewhere = "lane-threads, or lane-async with --compute threads"},
    {"compute", 0, OPTION_WORD, AT(workload.computation.where), "loop|threads|processes",
     .help = "Where the computing is done (default: loop)", .words = places,
     .feature = FEATURE_COMPUTE, .elsewhere = "lane-async"},
    {"workers", 0, OPTION_NUMBER, AT(workload.computation.workers), "W",
     .help = "How many of these threads or processes (default: one per core)", .min = 1,
     .max = COUNT_MAX, .feature = FEATURE_COMPUTE, .elsewhere = "lane-async"},
    {.kind = OPTION_GROUP, .help = "What blocks an event loop:"},
    {"blocking", 0, OPTION_WORD, AT(workload.blocking), "loop|threads|uring",
     .help = "Who waits for files, since no loop can, and for requests as if libcurl could not "
             "either: the loop itself, the W threads of libuv's pool (W is 4 unless --workers says "
             "more), or, for files, the kernel by io_uring (default: threads for files; none)",
     .words = blockings, .feature = FEATURE_COMPUTE, .elsewhere = "lane-async"},
    {.kind = OPTION_GROUP, .help = "Output:"},
    {"output", 'o', OPTION_TEXT, AT(output), "FILE",
     .help = "Append the result to FILE as one JSON line"},
    {"records", 0, OPTION_TEXT, AT(records), "FILE",
     .help = "Write one CSV row per request to FILE"},
    {"quiet", 0, OPTION_FLAG, AT(quiet), NULL, .help = "No summary and no progress"},
    {"progress", 0, OPTION_FLAG, AT(progress), NULL,
     .help = "Progress on stderr, even if it is no terminal"},
};

/* ---- What depends on several options ----------------------------------------------------- */

/* A model with --compute computes in a pool only where it is told to. */
static void complete_computation(struct argp_state *state, struct options *o)
{
    struct computation *what = &o->workload.computation;
    uint64_t cores = cores_usable(), loops = o->workload.loops;
    bool pool = what->where != COMPUTE_LOOP;

    if (what->digest_known && what->rounds == 0)
        argp_error(state, "--digest: of how many rounds? Say --rounds as well");
    if (what->cpu_ns == 0 && what->rounds == 0)
        what->cpu_ns = CPU_DEFAULT_NS;
    if (what->block_bytes == 0)
        what->block_bytes = CHAIN_DIGEST_BYTES;
    if (command_line_given(state, "workers") && !pool)
        argp_error(state, "--workers: the loop computes; say --compute threads or processes");
    if (pool && what->workers == 0)
        what->workers = cores > loops ? cores : loops;
    if (what->where == COMPUTE_PROCESSES && what->workers < loops)
        argp_error(state, "--workers: %llu loops need at least as many processes",
                   (unsigned long long)loops);
    if (what->workers > WORKERS_MAX)
        argp_error(state, "--workers: at most %d", WORKERS_MAX);
    if (o->gil && (model.features & FEATURE_COMPUTE) && what->where != COMPUTE_THREADS)
        argp_error(state, "--gil: no threads compute; say --compute threads, or use lane-threads");
}

#define WORK(kind)    (1U << WORK_##kind)
#define COMPUTING     (WORK(CPU) | WORK(MIXED))
#define REQUESTING    (WORK(IO) | WORK(MIXED))
#define NOT_COMPUTING "nothing is computed; say --work cpu or --work mixed"

/* What an option is for must be done: these cannot be set with other works. */
static const struct {
    const char *options[7];
    unsigned works;
    const char *otherwise;
} limited[] = {
    {{"cpu", "rounds", "digest", "block", "gil", "compute"}, COMPUTING, NOT_COMPUTING},
    {{"timeout", "connections"}, ~WORK(FILE), "no request is made; say --work io or --work mixed"},
    {{"method", "header", "body"}, REQUESTING, "no request is made by HTTP; say --work io"},
    {{"connections"}, ~WORK(WEBSOCKET), "each WebSocket is a connection; say --work io"},
    {{"blocking"}, ~WORK(WEBSOCKET), "a loop watches WebSockets itself; say --work io"},
    {{"blocking"}, ~COMPUTING, "is for requests or files; say --work io or --work file"},
};

static void check_limited(struct argp_state *state, enum work work)
{
    for (size_t i = 0; i < COUNT_OF(limited); i++)
        for (size_t k = 0; limited[i].options[k] != NULL && !(limited[i].works & 1U << work); k++)
            if (command_line_given(state, limited[i].options[k]))
                argp_error(state, "--%s: %s", limited[i].options[k], limited[i].otherwise);
}

/* A model with a loop has its files read by the pool of libuv, unless it is told otherwise. */
static void complete_blocking(struct argp_state *state, struct workload *w)
{
    if (w->work != WORK_FILE && w->blocking == BLOCKING_URING)
        argp_error(state, "--blocking uring: no file is read; say --work file");
    if (w->work == WORK_FILE && model.library != NULL && w->blocking == BLOCKING_NONE)
        w->blocking = BLOCKING_THREADS;
    if (work_computes(w->work))
        return;
    if (w->work != WORK_FILE && w->blocking == BLOCKING_NONE && w->computation.workers > 0)
        argp_error(state, "--workers: " NOT_COMPUTING);
    if (w->blocking != BLOCKING_THREADS && w->computation.workers > 0)
        argp_error(state, "--workers: no thread of a pool waits; say --blocking threads");
    if (w->blocking == BLOCKING_THREADS && w->computation.workers == 0)
        w->computation.workers = READERS_DEFAULT;
    if (w->computation.workers > WORKERS_MAX)
        argp_error(state, "--workers: at most %d", WORKERS_MAX);
}

/* Whether the address of a process can take the place of the URL's host. */
static bool has_plain_host(const char *url)
{
    char *host = raw_url_part(url, CURLUPART_HOST);
    bool plain = host != NULL && host[0] != '[' && raw_refuse(url) == NULL;

    curl_free(host);
    return plain;
}

/* Each process has its loops, its pool of workers and its address. */
static void complete_processes(struct argp_state *state, struct workload *w)
{
    if (w->processes == 0)
        w->processes = w->addresses.count > 0 ? w->addresses.count : 1;
    if (w->processes < w->addresses.count)
        argp_error(state, "--addresses: a process connects to one only; say --processes %u or more",
                   w->addresses.count);
    if (w->processes > w->concurrency)
        w->processes = w->concurrency;
    if (w->loops > w->concurrency / w->processes)
        w->loops = w->concurrency / w->processes;
    if (w->processes > 1 && (w->computation.where != COMPUTE_LOOP || w->computation.workers > 0))
        argp_error(state, "--processes: each would have the workers to itself; say --loops");
    if (w->addresses.count > 0 && !work_requests(w->work))
        argp_error(state, "--addresses: no request is made; say --work io or --work mixed");
    if (w->addresses.count > 0 && !has_plain_host(w->url))
        argp_error(state, "--addresses: the URL must be http://HOST/… without a user, with {id} "
                          "in its path or query, and HOST a name or an IPv4 address");
}

static void complete(struct argp_state *state, void *options)
{
    struct options *o = options;
    struct workload *w = &o->workload;

    check_limited(state, w->work);
    complete_blocking(state, w);
    if (o->client == CLIENT_RAW && !work_requests(w->work))
        argp_error(state, "--client raw: no request is made by HTTP; say --work io");
    if (w->work == WORK_CPU)
        w->url = NULL;
    else if (w->url == NULL)
        argp_error(state, "the URL is missing: http://127.0.0.1:8080/users/{id}");
    else if (w->work == WORK_SQL)
        check_database(state, w->url);
    else
        check_place(state, w);
    if (w->body != NULL)
        check_body(state, w->body);
    if (work_connects(w->work) && w->work != WORK_SQL)
        check_url(state, w->url, w->work == WORK_WEBSOCKET);
    if (o->client == CLIENT_RAW && (w->method != NULL || w->headers != NULL || w->body != NULL))
        argp_error(state, "--method, --header and --body: bare sockets only GET; use --client "
                          "curl");
    if ((o->client == CLIENT_RAW || w->work == WORK_WEBSOCKET) && raw_refuse(w->url) != NULL)
        argp_error(state, "bare sockets cannot ask '%s': %s", w->url, raw_refuse(w->url));
    if (w->concurrency == 0)
        w->concurrency = model.concurrency_default != 0 ? model.concurrency_default : w->requests;
    if (model.concurrency_max != 0 && w->concurrency > model.concurrency_max)
        argp_error(state, "lane-%s runs %llu %s: leave -c out, or use another lane", model.name,
                   (unsigned long long)model.concurrency_max, model.concurrency_name);
    if (w->concurrency > w->requests)
        w->concurrency = w->requests;
    complete_processes(state, w);
    if (o->load.rate == 0 && command_line_given(state, "arrivals"))
        argp_error(state, "--arrivals: of how many requests a second? Say --rate as well");
    o->load.requests = w->requests;
    o->load.first_id = w->first_id;
    o->load.concurrency = w->concurrency;
    w->fresh = command_line_given(state, "connections") ? o->connections == CONNECTIONS_FRESH
                                                        : w->concurrency >= w->requests;
    w->fresh |= w->work == WORK_WEBSOCKET;
    if (work_computes(w->work))
        complete_computation(state, o);
    o->progress = !o->quiet && (o->progress || isatty(STDERR_FILENO));
}

struct options options_parse(int argc, char **argv)
{
    struct options options = {
        .workload = {.requests = 1000, .timeout_ns = TIMEOUT_DEFAULT_NS, .loops = 1},
        .load = {.seed = 1},
    };
    static const char *const examples[] = {
        "-n 100 http://127.0.0.1:8080/users/{id}",
        "-n 10k -o results.jsonl http://127.0.0.1:8080/users/{id}",
        "-n 100 --work cpu --cpu 20ms",
        "-n 100 --verify status -H 'Accept: text/plain' -d name=ada http://127.0.0.1:8080/users",
        NULL,
    };
    char program[32], libcurl[64], summary[256];
    const struct command_line line = {
        .program = program,
        .libraries = libcurl,
        .arguments = "URL\n--work cpu\n--work file PATH\n--work sql postgresql://…",
        .summary = summary,
        .details = "URL holds {id}: http://127.0.0.1:8080/users/{id}; with --verify status it need "
                   "not, but for --client raw, --addresses and WebSockets. "
                   "A server for it: mockserver --latency 200ms",
        .examples = examples,
        .statuses = "0 all requests ok; 1 some requests failed (each is counted by its outcome); "
                    "2 wrong usage; 3 the machine's limits forbid the run; 130 interrupted (the "
                    "partial result is written)",
        .rows = rows,
        .count = COUNT_OF(rows),
        .features = model.features,
        .options = &options,
        .take = take_url,
        .complete = complete,
    };

    snprintf(program, sizeof(program), "lane-%s", model.name);
    snprintf(libcurl, sizeof(libcurl), "libcurl %s", curl_version_info(CURLVERSION_NOW)->version);
    snprintf(summary, sizeof(summary),
             "Runs a workload of HTTP requests as %s, and says how long it took.", model.summary);
    command_line_parse(&line, argc, argv);
    return options;
}
