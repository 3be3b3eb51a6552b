#include "choose/simulate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define SEED 1 /* the mock server's default */

enum event_kind { EVENT_SLOT, EVENT_BEGIN, EVENT_DUE, EVENT_ANSWER, EVENT_TURN, EVENT_COMPUTED };

struct event {
    double at_ns;
    uint64_t order; /* of two at one time the one that was foreseen first comes first */
    uint64_t slot;
    enum event_kind kind;
};

/* Those who can do one thing at a time: when each is free again. */
struct crew {
    double *free_at_ns;
    uint64_t count;
};

struct simulation {
    const struct calls *load;
    const struct costs *costs;
    const struct shape *shape;
    uint64_t slots;
    struct event *events; /* a heap, the next one first */
    size_t pending;
    uint64_t order;
    struct crew finishers, computers;
    uint64_t begun, connections, in_flight;
    uint64_t *item_of; /* by slot */
    uint64_t *idle;    /* slots for which no item is due yet, but for the one that awaits it */
    size_t idling;
    bool awaited;
    double *left_ns; /* by slot: of what it computes */
    bool *connected; /* by slot */
    double *took_ns; /* by item: since when it was due, and then how long it took */
    double end_ns;
};

/* ---- Events ------------------------------------------------------------------------------ */

static bool is_earlier(const struct event *a, const struct event *b)
{
    return a->at_ns < b->at_ns || (a->at_ns == b->at_ns && a->order < b->order);
}

static void foresee(struct simulation *s, double at_ns, uint64_t slot, enum event_kind kind)
{
    struct event event = {at_ns, s->order++, slot, kind};
    size_t place = s->pending++;

    for (; place > 0 && is_earlier(&event, &s->events[(place - 1) / 2]); place = (place - 1) / 2)
        s->events[place] = s->events[(place - 1) / 2];
    s->events[place] = event;
}

static struct event next_event(struct simulation *s)
{
    struct event first = s->events[0], last = s->events[--s->pending];
    size_t place = 0, child;

    while ((child = 2 * place + 1) < s->pending) {
        if (child + 1 < s->pending && is_earlier(&s->events[child + 1], &s->events[child]))
            child++;
        if (!is_earlier(&s->events[child], &last))
            break;
        s->events[place] = s->events[child];
        place = child;
    }
    s->events[place] = last;
    return first;
}

/* ---- Steps ------------------------------------------------------------------------------- */

static uint64_t first_free(const struct crew *crew)
{
    uint64_t first = 0;

    for (uint64_t i = 1; i < crew->count; i++)
        if (crew->free_at_ns[i] < crew->free_at_ns[first])
            first = i;
    return first;
}

/* Returns when it is done. */
static double do_by(struct crew *crew, uint64_t who, double at_ns, double for_ns)
{
    crew->free_at_ns[who] = fmax(at_ns, crew->free_at_ns[who]) + for_ns;
    return crew->free_at_ns[who];
}

static double due_ns(const struct simulation *s, uint64_t item)
{
    return s->load->rate > 0 ? s->costs->start + (double)item * 1e9 / s->load->rate : 0;
}

static double wait_ns(const struct calls *load, uint64_t item)
{
    if (!load->waits)
        return 0;
    if (load->measured > 0)
        return load->measured_ns[item % load->measured];
    return (double)latency_delay_ns(&load->latency, SEED, item, 0);
}

/* What it costs to begin an item at the slot, until it waits. */
static double beginning_ns(struct simulation *s, uint64_t slot)
{
    double cost_ns = s->costs->before + (s->shape->crowded ? s->costs->serve : 0);

    if (!s->load->waits)
        return 0;
    s->in_flight++;
    if (s->load->fresh)
        return cost_ns + s->costs->connect;
    if (!s->connected[slot]) {
        s->connected[slot] = true;
        s->connections++;
        cost_ns += s->costs->connect;
    }
    return cost_ns + s->costs->crowd * (double)s->connections;
}

/* Begins the next item at the slot, or foresees when that is due. */
static void begin(struct simulation *s, uint64_t slot, uint64_t who, double now_ns)
{
    uint64_t item = s->begun;
    double due = due_ns(s, item);

    if (item == s->load->requests)
        return;
    if (due > now_ns && s->awaited) {
        s->idle[s->idling++] = slot;
        return;
    }
    if (due > now_ns) {
        s->awaited = true;
        foresee(s, due, slot, EVENT_DUE);
        return;
    }
    s->begun++;
    if (s->idling > 0)
        foresee(s, now_ns, s->idle[--s->idling], EVENT_BEGIN);
    s->item_of[slot] = item;
    s->took_ns[item] = s->load->rate > 0 ? due : now_ns;
    now_ns = do_by(&s->finishers, who, now_ns, beginning_ns(s, slot));
    now_ns += s->costs->jostle * (double)s->in_flight;
    foresee(s, now_ns + wait_ns(s->load, item), slot, EVENT_ANSWER);
}

static void end(struct simulation *s, uint64_t slot, double now_ns)
{
    uint64_t item = s->item_of[slot];

    s->took_ns[item] = now_ns - s->took_ns[item];
    s->end_ns = fmax(s->end_ns, now_ns);
}

