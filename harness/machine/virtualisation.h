/* Whether the machine is virtual, and the system in a container: both disturb measurements. */
#ifndef HARNESS_MACHINE_VIRTUALISATION_H
#define HARNESS_MACHINE_VIRTUALISATION_H

#include <stddef.h>

/* Writes what is found to `text`: "none", "KVM", "KVM, docker", ... Cut off at `size`. */
void virtualisation_read(char *text, size_t size);

#endif
