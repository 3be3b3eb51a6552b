#include "choose/predict.h"

#include <math.h>
#include <string.h>

/* Of a long run the beginning is simulated: what follows goes on like the second half of it. */
#define SIMULATED_MIN 4000
#define SIMULATED_C   4 /* times C */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

struct shape shape_of(const char *model, const char *language, const char *compute,
                      uint64_t workers, uint64_t loops, bool lock, uint64_t cores)
{
    bool python = strcmp(language, "python") == 0;
    bool pool = compute != NULL && strcmp(compute, "loop") != 0;
    bool tasks = strcmp(model, "threads") == 0 || strcmp(model, "procs") == 0;
    struct shape shape = {.in_turns = tasks};

    cores = cores > 0 ? cores : 1; /* a run folder may say anything */
    shape.width = cores;
    if (strcmp(model, "sync") == 0 || (python && strcmp(model, "threads") == 0))
        shape.width = 1;
    else if (!tasks && strcmp(language, "go") != 0)
        shape.width = least(loops > 0 ? loops : 1, cores);
    shape.crowded = loops > 1 && shape.width == cores;
    if (pool && !(python && strcmp(compute, "threads") == 0)) {
        shape.beside = lock && compute[0] == 't' ? 1 : least(workers > 0 ? workers : cores, cores);
        shape.handed = true;
    } else if (strcmp(model, "threads") == 0 && lock != python)
        shape.beside = lock ? 1 : cores;
    return shape;
}

int predict_wall(const struct lane_parameters *lane, const struct calls *load,
                 const struct shape *shape, struct simulated *simulated)
{
    struct calls scaled = *load;
    uint64_t most = load->concurrency * SIMULATED_C;
    double half_ns, added;
    int code;

    scaled.own_ns *= lane->compute;
    if (most < SIMULATED_MIN)
        most = SIMULATED_MIN;
    if (load->requests <= most)
        return simulate(&scaled, shape, &lane->costs, simulated);
    scaled.requests = most / 2;
    code = simulate(&scaled, shape, &lane->costs, simulated);
    half_ns = simulated->wall_ns;
    scaled.requests = most;
    if (code == 0)
        code = simulate(&scaled, shape, &lane->costs, simulated);
    added = (double)(load->requests - most) / ((double)most - (double)(most / 2));
    simulated->wall_ns += added * (simulated->wall_ns - half_ns);
    return code;
}

int predict_waiting(const struct calls *load, const struct shape *shape, double *waiting_ns)
{
    static const struct lane_parameters nothing = {.compute = 0};
    struct simulated simulated = {0};
    int code = predict_wall(&nothing, load, shape, &simulated);

    *waiting_ns = simulated.wall_ns;
    return code;
}

double predict_yardstick_ns(double wall_ns, double waiting_ns)
{
    return 0.1 * fmax(0, wall_ns - waiting_ns) + 0.005 * wall_ns;
}

int predict(const struct lane_parameters *lane, const struct calls *load, const struct shape *shape,
            struct prediction *p)
{
    double slots = (double)least(load->concurrency, load->requests);
    double items = (double)load->requests, off = lane->wall_error;
    double computing_ns = load->own_ns * lane->compute;
    uint64_t computers = shape->beside > 0 ? shape->beside : shape->width;
    struct simulated simulated;
    int code = predict_wall(lane, load, shape, &simulated);

    if (code == 0)
        code = predict_waiting(load, shape, &p->waiting_ns);
    if (code < 0)
        return code;
    if (slots > lane->concurrency)
        off *= 2; /* nothing like it was measured */
    p->wall_ns = simulated.wall_ns;
    p->wall_error_ns = off * predict_yardstick_ns(p->wall_ns, p->waiting_ns);
    p->computing_ns = items * computing_ns / (double)least(computers, load->concurrency);
    p->p99_ns = simulated.p99_ns;
    p->p99_error_ns = off * predict_yardstick_ns(p->p99_ns, 0.9 * p->p99_ns);
    p->keeps_up = simulated.growth_ns < 0.05 * simulated.p50_ns;
    p->cpu_ns = parts_sum(&lane->cpu_ns, slots, items) + items * computing_ns;
    p->cpu_error_ns = lane->cpu_ns.error * p->cpu_ns;
    p->memory_bytes = parts_sum(&lane->memory_bytes, slots, 0);
    p->memory_error_bytes = lane->memory_bytes.error * p->memory_bytes;
    return 0;
}