static double finishing_ns(struct simulation *s)
{
    if (!s->load->waits)
        return 0;
    s->in_flight--;
    return s->costs->after + (s->load->fresh ? s->costs->throng * (double)s->in_flight : 0);
}

/* Computes at the slot, for one turn where others want the cores as well. Whoever finishes an item
 * begins the next one in the same breath. */
static void compute(struct simulation *s, uint64_t slot, double now_ns, double after_ns)
{
    uint64_t who = first_free(&s->finishers);
    double turn_ns = s->left_ns[slot];

    if (s->shape->in_turns && turn_ns > s->costs->slice)
        turn_ns = s->costs->slice;
    s->left_ns[slot] -= turn_ns;
    now_ns = do_by(&s->finishers, who, now_ns, after_ns + turn_ns);
    if (s->left_ns[slot] > 0) {
        foresee(s, now_ns, slot, EVENT_TURN);
        return;
    }
    end(s, slot, now_ns);
    begin(s, slot, who, now_ns);
}

static void finish(struct simulation *s, uint64_t slot, double now_ns)
{
    double own_ns = s->load->own_ns, after_ns = finishing_ns(s);
    uint64_t who = first_free(&s->finishers);

    if (s->computers.count > 0 && own_ns > 0) {
        after_ns += s->shape->handed ? s->costs->hand : 0;
        now_ns = do_by(&s->finishers, who, now_ns, after_ns);
        now_ns = do_by(&s->computers, first_free(&s->computers), now_ns, own_ns);
        foresee(s, now_ns, slot, EVENT_COMPUTED);
        return;
    }
    s->left_ns[slot] = own_ns;
    compute(s, slot, now_ns, after_ns);
}

/* The slots are made one after the other, by one who has a core like the others. */
static void make_slot(struct simulation *s, uint64_t slot, double now_ns)
{
    uint64_t who = first_free(&s->finishers);

    now_ns = do_by(&s->finishers, who, now_ns, s->costs->slot);
    if (slot + 1 < s->slots)
        foresee(s, now_ns, slot + 1, EVENT_SLOT);
    foresee(s, now_ns, slot, EVENT_BEGIN);
}

static void happen(struct simulation *s, const struct event *event)
{
    switch (event->kind) {
    case EVENT_SLOT:
        make_slot(s, event->slot, event->at_ns);
        break;
    case EVENT_COMPUTED:
        end(s, event->slot, event->at_ns);
        begin(s, event->slot, first_free(&s->finishers), event->at_ns);
        break;
    case EVENT_DUE:
        s->awaited = false;
        /* fall through */
    case EVENT_BEGIN:
        begin(s, event->slot, first_free(&s->finishers), event->at_ns);
        break;
    case EVENT_TURN:
        compute(s, event->slot, event->at_ns, 0);
        break;
    case EVENT_ANSWER:
        finish(s, event->slot, event->at_ns);
        break;
    }
}

/* ---- The whole --------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double mean(const double *values, uint64_t count)
{
    double sum = 0;

    for (uint64_t i = 0; i < count; i++)
        sum += values[i];
    return count > 0 ? sum / (double)count : 0;
}

static void conclude(struct simulation *s, struct simulated *simulated)
{
    uint64_t n = s->load->requests, tenth = n / 10;

    simulated->wall_ns = s->end_ns;
    simulated->growth_ns =
        mean(s->took_ns + n - tenth, tenth) - mean(s->took_ns + n / 2 - tenth, tenth);
    qsort(s->took_ns, n, sizeof(*s->took_ns), compare);
    simulated->p50_ns = s->took_ns[(n - 1) / 2];
    simulated->p99_ns = s->took_ns[(n * 99 + 99) / 100 - 1];
}

/* Each slot has one event at most, and one more makes the slots. */
int simulate(const struct calls *load, const struct shape *shape, const struct costs *costs,
             struct simulated *simulated)
{
    uint64_t slots = load->concurrency < load->requests ? load->concurrency : load->requests;
    struct simulation s = {
        .load = load,
        .costs = costs,
        .shape = shape,
        .slots = slots,
        .events = calloc(slots + 2, sizeof(*s.events)),
        .finishers = {calloc(shape->width, sizeof(double)), shape->width},
        .computers = {calloc(shape->beside + 1, sizeof(double)), shape->beside},
        .item_of = calloc(slots, sizeof(*s.item_of)),
        .idle = calloc(slots, sizeof(*s.idle)),
        .left_ns = calloc(slots, sizeof(*s.left_ns)),
        .connected = calloc(slots, sizeof(*s.connected)),
        .took_ns = calloc(load->requests, sizeof(*s.took_ns)),
    };
    bool room = s.events != NULL && s.idle != NULL && s.finishers.free_at_ns != NULL &&
                s.computers.free_at_ns != NULL && s.item_of != NULL && s.left_ns != NULL &&
                s.connected != NULL && s.took_ns != NULL;

    if (room) {
        foresee(&s, costs->start, 0, EVENT_SLOT);
        while (s.pending > 0) {
            struct event event = next_event(&s);

            happen(&s, &event);
        }
        conclude(&s, simulated);
    }
    free(s.events);
    free(s.finishers.free_at_ns);
    free(s.computers.free_at_ns);
    free(s.item_of);
    free(s.idle);
    free(s.left_ns);
    free(s.connected);
    free(s.took_ns);
    return room ? 0 : -ENOMEM;
}
