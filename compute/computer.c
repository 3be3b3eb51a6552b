#include "compute/computer.h"

#include "compute/gil.h"

int computer_init(struct computer *c, const struct workload *w, const struct recorder *r)
{
    *c = (struct computer){.computation = &w->computation, .recorder = r};
    return w->work == WORK_IO ? 0 : chain_init(&c->chain, w->computation.block_bytes);
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
        if (recorder_over(c->recorder))
            return false;
        if (what->gil != NULL)
            gil_check(what->gil);
        if (stretch > left)
            stretch = left;
        chain_advance(&c->chain, stretch);
    }
    return true;
}

enum outcome computer_run(struct computer *c)
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
        return OUTCOME_CANCELLED;
    return chain_is_at(&c->chain, c->computation->digest) ? OUTCOME_OK : OUTCOME_BAD_BODY;
}
