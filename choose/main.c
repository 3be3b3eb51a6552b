/* choose: which concurrency model for your calls? Predicts, recommends and checks itself. */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "choose/answer.h"
#include "choose/check.h"
#include "choose/explorer.h"
#include "choose/fit.h"
#include "choose/options.h"
#include "choose/verify.h"
#include "common/json.h"
#include "common/path.h"

static int complain(const char *what, const struct error *error)
{
    fprintf(stderr, "choose: %s%s%s\n", what, what[0] != '\0' ? ": " : "", error->text);
    return STATUS_IMPOSSIBLE;
}

/* ---- Parameters -------------------------------------------------------------------------- */

/* Loads the runs that the options name. Returns 0, to be closed, or a negative errno. */
static int load(const struct options *options, struct dataset *dataset, struct error *error)
{
    int code = dataset_open(dataset, error);

    for (size_t i = 0; i < options->run_count && code == 0; i++)
        code = dataset_load(dataset, options->runs[i], false, error);
    return code == 0 ? dataset_freeze(dataset, error) : code;
}

static int fit_runs(const struct options *options)
{
    char path[PATH_MAX];
    const char *output = options->output;
    struct parameters parameters = {.about = NULL};
    struct dataset dataset;
    struct error error;
    json_t *said;
    int code = load(options, &dataset, &error);

    if (code == 0)
        code = fit(&dataset, &parameters, &error);
    if (code == 0 && parameters.count == 0)
        code = error_set(&error, -ENOENT, "no lane has enough cells for a fit");
    dataset_close(&dataset);
    if (code < 0)
        return complain(options->runs[0], &error);
    said = parameters_to_json(&parameters);
    if (output == NULL)
        output = path_join(path, options->runs[0], "parameters.json");
    code = json_file_write(output, said);
    if (code == 0)
        printf("%zu lanes: %s\n", parameters.count, output);
    else
        error_set(&error, code, "%s", strerror(-code));
    json_decref(said);
    parameters_free(&parameters);
    return code < 0 ? complain(output, &error) : STATUS_ANSWERED;
}

/* The parameters of the newest run that was fitted, beside the program or below the working folder;
 * NULL: there are none. Stays. */
static const char *newest(void)
{
    static char path[PATH_MAX];
    char root[PATH_MAX], pattern[PATH_MAX];
    glob_t found;

    path_join(pattern, verify_root(root), "results/2*/parameters.json");
    if (glob(pattern, 0, NULL, &found) == 0) {
        snprintf(path, sizeof(path), "%s", found.gl_pathv[found.gl_pathc - 1]);
        globfree(&found);
        return path;
    }
    return NULL;
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
    error_set(
        error, -ERANGE,
        "at %.0f calls a second %.0f are in flight on average, and the service takes %.0f: no "
        "model can keep up",
        q->load.rate, needed, (double)q->in_flight);
    return true;
}

static int answer(const struct options *options)
{
    const char *path = options->parameters != NULL ? options->parameters : newest();
    struct parameters parameters;
    struct candidates candidates = {.all = NULL};
    struct error error = {""};
    int status = STATUS_ANSWERED;

    if (is_beyond(&options->question, &error))
        return complain("", &error);
    if (parameters_read(path, &parameters, &error) < 0)
        return complain(path != NULL ? path : "", &error);
    if (candidates_find(&parameters, &options->question, &candidates, &error) < 0 ||
        answer_print(&candidates, &options->question, &parameters, path != NULL, options->json,
                     &error) < 0)
        status = complain("", &error);
    else if (candidates.possible == 0)
        status = STATUS_IMPOSSIBLE;
    else if (options->verify)
        status = verify(&candidates, &options->question, &error);
    if (options->verify && error.text[0] != '\0')
        complain("--verify", &error);
    candidates_free(&candidates);
    parameters_free(&parameters);
    return status;
}

static int check_runs(const struct options *options)
{
    const char *path = options->parameters != NULL ? options->parameters : newest();
    struct parameters parameters;
    struct dataset dataset;
    struct error error;
    int code;

    if (parameters_read(path, &parameters, &error) < 0)
        return complain(path != NULL ? path : "", &error);
    printf("Parameters: %s\n\n", path != NULL ? path : "built in");
    code = load(options, &dataset, &error);
    if (code == 0)
        code = check(&dataset, &parameters, &error);
    dataset_close(&dataset);
    parameters_free(&parameters);
    return code < 0 ? complain(options->runs[0], &error) : STATUS_ANSWERED;
}

static int write_explorer(const struct options *options)
{
    const char *path = options->parameters != NULL ? options->parameters : newest();
    const char *output = options->output != NULL ? options->output : "explorer.html";
    struct parameters parameters;
    struct dataset dataset;
    struct error error;
    FILE *out;
    int code;

    if (parameters_read(path, &parameters, &error) < 0)
        return complain(path != NULL ? path : "", &error);
    code = load(options, &dataset, &error);
    out = code == 0 ? fopen(output, "w") : NULL;
    if (code == 0 && out == NULL)
        code = error_set(&error, -errno, "%s", strerror(errno));
    if (code == 0)
        code = explorer_write(out, &dataset, &parameters, &error);
    if (out != NULL && fclose(out) != 0 && code == 0)
        code = error_set(&error, -errno, "%s", strerror(errno));
    dataset_close(&dataset);
    parameters_free(&parameters);
    return code < 0 ? complain(output, &error) : STATUS_ANSWERED;
}

int main(int argc, char **argv)
{
    struct options options = options_read(argc, argv);

    if (options.fit)
        return fit_runs(&options);
    if (options.explorer)
        return write_explorer(&options);
    return options.check ? check_runs(&options) : answer(&options);
}
