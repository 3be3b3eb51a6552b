/* The JSON of a run folder: run.json and the lines of results.jsonl and memory.jsonl, as
 * results/README.md describes them; and hyperfine.json, made from the lines. */
#ifndef HARNESS_RUN_DOCUMENT_H
#define HARNESS_RUN_DOCUMENT_H

#include <jansson.h>
#include <stdint.h>

#include "common/error.h"
#include "harness/plan/plan.h"
#include "harness/plan/schedule.h"
#include "harness/run/execute.h"
#include "harness/run/run_folder.h"

/* bench.run/1 at the start of a run, with status "running". `plan_file` is a path that says nothing
 * of this machine. Takes over `environment`. Returns a new reference, or NULL without memory. */
json_t *document_run(const struct plan *plan, const char *plan_file, const char *id, uint32_t seed,
                     json_t *environment);

/* {id, reason} of a cell that is left out: a new reference. */
json_t *document_skip(const struct cell *cell, const char *reason);

/* Notes the versions of libraries that only the lanes know. */
void document_learn_versions(json_t *run, const json_t *lane);

/* Notes what is to be said of a cell as a whole. Takes over `noise`, an array. */
void document_cell_noise(json_t *run, const char *id, json_t *noise);

/* Notes the end of a session: the run's `status`, and the time that was stolen from it. */
void document_finish(json_t *run, const char *status, uint64_t steal_ns);

/* A line of an execution that is timed (bench.sample/1), or measured for its memory
 * (bench.memory/1): a new reference, or NULL without memory. `started_at` is before it. */
json_t *document_line(const struct schedule_step *step, const struct execution *execution,
                      const char *started_at);

/* Writes hyperfine.json from results.jsonl: hyperfine's own export format, with one result for each
 * cell and the times of all its executions that count; cells without any are left out. Returns 0,
 * or a negative errno with the reason in `error`. */
int document_hyperfine(const struct plan *plan, const struct run_folder *folder,
                       const char *server_url, struct error *error);

#endif
