/* The cores that this process may use: of those of the machine the ones it may run on, and of their
 * time what the quota of its cgroups leaves. */
#ifndef COMMON_CORES_H
#define COMMON_CORES_H

#include <stdbool.h>
#include <stdint.h>

struct cores {
    uint64_t online;    /* of the machine, at least 1 */
    uint64_t affinity;  /* of them this process may run on, at least 1 */
    double quota;       /* CPU time for each unit of time; infinity: no limit */
    uint64_t period_ns; /* in which the quota is counted; 0 where there is none */
    uint64_t usable;    /* how many the two leave, the last one perhaps in part: at least 1 */
};

/* `root` stands before the paths of /proc and of the cgroups: "" but for a tree that was made up.
 */
struct cores cores_read(const char *root);

/* Whether this process may run on the core of this number. */
bool cores_may_run_on(unsigned core);

/* `usable` of this process. */
uint64_t cores_usable(void);

/* The least wall time in ns for `items` (of `each_ns` of CPU time), `at_once` at a time. */
uint64_t cores_least_ns(const struct cores *cores, uint64_t items, uint64_t at_once,
                        uint64_t each_ns);

#define CORES_TEXT_SIZE 64
/* "8", "2 of 8 cores: affinity" or "1.5 cores: cgroup quota", in `text`. Returns it. */
const char *cores_describe(const struct cores *cores, char text[CORES_TEXT_SIZE]);

/* What the quota has taken so far from the cgroups that hold this process. */
struct cores_throttled {
    uint64_t periods; /* in which it was used up */
    uint64_t ns;      /* waited for the next one, in all */
};
struct cores_throttled cores_throttled(const char *root);

#endif
