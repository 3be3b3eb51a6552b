#include "common/load.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/draw.h"

uint64_t load_due_ns(const struct load *load, uint64_t id, uint64_t before_ns)
{
    if (load->rate == 0)
        return 0;
    if (load->arrivals == ARRIVALS_CONSTANT)
        return id * NS_PER_S / load->rate;
    return before_ns + (uint64_t)round(-log(draw(load->seed, id, 0, DRAW_ARRIVAL)) *
                                       (double)NS_PER_S / (double)load->rate);
}

/* The place that was free first has been taken until `end_ns`: moves it down the heap. */
static void take_first(uint64_t *free_at, uint64_t places, uint64_t end_ns)
{
    uint64_t at = 0, child;

    while ((child = 2 * at + 1) < places) {
        child += child + 1 < places && free_at[child + 1] < free_at[child];
        if (free_at[child] >= end_ns)
            break;
        free_at[at] = free_at[child];
        at = child;
    }
    free_at[at] = end_ns;
}

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

int load_schedule(const struct load *load, struct load_bounds *bounds)
{
    uint64_t n = load->requests, due_ns = 0, *free_at;
    uint64_t places = load->concurrency < n ? load->concurrency : n;
    double delays_ns = 0;

    *bounds = (struct load_bounds){0};
    if (load->latency.kind == LATENCY_FIXED && load->rate == 0) {
        bounds->mean_ns = latency_delay_ns(&load->latency, 0, 0, 0);
        bounds->floor_ns = (n + places - 1) / places * (bounds->mean_ns + load->own_ns);
        bounds->least_ns = bounds->floor_ns;
        return 0;
    }
    free_at = calloc(places, sizeof(*free_at));
    if (free_at == NULL)
        return -ENOMEM;
    for (uint64_t id = 0; id < n; id++) {
        uint64_t delay_ns = latency_delay_ns(&load->latency, load->seed, load->first_id + id, 0),
                 end_ns;

        due_ns = load_due_ns(load, id, due_ns);
        end_ns = most(free_at[0], due_ns) + delay_ns + load->own_ns;
        take_first(free_at, places, end_ns);
        delays_ns += (double)delay_ns;
        bounds->floor_ns = most(bounds->floor_ns, end_ns);
        bounds->least_ns = most(bounds->least_ns, due_ns + delay_ns + load->own_ns);
    }
    free(free_at);
    bounds->mean_ns = (uint64_t)(delays_ns / (double)n);
    delays_ns += (double)n * (double)load->own_ns;
    bounds->least_ns = most(bounds->least_ns, (uint64_t)(delays_ns / (double)places));
    if (load->latency.kind == LATENCY_FIXED)
        bounds->least_ns = bounds->floor_ns; /* equals in any order */
    return 0;
}
