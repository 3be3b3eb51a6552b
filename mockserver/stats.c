#include "mockserver/stats.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/count.h"
#include "common/clock.h"

static void set(json_t *object, const char *key, uint64_t value)
{
    json_object_set_new(object, key, json_integer((json_int_t)value));
}

static void set_lateness(json_t *stats, const struct counters *counters)
{
    static const struct {
        const char *key;
        double percent;
    } percentiles[] = {{"p50", 50}, {"p90", 90}, {"p99", 99}, {"p999", 99.9}};
    const struct histogram *histogram = &counters->lateness_ns;
    uint64_t count = histogram_count(histogram);
    json_t *lateness = json_object();

    set(lateness, "count", count);
    json_object_set_new(lateness, "min",
                        count ? json_integer((json_int_t)histogram_min(histogram)) : json_null());
    json_object_set_new(lateness, "mean",
                        count ? json_integer((json_int_t)histogram_mean(histogram)) : json_null());
    for (size_t i = 0; i < COUNT_OF(percentiles); i++) {
        uint64_t value = histogram_percentile(histogram, percentiles[i].percent);

        json_object_set_new(lateness, percentiles[i].key,
                            count ? json_integer((json_int_t)value) : json_null());
    }
    json_object_set_new(lateness, "max",
                        count ? json_integer((json_int_t)histogram_max(histogram)) : json_null());
    set(lateness, "early", counters_read(&counters->early));
    json_object_set_new(stats, "lateness_ns", lateness);
}

static void set_histogram(json_t *stats, const struct histogram *histogram)
{
    json_t *buckets = json_array();

    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t count = counters_read(&histogram->counts[i]);

        if (count > 0)
            json_array_append_new(buckets, json_pack("[I,I]", (json_int_t)histogram_bucket_upper(i),
                                                     (json_int_t)count));
    }
    json_object_set_new(stats, "lateness_histogram", buckets);
}

static void set_statuses(json_t *stats, const struct counters *counters)
{
    json_t *statuses = json_object();
    char key[8];

    for (unsigned i = 0; i < COUNTERS_STATUS_MAX; i++) {
        uint64_t count = counters_read(&counters->statuses[i]);

        snprintf(key, sizeof(key), "%u", i);
        if (count > 0)
            set(statuses, key, count);
    }
    json_object_set_new(stats, "statuses", statuses);
}

static void set_faults(json_t *stats, const struct counters *counters)
{
    json_t *faults = json_object();

    for (int i = FAULT_NONE + 1; i < FAULT_COUNT; i++) {
        uint64_t count = counters_read(&counters->faults[i]);

        if (count > 0)
            set(faults, fault_name((enum fault)i), count);
    }
    json_object_set_new(stats, "faults", faults);
}

static void set_numbers(json_t *stats, const struct counters *counters)
{
    set(stats, "uptime_ns", clock_ns() - counters->started_ns);
    set(stats, "requests", counters_read(&counters->requests));
    set(stats, "responses", counters_read(&counters->responses));
    set(stats, "aborted", counters_read(&counters->aborted));
    set(stats, "bad_requests", counters_read(&counters->bad_requests));
    set(stats, "in_flight", counters_read(&counters->in_flight.now));
    set(stats, "in_flight_peak", counters_read(&counters->in_flight.peak));
    set(stats, "connections", counters_read(&counters->connections.now));
    set(stats, "connections_peak", counters_read(&counters->connections.peak));
    set(stats, "connections_accepted", counters_read(&counters->accepted));
    set(stats, "busy_ns_max", counters_read(&counters->busy_ns_max));
    set(stats, "bytes_in", counters_read(&counters->bytes_in));
    set(stats, "bytes_out", counters_read(&counters->bytes_out));
    set(stats, "cpu_ns", counters_cpu_ns(counters));
    set(stats, "rss_bytes", counters_rss_bytes(counters));
}

char *stats_json(const struct counters *counters, const struct settings *settings)
{
    json_t *stats = json_object();
    char *text;

    json_object_set_new(stats, "schema", json_string("mockserver.stats/1"));
    json_object_set_new(stats, "version", json_string(SUITE_VERSION));
    json_object_set_new(stats, "latency", json_string(settings->latency_spec));
    set(stats, "seed", settings->seed);
    set_numbers(stats, counters);
    set_lateness(stats, counters);
    set_histogram(stats, &counters->lateness_ns);
    set_statuses(stats, counters);
    set_faults(stats, counters);
    text = json_dumps(stats, JSON_COMPACT);
    json_decref(stats);
    return text;
}

static void put_metric(FILE *out, const char *name, const char *type, const char *help,
                       double value)
{
    fprintf(out, "# HELP mockserver_%s %s\n# TYPE mockserver_%s %s\nmockserver_%s %.17g\n", name,
            help, name, type, name, value);
}

