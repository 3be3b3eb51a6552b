#include "choose/predict.h"

#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "report/memory.h"

#define SEED      1   /* the mock server's default */
#define TURNS_MAX 64  /* of an item: more would only take longer to simulate */
#define SLEEP_NS  1e4 /* a core that was idle for so long is woken: one; less counts in part */
#define COLD_NS   1e7 /* a core that was idle for so long is as cold as it gets, which … */
#define COLD      3   /* … counts as so many more */

/* One of the C at a time. It does one thing after the other, so it has one event at most. */
struct slot {
    uint64_t item;                    /* of the N; UINT64_MAX: none yet */
    uint64_t core;                    /* that does the next thing */
    double after_ns, own_ns, wait_ns; /* left: handling the answer, computing; until the answer */
    bool connected;
};

struct simulation;
typedef void step(struct simulation *s, struct slot *slot, double now_ns);

struct event {
    double at_ns;
    struct slot *slot;
    step *next;
};

struct simulation {
    const struct calls *calls;
    const struct shape *shape;
    const struct parameters *costs;
    struct slot *slots, *end;
    double *free_at_ns; /* when each core is free again, then each of those who compute beside */
    double *took_ns, *over_ns; /* by item: since it was due, then how long; without its wait */
    struct event *events;      /* a heap, the next one first */
    size_t pending;
    uint64_t begun, connections, in_flight;
    uint64_t middle;           /* from this item to the last all places begin equally many */
    double middle_ns, last_ns; /* when these two were begun */
    double served_ns, end_ns;  /* when the server is free again; the last item's end */
    double wakes;
};

/* ---- Events ------------------------------------------------------------------------------ */

static void foresee(struct simulation *s, double at_ns, struct slot *slot, step *next)
{
    size_t place = s->pending++;

    for (; place > 0 && at_ns < s->events[(place - 1) / 2].at_ns; place = (place - 1) / 2)
        s->events[place] = s->events[(place - 1) / 2];
    s->events[place] = (struct event){at_ns, slot, next};
}

static struct event next_event(struct simulation *s)
{
    struct event first = s->events[0], last = s->events[--s->pending];
    size_t place = 0, child;

    while ((child = 2 * place + 1) < s->pending) {
        if (child + 1 < s->pending && s->events[child + 1].at_ns < s->events[child].at_ns)
            child++;
        if (s->events[child].at_ns >= last.at_ns)
            break;
        s->events[place] = s->events[child];
        place = child;
    }
    s->events[place] = last;
    return first;
}

/* ---- Steps ------------------------------------------------------------------------------- */

static uint64_t first_free(const struct simulation *s, bool beside)
{
    uint64_t first = beside ? s->shape->width : 0;
    uint64_t end = s->shape->width + (beside ? s->shape->beside : 0);

    for (uint64_t i = first + 1; i < end; i++)
        if (s->free_at_ns[i] < s->free_at_ns[first])
            first = i;
    return first;
}

/* Returns when it is done. */
static double do_by(struct simulation *s, uint64_t who, double at_ns, double for_ns)
{
    s->free_at_ns[who] = fmax(at_ns, s->free_at_ns[who]) + for_ns;
    return s->free_at_ns[who];
}

static step take;

/* For one turn, where others want the cores as well. Whoever finishes an item begins the next one
 * in the same breath. */
static void compute(struct simulation *s, struct slot *slot, double now_ns)
{
    double turn_ns = fmax(s->costs->slice_ns, s->calls->own_ns / TURNS_MAX);

    if (!s->shape->in_turns || slot->own_ns < turn_ns)
        turn_ns = slot->own_ns;
    now_ns = do_by(s, slot->core, now_ns, slot->after_ns + turn_ns);
    slot->after_ns = 0;
    slot->own_ns -= turn_ns;
    if (slot->own_ns > 0)
        foresee(s, now_ns, slot, compute);
    else
        take(s, slot, now_ns);
}

static void finish(struct simulation *s, struct slot *slot, double now_ns)
{
    slot->own_ns = s->calls->own_ns;
    slot->after_ns = slot->own_ns > 0 ? s->costs->hand_ns : 0;
    if (s->calls->waits) {
        s->in_flight--;
        slot->after_ns += s->costs->after_ns;
        slot->after_ns += s->calls->fresh ? s->costs->throng_ns * (double)s->in_flight : 0;
    }
    if (s->shape->beside == 0 || slot->own_ns <= 0) {
        compute(s, slot, now_ns);
        return;
    }
    now_ns = do_by(s, slot->core, now_ns, slot->after_ns);
    slot->after_ns = 0;
    foresee(s, do_by(s, first_free(s, true), now_ns, slot->own_ns), slot, take);
}

/* The server reads one request after the other, on a core of its own or of ours. Those who share
 * their connections search all of them for each request. */
