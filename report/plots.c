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

static const char *const formats[] = {"svg", "png"};

/* A plot, while it is drawn. */
struct plot {
    char *name, *title;
    int rows;
    bool started;
    struct gnuplot gnuplot;
    char error[ERROR_SIZE]; /* "": none */
};

struct drawing {
    struct dataset *dataset;
    int folder; /* a descriptor: what is in its place may be somebody else's link */
    size_t format_count, count;
    bool gnuplot_missing;
    struct plot plots[PLOTS_MAX];
};

/* The column of a row of the view `listed`. */
enum { NAME, TITLE, SCRIPT, QUERY };

static const char *text_of(sqlite3_stmt *row, int column)
{
    return (const char *)sqlite3_column_text(row, column);
}

static int sql_error(struct drawing *drawing, struct error *error)
{
    return error_set(error, -EINVAL, "%s", sqlite3_errmsg(drawing->dataset->db));
}

/* Lasts until the next call. */
static const char *file_name(const struct plot *plot, const char *ending)
{
    static char name[64];

    snprintf(name, sizeof(name), "%s.%s", plot->name, ending);
    return name;
}

/* What an earlier report left, also in the form that it had once. */
static void remove_files(struct drawing *drawing, const struct plot *plot)
{
    static const char *const endings[] = {"svg", "png", "csv", "gp", "dat"};

    for (size_t i = 0; i < COUNT_OF(endings); i++)
        unlinkat(drawing->folder, file_name(plot, endings[i]), 0);
}

/* Writes NAME.csv, a new file: never through a link, and none of an earlier report is there any
 * more. Returns how many rows it has, without a file where there are none, or a negative errno with
 * the reason in *error. */
static int write_data(struct drawing *drawing, const struct plot *plot, sqlite3_stmt *rows,
                      struct error *error)
{
    const char *name = file_name(plot, "csv");
    int fd = openat(drawing->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    int count = out != NULL ? table_write(out, rows, TABLE_CSV) : -errno;

    if (fd >= 0 && out == NULL)
        close(fd);
    if (out != NULL && fclose(out) != 0)
        count = -errno;
    if (fd >= 0 && count <= 0)
        unlinkat(drawing->folder, name, 0);
    return count < 0 ? error_set(error, count, "%s", strerror(-count)) : count;
}

/* gnuplot draws a plot in one format after the other. */
static int start(struct drawing *drawing, struct plot *plot, sqlite3_stmt *row)
{
    sqlite3_str *script = sqlite3_str_new(NULL);
    char *text;
    int status;

    for (size_t i = 0; i < drawing->format_count; i++)
        sqlite3_str_appendf(script, "csv = '%s.csv'\noutput = '%s'\nformat = '%s'\n%s", plot->name,
                            file_name(plot, formats[i]), formats[i], text_of(row, SCRIPT));
    text = sqlite3_str_finish(script);
    status = text != NULL ? gnuplot_start(&plot->gnuplot, drawing->folder, text) : -ENOMEM;
    sqlite3_free(text);
    return status;
}

/* A status of gnuplot; in place of a word of its own an error has the system's. */
static void fail(struct drawing *drawing, struct plot *plot, int status)
{
    drawing->gnuplot_missing = drawing->gnuplot_missing || status == -ENOENT;
    if (status == -ENOENT)
        snprintf(plot->error, sizeof(plot->error), "gnuplot is not installed: " GNUPLOT_INSTALL);
    else if (plot->error[0] == '\0')
        snprintf(plot->error, sizeof(plot->error), "%s", strerror(-status));
}

static void begin(struct drawing *drawing, struct plot *plot, sqlite3_stmt *row)
{
    struct error error;
    sqlite3_stmt *rows = dataset_query(drawing->dataset, text_of(row, QUERY), &error);
    int status = 0;

    *plot = (struct plot){.name = strdup(text_of(row, NAME)), .title = strdup(text_of(row, TITLE))};
    remove_files(drawing, plot);
    plot->rows = rows != NULL ? write_data(drawing, plot, rows, &error) : -EINVAL;
    sqlite3_finalize(rows);
    if (plot->rows < 0)
        snprintf(plot->error, sizeof(plot->error), "its data: %.*s", ERROR_SIZE - 16, error.text);
    if (plot->rows > 0)
        status = start(drawing, plot, row);
    plot->started = plot->rows > 0 && status == 0;
    if (status < 0)
        fail(drawing, plot, status);
}

static void end(struct drawing *drawing, struct plot *plot)
{
    int status = plot->started ? gnuplot_end(&plot->gnuplot, plot->error, sizeof(plot->error)) : 0;

    if (status < 0)
        fail(drawing, plot, status);
    for (size_t i = 0; plot->started && status == 0 && i < drawing->format_count; i++)
        if (faccessat(drawing->folder, file_name(plot, formats[i]), R_OK, AT_SYMLINK_NOFOLLOW) < 0)
            snprintf(plot->error, sizeof(plot->error), "gnuplot wrote no picture");
    for (size_t i = 0; plot->error[0] != '\0' && i < COUNT_OF(formats); i++)
        unlinkat(drawing->folder, file_name(plot, formats[i]), 0);
}

/* ---- All --------------------------------------------------------------------------------- */

/* A row of the table `plots`; the first that failed gives the reason. */
static int note(struct drawing *drawing, const struct plot *plot, struct error *error)
{
    bool failed = plot->error[0] != '\0';

    if (dataset_execute(drawing->dataset, "INSERT INTO plots VALUES (?, ?, ?, ?)", "ssss",
                        plot->name, plot->title,
                        failed            ? "failed"
                        : plot->rows == 0 ? "empty"
                                          : "made",
                        failed ? plot->error : NULL) < 0)
        return sql_error(drawing, error);
    if (failed && error->text[0] == '\0')
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

/* The views of the plots are there while their data are written, and leave nothing behind. */
static int begin_all(struct drawing *drawing, struct error *error)
{
    struct dataset *dataset = drawing->dataset;
    sqlite3_stmt *list = NULL;
    int status = 0;

    if (dataset_execute(dataset, "BEGIN", "") < 0 ||
        dataset_execute(dataset,
                        "CREATE TEMP TABLE embedded AS "
                        "SELECT ? j, ? common, ? \"rows\", ? curves, ? timelines",
                        "sssss", embedded_plots_json, embedded_common_gp, embedded_rows_gp,
                        embedded_curves_gp, embedded_timelines_gp) < 0 ||
        sqlite3_exec(dataset->db, embedded_plots_sql, NULL, NULL, NULL) != SQLITE_OK ||
        (list = dataset_query(dataset, "SELECT * FROM listed", error)) == NULL)
        status = sql_error(drawing, error);
    while (list != NULL && drawing->count < PLOTS_MAX && sqlite3_step(list) == SQLITE_ROW)
        begin(drawing, &drawing->plots[drawing->count++], list);
    if (status == 0 && drawing->count == 0)
        status = sql_error(drawing, error);
    sqlite3_finalize(list);
    dataset_execute(dataset, "ROLLBACK", "");
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
    struct drawing drawing = {.dataset = dataset, .format_count = png ? 2 : 1};
    int status;

    error->text[0] = '\0';
    if (dataset_execute(dataset, "CREATE TABLE plots (name, title, state, error)", "") < 0)
        return sql_error(&drawing, error);
    drawing.folder = status = open_folder(folder, error);
    if (status >= 0) {
        status = draw(&drawing, error);
        close(drawing.folder);
    }
    return status;
}
