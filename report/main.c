/* report: turns a run folder into report.md, report.html, plots and tables. It never measures, so
 * it can be run again at any time, on a run that is still going on as well. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/json.h"
#include "report/document.h"
#include "report/export.h"
#include "report/gnuplot.h"
#include "report/html.h"
#include "report/plots.h"

#define CLAIMS_SIZE_MAX (16UL << 20)

enum status { STATUS_OK = 0, STATUS_INCOMPLETE = 1, STATUS_USAGE = 2, STATUS_NO_GNUPLOT = 3 };

struct settings {
    const char *folder;
    const char *claims; /* a file of claims, or NULL: those built in */
};

static const char help[] =
    "Usage: report [options] RUN\n"
    "Makes the report of a run again, from its raw data: RUN/report.md, RUN/report.html,\n"
    "RUN/plots/, and all tables as data, RUN/tables.json and RUN/tables/. RUN is a folder that\n"
    "`bench run` made. Nothing is measured.\n"
    "\n"
    "  --claims FILE   hold the run against the claims in FILE instead of those built in\n"
    "  --version       print the version\n"
    "  --help          print this help\n"
    "\n"
    "Exit status: 0 the report is made; 1 parts of it could not be made (it says which); 2 bad\n"
    "usage; 3 gnuplot is missing (the report is made, without plots).\n";

static int usage(const char *reason, const char *what)
{
    fprintf(stderr, "report: %s%s\nTry: report --help\n", reason, what);
    return STATUS_USAGE;
}

/* Returns -1 to go on, or the exit status. */
static int parse_options(struct settings *settings, int argc, char **argv)
{
    static const struct option options[] = {{"claims", required_argument, NULL, 'c'},
                                            {"version", no_argument, NULL, 'v'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            settings->claims = optarg;
            break;
        case 'v':
            puts("report " SUITE_VERSION);
            return STATUS_OK;
        case 'h':
            fputs(help, stdout);
            return STATUS_OK;
        case ':':
            return usage("a value is missing for ", argv[optind - 1]);
        default:
            return usage("unknown option ", argv[optind - 1]);
        }
    }
    if (argc - optind != 1)
        return usage(argc == optind ? "which run? Name its folder" : "one run at a time", "");
    settings->folder = argv[optind];
    return -1;
}

static int complain(const char *folder, const char *file, int error)
{
    fprintf(stderr, "report: %s/%s: %s\n", folder, file, strerror(-error));
    return STATUS_INCOMPLETE;
}

static int write_file(const char *folder, const char *file, const char *text, size_t size)
{
    char path[4096];
    int error;

    snprintf(path, sizeof(path), "%s/%s", folder, file);
    error = file_replace(path, text, size);
    return error < 0 ? complain(folder, file, error) : STATUS_OK;
}

static int write_html(const struct run *run, const char *markdown, const struct plots *plots)
{
    char *title = NULL, *page = NULL;
    size_t title_size, page_size;
    FILE *title_out = open_memstream(&title, &title_size);
    FILE *page_out = open_memstream(&page, &page_size);
    int error = title_out != NULL && page_out != NULL ? 0 : -ENOMEM, status;

    if (title_out != NULL) {
        document_title(title_out, run);
        error = fclose(title_out) == 0 ? error : -ENOMEM;
    }
    if (error == 0)
        error = html_write(page_out, title, markdown, run->folder, plots);
    if (page_out != NULL && fclose(page_out) != 0)
        error = -ENOMEM;
    status = error < 0 ? complain(run->folder, "report.html", error)
                       : write_file(run->folder, "report.html", page, page_size);
    free(title);
    free(page);
    return status;
}

static int write_reports(const struct plot_source *source, const struct plots *plots)
{
    char *markdown = NULL;
    size_t size;
    FILE *out = open_memstream(&markdown, &size);
    int status;

    if (out == NULL)
        return complain(source->run->folder, "report.md", -ENOMEM);
    document_write(out, source, plots);
    if (fclose(out) != 0)
        return complain(source->run->folder, "report.md", -ENOMEM);
    status = write_file(source->run->folder, "report.md", markdown, size);
    if (write_html(source->run, markdown, plots) != STATUS_OK)
        status = STATUS_INCOMPLETE;
    free(markdown);
    return status;
}

/* Says on stderr what the report lacks. */
static int judge(const struct run *run, const struct plots *plots, int status)
{
    size_t i;
    json_t *fault;

    json_array_foreach(run->faults, i, fault)
    {
        fprintf(stderr, "report: %s: %s\n", run->folder, json_string_value(fault));
        status = STATUS_INCOMPLETE;
    }
    if (plots->gnuplot_missing) {
        fputs("report: there are no plots, since gnuplot is missing. Install it: " GNUPLOT_INSTALL
              "\n",
              stderr);
        return status == STATUS_OK ? STATUS_NO_GNUPLOT : status;
    }
    for (i = 0; i < PLOT_COUNT; i++) {
        if (plots->list[i].state != PLOT_FAILED)
            continue;
        fprintf(stderr, "report: %s/plots/%s: %s\n", run->folder, plots->list[i].name,
                plots->list[i].error);
        status = STATUS_INCOMPLETE;
    }
    return status;
}

static int make_report(const struct run *run, const char *claims_text)
{
    struct groups groups, cpu, mixed;
    struct claims claims = {.count = 0};
    struct plot_source source = {
        .run = run, .groups = &groups, .cpu = &cpu, .mixed = &mixed, .claims = &claims};
    struct plots plots;
    char error[JSON_ERROR_SIZE];
    int status = STATUS_INCOMPLETE;

    if (groups_arrange(&groups, run, WORK_IO) < 0 || groups_arrange(&cpu, run, WORK_CPU) < 0 ||
        groups_arrange(&mixed, run, WORK_MIXED) < 0)
        return complain(run->folder, "report.md", -ENOMEM);
    if (claims_evaluate(&claims, claims_text, run, error) < 0) {
        fprintf(stderr, "report: the claims: %s\n", error);
    } else {
        plots_make(&plots, &source);
        status = judge(run, &plots, write_reports(&source, &plots));
        if (export_tables(&source, error) < 0) {
            fprintf(stderr, "report: %s\n", error);
            status = STATUS_INCOMPLETE;
        }
        printf("%s/report.md\n%s/report.html\n", run->folder, run->folder);
    }
    claims_free(&claims);
    groups_free(&groups);
    groups_free(&cpu);
    groups_free(&mixed);
    return status;
}

int main(int argc, char **argv)
{
    struct settings settings = {.folder = NULL};
    struct run run;
    char error[JSON_ERROR_SIZE], *claims = NULL;
    int status = parse_options(&settings, argc, argv);

    if (status >= 0)
        return status;
    if (settings.claims != NULL) {
        claims = run_file_read(settings.claims, CLAIMS_SIZE_MAX, NULL);
        if (claims == NULL) {
            fprintf(stderr, "report: %s: %s\n", settings.claims, strerror(errno));
            return STATUS_INCOMPLETE;
        }
    }
    if (run_load(&run, settings.folder, error) < 0) {
        fprintf(stderr, "report: %s: %s\n", settings.folder, error);
        free(claims);
        return STATUS_INCOMPLETE;
    }
    status = make_report(&run, claims);
    run_free(&run);
    free(claims);
    return status;
}
