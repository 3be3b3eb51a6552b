#include "choose/candidates.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/count.h"
#include "common/units.h"
#include "report/memory.h"

#define CLEAR  0.02 /* a smaller difference is none, whatever the errors */
#define LIKELY 0.05 /* a larger one counts, though the errors leave it open */
#define ENOUGH 1.02 /* a C that comes so near to the fastest is large enough */
#define STEPS  6    /* of STEP each: so far a crossing is looked for */
#define STEP   4
#define FEW    3000 /* calls, with which the crossing is found */

/* The models in the order of how simple a program with them is. */
static const struct form {
    const char *model, *name, *compute;
    bool many_loops, loop;
    unsigned descriptors; /* of each request in flight; 0: each is a process of its own */
} forms[] = {
    {"sync", "sequential", NULL, false, false, 3},
    {"threads", "threads", NULL, false, false, 3},
    {"async", "event loop", NULL, false, true, 1},
    {"procs", "processes", NULL, false, false, 0},
    {"co", "coroutines", NULL, false, true, 1},
    {"async", "event loop, threads compute", "threads", false, true, 1},
    {"async", "event loop, processes compute", "processes", false, true, 1},
    {"async", "an event loop a core", NULL, true, true, 1},
};

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

int candidates_simplicity(const char *model, struct shape shape)
{
    size_t i = 0;

    while (i + 1 < COUNT_OF(forms) &&
           !(is(forms[i].model, model) &&
             (!is(model, "async") || (forms[i].many_loops == (shape.width > 1) &&
                                      (forms[i].compute != NULL) == shape.handed))))
        i++;
    return (int)i;
}

/* Whether a program of that language can do it so. */
static bool suits(const struct form *form, const struct lane_parameters *lane,
                  const struct question *q)
{
    bool python = is(lane->language, "python"), c = is(lane->language, "c");
    bool pool = form->compute != NULL;

    if (!is(form->model, lane->model) || (pool && q->load.own_ns <= 0) ||
        (form->many_loops && q->cores < 2))
        return false;
    if (pool && is(form->compute, "threads"))
        return c && !q->lock;
    return pool ? c || python : c || !form->many_loops;
}

/* ---- Limits ------------------------------------------------------------------------------ */

struct bound {
    uint64_t most;
    char why[80];
};

static void tighten(struct bound *bound, double most, const char *why)
{
    if (most >= (double)bound->most)
        return;
    bound->most = most > 0 ? (uint64_t)most : 0;
    snprintf(bound->why, sizeof(bound->why), "%s", why);
}

static struct bound bound_of(const struct form *form, const struct lane_parameters *lane,
                             const struct question *q)
{
    bool tasks = is(form->model, "threads") || is(form->model, "procs");
    struct bound bound = {q->load.requests, ""};
    const struct parts *memory = &lane->memory_bytes;

    if (q->in_flight > 0)
        tighten(&bound, (double)q->in_flight, "the service takes no more");
    if (q->descriptors > 0 && form->descriptors > 0)
        tighten(&bound, ((double)q->descriptors - 40) / form->descriptors, "descriptors");
    if (q->tasks > 0 && tasks)
        tighten(&bound, (double)q->tasks, "the limit of processes and threads");
    if (q->ports > 0)
        tighten(&bound, (double)q->ports, "the ports of one address");
    if (q->memory_bytes > 0 && isfinite(memory->base) && memory->slot > 0)
        tighten(&bound, ((double)q->memory_bytes - memory->base) / memory->slot, "memory");
    if (is(form->model, "sync"))
        tighten(&bound, 1, "");
    return bound;
}

/* Why it cannot be, if so. */
static void judge(struct candidate *candidate, const struct form *form, const struct bound *bound,
                  const struct question *q)
{
    const struct parts *memory = &candidate->lane->memory_bytes;
    char needed[UNITS_TEXT_SIZE];

    if (q->blocks && form->loop)
        snprintf(candidate->impossible, sizeof(candidate->impossible),
                 "the client library blocks: each call would stop the whole loop");
    else if (q->memory_bytes > 0 && !isfinite(memory->base))
        snprintf(candidate->impossible, sizeof(candidate->impossible),
                 "there is a limit of memory, and its memory was not measured");
    else if (bound->most == 0 && is(bound->why, "memory"))
        snprintf(candidate->impossible, sizeof(candidate->impossible),
                 "one request in flight already takes %s",
                 units_format_bytes((uint64_t)(memory->base + memory->slot), needed));
    else if (bound->most == 0)
        snprintf(candidate->impossible, sizeof(candidate->impossible), "not even one: %s",
                 bound->why);
}

