#include "workload/options.h"

#include <argp.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "workload/option_values.h"

#define EXIT_USAGE         2
#define TIMEOUT_DEFAULT_NS (30 * NS_PER_S)
#define WORKERS_MAX        1024 /* libuv's, for its threads */
#define CPU_DEFAULT_NS     (20 * NS_PER_MS)

enum {
    OPTION_DEADLINE = 256,
    OPTION_CONNECTIONS,
    OPTION_VERIFY,
    OPTION_LATENCY,
    OPTION_RECORDS,
    OPTION_QUIET,
    OPTION_PROGRESS,
    OPTION_WORK,
    /* These have rules, below. */
    OPTION_CPU,
    OPTION_ROUNDS,
    OPTION_DIGEST,
    OPTION_BLOCK,
    OPTION_GIL,
    OPTION_COMPUTE,
    OPTION_WORKERS,
    OPTION_LOOPS,
    OPTIONS_END
};

static const struct argp_option table[] = {
    {NULL, 0, NULL, 0, "The workload:", 1},
    {"requests", 'n', "N", 0, "Requests in all (default: 1000)", 0},
    {"concurrency", 'c', "C", 0,
     "Size of the pool, or most requests in flight (default: 1 for sync, 10 for threads and procs, "
     "N for async)",
     0},
    {"timeout", 't', "TIME", 0, "Longest time for one request (default: 30s)", 0},
    {"deadline", OPTION_DEADLINE, "TIME", 0, "Longest time for the whole run (default: none)", 0},
    {"connections", OPTION_CONNECTIONS, "reuse|fresh", 0,
     "Use a connection again, or make one for each request (default: reuse, and fresh where C >= "
     "N, "
     "so that none could be used again)",
     0},
    {"verify", OPTION_VERIFY, "id|status", 0,
     "What makes an answer right: a JSON body whose \"id\" is the request's, or any status "
     "200-299 (default: id)",
     0},
    {"latency", OPTION_LATENCY, "TIME", 0,
     "The fixed latency of the server, if known: the floor is computed from it", 0},
    {"loops", OPTION_LOOPS, "L", 0,
     "lane-async: L threads with an event loop each; C is the total (default: 1)", 0},
    {NULL, 0, NULL, 0, "Work for the CPU:", 2},
    {"work", OPTION_WORK, "io|cpu|mixed", 0,
     "What each of the N items is: a request; a computation, without a URL; or a request and then "
     "a computation (default: io)",
     0},
    {"cpu", OPTION_CPU, "TIME", 0,
     "CPU time of one computation on an idle core (default: 20ms): turned into rounds before the "
     "run; beside --rounds only for the floor",
     0},
    {"rounds", OPTION_ROUNDS, "R", 0, "Hashes in the chain that is computed", 0},
    {"block", OPTION_BLOCK, "BYTES", 0, "Bytes that each of them hashes (default: 32)", 0},
    {"digest", OPTION_DIGEST, "HEX", 0,
     "What the chain must come to (default: what it comes to before the run)", 0},
    {"gil", OPTION_GIL, NULL, 0,
     "lane-threads, and lane-async with --compute threads: only one thread computes at a time, as "
     "under CPython's global interpreter lock",
     0},
    {"compute", OPTION_COMPUTE, "loop|threads|processes", 0,
     "lane-async: where the computing is done (default: loop)", 0},
    {"workers", OPTION_WORKERS, "W", 0,
     "lane-async: how many of these threads or processes (default: one per core)", 0},
    {NULL, 0, NULL, 0, "Output:", 3},
    {"output", 'o', "FILE", 0, "Append the result to FILE as one JSON line", 0},
    {"records", OPTION_RECORDS, "FILE", 0, "Write one CSV row per request to FILE", 0},
    {"quiet", OPTION_QUIET, NULL, 0, "No summary and no progress", 0},
    {"progress", OPTION_PROGRESS, NULL, 0, "Progress on stderr, even if it is no terminal", 0},
    {NULL, 0, NULL, 0, "Help:", -1},
    {0},
};

static const char *const works[] = {"io", "cpu", "mixed", NULL};            /* enum work */
static const char *const verifies[] = {"id", "status", NULL};               /* enum verify */
static const char *const places[] = {"loop", "threads", "processes", NULL}; /* enum compute */
static const char *const connections[] = {"reuse", "fresh", NULL};

