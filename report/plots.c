#include "report/plots.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/count.h"
#include "common/file.h"
#include "report/embedded.h"
#include "report/gnuplot.h"
#include "report/table.h"

#define PATH_SIZE  4096
#define ERROR_SIZE 512
#define PLOTS_MAX  32 /* more than plots.json has */

enum { SVG, PNG, FORMATS };

static const char *const formats[FORMATS] = {"svg", "png"};

/* How a plot is drawn. */
static const struct form {
    const char *name, *script;
} forms[] = {
    {"rows", embedded_rows_gp},
    {"curves", embedded_curves_gp},
    {"timelines", embedded_timelines_gp},
};

/* A plot, while it is drawn. */
struct plot {
    char *name, *title;
    const char *state; /* "made", "empty" or "failed" */
    bool started[FORMATS];
    struct gnuplot gnuplot[FORMATS];
    char error[ERROR_SIZE];
};

struct drawing {
    struct dataset *dataset;
    int folder; /* a descriptor: what is in its place may be somebody else's link */
    int format_count;
    bool gnuplot_missing;
    size_t count;
    struct plot plots[PLOTS_MAX];
};

/* A reason that is there already stays. */
static void fail(struct drawing *drawing, struct plot *plot, int status)
{
    plot->state = "failed";
    drawing->gnuplot_missing = drawing->gnuplot_missing || status == -ENOENT;
    if (status == -ENOENT)
        snprintf(plot->error, sizeof(plot->error), "gnuplot is not installed: " GNUPLOT_INSTALL);
    else if (plot->error[0] == '\0')
        snprintf(plot->error, sizeof(plot->error), "%s", strerror(-status));
}

static void remove_file(struct drawing *drawing, const struct plot *plot, const char *ending)
{
    char file[64];

    snprintf(file, sizeof(file), "%s.%s", plot->name, ending);
    unlinkat(drawing->folder, file, 0);
}

/* What an earlier report left, also in the form that it had once. */
static void remove_files(struct drawing *drawing, const struct plot *plot)
{
    static const char *const endings[] = {"svg", "png", "csv", "gp", "dat"};

    for (size_t i = 0; i < COUNT_OF(endings); i++)
        remove_file(drawing, plot, endings[i]);
}

/* Writes NAME.csv, a new file: never through a link, and none of an earlier report is there any
 * more. Returns how many rows it has, without a file where there are none, or a negative errno with
 * the reason in *error. */
static int write_data(struct drawing *drawing, const struct plot *plot, const char *query,
                      struct error *error)
{
    char name[64];
    sqlite3_stmt *rows = dataset_query(drawing->dataset, query, error);
    int fd, count;
    FILE *out;

