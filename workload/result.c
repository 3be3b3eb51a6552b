#include "workload/result.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/cores.h"
#include "common/percentile.h"

/* Less tells nothing of how latencies grow: too few requests, or too little time beside what the
 * machine disturbs. */
#define TENTH_LEAST   10
#define SPAN_LEAST_NS (500 * NS_PER_MS)

/* Most requests between start and end at one moment. An end and a start at the same nanosecond
 * count as end first: the worker that ended one request then took the next. */
static uint64_t peak_in_flight(uint64_t *starts, uint64_t *ends, size_t count)
{
    uint64_t in_flight = 0, peak = 0;
    size_t ended = 0;

    percentile_sort(starts, count);
    percentile_sort(ends, count);
    for (size_t i = 0; i < count; i++) {
        in_flight++;
        while (ended < count && ends[ended] <= starts[i]) {
            ended++;
            in_flight--;
        }
        if (in_flight > peak)
            peak = in_flight;
    }
    return peak;
}

static void summarise_latency(struct latency *latency, uint64_t *values, size_t count)
{
    latency->count = count;
    if (count == 0)
        return;
    percentile_sort(values, count);
    latency->p50_ns = percentile_of_sorted(values, count, 500);
    latency->p90_ns = percentile_of_sorted(values, count, 900);
    latency->p99_ns = percentile_of_sorted(values, count, 990);
    latency->max_ns = values[count - 1];
    for (unsigned i = 0; i < LATENCY_PARTS; i++)
        latency->twentieths_ns[i] =
            percentile_of_sorted(values, count, 1000 / LATENCY_PARTS * (i + 1));
}

static void summarise_records(struct result *result, uint64_t *a, uint64_t *b)
{
    const struct recorder *r = result->recorder;
    size_t started = 0, answered = 0;

    for (uint64_t id = 0; id < r->queue.requests; id++) {
        const struct record *record = &r->records[id];

        result->outcomes[record->outcome]++;
        result->resends += record->resends;
        if (record->start_ns == 0)
            continue;
        a[started] = record->start_ns;
        b[started++] = record->end_ns;
    }
    result->in_flight_peak = peak_in_flight(a, b, started);
    for (uint64_t id = 0; id < r->queue.requests; id++)
        if (r->records[id].outcome == OUTCOME_OK)
            a[answered++] = r->records[id].end_ns - r->records[id].start_ns;
    for (size_t i = 0; i < answered; i++)
        histogram_add(&result->histogram, a[i]);
    summarise_latency(&result->latency, a, answered);
}

/* The median over `count` requests from `first` on of what their latency was beyond what the server
 * was told, as far as that is known: it would only be noise here. `values` holds `count`. */
static double excess_ns(const struct result *result, uint64_t first, uint64_t count,
                        uint64_t *values)
{
    const struct recorder *r = result->recorder;
    const struct load *load = &result->options->load;

    for (uint64_t i = 0; i < count; i++) {
        uint64_t id = first + i;
        uint64_t delay_ns = latency_delay_ns(&load->latency, load->seed, load->first_id + id, 0);
        uint64_t latency_ns = r->records[id].end_ns - queue_due_ns(&r->queue, id);

        values[i] = latency_ns > delay_ns ? latency_ns - delay_ns : 0;
    }
    percentile_sort(values, count);
    return (double)percentile_of_sorted(values, count, 500);
}

/* From the first tenth of the requests to the last one. */
static double growth(const struct result *result, uint64_t *values)
{
    const struct queue *queue = &result->recorder->queue;
    uint64_t n = queue->requests, tenth = n / 10, last = n - tenth, span_ns;

    if (tenth < TENTH_LEAST || result->outcomes[OUTCOME_OK] < n)
        return NAN;
    span_ns = queue_due_ns(queue, last + tenth / 2) - queue_due_ns(queue, tenth / 2);
    if (span_ns < SPAN_LEAST_NS)
        return NAN;
    return (excess_ns(result, last, tenth, values) - excess_ns(result, 0, tenth, values)) /
           (double)span_ns;
}

static void summarise_met(struct result *result, uint64_t *a, uint64_t *b)
{
    const struct recorder *r = result->recorder;
    size_t started = 0, answered = 0;

    if (r->queue.due_ns == NULL)
        return;
    result->met.growth = growth(result, a);
    for (uint64_t id = 0; id < r->queue.requests; id++) {
        if (r->records[id].start_ns == 0)
            continue;
        a[started] = queue_due_ns(&r->queue, id);
        b[started++] = r->records[id].start_ns;
    }
    result->met.queue_peak = peak_in_flight(a, b, started);
    for (uint64_t id = 0; id < r->queue.requests; id++)
        if (r->records[id].outcome == OUTCOME_OK)
            a[answered++] = r->records[id].end_ns - queue_due_ns(&r->queue, id);
    summarise_latency(&result->met.latency, a, answered);
}

/* The least time possible for what waits for L and computes for T: all C do both at once, but no
 * more compute than there are cores. A lock that lets only one compute is no reason for a higher
 * floor: what it costs is to be seen above it. */
static int set_floor(struct result *result)
{
    const struct workload *w = &result->options->workload;
    uint64_t cpu_ns = w->computation.cpu_ns, computing_ns = 0;
    struct load load = result->options->load;
    struct load_bounds bounds;
    struct cores cores;

    result->floor_known = (w->work == WORK_CPU || result->options->latency_known) &&
                          (!work_computes(w->work) || cpu_ns != 0);
    load.own_ns = cpu_ns;
    if (w->work == WORK_CPU)
        load.latency = (struct distribution){.kind = LATENCY_FIXED};
    if (load_schedule(&load, &bounds) < 0)
        return -ENOMEM;
    if (work_computes(w->work)) {
        cores = cores_read("");
        computing_ns = cores_least_ns(&cores, w->requests, w->concurrency, cpu_ns);
    }
    result->floor_ns = bounds.floor_ns > computing_ns ? bounds.floor_ns : computing_ns;
    return 0;
}

int result_complete(struct result *result)
{
    const struct options *o = result->options;
    uint64_t n = o->workload.requests;
    uint64_t *values;

    result->accounts = accounts_take(); /* first, so that what follows is not in it */
    values = malloc(2 * n * sizeof(*values));
    if (values == NULL)
        return -ENOMEM;
    summarise_records(result, values, values + n);
    summarise_met(result, values, values + n);
    free(values);
    if (work_computes(o->workload.work) || o->workload.verify == VERIFY_ID)
        result->verified = result->outcomes[OUTCOME_OK];
    result->valid = result->outcomes[OUTCOME_OK] == n && result->error == NULL;
    return set_floor(result);
}