static double seconds(uint64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

static void put_numbers(FILE *out, const struct counters *counters)
{
    const struct {
        const char *name, *type, *help;
        double value;
    } metrics[] = {
        {"uptime_seconds", "gauge", "Time since the start.",
         seconds(clock_ns() - counters->started_ns)},
        {"requests_total", "counter", "Requests received whole.",
         (double)counters_read(&counters->requests)},
        {"responses_total", "counter", "Requests answered.",
         (double)counters_read(&counters->responses)},
        {"aborted_total", "counter", "Requests left by the client before the answer.",
         (double)counters_read(&counters->aborted)},
        {"bad_requests_total", "counter", "Requests refused as malformed.",
         (double)counters_read(&counters->bad_requests)},
        {"in_flight", "gauge", "Requests received whole and not yet answered.",
         (double)counters_read(&counters->in_flight.now)},
        {"in_flight_peak", "gauge", "Most requests in flight at one moment.",
         (double)counters_read(&counters->in_flight.peak)},
        {"connections", "gauge", "Open connections.",
         (double)counters_read(&counters->connections.now)},
        {"connections_peak", "gauge", "Most connections open at one moment.",
         (double)counters_read(&counters->connections.peak)},
        {"connections_accepted_total", "counter", "Connections accepted.",
         (double)counters_read(&counters->accepted)},
        {"received_bytes_total", "counter", "Bytes received.",
         (double)counters_read(&counters->bytes_in)},
        {"sent_bytes_total", "counter", "Bytes sent.", (double)counters_read(&counters->bytes_out)},
        {"cpu_seconds_total", "counter", "User and system time.",
         seconds(counters_cpu_ns(counters))},
        {"resident_memory_bytes", "gauge", "Resident memory.",
         (double)counters_rss_bytes(counters)},
        {"busy_seconds_max", "gauge", "Longest time without a look at the sockets.",
         seconds(counters_read(&counters->busy_ns_max))},
        {"early_total", "counter", "Replies before their time.",
         (double)counters_read(&counters->early)},
    };

    for (size_t i = 0; i < COUNT_OF(metrics); i++)
        put_metric(out, metrics[i].name, metrics[i].type, metrics[i].help, metrics[i].value);
}

/* `text` as the value of a label: backslash, quote and newline escaped. */
static void put_label(FILE *out, const char *name, const char *text)
{
    fprintf(out, "%s=\"", name);
    for (; *text != '\0'; text++) {
        if (*text == '\\' || *text == '"')
            fputc('\\', out);
        fputs(*text == '\n' ? "\\n" : (const char[]){*text, '\0'}, out);
    }
    fputc('"', out);
}

static void put_info(FILE *out, const struct settings *settings)
{
    fprintf(out, "# HELP mockserver_info What the server was asked to do.\n"
                 "# TYPE mockserver_info gauge\nmockserver_info{");
    put_label(out, "version", SUITE_VERSION);
    put_label(out, ",latency", settings->latency_spec);
    put_label(out, ",faults", settings->faults_spec != NULL ? settings->faults_spec : "");
    fprintf(out, ",seed=\"%" PRIu64 "\"} 1\n", settings->seed);
}

static void put_by_label(FILE *out, const struct counters *counters)
{
    fprintf(out, "# HELP mockserver_replies_total Replies by status.\n"
                 "# TYPE mockserver_replies_total counter\n");
    for (unsigned i = 0; i < COUNTERS_STATUS_MAX; i++) {
        uint64_t count = counters_read(&counters->statuses[i]);

        if (count > 0)
            fprintf(out, "mockserver_replies_total{status=\"%u\"} %" PRIu64 "\n", i, count);
    }
    fprintf(out, "# HELP mockserver_faults_total Injected faults by kind.\n"
                 "# TYPE mockserver_faults_total counter\n");
    for (int i = FAULT_NONE + 1; i < FAULT_COUNT; i++)
        fprintf(out, "mockserver_faults_total{kind=\"%s\"} %" PRIu64 "\n",
                fault_name((enum fault)i), counters_read(&counters->faults[i]));
}

/* Three limits a decade are enough to draw; /stats has all buckets. */
static void put_lateness(FILE *out, const struct histogram *histogram)
{
    static const uint64_t limits_ns[] = {
        1000,   2000,    5000,    10000,   20000,    50000,    100000,   200000,
        500000, 1000000, 2000000, 5000000, 10000000, 20000000, 50000000, 100000000,
    };
    uint64_t below = 0;
    size_t bucket = 0;

    fprintf(out, "# HELP mockserver_lateness_seconds Actual minus requested delay.\n"
                 "# TYPE mockserver_lateness_seconds histogram\n");
    for (size_t i = 0; i < COUNT_OF(limits_ns); i++) {
        for (; histogram_bucket_upper(bucket) <= limits_ns[i]; bucket++)
            below += counters_read(&histogram->counts[bucket]);
        fprintf(out, "mockserver_lateness_seconds_bucket{le=\"%g\"} %" PRIu64 "\n",
                seconds(limits_ns[i]), below);
    }
    fprintf(out,
            "mockserver_lateness_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n"
            "mockserver_lateness_seconds_sum %.9f\nmockserver_lateness_seconds_count %" PRIu64 "\n",
            histogram_count(histogram), seconds(counters_read(&histogram->sum)),
            histogram_count(histogram));
}

char *stats_prometheus(const struct counters *counters, const struct settings *settings)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    put_info(out, settings);
    put_numbers(out, counters);
    put_by_label(out, counters);
    put_lateness(out, &counters->lateness_ns);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}
