#include <curl/curl.h>
#include <http_parser.h>
#include <libpq-fe.h>
#include <math.h>
#include <openssl/crypto.h>
#include <string.h>

#include "common/json.h"
#include "workload/result.h"

static json_t *optional_number(bool known, uint64_t value)
{
    return known ? json_integer((json_int_t)value) : json_null();
}

static json_t *libraries_to_json(const struct options *o)
{
    json_t *libraries = json_pack("{s:s}", "jansson", JANSSON_VERSION);
    enum work work = o->workload.work;
    unsigned long parser = http_parser_version(); /* a byte for each of its numbers */

    if (o->client == CLIENT_RAW || work == WORK_WEBSOCKET)
        json_object_set_new(
            libraries, "http_parser",
            json_sprintf("%lu.%lu.%lu", parser >> 16, parser >> 8 & 0xff, parser & 0xff));
    else
        json_object_set_new(libraries, "libcurl",
                            json_string(curl_version_info(CURLVERSION_NOW)->version));
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
static json_t *workload_to_json(const struct options *o)
{
    const struct workload *w = &o->workload;
    const struct computation *what = &w->computation;
    bool computes = work_computes(w->work);
    char digest[CHAIN_DIGEST_TEXT];

    return json_pack("{s:I, s:I, s:I, s:I, s:s, s:s?, s:o, s:s?, s:o}", "requests",
                     (json_int_t)w->requests, "first_id", (json_int_t)w->first_id, "processes",
                     (json_int_t)w->processes, "concurrency", (json_int_t)w->concurrency, "work",
                     options_work_name(w->work), "client",
                     work_requests(w->work) ? options_client_name(o->client) : NULL, "rounds",
                     optional_number(computes, what->rounds), "digest",
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
    json_t *twentieths = json_array();

    for (size_t i = 0; i < LATENCY_PARTS; i++)
        json_array_append_new(twentieths, json_integer((json_int_t)latency->twentieths_ns[i]));
    if (latency->count == 0) {
        json_decref(twentieths);
        return json_null();
    }
    return json_pack("{s:I, s:I, s:I, s:I, s:o}", "p50", (json_int_t)latency->p50_ns, "p90",
                     (json_int_t)latency->p90_ns, "p99", (json_int_t)latency->p99_ns, "max",
                     (json_int_t)latency->max_ns, "twentieths", twentieths);
}

/* null for a closed load. */
static json_t *load_to_json(const struct result *result)
{
    const struct load *load = &result->options->load;
    const struct met *met = &result->met;
    bool told = !isnan(met->growth);

    if (load->rate == 0)
        return json_null();
    return json_pack("{s:I, s:s, s:o, s:I, s:o, s:o}", "rate", (json_int_t)load->rate, "arrivals",
                     options_arrivals_name(load->arrivals), "latency_from_due_ns",
                     latency_to_json(&met->latency), "queue_peak", (json_int_t)met->queue_peak,
                     "growth", told ? json_real(met->growth) : json_null(), "keeps_up",
                     told ? json_boolean(met->growth < KEEPS_UP_GROWTH) : json_null());
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
    json_watch();
    return json_pack(
        "{s:s, s:s, s:o, s:o, s:I, s:I, s:o, s:I, s:I, s:I, s:o, s:I, s:I, s:o, s:o, s:o, s:I, "
        "s:I, s:o, s:b, s:b, s:s?, s:s?, s:s?}",
        "schema", "lane.result/1", "lane", model.name, "libraries",
        libraries_to_json(result->options), "workload", workload_to_json(result->options),
        "started_ns", (json_int_t)result->started_ns, "wall_ns", (json_int_t)result->wall_ns,
        "floor_ns", optional_number(result->floor_known, result->floor_ns), "user_cpu_ns",
        (json_int_t)result->accounts.user_cpu_ns, "system_cpu_ns",
        (json_int_t)result->accounts.system_cpu_ns, "max_rss_bytes",
        (json_int_t)result->accounts.max_rss_bytes, "outcomes", outcomes_to_json(result),
        "verified", (json_int_t)result->verified, "in_flight_peak",
        (json_int_t)result->in_flight_peak, "latency_ns", latency_to_json(&result->latency),
        "latency_histogram", histogram_to_json(&result->histogram), "load", load_to_json(result),
        "connections_opened", (json_int_t)result->recorder->connections, "resends",
        (json_int_t)result->resends, "loop", loop_to_json(&result->recorder->loop), "valid",
        result->valid, "interrupted", result->interrupted, "error", result->error, "connect_error",
        result->outcomes[OUTCOME_CONNECT] > 0 && result->recorder->os_error != 0
            ? strerror(-result->recorder->os_error)
            : NULL,
        "limit", result->limit.text[0] != '\0' ? result->limit.text : NULL);
}
