/* Settings of the machine and of the environment that change what a measurement shows: clock
 * frequency, memory, swap, huge pages, address randomisation, the allocator. */
#ifndef HARNESS_MACHINE_MACHINE_H
#define HARNESS_MACHINE_MACHINE_H

#include <jansson.h>

/* Adds them to `environment` of run.json; what cannot be read is null. */
void machine_describe(json_t *environment);

/* The first number in a file, or null: a new reference. */
json_t *machine_number(const char *path);

#endif
