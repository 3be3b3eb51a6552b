#include "choose/verify.h"

#include <errno.h>
#include <glob.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "choose/fit.h"
#include "common/child.h"
#include "common/json.h"
#include "common/path.h"
#include "report/format.h"

#define ROUNDS    3
#define MEASURED  3          /* the fastest ones */
#define WALL_NS   (60 * 1e9) /* what takes longer is not measured */
#define AS_GOOD   1.05 /* the ranking is right where the chosen one comes so near to the best */
#define PLAN_NAME "choose"

const char *verify_root(char path[PATH_MAX])
{
    ssize_t size = readlink("/proc/self/exe", path, PATH_MAX - 1);

    for (int up = 0; up < 2 && size > 0; up++) {
        path[size] = '\0';
        size = strrchr(path, '/') - path;
    }
    path[size > 0 ? size : 0] = '\0';
    return path;
}

/* ---- The plan ---------------------------------------------------------------------------- */

static bool is_measured(const struct candidates *candidates, size_t i)
{
    return i < candidates->possible && (i < MEASURED || i == candidates->chosen) &&
           candidates->all[i].predicted.wall_ns < WALL_NS;
}

/* Where the twins are, by what they are written in. */
static void describe_lane(json_t *lanes, const struct lane_parameters *lane, const char *root)
{
    bool python = strcmp(lane->language, "python") == 0, node = strcmp(lane->language, "node") == 0;
    char path[2 * PATH_MAX], name[PARAMETERS_NAME_SIZE];

    if (strcmp(lane->language, "c") == 0)
        return;
    strcpy(name, lane->lane);
    for (char *c = name; *c != '\0'; c++)
        if ((python || node) && *c == '-')
            *c = '_';
    snprintf(path, sizeof(path), "%s/%s%s%s", root,
             python ? "twins/python/"
             : node ? "twins/node/"
                    : "build/twins/",
             name,
             python ? ".py"
             : node ? ".mjs"
                    : "");
    json_object_set_new(lanes, lane->lane,
                        json_pack("{s:s, s:s, s:s}", "path", path, "model", lane->model, "language",
                                  lane->language));
}

static json_t *cell_of(const struct candidate *candidate, const struct question *q)
{
    double own_ns = candidate_own_ns(candidate, &q->load);
    char cpu[32];
    json_t *cell =
        json_pack("{s:s, s:I, s:I, s:s, s:b}", "lane", candidate->lane->lane, "requests",
                  (json_int_t)q->load.requests, "concurrency", (json_int_t)candidate->concurrency,
                  "latency", q->latency_text, "records", 0);

    if (own_ns > 0) {
        snprintf(cpu, sizeof(cpu), "%.0fns", own_ns);
        json_object_set_new(cell, "work", json_string("mixed"));
        json_object_set_new(cell, "cpu", json_string(cpu));
    }
    if (candidate->compute != NULL) {
        json_object_set_new(cell, "compute", json_string(candidate->compute));
        json_object_set_new(cell, "workers", json_integer((json_int_t)q->cores));
    }
    if (candidate->loops > 1)
        json_object_set_new(cell, "loops", json_integer((json_int_t)candidate->loops));
    if (q->load.rate > 0)
        json_object_set_new(cell, "rate", json_integer((json_int_t)q->load.rate));
    if (q->load.fresh)
        json_object_set_new(cell, "connections", json_string("fresh"));
    return cell;
}

static json_t *plan_of(const struct candidates *candidates, const struct question *q,
                       const char *root)
{
    json_t *lanes = json_object(), *cells = json_array(), *passes = json_array();

    for (size_t i = 0; i < candidates->possible; i++) {
        const struct candidate *candidate = &candidates->all[i];

        if (!is_measured(candidates, i))
            continue;
        describe_lane(lanes, candidate->lane, root);
        json_array_append_new(cells, cell_of(candidate, q));
        if (candidate->compute == NULL && candidate->loops <= 1)
            json_array_append_new(passes,
                                  json_pack("{s:s, s:I, s:I}", "lane", candidate->lane->lane,
                                            "requests", (json_int_t)candidate->concurrency,
                                            "concurrency", (json_int_t)candidate->concurrency));
    }
    return json_pack("{s:s, s:s, s:s, s:i, s:o, s:o, s:{s:s, s:o}}", "schema", "bench.plan/1",
                     "name", PLAN_NAME, "description", "What choose --verify measures", "rounds",
                     ROUNDS, "lanes", lanes, "cells", cells, "memory", "hold", "2s", "cells",
                     passes);
}

/* ---- The run ----------------------------------------------------------------------------- */

static int run(const char *root, const char *plan)
{
    char bench[PATH_MAX];
    pid_t pid;

    path_join(bench, root, "build/bench");
    fflush(stdout);
    pid = child_fork(SIGTERM);
    if (pid == 0) {
        execl(bench, bench, "run", plan, "--no-report", "--quiet", (char *)NULL);
        _exit(127);
    }
    return pid > 0 ? child_wait(pid) : -1;
}

