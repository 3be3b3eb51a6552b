/* choose: which concurrency model for your calls? Predicts, recommends and checks itself. */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "choose/answer.h"
#include "choose/check.h"
#include "choose/explorer.h"
#include "choose/fit.h"
#include "choose/options.h"
#include "choose/verify.h"
#include "common/json.h"
#include "common/path.h"

static enum status complain(const char *what, const struct error *error)
{
    fprintf(stderr, "choose: %s%s%s\n", what, what[0] != '\0' ? ": " : "", error->text);
    return STATUS_IMPOSSIBLE;
}

/* The parameters of the newest run that was fitted; NULL: there are none. Stays. */
static const char *newest(void)
{
    static char path[PATH_MAX];
    char root[PATH_MAX], pattern[PATH_MAX];
    glob_t found;

    path_join(pattern, verify_root(root), "results/2*/parameters.json");
    if (glob(pattern, 0, NULL, &found) != 0)
        return NULL;
    snprintf(path, sizeof(path), "%s", found.gl_pathv[found.gl_pathc - 1]);
    globfree(&found);
    return path;
}

/* ---- Runs -------------------------------------------------------------------------------- */

/* What is done with runs that were loaded: each returns 0, or a negative errno with the reason in
 * *error. */
typedef int runs_action(const struct options *options, struct dataset *dataset,
                        struct parameters *parameters, struct error *error);

static int fit_runs(const struct options *options, struct dataset *dataset,
                    struct parameters *parameters, struct error *error)
{
    char path[PATH_MAX];
    const char *output = options->output;
    json_t *said;
    int code = fit(dataset, parameters, error);

    if (code == 0 && parameters->count == 0)
        code = error_set(error, -ENOENT, "no lane has enough cells for a fit");
    if (code < 0)
        return code;
    if (output == NULL)
        output = path_join(path, options->runs[0], "parameters.json");
    said = parameters_to_json(parameters);
    code = json_file_write(output, said);
    json_decref(said);
    if (code < 0)
        return error_set(error, code, "%.300s: %s", output, strerror(-code));
    printf("%zu lanes: %s\n", parameters->count, output);
    return 0;
}

static int check_runs(const struct options *options, struct dataset *dataset,
                      struct parameters *parameters, struct error *error)
{
    int code = residuals_make(dataset, parameters, error);

    (void)options;
    return code < 0 ? code : residuals_print(dataset, error);
}

static int write_explorer(const struct options *options, struct dataset *dataset,
                          struct parameters *parameters, struct error *error)
{
    return explorer_save(options->output != NULL ? options->output : "explorer.html", dataset,
                         parameters, error);
}

static enum status with_runs(const struct options *options, runs_action *action)
{
    const char *path = options->parameters != NULL ? options->parameters : newest();
    struct parameters parameters = {.about = NULL};
    struct dataset dataset;
    struct error error;
    int code = dataset_open(&dataset, &error);

    for (size_t i = 0; i < options->run_count && code == 0; i++)
        code = dataset_load(&dataset, options->runs[i], false, &error);
    if (code == 0)
        code = dataset_freeze(&dataset, &error);
    if (code == 0 && action != fit_runs)
        code = parameters_read(path, &parameters, &error);
    if (code == 0)
        code = action(options, &dataset, &parameters, &error);
    parameters_free(&parameters);
    dataset_close(&dataset);
    return code < 0 ? complain("", &error) : STATUS_ANSWERED;
}

/* ---- Answers ----------------------------------------------------------------------------- */

/* A rate that no model can serve: with so many in flight, so long each. */
static bool is_beyond(const struct question *q, struct error *error)
{
    struct calls one = q->load;
    struct shape shape = {.width = 1};
    double waiting_ns = 0, needed;

    one.rate = 0;
    one.concurrency = 1;
    if (one.requests > 1000)
        one.requests = 1000;
    if (q->load.rate <= 0 || q->in_flight == 0 || predict_waiting(&one, &shape, &waiting_ns) < 0)
        return false;
    needed = q->load.rate * (waiting_ns / (double)one.requests + one.own_ns) / 1e9;
    if (needed <= (double)q->in_flight)
        return false;
    error_set(error, -ERANGE,
              "at %.0f calls a second %.0f are in flight on average, and the service takes %.0f: "
              "no model can keep up",
              q->load.rate, needed, (double)q->in_flight);
    return true;
}

/* What was measured for the parameters at `path`, as far as that is known. */
static const char *source_of(const struct options *options, const char *path)
{
    return options->parameters != NULL ? options->parameters
           : path != NULL              ? "this machine"
                                       : "ANOTHER machine (measure this one: make calibrate)";
}

static enum status answer(const struct options *options)
{
    const char *path = options->parameters != NULL ? options->parameters : newest();
    struct parameters parameters;
    struct candidates candidates = {.all = NULL};
    struct error error = {""};
    enum status status = STATUS_ANSWERED;

    if (is_beyond(&options->question, &error))
        return complain("", &error);
    if (parameters_read(path, &parameters, &error) < 0)
        return complain(path != NULL ? path : "", &error);
    if (candidates_find(&parameters, &options->question, &candidates, &error) < 0 ||
        answer_print(&candidates, &options->question, &parameters, source_of(options, path),
                     options->json, &error) < 0)
        status = complain("", &error);
    else if (candidates.possible == 0)
        status = STATUS_IMPOSSIBLE;
    else if (options->verify)
        status = verify(&candidates, &options->question, &error);
    if (options->verify && status == STATUS_IMPOSSIBLE && error.text[0] != '\0')
        complain("--verify", &error);
    candidates_free(&candidates);
    parameters_free(&parameters);
    return status;
}

int main(int argc, char **argv)
{
    struct options options = options_read(argc, argv);
    runs_action *action = options.fit        ? fit_runs
                          : options.check    ? check_runs
                          : options.explorer ? write_explorer
                                             : NULL;

    return action != NULL ? with_runs(&options, action) : answer(&options);
}
