/* The lessons: what of a pattern is to be read, in C and in Python. */
#ifndef PATTERNS_SHOW_H
#define PATTERNS_SHOW_H

#include "patterns/pattern.h"

/* Prints the marked functions of a pattern, beside each other where `columns` of the terminal allow
 * it, else below each other. Returns 0 or a negative errno: a source is not there, or has none. */
int show_lessons(const struct pattern *pattern, size_t columns);

#endif
