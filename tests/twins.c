#include "tests/twins.h"

#include "tests/helpers.h"

#define COMPUTES (DOES_IO | DOES_CPU | DOES_MIXED)
#define WAITS    (DOES_IO | DOES_MIXED)

/* A lane with the raw client. */
#define RAW(lane, ...)                                                                             \
    {                                                                                              \
        .name = lane "-raw", .program = "lane-" lane, .client = "raw",                             \
        .works = DOES_IO | DOES_MIXED, .sends_again = true, __VA_ARGS__                            \
    }

/* The lanes stand here too: what is asked of the twins holds for them. */
static const struct twin twins[] = {
    {.name = "sync",
     .program = "lane-sync",
     .works = COMPUTES,
     .sequential = true,
     .sends_again = true},
    {.name = "threads", .program = "lane-threads", .works = COMPUTES, .sends_again = true},
    {.name = "procs",
     .program = "lane-procs",
     .works = COMPUTES,
     .spares_files = true,
     .sends_again = true},
    {.name = "async", .program = "lane-async", .works = COMPUTES, .sends_again = true},
    {.name = "co", .program = "lane-co", .works = COMPUTES, .sends_again = true},
    RAW("sync", .sequential = true),
    RAW("threads", .sequential = false),
    RAW("procs", .spares_files = true),
    RAW("async", .sequential = false),
    RAW("co", .sequential = false),
    {.name = "python-requests",
     .script = "twins/python/python_requests.py",
     .takes_cut_header = true,
     .package = "python3-requests",
     .works = DOES_IO,
     .sequential = true},
    {.name = "python-session",
     .script = "twins/python/python_session.py",
     .takes_cut_header = true,
     .package = "python3-requests",
     .works = COMPUTES,
     .sequential = true},
    {.name = "python-threads",
     .script = "twins/python/python_threads.py",
     .takes_cut_header = true,
     .package = "python3-requests",
     .works = COMPUTES | DOES_SLEEP | DOES_WEBSOCKET},
    {.name = "python-procs",
     .script = "twins/python/python_procs.py",
     .takes_cut_header = true,
     .package = "python3-requests",
     .works = COMPUTES,
     .spares_files = true},
    {.name = "python-httpx",
     .script = "twins/python/python_httpx.py",
     .spares_files = true, /* 100 connections at most */
     .package = "python3-httpx",
     .works = WAITS,
     .has_loop = true},
    {.name = "python-httpx-unlimited",
     .script = "twins/python/python_httpx_unlimited.py",
     .package = "python3-httpx",
     .works = WAITS,
     .has_loop = true},
    {.name = "python-blocking",
     .script = "twins/python/python_blocking.py",
     .option = "--workers=300",
     .takes_cut_header = true,
     .package = "python3-requests",
     .works = DOES_IO,
     .has_loop = true},
    {.name = "python-aiohttp",
     .script = "twins/python/python_aiohttp.py",
     .package = "python3-aiohttp",
     .works = WAITS | DOES_WEBSOCKET,
     .has_loop = true},
    {.name = "python-uvloop",
     .script = "twins/python/python_uvloop.py",
     .package = "python3-uvloop",
     .works = WAITS,
     .has_loop = true},
    {.name = "python-asyncio",
     .script = "twins/python/python_asyncio.py",
     .package = "python3",
     .works = DOES_CPU | DOES_SLEEP},
    {.name = "go-goroutines",
     .program = "twins/go-goroutines",
     .package = "golang-go",
     .sends_again = true,
     .works = COMPUTES | DOES_SLEEP},
    {.name = "rust-tokio",
     .program = "twins/rust-tokio",
     .package = "librust-hyper-dev",
     .works = DOES_IO},
    {.name = "java-virtual",
     .program = "twins/java-virtual",
     .package = "openjdk-21-jdk-headless",
     .works = DOES_IO},
    {.name = "node-fetch",
     .script = "twins/node/node-fetch.mjs",
     .deaf = true,
     .package = "nodejs",
     .works = COMPUTES,
     .opens_freely = true,
     .has_loop = true},
    {.name = "node-http",
     .script = "twins/node/node-http.mjs",
     .deaf = true,
     .package = "nodejs",
     .works = COMPUTES,
     .has_loop = true},
    {.name = "node-workers",
     .script = "twins/node/node-workers.mjs",
     .package = "nodejs",
     .works = DOES_CPU | DOES_MIXED,
     .has_loop = true},
    {.name = "node-ws",
     .script = "twins/node/node-ws.mjs",
     .package = "node-ws",
     .works = DOES_WEBSOCKET,
     .has_loop = true},
    {.name = "node-promises",
     .script = "twins/node/node-promises.mjs",
     .package = "nodejs",
     .works = DOES_SLEEP},
};

const struct twin *twin_find(const char *name)
{
    for (size_t i = 0; i < sizeof(twins) / sizeof(twins[0]); i++)
        if (strcmp(twins[i].name, name) == 0)
            return &twins[i];
    return NULL;
}

const char *twin_lane(const struct twin *twin)
{
    return twin->client != NULL ? twin->program + strlen("lane-") : twin->name;
}

const char *twin_path(const struct twin *twin)
{
    return twin->program != NULL ? program(twin->program) : path_in(".", twin->script);
}

bool twin_is_installed(const struct twin *twin)
{
    const char *argv[] = {twin_path(twin), "--version", NULL};
    struct finished finished = run_argv(argv);
    int status = finished.status;

    finished_free(&finished);
    /* No program or interpreter; or one that says that it lacks a library. Anything else is for
     * the tests to find. */
    return twin->package == NULL || (status != 126 && status != 127 && status != 3);
}

bool twin_has_websockets(const struct twin *twin)
{
    const char *argv[] = {twin_path(twin),           "--work", "websocket", "-n", "1", "--quiet",
                          "http://127.0.0.1:1/{id}", NULL};

    if ((twin->works & DOES_WEBSOCKET) == 0)
        return true;
    struct finished finished = run_argv(argv);
    bool missing = finished.status == 3;

    if (missing)
        printf("%s is not tested with WebSockets: %s", twin->name, finished.err);
    finished_free(&finished);
    return !missing;
}
