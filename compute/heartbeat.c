#include "compute/heartbeat.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- Beats ------------------------------------------------------------------------------- */

static unsigned bucket_of(uint64_t ns)
{
    uint64_t value = ns >> HEARTBEAT_UNIT_BITS;
    unsigned octave;

    if (value < HEARTBEAT_STEPS)
        return (unsigned)value;
    if (ns >> HEARTBEAT_VALUE_BITS != 0)
        return HEARTBEAT_BUCKETS - 1;
    octave = 63 - HEARTBEAT_STEP_BITS - (unsigned)__builtin_clzll(value);
    return octave * HEARTBEAT_STEPS + (unsigned)(value >> octave);
}

/* The largest value of a bucket. */
static uint64_t bucket_upper_ns(unsigned bucket)
{
    unsigned octave = bucket < HEARTBEAT_STEPS ? 0 : bucket / HEARTBEAT_STEPS - 1;
    uint64_t value = bucket - octave * HEARTBEAT_STEPS;

    return ((value + 1) << (octave + HEARTBEAT_UNIT_BITS)) - 1;
}

void heartbeat_start(struct heartbeat *h, uint64_t now_ns)
{
    *h = (struct heartbeat){.due_ns = now_ns + HEARTBEAT_NS, .since_ns = now_ns, .wait_ns = now_ns};
}

static void count(struct heartbeat *h, uint64_t late_ns)
{
    h->counts[bucket_of(late_ns)]++;
    h->beats++;
    if (late_ns > h->lateness_max_ns)
        h->lateness_max_ns = late_ns;
    h->due_ns += HEARTBEAT_NS;
}

void heartbeat_beat(struct heartbeat *h, uint64_t now_ns)
{
    while (h->due_ns <= now_ns)
        count(h, now_ns - h->due_ns);
}

void heartbeat_infer(struct heartbeat *h, uint64_t now_ns, uint64_t waited_ns)
{
    uint64_t woken_ns = h->wait_ns + (waited_ns - h->waited_ns);

    while (h->due_ns <= woken_ns && h->due_ns <= now_ns)
        count(h, 0);
    heartbeat_beat(h, now_ns);
}

/* By nearest rank: at most 3 % (or 1 us) above what that beat was late. */
static uint64_t lateness_ns(const struct heartbeat *h, unsigned percent)
{
    uint64_t rank = (h->beats * percent + 99) / 100, seen = 0;

    for (unsigned bucket = 0; bucket < HEARTBEAT_BUCKETS - 1; bucket++) {
        uint64_t upper_ns = bucket_upper_ns(bucket);

        seen += h->counts[bucket];
        if (seen >= rank)
            return upper_ns < h->lateness_max_ns ? upper_ns : h->lateness_max_ns;
    }
    return h->lateness_max_ns;
}

/* ---- Blocks ------------------------------------------------------------------------------ */

static uint64_t length_ns(const struct block *block)
{
    uint64_t ns = 0;

    for (int i = 0; i < ACTIVITY_COUNT; i++)
        ns += block->spent_ns[i];
    return ns;
}

enum activity heartbeat_enter(struct heartbeat *h, enum activity activity, uint64_t id,
                              uint64_t now_ns)
{
    enum activity before = h->activity;

    h->block.spent_ns[before] += now_ns - h->since_ns;
    h->since_ns = now_ns;
    h->activity = activity;
    if (activity == ACTIVITY_COMPUTING && h->block.items++ == 0)
        h->block.first_id = id;
    return before;
}

void heartbeat_wait(struct heartbeat *h, uint64_t now_ns, uint64_t waited_ns)
{
    uint64_t waited_now_ns = waited_ns - h->waited_ns;
    uint64_t *rest_ns = &h->block.spent_ns[ACTIVITY_TRANSFERS];

    heartbeat_enter(h, ACTIVITY_TRANSFERS, 0, now_ns);
    *rest_ns = *rest_ns > waited_now_ns ? *rest_ns - waited_now_ns : 0;
    if (length_ns(&h->block) > length_ns(&h->longest))
        h->longest = h->block;
    h->block = (struct block){0};
    h->wait_ns = now_ns;
    h->waited_ns = waited_ns;
}

/* Into `text` of `size` bytes. */
static void name_block(const struct block *block, char *text, size_t size)
{
    static const char *const names[] = {"libcurl and answers", "starting requests",
                                        "calls that block"};
    enum activity most = ACTIVITY_TRANSFERS;

    for (int i = 1; i < ACTIVITY_COUNT; i++)
        if (block->spent_ns[i] > block->spent_ns[most])
            most = i;
    if (most != ACTIVITY_COMPUTING)
        snprintf(text, size, "%s", names[most]);
    else if (block->items == 1)
        snprintf(text, size, "computing item %" PRIu64, block->first_id);
    else
        snprintf(text, size, "computing %" PRIu64 " items, item %" PRIu64 " first", block->items,
                 block->first_id);
}

/* ---- Of all loops ------------------------------------------------------------------------ */

void heartbeat_merge(struct heartbeat *h, const struct heartbeat *other)
{
    for (unsigned bucket = 0; bucket < HEARTBEAT_BUCKETS; bucket++)
        h->counts[bucket] += other->counts[bucket];
    h->beats += other->beats;
    if (other->lateness_max_ns > h->lateness_max_ns)
        h->lateness_max_ns = other->lateness_max_ns;
    if (length_ns(&other->longest) > length_ns(&h->longest))
        h->longest = other->longest;
}

void heartbeat_summarise(const struct heartbeat *h, struct loop_health *health)
{
    *health = (struct loop_health){
        .heartbeat_ns = HEARTBEAT_NS,
        .heartbeats = h->beats,
        .lateness_p50_ns = lateness_ns(h, 50),
        .lateness_p99_ns = lateness_ns(h, 99),
        .lateness_max_ns = h->lateness_max_ns,
        .longest_block_ns = length_ns(&h->longest),
    };
    if (health->longest_block_ns > 0)
        name_block(&h->longest, health->longest_block, sizeof(health->longest_block));
}
