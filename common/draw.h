/* Random numbers that are not drawn one after another but belong to a request: a pure function of
 * the seed, the request's id, its attempt and the purpose. Whoever asks, whenever and in whatever
 * order, gets the same number. */
#ifndef COMMON_DRAW_H
#define COMMON_DRAW_H

#include <stdint.h>

/* Numbers for different purposes are independent of each other. */
enum draw_purpose { DRAW_DELAY, DRAW_DELAY_ANGLE, DRAW_FAULT, DRAW_ARRIVAL, DRAW_RECORD };

/* A number uniform between 0 and 1, neither of them included. */
double draw(uint64_t seed, uint64_t id, uint64_t attempt, enum draw_purpose purpose);

#endif
