/* A run folder made of invented figures, by the schemas in results/README.md: what the tests of the
 * report read. The figures follow from the cells alone, so that every folder is the same. */
#ifndef TESTS_RUN_FIXTURE_H
#define TESTS_RUN_FIXTURE_H

#include <jansson.h>

#define FIXTURE_ROUNDS 7

/* Writes a complete run with all its files into `folder`: sync, threads, procs and async with
 * `latency_ms` (200 as in the plan article, 20 as in quick). */
void fixture_write(const char *folder, int latency_ms);

/* Writes a run of mixed work in which the loop's wall time at CPU shares of 10, 20, … % (`shares`
 * of them) is times[i] times the one of threads; 1: they differ in each round, now this way and now
 * that. */
void fixture_write_shares(const char *folder, const double *times, int shares, int rounds);

/* Changes run.json in `folder`: sets `key` to `value` (a new reference, taken). */
void fixture_set(const char *folder, const char *key, json_t *value);

/* Writes `text` as the file `name` in `folder`, in place of what is there. */
void fixture_put(const char *folder, const char *name, const char *text);

/* A line of results.jsonl for the first cell of that id: an execution of `round` with `wall_ms`.
 * A new reference. */
json_t *fixture_sample(const char *cell, int round, double wall_ms);

#endif
