#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/count.h"
#include "common/json.h"
#include "common/text_stream.h"
#include "mockserver/counters.h"

static uint64_t uptime_ns(const struct counters *counters)
{
    return clock_ns() - counters->started_ns;
}

/* The numbers, which both forms list: by their key in JSON (NULL: it stands elsewhere there), and
 * by their name for Prometheus, to whom times are seconds. What is no counter has a function. */
static const struct metric {
    const char *key, *name;
    const char *help;
    size_t offset;
    uint64_t (*read)(const struct counters *counters);
} metrics[] = {
#define AT(member) offsetof(struct counters, member), NULL
    {"uptime_ns", "uptime_seconds", "Time since the start.", 0, uptime_ns},
    {"resets", "resets_total", "Resets of the counters, since the start.", AT(resets)},
    {"requests", "requests_total", "Requests received whole.", AT(requests)},
    {"responses", "responses_total", "Requests answered.", AT(responses)},
    {"aborted", "aborted_total", "Requests left by the client before the answer.", AT(aborted)},
    {"bad_requests", "bad_requests_total", "Requests refused as malformed.", AT(bad_requests)},
    {"ids", "ids", "Different ids asked for, of those below 1048576.", AT(ids)},
    {"id_max", "id_max", "Highest id asked for.", AT(id_max)},
    {"in_flight", "in_flight", "Requests received whole and not yet answered.", AT(in_flight.now)},
    {"in_flight_peak", "in_flight_peak", "Most requests in flight at one moment.",
     AT(in_flight.peak)},
    {"connections", "connections", "Open connections.", AT(connections.now)},
    {"connections_peak", "connections_peak", "Most connections open at one moment.",
     AT(connections.peak)},
    {"connections_accepted", "connections_accepted_total", "Connections accepted.", AT(accepted)},
    {"busy_ns_max", "busy_seconds_max", "Longest time without a look at the sockets.",
     AT(busy_ns_max)},
    {"unaccepted_peak", "unaccepted_peak",
     "Most connections that waited unaccepted because descriptors had run out.",
     AT(unaccepted_peak)},
    {"unaccepted_ns_max", "unaccepted_seconds_max", "Longest time for which some did.",
     AT(unaccepted_ns_max)},
    {NULL, "unread_seconds_max", "Longest wait of input before it was read.", AT(unread_ns.max)},
    {"bytes_in", "received_bytes_total", "Bytes received.", AT(bytes_in)},
    {"bytes_out", "sent_bytes_total", "Bytes sent.", AT(bytes_out)},
    {"cpu_ns", "cpu_seconds_total", "User and system time.", 0, counters_cpu_ns},
    {"rss_bytes", "resident_memory_bytes", "Resident memory.", 0, counters_rss_bytes},
    {NULL, "early_total", "Replies before their time.", AT(early)},
};

static uint64_t value_of(const struct metric *metric, const struct counters *counters)
{
    if (metric->read != NULL)
        return metric->read(counters);
    return counters_read((const _Atomic uint64_t *)((const char *)counters + metric->offset));
}

static void set(json_t *object, const char *key, uint64_t value)
{
    json_object_set_new(object, key, json_integer((json_int_t)value));
}

/* null where nothing was measured. */
static json_t *figure(const struct histogram *histogram, uint64_t value)
{
    return histogram_count(histogram) > 0 ? json_integer((json_int_t)value) : json_null();
}

static json_t *figures_of(const struct histogram *h)
{
    return json_pack(
        "{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "count", (json_int_t)histogram_count(h), "min",
        figure(h, histogram_min(h)), "mean", figure(h, (uint64_t)histogram_mean(h)), "p50",
        figure(h, histogram_percentile(h, 50)), "p90", figure(h, histogram_percentile(h, 90)),
        "p99", figure(h, histogram_percentile(h, 99)), "p999",
        figure(h, histogram_percentile(h, 99.9)), "max", figure(h, histogram_max(h)));
}

/* By status or by kind of fault, but for those that never came. */
static json_t *counts_to_json(const _Atomic uint64_t *counts, unsigned end, bool faults)
{
    json_t *object = json_object();
    char status[16];

    for (unsigned i = 0; i < end; i++) {
        uint64_t count = counters_read(&counts[i]);

        snprintf(status, sizeof(status), "%u", i);
        if (count > 0)
            set(object, faults ? fault_name((enum fault)i) : status, count);
    }
    return object;
}

/* Adds all that is counted. Returns `stats`. */
static json_t *add_counts(json_t *stats, const struct counters *counters)
{
    json_t *lateness = figures_of(&counters->lateness_ns);

    for (size_t i = 0; i < COUNT_OF(metrics); i++)
        if (metrics[i].key != NULL)
            set(stats, metrics[i].key, value_of(&metrics[i], counters));
    set(lateness, "early", counters_read(&counters->early));
    json_object_set_new(stats, "lateness_ns", lateness);
    json_object_set_new(stats, "unread_ns", figures_of(&counters->unread_ns));
    json_object_set_new(stats, "lateness_histogram", histogram_to_json(&counters->lateness_ns));
    json_object_set_new(stats, "statuses",
                        counts_to_json(counters->statuses, COUNTERS_STATUS_MAX, false));
    json_object_set_new(stats, "faults", counts_to_json(counters->faults, FAULT_COUNT, true));
    return stats;
}

char *stats_json(const struct counters *counters, const struct settings *settings)
{
    const struct counters *files = counters->files;
    json_t *stats;
    char *text;

    json_watch();
    stats = json_pack("{s:s, s:s, s:s}", "schema", "mockserver.stats/1", "version", SUITE_VERSION,
                      "latency", settings->latency_spec);
    set(stats, "seed", settings->seed);
    add_counts(stats, counters);
    json_object_set_new(stats, "files",
                        files != NULL ? add_counts(json_object(), files) : json_null());
    text = json_text(stats, JSON_COMPACT);
    json_decref(stats);
    return text;
}

static double seconds(uint64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

/* As names end in Prometheus: what only grows in "_total", times in "_seconds" before that. */
static void put_numbers(FILE *out, const struct counters *counters)
{
    for (const struct metric *m = metrics; m < metrics + COUNT_OF(metrics); m++) {
        const char *type = strstr(m->name, "_total") != NULL ? "counter" : "gauge";
        uint64_t number = value_of(m, counters);
        double value = strstr(m->name, "_seconds") != NULL ? seconds(number) : (double)number;

        fprintf(out, "# HELP mockserver_%s %s\n# TYPE mockserver_%s %s\nmockserver_%s %.17g\n",
                m->name, m->help, m->name, type, m->name, value);
    }
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
    struct text_stream text;
    char *bytes;

    text_stream_begin(&text);
    if (text.file != NULL) {
        put_info(text.file, settings);
        put_numbers(text.file, counters);
        put_by_label(text.file, counters);
        put_lateness(text.file, &counters->lateness_ns);
    }
    text_stream_end(&text, &bytes, NULL);
    return bytes;
}