/* Makes the plan, runs it, and finds the folder of the run. Returns 0, or a negative errno. */
static int measure(const struct candidates *candidates, const struct question *q,
                   char folder[PATH_MAX], struct error *error)
{
    char root[PATH_MAX], plan[] = "/tmp/choose-XXXXXX.json", pattern[PATH_MAX];
    int file = mkstemps(plan, (int)strlen(".json")), status = -1;
    json_t *said = plan_of(candidates, q, verify_root(root));
    glob_t found;

    if (file >= 0 && said != NULL && json_dumpfd(said, file, JSON_INDENT(1)) == 0)
        status = run(root, plan);
    json_decref(said);
    close(file);
    unlink(plan);
    if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
        return error_set(error, -EIO, "bench could not measure it (status %d)",
                         WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    path_join(pattern, root, "results/2*-" PLAN_NAME);
    if (glob(pattern, 0, NULL, &found) != 0)
        return error_set(error, -ENOENT, "there is no run in %.300s/results", root);
    snprintf(folder, PATH_MAX, "%s", found.gl_pathv[found.gl_pathc - 1]);
    globfree(&found);
    return 0;
}

/* ---- The comparison ---------------------------------------------------------------------- */

static bool is_of(const struct fitted_cell *cell, const struct candidate *candidate,
                  const struct question *q)
{
    struct shape shape = candidate_shape(candidate, q);

    return strcmp(cell->lane, candidate->lane->lane) == 0 && cell->shape.width == shape.width &&
           cell->shape.beside == shape.beside && cell->load.concurrency == candidate->concurrency;
}

static bool print_one(const char *name, const char *what, double predicted, double error,
                      double measured, void format(char *text, double value))
{
    char texts[3][FORMAT_SIZE];
    bool held = fabs(predicted - measured) <= error;

    format(texts[0], predicted);
    format(texts[1], error);
    format(texts[2], measured);
    printf("%-32s %-7s predicted %9s ± %-9s measured %9s  %+6.1f %%  %s\n", name, what, texts[0],
           texts[1], texts[2], 100 * (predicted / measured - 1), held ? "held" : "MISSED");
    return held;
}

/* Prints all that was measured. Returns whether all predictions held, and the ranking. */
static bool compare(struct dataset *dataset, const struct candidates *candidates,
                    const struct question *q, const struct fitted_cell *cells, size_t count)
{
    double best_ns = INFINITY, chosen_ns = INFINITY, measured_ns;
    bool held = true;

    for (size_t i = 0; i < candidates->possible; i++) {
        const struct candidate *one = &candidates->all[i];
        const struct prediction *p = &one->predicted;
        double bytes = fit_memory_at(dataset, one->lane->lane, one->concurrency);
        size_t cell = 0;

        while (cell < count && !(is_measured(candidates, i) && is_of(&cells[cell], one, q)))
            cell++;
        if (cell == count)
            continue;
        measured_ns = q->load.rate > 0 ? cells[cell].p99_ns : cells[cell].wall_ns;
        held &= q->load.rate > 0 ? print_one(one->name, "p99", p->p99_ns, p->p99_error_ns,
                                             measured_ns, format_duration)
                                 : print_one(one->name, "wall", p->wall_ns, p->wall_error_ns,
                                             measured_ns, format_duration);
        best_ns = fmin(best_ns, measured_ns);
        if (i == candidates->chosen)
            chosen_ns = measured_ns;
        if (isfinite(bytes) && isfinite(p->memory_bytes) && one->compute == NULL && one->loops < 2)
            held &= print_one(one->name, "memory", p->memory_bytes, p->memory_error_bytes, bytes,
                              format_bytes);
    }
    if (chosen_ns > AS_GOOD * best_ns) {
        printf("The ranking was WRONG: what was recommended took %.2f times as long as the best.\n",
               chosen_ns / best_ns);
        held = false;
    }
    return held;
}

enum status verify(const struct candidates *candidates, const struct question *q,
                   struct error *error)
{
    struct dataset dataset;
    struct fitted_cell *cells = NULL;
    char folder[PATH_MAX];
    size_t count = 0;
    bool held = false;
    int code = measure(candidates, q, folder, error);

    if (code < 0)
        return STATUS_IMPOSSIBLE;
    code = dataset_open(&dataset, error);
    if (code == 0)
        code = dataset_load(&dataset, folder, false, error);
    if (code == 0)
        code = dataset_freeze(&dataset, error);
    if (code == 0)
        code = fit_read(&dataset, NAN, &cells, &count, error);
    if (code == 0 && count == 0)
        code = error_set(error, -ENODATA, "no execution counted: see bench show %.300s", folder);
    if (code == 0) {
        printf("\nMeasured: %s\n", folder);
        held = compare(&dataset, candidates, q, cells, count);
    }
    free(cells);
    dataset_close(&dataset);
    return code < 0 ? STATUS_IMPOSSIBLE : held ? STATUS_ANSWERED : STATUS_MISSED;
}
