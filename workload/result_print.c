#include <curl/curl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/units.h"
#include "workload/result.h"

/* What an item is called, and several. */
static const struct {
    const char *one, *many;
} names[] = {
    [WORK_IO] = {"request", "requests"},          [WORK_CPU] = {"item", "items"},
    [WORK_MIXED] = {"request", "requests"},       [WORK_FILE] = {"file", "files"},
    [WORK_WEBSOCKET] = {"request", "WebSockets"}, [WORK_SQL] = {"query", "queries"},
};

/* The first item that failed in this way, and what libcurl or the server said. */
static void print_example(const struct result *result, enum outcome outcome)
{
    const struct recorder *r = result->recorder;
    enum work work = result->options->workload.work;
    bool of_system = outcome == OUTCOME_CONNECT && r->os_error != 0;
    const struct record *record = r->records;
    uint64_t id;

    while (record->outcome != outcome)
        record++;
    id = result->options->workload.first_id + (uint64_t)(record - r->records);
    if (outcome == OUTCOME_HTTP_STATUS)
        printf("   (request %" PRIu64 ": status %u)", id, record->detail);
    else if (outcome == OUTCOME_BAD_BODY && work == WORK_CPU)
        printf("   (item %" PRIu64 ": not the expected digest)", id);
    else if ((work == WORK_FILE || work == WORK_SQL) && record->detail != 0)
        printf("   (%s %" PRIu64 ": %s)", names[work].one, id, strerror(record->detail));
    else if (record->detail != CURLE_OK)
        printf("   (request %" PRIu64 ": %s%s%s)", id, curl_easy_strerror((CURLcode)record->detail),
               of_system ? ": " : "", of_system ? strerror(-r->os_error) : "");
}

static const char *verified_by(const struct workload *w)
{
    if (!work_computes(w->work))
        return "id";
    return w->work == WORK_MIXED && w->verify == VERIFY_ID ? "id and digest" : "digest";
}

static void print_outcomes(const struct result *result)
{
    for (int i = OUTCOME_OK; i < OUTCOME_COUNT; i++) {
        if (result->outcomes[i] == 0)
            continue;
        printf("  %-12s %" PRIu64, outcome_name(i), result->outcomes[i]);
        if (i == OUTCOME_OK && result->verified > 0)
            printf("   (%" PRIu64 " verified by their %s)", result->verified,
                   verified_by(&result->options->workload));
        if (i != OUTCOME_OK && i != OUTCOME_CANCELLED)
            print_example(result, i);
        printf("\n");
    }
}

static void print_time(const struct result *result)
{
    char wall[UNITS_TEXT_SIZE], floor[UNITS_TEXT_SIZE];

    printf("  %-12s %s", "wall time", units_format_duration(result->wall_ns, wall));
    if (result->floor_known && result->floor_ns > 0)
        printf("   (floor %s, %+.1f %%)", units_format_duration(result->floor_ns, floor),
               100.0 * ((double)result->wall_ns / (double)result->floor_ns - 1));
    printf("\n");
}

static void print_latency(const char *what, const struct latency *latency)
{
    char p50[UNITS_TEXT_SIZE], p99[UNITS_TEXT_SIZE], max[UNITS_TEXT_SIZE];

    if (latency->count > 0)
        printf("  %-12s p50 %s, p99 %s, max %s\n", what,
               units_format_duration(latency->p50_ns, p50),
               units_format_duration(latency->p99_ns, p99),
               units_format_duration(latency->max_ns, max));
}

/* Only of an open load. */
static void print_load(const struct result *result)
{
    const struct load *load = &result->options->load;
    const struct met *met = &result->met;

    if (load->rate == 0)
        return;
    print_latency("from due on", &met->latency);
    printf("  %-12s %" PRIu64 " due each second (%s), %" PRIu64 " at most in the queue",
           "open load", load->rate, options_arrivals_name(load->arrivals), met->queue_peak);
    if (!isnan(met->growth))
        printf("; the model %s", met->growth < KEEPS_UP_GROWTH ? "keeps up" : "does not keep up");
    printf("\n");
}

