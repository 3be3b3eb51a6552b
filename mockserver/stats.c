#include "mockserver/stats.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/count.h"

/* The numbers, which both forms list: by their key in JSON (NULL: it stands elsewhere there), and
 * by their name for Prometheus, to whom times are seconds. */
struct metric {
    const char *key, *name;
    const char *help;
    uint64_t value;
};

#define METRICS 17

static void read_metrics(const struct counters *c, struct metric metrics[METRICS])
{
    const struct metric all[METRICS] = {
        {"uptime_ns", "uptime_seconds", "Time since the start.", clock_ns() - c->started_ns},
        {"resets", "resets_total", "Resets of the counters, since the start.",
         counters_read(&c->resets)},
        {"requests", "requests_total", "Requests received whole.", counters_read(&c->requests)},
        {"responses", "responses_total", "Requests answered.", counters_read(&c->responses)},
        {"aborted", "aborted_total", "Requests left by the client before the answer.",
         counters_read(&c->aborted)},
        {"bad_requests", "bad_requests_total", "Requests refused as malformed.",
         counters_read(&c->bad_requests)},
        {"in_flight", "in_flight", "Requests received whole and not yet answered.",
         counters_read(&c->in_flight.now)},
        {"in_flight_peak", "in_flight_peak", "Most requests in flight at one moment.",
         counters_read(&c->in_flight.peak)},
        {"connections", "connections", "Open connections.", counters_read(&c->connections.now)},
        {"connections_peak", "connections_peak", "Most connections open at one moment.",
         counters_read(&c->connections.peak)},
        {"connections_accepted", "connections_accepted_total", "Connections accepted.",
         counters_read(&c->accepted)},
        {"busy_ns_max", "busy_seconds_max", "Longest time without a look at the sockets.",
         counters_read(&c->busy_ns_max)},
        {"bytes_in", "received_bytes_total", "Bytes received.", counters_read(&c->bytes_in)},
        {"bytes_out", "sent_bytes_total", "Bytes sent.", counters_read(&c->bytes_out)},
        {"cpu_ns", "cpu_seconds_total", "User and system time.", counters_cpu_ns(c)},
        {"rss_bytes", "resident_memory_bytes", "Resident memory.", counters_rss_bytes(c)},
        {NULL, "early_total", "Replies before their time.", counters_read(&c->early)},
    };

    memcpy(metrics, all, sizeof(all));
}

static void set(json_t *object, const char *key, uint64_t value)
{
    json_object_set_new(object, key, json_integer((json_int_t)value));
}

/* null where nothing was measured. */
static void set_lateness(json_t *stats, const struct counters *counters)
{
    const struct histogram *h = &counters->lateness_ns;
    uint64_t count = histogram_count(h);
    const struct {
        const char *key;
        uint64_t value;
    } figures[] = {
        {"min", histogram_min(h)},
        {"mean", (uint64_t)histogram_mean(h)},
        {"p50", histogram_percentile(h, 50)},
        {"p90", histogram_percentile(h, 90)},
        {"p99", histogram_percentile(h, 99)},
        {"p999", histogram_percentile(h, 99.9)},
        {"max", histogram_max(h)},
    };
    json_t *lateness = json_object();

    set(lateness, "count", count);
    for (size_t i = 0; i < COUNT_OF(figures); i++)
        json_object_set_new(lateness, figures[i].key,
                            count > 0 ? json_integer((json_int_t)figures[i].value) : json_null());
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

char *stats_json(const struct counters *counters, const struct settings *settings)
{
    struct metric metrics[METRICS];
    json_t *stats = json_object();
    char *text;

    json_object_set_new(stats, "schema", json_string("mockserver.stats/1"));
    json_object_set_new(stats, "version", json_string(SUITE_VERSION));
    json_object_set_new(stats, "latency", json_string(settings->latency_spec));
    set(stats, "seed", settings->seed);
    read_metrics(counters, metrics);
    for (size_t i = 0; i < METRICS; i++)
        if (metrics[i].key != NULL)
            set(stats, metrics[i].key, metrics[i].value);
    set_lateness(stats, counters);
    set_histogram(stats, &counters->lateness_ns);
    set_statuses(stats, counters);
    set_faults(stats, counters);
    text = json_dumps(stats, JSON_COMPACT);
    json_decref(stats);
    return text;
}

static double seconds(uint64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

/* As names end in Prometheus: what only grows in "_total", times in "_seconds" before that. */
static void put_metric(FILE *out, const struct metric *m)
{
    const char *type = strstr(m->name, "_total") != NULL ? "counter" : "gauge";
    double value = strstr(m->name, "_seconds") != NULL ? seconds(m->value) : (double)m->value;

    fprintf(out, "# HELP mockserver_%s %s\n# TYPE mockserver_%s %s\nmockserver_%s %.17g\n", m->name,
            m->help, m->name, type, m->name, value);
}

static void put_numbers(FILE *out, const struct counters *counters)
{
    struct metric metrics[METRICS];

    read_metrics(counters, metrics);
    for (size_t i = 0; i < METRICS; i++)
        put_metric(out, &metrics[i]);
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
