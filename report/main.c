/* report: turns run folders into report.md, report.html, plots and tables. It never measures, so it
 * can be run again at any time, on a run that is still going on as well. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "choose/predict.h"
#include "common/command_texts.h"
#include "common/count.h"
#include "common/file.h"
#include "common/path.h"
#include "report/claims.h"
#include "report/dataset/dataset.h"
#include "report/embedded.h"
#include "report/plots.h"
#include "report/table.h"
#include "report/texts.h"

#define CLAIMS_SIZE_MAX (16UL << 20)

enum status { STATUS_OK = 0, STATUS_INCOMPLETE = 1, STATUS_NO_GNUPLOT = 3 };

struct settings {
    const char *const *folders;
    size_t count;
    const char *output; /* the folder that the report goes to */
    const char *claims; /* a file of claims, or NULL: those built in */
    bool db, png;
};

/* ---- Options ----------------------------------------------------------------------------- */

static void take_folder(struct argp_state *state, const char *text, void *settings)
{
    struct settings *all = settings;

    (void)text;
    all->folders = (const char *const *)state->argv + state->next - 1;
    all->count = (size_t)(state->argc - state->next + 1);
    state->next = state->argc; /* argp has put the folders behind the options */
}

static void complete(struct argp_state *state, void *settings)
{
    const struct settings *all = settings;

    if (all->count == 0)
        argp_error(state, "which run? Name its folder");
    if (all->count > 1 && all->output == NULL)
        argp_error(state, "of several runs the report needs a folder: --output DIR");
}

static struct settings parse(int argc, char **argv)
{
    static struct option_row rows[] = {
        {"output", 'o', OPTION_TEXT, .offset = offsetof(struct settings, output)},
        {"claims", 0, OPTION_TEXT, .offset = offsetof(struct settings, claims)},
        {"db", 0, OPTION_FLAG, .offset = offsetof(struct settings, db)},
        {"png", 0, OPTION_FLAG, .offset = offsetof(struct settings, png)},
    };
    const char *examples[COMMAND_EXAMPLES_MAX + 1] = {NULL};
    json_t *said = json_loads(embedded_command_json, 0, NULL);
    struct settings settings = {.count = 0};
    struct command_line line = {
        .program = "report",
        .rows = rows,
        .count = COUNT_OF(rows),
        .options = &settings,
        .take = take_folder,
        .complete = complete,
    };

    command_texts(&line, said, examples);
    command_texts_of_rows(rows, COUNT_OF(rows), json_object_get(said, "options"));
    command_line_parse(&line, argc, argv);
    json_decref(said);
    return settings;
}

/* ---- Making it --------------------------------------------------------------------------- */

/* Either may hold what stands in a run folder. */
static int complain(const char *what, const char *reason)
{
    char *said = sqlite3_mprintf("report: %s: %s", what, reason);

    if (said != NULL)
        error_make_plain(said);
    fprintf(stderr, "%s\n", said != NULL ? said : "report: no memory");
    sqlite3_free(said);
    return STATUS_INCOMPLETE;
}

static int load(struct dataset *dataset, const struct settings *settings)
{
    struct error error;

    for (size_t i = 0; i < settings->count; i++)
        if (dataset_load(dataset, settings->folders[i], true, &error) < 0)
            return complain(settings->folders[i], error.text);
    return dataset_freeze(dataset, &error) < 0 ? complain("dataset", error.text) : STATUS_OK;
}

static int judge(struct dataset *dataset, const struct settings *settings)
{
    struct error error;
    char *text = NULL;
    int status = STATUS_OK;

    if (settings->claims != NULL) {
        text = file_read(settings->claims, CLAIMS_SIZE_MAX, NULL);
        if (text == NULL)
            return complain(settings->claims, strerror(errno));
    }
    if (claims_judge(dataset, text, &error) < 0)
        status = complain("the claims", error.text);
    free(text);
    return status;
}

static int draw(struct dataset *dataset, const char *folder, bool png)
{
    struct error error = {""};
    int status = plots_draw(dataset, folder, png, &error);

    if (status == -ENOENT) {
        fputs("report: there are no plots, since gnuplot is missing. Install it: apt-get install "
              "gnuplot-nox\n",
              stderr);
        return STATUS_NO_GNUPLOT;
    }
    return status < 0 ? complain("plots", error.text) : STATUS_OK;
}

/* Predicts the cells, and writes the explorer beside the report. By what was fitted to the run, or
 * else by what is built in: never by what else is on the machine, so that a report can be made
 * again. */
static int predict_cells(struct dataset *dataset, const char *run, const char *folder)
{
    struct error error;
    char path[PATH_MAX];
    int code;

    path_join(path, run, "parameters.json");
    code = choose_open(dataset, access(path, F_OK) == 0 ? path : NULL, NULL, &error);
    if (code == 0)
        code =
            texts_save(path_join(path, folder, "explorer.html"), dataset, "explorer.html", &error);
    return code < 0 ? complain("predictions", error.text) : STATUS_OK;
}

/* What in the folders could not be read. */
static int report_faults(struct dataset *dataset)
{
    struct error error;
    sqlite3_stmt *faults =
        dataset_query(dataset, "SELECT folder, fault FROM faults JOIN runs USING (run)", &error);
    int status = STATUS_OK;

    while (sqlite3_step(faults) == SQLITE_ROW)
        status = complain((const char *)sqlite3_column_text(faults, 0),
                          (const char *)sqlite3_column_text(faults, 1));
    sqlite3_finalize(faults);
    return status;
}

static int worse(int a, int b)
{
    return a == STATUS_OK ? b : a;
}

/* Everything that can be made is made, whatever else fails. */
static int make_report(struct dataset *dataset, const struct settings *settings)
{
    const char *folder = settings->output != NULL ? settings->output : settings->folders[0];
    char path[PATH_MAX];
    struct error error;
    int status = load(dataset, settings), made;

    if (status != STATUS_OK)
        return status;
    made = file_make_folder(folder);
    if (made < 0)
        return complain(folder, strerror(-made));
    status = judge(dataset, settings);
    status = worse(status, report_faults(dataset));
    status = worse(status, predict_cells(dataset, settings->folders[0], folder));
    status = worse(status, draw(dataset, folder, settings->png));
    if (tables_write(dataset, folder, &error) < 0)
        status = worse(status, complain(folder, error.text));
    if (settings->db && dataset_save(dataset, path_join(path, folder, "run.db"), &error) < 0)
        status = worse(status, complain(path, error.text));
    if (texts_write(dataset, folder, &error) < 0)
        return worse(status, complain(folder, error.text));
    printf("%s/report.md\n%s/report.html\n", folder, folder);
    if (texts_show(stdout, dataset, "verdict", TABLE_TERMINAL, &error) < 0)
        status = worse(status, complain("the verdict", error.text));
    return status;
}

int main(int argc, char **argv)
{
    struct settings settings = parse(argc, argv);
    struct dataset dataset;
    struct error error;
    int status;

    if (dataset_open(&dataset, &error) < 0)
        return complain("dataset", error.text);
    status = make_report(&dataset, &settings);
    dataset_close(&dataset);
    return status;
}