static void print_computation(const struct options *o)
{
    const struct workload *w = &o->workload;
    const struct computation *what = &w->computation;
    char cpu[UNITS_TEXT_SIZE];

    if (!work_computes(w->work))
        return;
    printf("  %-12s %" PRIu64 " rounds of SHA-256 of %zu bytes", "each", what->rounds,
           what->block_bytes);
    if (what->cpu_ns != 0)
        printf(", for %s of CPU time", units_format_duration(what->cpu_ns, cpu));
    if (what->where != COMPUTE_LOOP)
        printf(", in %" PRIu64 " %s", what->workers, options_compute_name(what->where));
    printf("%s\n", o->gil ? ", one thread at a time" : "");
}

/* Only of an event loop, or of the worst of several. */
static void print_loop(const struct loop_health *loop, uint64_t loops)
{
    char what[UNITS_TEXT_SIZE] = "loop";
    char p50[UNITS_TEXT_SIZE], p99[UNITS_TEXT_SIZE], max[UNITS_TEXT_SIZE], block[UNITS_TEXT_SIZE];

    if (loop->heartbeat_ns == 0)
        return;
    if (loops > 1)
        snprintf(what, sizeof(what), "%" PRIu64 " loops", loops);
    printf("  %-12s blocked for %s at most", what,
           units_format_duration(loop->longest_block_ns, block));
    if (loop->longest_block[0] != '\0')
        printf(" (%s)", loop->longest_block);
    if (loop->heartbeats > 0)
        printf("; %" PRIu64 " heartbeats late by p50 %s, p99 %s, max %s", loop->heartbeats,
               units_format_duration(loop->lateness_p50_ns, p50),
               units_format_duration(loop->lateness_p99_ns, p99),
               units_format_duration(loop->lateness_max_ns, max));
    printf("\n");
}

static void print_in_flight(const struct result *result)
{
    const struct workload *w = &result->options->workload;

    printf("  %-12s %" PRIu64 " at most", "in flight", result->in_flight_peak);
    if (w->blocking == BLOCKING_LOOP)
        printf(", the loop waits for each");
    if (w->blocking == BLOCKING_THREADS)
        printf(", %" PRIu64 " threads wait for them", w->computation.workers);
    if (w->blocking == BLOCKING_URING)
        printf(", io_uring waits for them");
    if (work_connects(w->work))
        printf(", %" PRIu64 " connections (%s)", (uint64_t)result->recorder->connections,
               w->fresh ? "a fresh one for each request" : "used again");
    if (result->resends > 0)
        printf(", %" PRIu64 " re-sends", result->resends);
    printf("\n");
}

void result_print(const struct result *result)
{
    const struct workload *w = &result->options->workload;
    char cpu[UNITS_TEXT_SIZE], rss[UNITS_TEXT_SIZE];

    if (w->work == WORK_CPU)
        printf("lane-%s: %" PRIu64 " items, %" PRIu64 " at once\n", model.name, w->requests,
               w->concurrency);
    else
        printf("lane-%s: %" PRIu64 " %s, %" PRIu64 " at once, %s%s\n", model.name, w->requests,
               names[w->work].many, w->concurrency, w->url,
               result->options->client == CLIENT_RAW ? ", raw client" : "");
    print_computation(result->options);
    print_time(result);
    print_outcomes(result);
    print_in_flight(result);
    print_latency("latency", &result->latency);
    print_load(result);
    print_loop(&result->recorder->loop, w->loops);
    printf(
        "  %-12s %s of CPU time, largest process %s\n", "cost",
        units_format_duration(result->accounts.user_cpu_ns + result->accounts.system_cpu_ns, cpu),
        units_format_bytes(result->accounts.max_rss_bytes, rss));
    if (result->limit.text[0] != '\0')
        printf("  %-12s %s\n", "limit", result->limit.text);
    if (result->interrupted)
        printf("  interrupted: the result is partial\n");
}