const char *options_work_name(enum work work)
{
    return works[work];
}

const char *options_compute_name(enum compute compute)
{
    return places[compute];
}

struct parser {
    struct options options;
    bool said[OPTIONS_END - OPTION_DEADLINE]; /* which of the options without a letter */
};

static bool said(const struct parser *p, int option)
{
    return p->said[option - OPTION_DEADLINE];
}

/* ---- What depends on several options ----------------------------------------------------- */

/* What an option takes to mean anything. */
static const struct {
    int option;
    const char *name;
    bool computing;    /* work that computes */
    unsigned feature;  /* of the model; 0: all have it */
    const char *lanes; /* that have it */
} rules[] = {
    {OPTION_CPU, "cpu", true, 0, NULL},
    {OPTION_ROUNDS, "rounds", true, 0, NULL},
    {OPTION_DIGEST, "digest", true, 0, NULL},
    {OPTION_BLOCK, "block", true, 0, NULL},
    {OPTION_GIL, "gil", true, FEATURE_GIL, "lane-threads, or lane-async with --compute threads"},
    {OPTION_COMPUTE, "compute", true, FEATURE_COMPUTE, "lane-async"},
    {OPTION_WORKERS, "workers", true, FEATURE_COMPUTE, "lane-async"},
    {OPTION_LOOPS, "loops", false, FEATURE_LOOPS, "lane-async"},
};

static void check_rules(struct argp_state *state, const struct parser *p)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (!said(p, rules[i].option))
            continue;
        if ((model.features & rules[i].feature) != rules[i].feature)
            argp_error(state, "lane-%s has no --%s: use %s", model.name, rules[i].name,
                       rules[i].lanes);
        if (rules[i].computing && p->options.workload.work == WORK_IO)
            argp_error(state, "--%s: nothing is computed; say --work cpu or --work mixed",
                       rules[i].name);
    }
}

/* One per core, and at least one for each loop. */
static uint64_t default_workers(uint64_t loops)
{
    uint64_t cores = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);

    return cores > loops ? cores : loops;
}

/* A model with --compute computes in a pool only where it is told to. */
static void complete_computation(struct argp_state *state, const struct parser *p,
                                 struct options *o)
{
    struct computation *what = &o->workload.computation;
    bool pool = what->where != COMPUTE_LOOP;

    if (what->digest_known && what->rounds == 0)
        argp_error(state, "--digest: of how many rounds? Say --rounds as well");
    if (what->cpu_ns == 0 && what->rounds == 0)
        what->cpu_ns = CPU_DEFAULT_NS;
    if (what->block_bytes == 0)
        what->block_bytes = CHAIN_DIGEST_BYTES;
    if (said(p, OPTION_WORKERS) && !pool)
        argp_error(state, "--workers: the loop computes; say --compute threads or processes");
    if (pool && what->workers == 0)
        what->workers = default_workers(o->workload.loops);
    if (what->where == COMPUTE_PROCESSES && what->workers < o->workload.loops)
        argp_error(state, "--workers: %llu loops need at least as many processes",
                   (unsigned long long)o->workload.loops);
    if (what->workers > WORKERS_MAX)
        argp_error(state, "--workers: at most %d", WORKERS_MAX);
    if (o->gil && (model.features & FEATURE_COMPUTE) && what->where != COMPUTE_THREADS)
        argp_error(state, "--gil: no threads compute; say --compute threads, or use lane-threads");
}

static void complete(struct argp_state *state, struct parser *p)
{
    struct options *o = &p->options;
    struct workload *w = &o->workload;

    check_rules(state, p);
    if (w->work == WORK_CPU)
        w->url = NULL;
    else if (w->url == NULL)
        argp_error(state, "the URL is missing: http://127.0.0.1:8080/users/{id}");
    if (w->concurrency == 0)
        w->concurrency = model.concurrency_default != 0 ? model.concurrency_default : w->requests;
    if (model.concurrency_max != 0 && w->concurrency > model.concurrency_max)
        argp_error(state, "lane-%s runs %llu %s: leave -c out, or use another lane", model.name,
                   (unsigned long long)model.concurrency_max, model.concurrency_name);
    if (w->concurrency > w->requests)
        w->concurrency = w->requests;
    if (w->loops > w->concurrency)
        w->loops = w->concurrency;
    if (!said(p, OPTION_CONNECTIONS))
        w->fresh = w->concurrency >= w->requests;
    if (w->work != WORK_IO)
        complete_computation(state, p, o);
    o->progress = !o->quiet && (o->progress || isatty(STDERR_FILENO));
}