/* ---- One candidate ----------------------------------------------------------------------- */

struct shape candidate_shape(const struct candidate *candidate, const struct question *q)
{
    const struct lane_parameters *lane = candidate->lane;

    return shape_of(lane->model, lane->language, candidate->compute, q->cores, candidate->loops,
                    q->lock, q->cores);
}

double candidate_own_ns(const struct candidate *candidate, const struct calls *load)
{
    return is(candidate->lane->language, "c") ? load->own_ns
                                              : load->own_ns / candidate->lane->compute;
}

static int predict_at(struct candidate *candidate, const struct question *q,
                      const struct calls *load, uint64_t concurrency)
{
    struct calls with = *load;
    struct shape who = candidate_shape(candidate, q);

    with.own_ns = candidate_own_ns(candidate, load);
    with.concurrency = concurrency;
    with.fresh = with.fresh || concurrency >= load->requests;
    return predict(candidate->lane, &with, &who, &candidate->predicted);
}

/* What is to be small: the wall time, or with a rate the p99 of those that keep up. */
static double goal_ns(const struct prediction *p, const struct question *q)
{
    if (q->load.rate <= 0)
        return p->wall_ns;
    return p->keeps_up ? p->p99_ns : 1e18 + p->wall_ns;
}

static double error_ns(const struct prediction *p, const struct question *q)
{
    return q->load.rate > 0 ? p->p99_error_ns : p->wall_error_ns;
}

/* The smallest C that is as good as any: 1, 3, 10, … and the largest possible one are tried. */
static int predict_best(struct candidate *candidate, const struct question *q, uint64_t most)
{
    struct candidate tried[32];
    size_t count = 0, best = 0;
    uint64_t c = 1;

    for (bool last = false; !last && count < COUNT_OF(tried); count++) {
        tried[count] = *candidate;
        tried[count].concurrency = c < most ? c : most;
        if (predict_at(&tried[count], q, &q->load, tried[count].concurrency) < 0)
            return -ENOMEM;
        if (goal_ns(&tried[count].predicted, q) < goal_ns(&tried[best].predicted, q))
            best = count;
        last = c >= most;
        c = count % 2 == 0 ? c * 3 : c / 3 * 10;
    }
    for (size_t i = 0; i <= best; i++)
        if (goal_ns(&tried[i].predicted, q) <= ENOUGH * goal_ns(&tried[best].predicted, q)) {
            *candidate = tried[i];
            break;
        }
    return 0;
}

static int add(struct candidates *candidates, const struct form *form,
               const struct lane_parameters *lane, const struct question *q)
{
    struct candidate *candidate = &candidates->all[candidates->count++];
    struct bound bound = bound_of(form, lane, q);
    int code = 0;

    *candidate = (struct candidate){
        .lane = lane,
        .name = form->name,
        .compute = form->compute,
        .loops = form->many_loops ? q->cores : 0,
        .simplicity = (int)(form - forms),
    };
    judge(candidate, form, &bound, q);
    if (candidate->impossible[0] == '\0')
        code = predict_best(candidate, q, bound.most);
    if (candidate->concurrency == bound.most && bound.most < q->load.requests)
        memcpy(candidate->limit, bound.why, sizeof(candidate->limit));
    return code;
}

/* ---- Which ------------------------------------------------------------------------------- */

/* Where the errors of two leave it open which is faster, no difference is clear. */
static bool may_equal(const struct prediction *a, const struct prediction *b,
                      const struct question *q)
{
    return fabs(goal_ns(a, q) - goal_ns(b, q)) <= hypot(error_ns(a, q), error_ns(b, q));
}

/* Yet one that is likely to take much longer is not taken because it is simple. */
static bool is_equal(const struct prediction *a, const struct prediction *b,
                     const struct question *q)
{
    double difference = fabs(goal_ns(a, q) - goal_ns(b, q));

    return difference <= (may_equal(a, b, q) ? LIKELY : CLEAR) * goal_ns(b, q);
}

