/* The JSON of a run folder: run.json and the lines of results.jsonl and memory.jsonl, as
 * results/README.md describes them. */
#ifndef HARNESS_RUN_DOCUMENT_H
#define HARNESS_RUN_DOCUMENT_H

#include <jansson.h>
#include <stdint.h>

#include "harness/run/execute.h"
#include "harness/memory/memory.h"
#include "harness/plan/plan.h"
#include "harness/plan/schedule.h"

/* bench.run/1 at the start of a run, with status "running". Takes over `environment`. Returns a new
 * reference, or NULL without memory. */
json_t *document_run(const struct plan *plan, const char *plan_file, const char *id, uint32_t seed,
                     const char *server_url, json_t *environment);

/* Notes that a cell is left out. */
void document_skip(json_t *run, const struct cell *cell, const char *reason);

/* Notes the versions of libraries that only the lanes know. */
void document_learn_versions(json_t *run, const json_t *lane);

/* Notes what is to be said of a cell as a whole. Takes over `noise`, an array. */
void document_cell_noise(json_t *run, const char *id, json_t *noise);

/* Notes the end of a session: the run's `status`, and the time that was stolen from it. */
void document_finish(json_t *run, const char *status, uint64_t steal_ns);

/* bench.sample/1: a new reference, or NULL without memory. `started_at` is before the execution,
 * `export_name` the file name of hyperfine's export. */
json_t *document_sample(const struct step *step, const struct execution *execution,
                        const char *started_at, const char *export_name);

/* bench.memory/1: a new reference, or NULL without memory. */
json_t *document_memory(const struct step *step, const struct memory_pass *pass,
                        const char *started_at);

#endif