/* ---- One option -------------------------------------------------------------------------- */

static error_t parse_computing(int key, char *argument, struct argp_state *state, struct options *o)
{
    struct computation *what = &o->workload.computation;

    switch (key) {
    case OPTION_WORK:
        o->workload.work = (enum work)option_word(state, "work", argument, works);
        break;
    case OPTION_CPU:
        what->cpu_ns = option_duration(state, "cpu", argument);
        break;
    case OPTION_ROUNDS:
        what->rounds = option_rounds(state, argument);
        break;
    case OPTION_DIGEST:
        option_digest(state, argument, what->digest);
        what->digest_known = true;
        break;
    case OPTION_BLOCK:
        what->block_bytes = option_block(state, argument);
        break;
    case OPTION_GIL:
        o->gil = true;
        break;
    case OPTION_COMPUTE:
        what->where = (enum compute)option_word(state, "compute", argument, places);
        break;
    case OPTION_WORKERS:
        what->workers = option_count(state, "workers", argument);
        break;
    case OPTION_LOOPS:
        o->workload.loops = option_count(state, "loops", argument);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct parser *p = state->input;
    struct options *o = &p->options;

    if (key >= OPTION_DEADLINE && key < OPTIONS_END)
        p->said[key - OPTION_DEADLINE] = true;
    switch (key) {
    case 'n':
        o->workload.requests = option_count(state, "requests", argument);
        break;
    case 'c':
        o->workload.concurrency = option_count(state, "concurrency", argument);
        break;
    case 't':
        o->workload.timeout_ns = option_duration(state, "timeout", argument);
        break;
    case OPTION_DEADLINE:
        o->deadline_after_ns = option_duration(state, "deadline", argument);
        break;
    case OPTION_CONNECTIONS:
        o->workload.fresh = option_word(state, "connections", argument, connections) == 1;
        break;
    case OPTION_VERIFY:
        o->workload.verify = (enum verify)option_word(state, "verify", argument, verifies);
        break;
    case OPTION_LATENCY:
        o->latency_known = true;
        if (strcmp(argument, "0") != 0)
            o->latency_ns = option_duration(state, "latency", argument);
        break;
    case 'o':
        o->output = argument;
        break;
    case OPTION_RECORDS:
        o->records = argument;
        break;
    case OPTION_QUIET:
        o->quiet = true;
        break;
    case OPTION_PROGRESS:
        o->progress = true;
        break;
    case ARGP_KEY_ARG:
        if (o->workload.url != NULL)
            argp_error(state, "one URL only: '%s' is too much", argument);
        option_check_url(state, argument);
        o->workload.url = argument;
        break;
    case ARGP_KEY_END:
        complete(state, p);
        break;
    default:
        return parse_computing(key, argument, state, o);
    }
    return 0;
}

static void print_version(FILE *stream, struct argp_state *state)
{
    (void)state;
    fprintf(stream, "lane-%s %s (libcurl %s)\n", model.name, SUITE_VERSION,
            curl_version_info(CURLVERSION_NOW)->version);
}

struct options options_parse(int argc, char **argv)
{
    struct parser parser = {
        .options.workload = {.requests = 1000, .timeout_ns = TIMEOUT_DEFAULT_NS, .loops = 1},
    };
    char doc[512];
    struct argp argp = {
        .options = table, .parser = parse, .args_doc = "URL\n--work cpu", .doc = doc};

    snprintf(doc, sizeof(doc),
             "Runs a workload of HTTP requests as %s, and says how long it took.\v"
             "URL holds {id}: http://127.0.0.1:8080/users/{id}\n\n"
             "Exit status: 0 all requests ok; 1 some requests failed (each is counted by its "
             "outcome); 2 wrong usage; 3 the machine's limits forbid the run; 130 interrupted (the "
             "partial result is written).",
             model.summary);
    argp_program_version_hook = print_version;
    argp_err_exit_status = EXIT_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &parser);
    return parser.options;
}