size_t candidates_pick(const struct candidates *candidates, const struct question *q)
{
    size_t fastest = 0, chosen;

    for (size_t i = 1; i < candidates->possible; i++)
        if (goal_ns(&candidates->all[i].predicted, q) <
            goal_ns(&candidates->all[fastest].predicted, q))
            fastest = i;
    chosen = fastest;
    for (size_t i = 0; i < candidates->possible; i++) {
        struct candidate *one = &candidates->all[i];

        one->equal = is_equal(&one->predicted, &candidates->all[fastest].predicted, q);
        one->open = may_equal(&one->predicted, &candidates->all[fastest].predicted, q);
        if (one->equal && one->simplicity < candidates->all[chosen].simplicity)
            chosen = i;
    }
    return chosen;
}

static const struct question *sorted_for; /* qsort() hands nothing on */

static int compare(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    bool x_possible = x->impossible[0] == '\0', y_possible = y->impossible[0] == '\0';
    double x_ns = goal_ns(&x->predicted, sorted_for), y_ns = goal_ns(&y->predicted, sorted_for);

    if (x_possible != y_possible)
        return x_possible ? -1 : 1;
    return x_possible && x_ns != y_ns ? (x_ns > y_ns) - (x_ns < y_ns)
                                      : x->simplicity - y->simplicity;
}

int candidates_find(const struct parameters *parameters, const struct question *q,
                    struct candidates *candidates, struct error *error)
{
    int code = 0;

    *candidates = (struct candidates){
        .all = calloc(parameters->count * COUNT_OF(forms) + 1, sizeof(*candidates->all))};
    if (candidates->all == NULL)
        return error_set(error, -ENOMEM, "no memory");
    for (size_t i = 0; i < parameters->count && code == 0; i++) {
        const struct lane_parameters *lane = &parameters->lanes[i];

        for (size_t j = 0; j < COUNT_OF(forms) && code == 0; j++)
            if (is(lane->language, q->language) && lane->requests > 0 && suits(&forms[j], lane, q))
                code = add(candidates, &forms[j], lane, q);
    }
    if (code == 0 && candidates->count == 0)
        code = error_set(error, -ENOENT, "nothing was measured of a program in '%s'", q->language);
    if (code < 0)
        return code;
    sorted_for = q;
    qsort(candidates->all, candidates->count, sizeof(*candidates->all), compare);
    while (candidates->possible < candidates->count &&
           candidates->all[candidates->possible].impossible[0] == '\0')
        candidates->possible++;
    if (candidates->possible > 0)
        candidates->chosen = candidates_pick(candidates, q);
    return 0;
}

void candidates_free(struct candidates *candidates)
{
    free(candidates->all);
    *candidates = (struct candidates){.all = NULL};
}

/* ---- What would change it ---------------------------------------------------------------- */

/* Which would be chosen with another load, each with the C that it has. */
static size_t choose_with(const struct candidates *candidates, const struct question *q,
                          const struct calls *load)
{
    struct candidates others = *candidates;
    size_t chosen;

    others.all = calloc(others.possible + 1, sizeof(*others.all));
    if (others.all == NULL)
        memory_end();
    memcpy(others.all, candidates->all, others.possible * sizeof(*others.all));
    for (size_t i = 0; i < others.possible; i++)
        if (predict_at(&others.all[i], q, load, others.all[i].concurrency) < 0)
            memory_end();
    chosen = candidates_pick(&others, q);
    free(others.all);
    return chosen;
}

double candidates_crossing(const struct candidates *candidates, const struct question *q, bool up,
                           size_t *other)
{
    struct calls load = q->load;
    double near_ns = load.own_ns > 0 ? load.own_ns : up ? 1e4 : 0, far_ns = near_ns;
    size_t found;

    if (load.requests > FEW)
        load.requests = FEW;
    if (load.rate > 0)
        return NAN; /* whether it keeps up depends on C as well */
    found = choose_with(candidates, q, &load);
    if (found != candidates->chosen)
        return NAN; /* so few calls are another question */
    for (int i = 0; i < STEPS && found == candidates->chosen && near_ns > 0; i++) {
        near_ns = far_ns;
        load.own_ns = far_ns = up ? far_ns * STEP : far_ns / STEP;
        found = choose_with(candidates, q, &load);
    }
    if (found == candidates->chosen)
        return NAN;
    *other = found;
    for (int i = 0; i < 4; i++) {
        load.own_ns = sqrt(near_ns * far_ns);
        found = choose_with(candidates, q, &load);
        if (found == candidates->chosen)
            near_ns = load.own_ns;
        else
            far_ns = load.own_ns;
    }
    return far_ns;
}