    if (rows == NULL)
        return -EINVAL;
    snprintf(name, sizeof(name), "%s.csv", plot->name);
    fd = openat(drawing->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    out = fd >= 0 ? fdopen(fd, "w") : NULL;
    count = out != NULL ? table_write(out, rows, TABLE_CSV) : -errno;
    if (out != NULL && fclose(out) != 0)
        count = -errno;
    if (fd >= 0 && count <= 0)
        remove_file(drawing, plot, "csv");
    sqlite3_finalize(rows);
    return count < 0 ? error_set(error, count, "%s", strerror(-count)) : count;
}

static void start(struct drawing *drawing, struct plot *plot, int format, const char *settings,
                  const char *form)
{
    char *script = sqlite3_mprintf("csv = '%s.csv'\noutput = '%s.%s'\nformat = '%s'\n%s\n%s\n%s",
                                   plot->name, plot->name, formats[format], formats[format],
                                   settings, embedded_common_gp, form);
    int status =
        script != NULL ? gnuplot_start(&plot->gnuplot[format], drawing->folder, script) : -ENOMEM;

    sqlite3_free(script);
    plot->started[format] = status == 0;
    if (status < 0)
        fail(drawing, plot, status);
}

/* `row` is one of the view `listed`. */
static void begin(struct drawing *drawing, struct plot *plot, sqlite3_stmt *row)
{
    const char *texts[5], *form = NULL;
    struct error error = {""};
    int rows;

    for (int i = 0; i < 5; i++)
        texts[i] = (const char *)sqlite3_column_text(row, i);
    *plot = (struct plot){.name = strdup(texts[0]), .title = strdup(texts[2])};
    for (size_t i = 0; i < COUNT_OF(forms); i++)
        if (strcmp(forms[i].name, texts[1]) == 0)
            form = forms[i].script;
    remove_files(drawing, plot);
    rows = write_data(drawing, plot, texts[4], &error);
    plot->state = rows > 0 ? "made" : "empty";
    if (rows < 0) {
        snprintf(plot->error, sizeof(plot->error), "its data: %s", error.text);
        fail(drawing, plot, -EIO);
    }
    for (int format = 0; rows > 0 && format < drawing->format_count; format++)
        start(drawing, plot, format, texts[3], form);
}

static void end(struct drawing *drawing, struct plot *plot)
{
    char file[64];

    for (int format = 0; format < FORMATS; format++) {
        char error[ERROR_SIZE] = "";
        int status =
            plot->started[format] ? gnuplot_end(&plot->gnuplot[format], error, sizeof(error)) : 0;

        snprintf(file, sizeof(file), "%s.%s", plot->name, formats[format]);
        if (status == 0 && plot->started[format] &&
            faccessat(drawing->folder, file, R_OK, AT_SYMLINK_NOFOLLOW) < 0) {
            status = -EIO;
            snprintf(error, sizeof(error), "gnuplot wrote no picture");
        }
        if (status < 0) {
            memcpy(plot->error, error, sizeof(error));
            fail(drawing, plot, status);
        }
    }
    for (int format = 0; strcmp(plot->state, "failed") == 0 && format < FORMATS; format++)
        remove_file(drawing, plot, formats[format]);
}

/* ---- All --------------------------------------------------------------------------------- */

/* A row of the table `plots`; the first that failed gives the reason. */
static int note(struct drawing *drawing, const struct plot *plot, struct error *error)
{
    if (dataset_execute(drawing->dataset, "INSERT INTO plots VALUES (?, ?, ?, ?)", "ssss",
                        plot->name, plot->title, plot->state,
                        plot->error[0] != '\0' ? plot->error : NULL) < 0)
        return error_set(error, -EINVAL, "%s", sqlite3_errmsg(drawing->dataset->db));
    if (strcmp(plot->state, "failed") == 0 && error->text[0] == '\0')
        error_set(error, -EIO, "plots/%s: %s", plot->name, plot->error);
    return 0;
}

static int open_folder(const char *folder, struct error *error)
{
    char path[PATH_SIZE];
    int fd, status;

    snprintf(path, sizeof(path), "%s/plots", folder);
    status = file_make_folder(path);
    fd = status == 0 ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : status;
    if (status == 0 && fd < 0)
        fd = -errno;
    return fd < 0 ? error_set(error, fd, "plots/: %s", strerror(-fd)) : fd;
}

static int run_sql(struct drawing *drawing, const char *sql, struct error *error)
{
    if (sqlite3_exec(drawing->dataset->db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    return error_set(error, -EINVAL, "%s", sqlite3_errmsg(drawing->dataset->db));
}

/* The views of the plots are there while their data are written, and leave nothing behind. */
static int begin_all(struct drawing *drawing, struct error *error)
{
    struct error ignored;
    sqlite3_stmt *list = NULL;
    int status = run_sql(drawing, "BEGIN; CREATE TEMP TABLE plots_json (j)", error);

    if (status == 0)
        status = dataset_execute(drawing->dataset, "INSERT INTO plots_json VALUES (?)", "s",
                                 embedded_plots_json);
    if (status == 0)
        status = run_sql(drawing, embedded_plots_sql, error);
    if (status == 0)
        list = dataset_query(drawing->dataset, "SELECT * FROM listed", error);
    while (list != NULL && drawing->count < PLOTS_MAX && sqlite3_step(list) == SQLITE_ROW)
        begin(drawing, &drawing->plots[drawing->count++], list);
    if (status == 0 && drawing->count == 0)
        status = error_set(error, -EINVAL, "%s", sqlite3_errmsg(drawing->dataset->db));
    sqlite3_finalize(list);
    run_sql(drawing, "ROLLBACK", &ignored);
    return status;
}

/* All gnuplots run beside one another, and beside the queries of the plots that follow. */
static int draw(struct drawing *drawing, struct error *error)
{
    int status = begin_all(drawing, error);

    for (size_t i = 0; i < drawing->count; i++) {
        end(drawing, &drawing->plots[i]);
        if (status == 0)
            status = note(drawing, &drawing->plots[i], error);
        free(drawing->plots[i].name);
        free(drawing->plots[i].title);
    }
    if (status == 0 && drawing->gnuplot_missing)
        return -ENOENT;
    return status == 0 && error->text[0] != '\0' ? -EIO : status;
}

int plots_draw(struct dataset *dataset, const char *folder, bool png, struct error *error)
{
    struct drawing drawing = {.dataset = dataset, .format_count = png ? FORMATS : PNG};
    int status;

    error->text[0] = '\0';
    status = run_sql(&drawing, "CREATE TABLE plots (name, title, state, error)", error);
    if (status == 0)
        drawing.folder = status = open_folder(folder, error);
    if (status >= 0) {
        status = draw(&drawing, error);
        close(drawing.folder);
    }
    return status;
}
