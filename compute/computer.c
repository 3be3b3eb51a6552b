#include "compute/computer.h"

#include <errno.h>
#include <string.h>

#include "common/clock.h"
#include "compute/gil.h"

#define SLICES       15
#define SLICE_NS_MIN (5 * NS_PER_MS)

/* ---- Before the run ---------------------------------------------------------------------- */

/* In CPU time of this thread: time in which others have the processor does not count. */
static uint64_t time_slice(struct chain *c, uint64_t rounds)
{
    uint64_t before_ns = clock_ns_of(CLOCK_THREAD_CPUTIME_ID);

    chain_advance(c, rounds);
    return clock_ns_of(CLOCK_THREAD_CPUTIME_ID) - before_ns;
}

/* The fastest of several slices: what disturbs a slice (a neighbour on the same core, a cold cache,
 * a low clock) only ever makes it slower. So an item takes its time on an idle core, and more
 * elsewhere. */
static uint64_t rounds_in(struct chain *c, uint64_t cpu_ns)
{
    uint64_t rounds = 1, fastest_ns = time_slice(c, rounds);
    double wanted;

    while (fastest_ns < SLICE_NS_MIN) {
        rounds *= 2;
        fastest_ns = time_slice(c, rounds);
    }
    for (int i = 1; i < SLICES; i++) {
        uint64_t slice_ns = time_slice(c, rounds);

        if (slice_ns < fastest_ns)
            fastest_ns = slice_ns;
    }
    wanted = (double)cpu_ns / (double)fastest_ns * (double)rounds + 0.5;
    return wanted < 1 ? 1 : (uint64_t)wanted;
}

int computation_complete(struct computation *what)
{
    struct chain chain;
    bool failed;

    if (chain_init(&chain, what->block_bytes) < 0)
        return -ENOMEM;
    if (what->rounds == 0)
        what->rounds = rounds_in(&chain, what->cpu_ns);
    if (!what->digest_known) {
        chain_start(&chain);
        chain_advance(&chain, what->rounds);
        memcpy(what->digest, chain.block, CHAIN_DIGEST_BYTES);
        what->digest_known = true;
    }
    failed = chain.failed;
    chain_term(&chain);
    return failed ? -ENOMEM : 0;
}

/* ---- One item ---------------------------------------------------------------------------- */

int computer_init(struct computer *c, const struct computation *what, const struct stop *stop)
{
    *c = (struct computer){.computation = what, .stop = stop};
    return chain_init(&c->chain, what->block_bytes);
}

void computer_term(struct computer *c)
{
    chain_term(&c->chain);
}

/* Advances the chain stretch by stretch. Returns false where it was given up before its end. */
static bool advance(struct computer *c)
{
    const struct computation *what = c->computation;
    uint64_t stretch = chain_stretch(what->block_bytes);

    for (uint64_t left = what->rounds; left > 0; left -= stretch) {
        if (stop_due(c->stop))
            return false;
        if (what->gil != NULL)
            gil_check(what->gil);
        if (stretch > left)
            stretch = left;
        chain_advance(&c->chain, stretch);
    }
    return true;
}

enum computed computer_run(struct computer *c)
{
    struct gil *gil = c->computation->gil;
    bool whole;

    chain_start(&c->chain);
    if (gil != NULL)
        gil_take(gil);
    whole = advance(c);
    if (gil != NULL)
        gil_release(gil);
    if (!whole)
        return COMPUTED_STOPPED;
    return chain_is_at(&c->chain, c->computation->digest) ? COMPUTED_RIGHT : COMPUTED_WRONG;
}
