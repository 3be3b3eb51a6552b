/* The machine and the programs that a run was made with: `environment` in run.json. */
#ifndef HARNESS_MACHINE_ENVIRONMENT_H
#define HARNESS_MACHINE_ENVIRONMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads it all; what cannot be known is null. `root` is the folder of the suite, for its revision,
 * or an empty text. Returns a new reference, or NULL without memory. */
json_t *environment_read(const char *root);

/* Whether git tells no revision because it takes the folder of the suite for another user's. */
bool environment_is_anothers(const char *root);

/* A list or an object of environment.json, which stays. */
const json_t *environment_known(const char *name);

/* Whether the machine is virtual, and the system in a container, as both disturb measurements:
 * "none", "KVM", "KVM, docker", ... to `text`, cut off at `size`. */
void virtualisation_read(char *text, size_t size);

/* What a read of 4096 bytes takes on the disk under `folder`, past the page cache (O_DIRECT): up to
 * 1000 of them in 2 s at most, anywhere in a file of 16 MiB that has no name. `disk` of run.json: a
 * new reference; null where the file system does not take O_DIRECT, or is full. */
json_t *disk_measure(const char *folder);

struct environment_load {
    double average;    /* of the last minute; -1 where the kernel does not say */
    unsigned runnable; /* other tasks of the machine that want to run at this moment */
};
struct environment_load environment_load(void);

/* What the cores that this process may run on have done since the machine started. The kernel
 * counts in hundredths of a second. */
struct environment_cpu {
    uint64_t busy_ns;  /* for processes: user, nice and system time */
    uint64_t steal_ns; /* what the hypervisor took */
};
struct environment_cpu environment_cpu(void);

#endif
