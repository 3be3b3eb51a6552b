/* The PostgreSQL of a run: a cluster of its own in a temporary folder, that only a
 * socket in that folder leads to; asked for its counts as the mock server is, and ended with the
 * run, whatever ends that (process.h). A database server of the system is never touched. */
#ifndef HARNESS_RUN_CLUSTER_H
#define HARNESS_RUN_CLUSTER_H

#include <jansson.h>
#include <limits.h>

#include "common/process/process.h"

/* With its folder. */
#define CLUSTER_URL "postgresql://bench@/postgres?host=%s&options=-c%%20bench.delay%%3D"

struct cluster {
    struct process process;
    char folder[PATH_MAX];   /* empty: there is no cluster */
    char url[PATH_MAX + 80]; /* of libpq; the delay of a query follows */
};

/* Finds the programs of PostgreSQL: their folder in `programs`, of PATH_MAX bytes. Returns 0, or
 * -ENOENT with the package that brings them in `error`. */
int cluster_find(char *programs, struct error *error);

/* Makes a cluster, and waits until it answers. Returns 0; or a negative errno with the reason,
 * without a path, in `error`, and nothing runs (-EINTR: asked to stop). */
int cluster_start(struct cluster *cluster, struct error *error);

/* Makes another one where it has ended. Returns as mock_ensure(). */
int cluster_ensure(struct cluster *cluster, struct error *error);

/* Sets its counts to 0, and learns in *resets how often that was done by anybody. Returns 0 or a
 * negative errno with the reason in `error`. */
int cluster_reset(const struct cluster *cluster, uint64_t *resets, struct error *error);

/* Its counts, as those of the mock server: a new reference, or NULL with the reason in `error`. */
json_t *cluster_stats(const struct cluster *cluster, struct error *error);

/* Ends and removes it, where there is one. */
void cluster_stop(struct cluster *cluster);

#endif
