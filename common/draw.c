#include "common/draw.h"

/* The finaliser of SplitMix64 (Steele, Lea, Flood 2014): each bit of the input changes each bit of
 * the output with probability 1/2. */
static uint64_t mix(uint64_t value)
{
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
    return value ^ value >> 31;
}

static uint64_t join(uint64_t state, uint64_t value)
{
    return mix(state + 0x9e3779b97f4a7c15ULL * (value + 1));
}

double draw(uint64_t seed, uint64_t id, uint64_t attempt, enum draw_purpose purpose)
{
    uint64_t bits = join(join(join(join(0, seed), id), attempt), (uint64_t)purpose);

    /* 52 bits and a half: every value is exact, and neither 0 nor 1 can come out. */
    return ((double)(bits >> 12) + 0.5) * 0x1p-52;
}
