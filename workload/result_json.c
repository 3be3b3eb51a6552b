#include <curl/curl.h>
#include <libpq-fe.h>
#include <openssl/crypto.h>
#include <string.h>

#include "workload/result.h"

static json_t *optional_number(bool known, uint64_t value)
{
    return known ? json_integer((json_int_t)value) : json_null();
}

static json_t *libraries_to_json(enum work work)
{
    json_t *libraries =
        json_pack("{s:s, s:s}", "libcurl", curl_version_info(CURLVERSION_NOW)->version, "jansson",
                  JANSSON_VERSION);

    if (work_computes(work))
        json_object_set_new(libraries, "libcrypto",
                            json_string(OpenSSL_version(OPENSSL_VERSION_STRING)));
    if (work == WORK_SQL)
        json_object_set_new(libraries, "libpq",
                            json_sprintf("%d.%d", PQlibVersion() / 10000, PQlibVersion() % 10000));
    if (model.library != NULL)
        json_object_set_new(libraries, model.library, json_string(model.library_version()));
    return libraries;
}

/* What tells that this lane did the same as another: what is computed is null where nothing is. */
static json_t *workload_to_json(const struct workload *w)
{
    const struct computation *what = &w->computation;
    bool computes = work_computes(w->work);
    char digest[CHAIN_DIGEST_TEXT];

    return json_pack("{s:I, s:I, s:s, s:o, s:s?, s:o}", "requests", (json_int_t)w->requests,
                     "concurrency", (json_int_t)w->concurrency, "work", options_work_name(w->work),
                     "rounds", optional_number(computes, what->rounds), "digest",
                     computes ? chain_format_digest(what->digest, digest) : NULL, "workers",
                     optional_number(what->workers != 0, what->workers));
}

static json_t *outcomes_to_json(const struct result *result)
{
    json_t *outcomes = json_object();

    for (int i = OUTCOME_OK; i < OUTCOME_COUNT; i++)
        json_object_set_new(outcomes, outcome_name(i),
                            json_integer((json_int_t)result->outcomes[i]));
    return outcomes;
}

static json_t *latency_to_json(const struct latency *latency)
{
    if (latency->count == 0)
        return json_null();
    return json_pack("{s:I, s:I, s:I, s:I}", "p50", (json_int_t)latency->p50_ns, "p90",
                     (json_int_t)latency->p90_ns, "p99", (json_int_t)latency->p99_ns, "max",
                     (json_int_t)latency->max_ns);
}

/* null for a model without an event loop. */
static json_t *loop_to_json(const struct loop_health *loop)
{
    if (loop->heartbeat_ns == 0)
        return json_null();
    return json_pack("{s:{s:I, s:I, s:I}, s:I, s:s?}", "lateness_ns", "p50",
                     (json_int_t)loop->lateness_p50_ns, "p99", (json_int_t)loop->lateness_p99_ns,
                     "max", (json_int_t)loop->lateness_max_ns, "longest_block_ns",
                     (json_int_t)loop->longest_block_ns, "longest_block",
                     loop->longest_block[0] != '\0' ? loop->longest_block : NULL);
}

json_t *result_to_json(const struct result *result)
{
    const struct workload *w = &result->options->workload;

    return json_pack(
        "{s:s, s:s, s:o, s:o, s:I, s:o, s:I, s:I, s:I, s:o, s:I, s:I, s:o, s:I, s:I, s:o, s:b, "
        "s:b, s:s?, s:s?, s:s?}",
        "schema", "lane.result/1", "lane", model.name, "libraries", libraries_to_json(w->work),
        "workload", workload_to_json(w), "wall_ns", (json_int_t)result->wall_ns, "floor_ns",
        optional_number(result->floor_known, result->floor_ns), "user_cpu_ns",
        (json_int_t)result->accounts.user_cpu_ns, "system_cpu_ns",
        (json_int_t)result->accounts.system_cpu_ns, "max_rss_bytes",
        (json_int_t)result->accounts.max_rss_bytes, "outcomes", outcomes_to_json(result),
        "verified", (json_int_t)result->verified, "in_flight_peak",
        (json_int_t)result->in_flight_peak, "latency_ns", latency_to_json(&result->latency),
        "connections_opened", (json_int_t)result->recorder->connections, "resends",
        (json_int_t)result->resends, "loop", loop_to_json(&result->recorder->loop), "valid",
        result->valid, "interrupted", result->interrupted, "error", result->error, "connect_error",
        result->outcomes[OUTCOME_CONNECT] > 0 && result->recorder->os_error != 0
            ? strerror(-result->recorder->os_error)
            : NULL,
        "limit", result->limit.text[0] != '\0' ? result->limit.text : NULL);
}