static void begin(struct simulation *s, struct slot *slot, double now_ns)
{
    const struct parameters *costs = s->costs;
    double serve_ns = costs->serve_ns + (slot->connected ? 0 : costs->accept_ns);
    double ours_ns = s->shape->crowded ? serve_ns : 0, cost_ns = costs->before_ns + ours_ns;

    if (!s->calls->waits) {
        foresee(s, do_by(s, slot->core, now_ns, 0), slot, finish);
        return;
    }
    s->in_flight++;
    s->connections += !slot->connected;
    if (!slot->connected)
        cost_ns += costs->connect_ns;
    slot->connected = !s->calls->fresh;
    if (slot->connected && !s->shape->in_turns)
        cost_ns += costs->crowd_ns * (double)s->connections;
    now_ns = do_by(s, slot->core, now_ns, cost_ns) - ours_ns;
    s->served_ns = fmax(s->served_ns, now_ns) + serve_ns;
    now_ns = s->served_ns + costs->jostle_ns * sqrt((double)s->in_flight);
    slot->wait_ns = (double)latency_delay_ns(&s->calls->latency, SEED, slot->item, 0);
    foresee(s, now_ns + slot->wait_ns, slot, finish);
}

/* Ends what the slot did, and takes the next item for it, which it begins once that is due. */
static void take(struct simulation *s, struct slot *slot, double now_ns)
{
    double rate = s->calls->rate, due_ns = now_ns;

    if (slot->item != UINT64_MAX) {
        s->took_ns[slot->item] = now_ns - s->took_ns[slot->item];
        s->over_ns[slot->item] = s->took_ns[slot->item] - slot->wait_ns;
        s->end_ns = fmax(s->end_ns, now_ns);
    }
    if (s->begun == s->calls->requests)
        return;
    slot->item = s->begun++;
    if (rate > 0)
        due_ns = s->costs->start_ns + (double)slot->item * 1e9 / rate;
    s->took_ns[slot->item] = due_ns;
    if (slot->item == s->middle)
        s->middle_ns = due_ns;
    s->last_ns = due_ns;
    if (due_ns > now_ns)
        foresee(s, due_ns, slot, begin);
    else
        begin(s, slot, now_ns);
}

/* The slots are made one after the other, by one who has a core like the others. */
static void make_slot(struct simulation *s, struct slot *slot, double now_ns)
{
    now_ns = do_by(s, slot->core, now_ns, s->costs->slot_ns);
    slot->item = UINT64_MAX;
    if (slot + 1 < s->end)
        foresee(s, now_ns, slot + 1, make_slot);
    foresee(s, now_ns, slot, take);
}

/* Whoever has nothing to do sleeps, and is the colder the longer. */
static void wake(struct simulation *s, double idle_ns)
{
    s->wakes += fmin(1, fmax(0, idle_ns) / SLEEP_NS) + COLD * fmin(1, fmax(0, idle_ns) / COLD_NS);
}

/* ---- The whole --------------------------------------------------------------------------- */

struct simulated simulate(const struct calls *calls, const struct shape *shape,
                          const struct parameters *costs)
{
    size_t n = calls->requests, slots = calls->concurrency < n ? calls->concurrency : n;
    size_t cores = shape->width + shape->beside, tenth = n / 10 + 1;
    struct simulated simulated;
    struct simulation s = {
        .calls = calls, .shape = shape, .costs = costs, .middle = n - 1 - n / 2 / slots * slots};

    /* Each slot has one event at most, and one more makes the slots. */
    s.events = memory_or_end(calloc(1, (slots + 2) * sizeof(*s.events) + slots * sizeof(*s.slots) +
                                           (cores + 2 * n) * sizeof(double)));
    s.slots = (struct slot *)(s.events + slots + 2);
    s.end = s.slots + slots;
    s.free_at_ns = (double *)s.end;
    s.took_ns = s.free_at_ns + cores;
    s.over_ns = s.took_ns + n;
    foresee(&s, costs->start_ns, s.slots, make_slot);
    while (s.pending > 0) {
        struct event event = next_event(&s);

        event.slot->core = first_free(&s, false);
        wake(&s, event.at_ns - s.free_at_ns[event.slot->core]);
        event.next(&s, event.slot, event.at_ns);
    }
    simulated.wall_ns = s.end_ns;
    simulated.each_ns = (s.last_ns - s.middle_ns) / fmax(1, (double)(n - 1 - s.middle));
    simulated.wakes = s.wakes;
    simulated.growth_ns = gsl_stats_mean(s.over_ns + n - tenth, 1, tenth) -
                          gsl_stats_mean(s.over_ns + (n - tenth) / 2, 1, tenth);
    gsl_sort(s.took_ns, 1, n);
    simulated.p50_ns = s.took_ns[(n - 1) / 2];
    simulated.p99_ns = s.took_ns[(n * 99 + 99) / 100 - 1];
    free(s.events);
    return simulated;
}
