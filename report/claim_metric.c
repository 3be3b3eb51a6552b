#include "report/claim_metric.h"

#include <math.h>
#include <string.h>

#include "common/json.h"
#include "common/units.h"
#include "report/claim_pattern.h"
#include "report/claim_share.h"
#include "report/format.h"

#define CELL(field)   offsetof(struct cell, field)
#define MEMORY(field) offsetof(struct memory_cell, field)

#define BEAT "lane.loop.lateness_ns.p99"

static const struct metric metrics[] = {
    {"wall", .offset = CELL(wall_ns), .scale = 1e9, .format = format_duration, .suffix = ""},
    {"wall_ratio", .offset = CELL(wall_ns), .is_ratio = true, .path = "wall_ns", .scale = 1,
     .format = format_ratio, .suffix = " : 1"},
    {"speed_up", .offset = CELL(wall_ns), .is_ratio = true, .path = "wall_ns", .inverse = true,
     .scale = 1, .format = format_ratio, .suffix = " ×"},
    {"heartbeat_p99", .offset = CELL(loop.lateness_p99_ns), .scale = 1e9, .format = format_duration,
     .suffix = ""},
    {"heartbeat_ratio", .offset = CELL(loop.lateness_p99_ns), .is_ratio = true, .path = BEAT,
     .scale = 1, .format = format_ratio, .suffix = " : 1"},
    {"in_flight_peak", .judged = JUDGED_MAX, .offset = CELL(in_flight_peak), .scale = 1,
     .format = format_count, .suffix = ""},
    {"verified", .judged = JUDGED_MIN, .offset = CELL(verified), .scale = 1, .format = format_count,
     .suffix = ""},
    {"pss", .of_memory = true, .offset = MEMORY(pss_bytes), .scale = 1e6, .format = format_bytes,
     .suffix = ""},
    {"held", .of_memory = true, .judged = JUDGED_MIN, .offset = MEMORY(in_flight), .scale = 1,
     .format = format_count, .suffix = ""},
    {"pss_ratio", .of_memory = true, .is_ratio = true, .offset = MEMORY(pss_bytes), .scale = 1,
     .format = format_ratio, .suffix = " : 1"},
    {"threads", .of_memory = true, .judged = JUDGED_MAX, .offset = MEMORY(threads), .scale = 1,
     .format = format_count, .suffix = ""},
    {"loop_share", .scale = 1, .format = format_share, .measure = claim_share_measure,
     .suffix = ""},
    {"pattern_time", .scale = 1e9, .format = format_duration, .measure = claim_pattern_measure,
     .suffix = ""},
    {"pattern_count", .scale = 1, .format = format_count, .measure = claim_pattern_measure,
     .suffix = ""},
    {"pattern_ratio", .scale = 1, .format = format_ratio, .suffix = " : 1",
     .measure = claim_pattern_measure},
    {"none", .scale = 1, .format = format_count, .suffix = ""},
};

const struct metric *metric_of(const json_t *claim)
{
    const char *name = json_text_at(claim, "metric", "");

    for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
        if (strcmp(metrics[i].name, name) == 0)
            return &metrics[i];
    return NULL;
}

bool metric_is_none(const struct metric *metric)
{
    return strcmp(metric->name, "none") == 0;
}

static double duration_at(const json_t *json, const char *key)
{
    uint64_t ns;

    return units_parse_duration(json_text_at(json, key, ""), &ns) == 0 ? (double)ns : NAN;
}

struct selector selector_of(const json_t *claim, const char *key)
{
    const json_t *json = json_at(claim, key);
    struct selector selector = {
        .lane = json_text_at(json, "lane", NULL),
        .language = language_of(json_text_at(json, "language", NULL)),
        .requests = run_number(json, "requests"),
        .concurrency = run_number(json, "concurrency"),
        .latency_ns = duration_at(json, "latency"),
        .computing = computing_of(json),
    };

    selector.computing.cpu_ns = duration_at(json, "cpu");
    return selector;
}

void selector_take_work(struct selector *selector, const struct workload_cell *cell)
{
    selector->computing.work = cell->computing.work;
    if (isnan(selector->requests))
        selector->requests = cell->requests;
    if (isnan(selector->latency_ns))
        selector->latency_ns = cell->latency_ns;
    if (isnan(selector->computing.cpu_ns))
        selector->computing.cpu_ns = cell->computing.cpu_ns;
}

static bool same(double wanted, double value)
{
    return isnan(wanted) || wanted == value;
}

bool selector_matches(const struct selector *selector, const struct workload_cell *cell,
                      bool any_latency)
{
    return (selector->lane == NULL || strcmp(selector->lane, cell->lane) == 0) &&
           selector->language == cell->language && same(selector->requests, cell->requests) &&
           same(selector->concurrency, cell->concurrency) &&
           computing_is_meant(&selector->computing, &cell->computing) &&
           (any_latency || same(selector->latency_ns, cell->latency_ns));
}

size_t metric_cells(const struct run *run, const struct metric *metric)
{
    return metric->of_memory ? run->memory_count : run->cell_count;
}

const struct workload_cell *metric_cell(const struct run *run, const struct metric *metric,
                                        size_t i)
{
    return metric->of_memory ? &run->memory_cells[i].of : &run->cells[i].of;
}

static bool fell_short(const struct metric *metric, const struct workload_cell *cell,
                       const struct stats_summary *verified)
{
    return !metric->of_memory && metric->offset == CELL(verified) && verified->max < cell->requests;
}

/* The workload_cell is the first member of both kinds of cells. */
const struct stats_summary *metric_summary(const struct metric *metric,
                                           const struct workload_cell *cell)
{
    const struct stats_summary *summary =
        (const struct stats_summary *)((const char *)cell + metric->offset);

    if (summary->count == 0 || (cell->valid == 0 && !fell_short(metric, cell, summary)))
        return NULL;
    return summary;
}

static bool is_better(const struct metric *metric, const struct stats_summary *summary,
                      const struct stats_summary *than)
{
    if (than == NULL)
        return true;
    return (metric->judged == JUDGED_MAX && summary->max > than->max) ||
           (metric->judged == JUDGED_MIN && summary->min < than->min);
}

const struct workload_cell *metric_find(const struct run *run, const struct metric *metric,
                                        const struct selector *selector)
{
    const struct workload_cell *found = NULL;
    const struct stats_summary *best = NULL;

    for (size_t i = 0; i < metric_cells(run, metric); i++) {
        const struct workload_cell *cell = metric_cell(run, metric, i);
        const struct stats_summary *summary = metric_summary(metric, cell);

        if (summary == NULL || !selector_matches(selector, cell, false) ||
            !is_better(metric, summary, best))
            continue;
        found = cell;
        best = summary;
    }
    return found;
}
