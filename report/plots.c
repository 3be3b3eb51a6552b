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

enum { SVG, PNG, FORMATS };

static const char *const formats[FORMATS] = {"svg", "png"};

/* A script says what is drawn, its form how. The view plot_NAME gives the data. */
static const struct kind {
    const char *name, *script, *form;
} kinds[] = {
    {"wall", embedded_wall_gp, embedded_rows_gp},
    {"memory", embedded_memory_gp, embedded_rows_gp},
    {"concurrency", embedded_concurrency_gp, embedded_curves_gp},
    {"in-flight", embedded_in_flight_gp, embedded_timelines_gp},
    {"requests", embedded_requests_gp, embedded_timelines_gp},
    {"memory-concurrency", embedded_memory_concurrency_gp, embedded_curves_gp},
    {"memory-time", embedded_memory_time_gp, embedded_curves_gp},
    {"sweep", embedded_sweep_gp, embedded_curves_gp},
    {"speed-up", embedded_speed_up_gp, embedded_curves_gp},
    {"mixed", embedded_mixed_gp, embedded_curves_gp},
    {"patterns", embedded_patterns_gp, embedded_rows_gp},
    {"twins", embedded_twins_gp, embedded_rows_gp},
    {"twins-memory", embedded_twins_memory_gp, embedded_rows_gp},
    {"tasks", embedded_tasks_gp, embedded_curves_gp},
    {"task-bytes", embedded_task_bytes_gp, embedded_rows_gp},
};

/* One of them, while it is drawn. */
struct plot {
    const struct kind *kind;
    const char *state; /* "made", "empty" or "failed" */
    bool started[FORMATS];
    struct gnuplot gnuplot[FORMATS];
    char *title;
    char error[ERROR_SIZE];
};

struct drawing {
    struct dataset *dataset;
    int folder; /* a descriptor: what is in its place may be somebody else's link */
    int format_count;
    bool gnuplot_missing;
    struct plot plots[COUNT_OF(kinds)];
};

static void fail(struct plot *plot, const char *what, int status)
{
    plot->state = "failed";
    if (plot->error[0] == '\0')
        snprintf(plot->error, sizeof(plot->error), "%s%s", what,
                 status == -ENOENT ? "gnuplot is not installed: " GNUPLOT_INSTALL
                                   : strerror(-status));
}

static void remove_file(struct drawing *drawing, const char *name, const char *ending)
{
    char file[64];

    snprintf(file, sizeof(file), "%s.%s", name, ending);
    unlinkat(drawing->folder, file, 0);
}

/* What an earlier report left, also in the form that it had once. */
static void remove_files(struct drawing *drawing, const char *name)
{
    static const char *const endings[] = {"svg", "png", "csv", "gp", "dat"};

    for (size_t i = 0; i < COUNT_OF(endings); i++)
        remove_file(drawing, name, endings[i]);
}

/* ---- Data -------------------------------------------------------------------------------- */

/* The rows of a plot; its title and what it says besides stand in the first. */
static sqlite3_stmt *rows_of(struct drawing *drawing, const char *name, struct error *error)
{
    char view[64], *columns, *names, *sql;
    sqlite3_stmt *rows;

    snprintf(view, sizeof(view), "plot_%s", name);
    for (char *at = view; *at != '\0'; at++)
        *at = *at == '-' ? '_' : *at;
    columns = sqlite3_mprintf("SELECT group_concat('plot_text(' || name || ') ' || name, ', ') "
                              "FROM pragma_table_info(%Q) "
                              "WHERE name NOT IN ('run', 'plot')",
                              view);
    names = dataset_text(drawing->dataset, columns);
    sql = sqlite3_mprintf(
        "SELECT CASE row_number() OVER () WHEN 1 THEN plot_text(t.title) END title, "
        "CASE row_number() OVER () WHEN 1 THEN plot_text(t.more) END more, %s "
        "FROM %s LEFT JOIN plot_titles t ON t.name = %Q",
        names != NULL ? names : "*", view, name);
    rows = dataset_query(drawing->dataset, sql, error);
    sqlite3_free(columns);
    sqlite3_free(sql);
    free(names);
    return rows;
}

/* Writes a new file: never through a link, and no file of an earlier report is there any more. */
static int write_new(struct drawing *drawing, const char *file, const char *text, size_t size)
{
    int fd =
        openat(drawing->folder, file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    int status = 0;

    if (fd < 0)
        return -errno;
    if (write(fd, text, size) != (ssize_t)size)
        status = -EIO;
    close(fd);
    return status;
}

/* Writes NAME.csv. Returns how many rows it has, without a file where there are none, or a negative
 * errno with the reason in the plot. */
static int write_data(struct drawing *drawing, struct plot *plot)
{
    struct error error = {""};
    char file[64], *text = NULL;
    size_t size;
    sqlite3_stmt *rows = rows_of(drawing, plot->kind->name, &error);
    FILE *out = rows != NULL ? open_memstream(&text, &size) : NULL;
    int count = out != NULL ? table_write(out, rows, TABLE_CSV) : -EINVAL, status = 0;

    if (out != NULL && fclose(out) != 0)
        count = -ENOMEM;
    snprintf(file, sizeof(file), "%s.csv", plot->kind->name);
    if (count > 0)
        status = write_new(drawing, file, text, size);
    snprintf(plot->error, sizeof(plot->error), "%s", error.text);
    sqlite3_finalize(rows);
    free(text);
    return status < 0 ? status : count;
}

/* ---- Pictures ---------------------------------------------------------------------------- */

static void start(struct drawing *drawing, struct plot *plot, int format)
{
    const struct kind *kind = plot->kind;
    char *script = sqlite3_mprintf("csv = '%s.csv'\noutput = '%s.%s'\nformat = '%s'\n%s\n%s\n%s",
                                   kind->name, kind->name, formats[format], formats[format],
                                   embedded_common_gp, kind->script, kind->form);
    int status =
        script != NULL ? gnuplot_start(&plot->gnuplot[format], drawing->folder, script) : -ENOMEM;

    sqlite3_free(script);
    plot->started[format] = status == 0;
    drawing->gnuplot_missing = drawing->gnuplot_missing || status == -ENOENT;
    if (status < 0)
        fail(plot, "", status);
}

static void begin(struct drawing *drawing, struct plot *plot)
{
    char *sql = sqlite3_mprintf("SELECT title || coalesce(', ' || more, '') FROM plot_titles "
                                "WHERE name = %Q",
                                plot->kind->name);
    int rows;

    plot->title = dataset_text(drawing->dataset, sql);
    sqlite3_free(sql);
    remove_files(drawing, plot->kind->name);
    rows = write_data(drawing, plot);
    plot->state = rows > 0 ? "made" : "empty";
    if (rows < 0)
        fail(plot, "its data: ", rows);
    for (int format = 0; rows > 0 && format < drawing->format_count; format++)
        start(drawing, plot, format);
}

static void end(struct drawing *drawing, struct plot *plot)
{
    char file[64], error[ERROR_SIZE];

    for (int format = 0; format < FORMATS; format++) {
        int status =
            plot->started[format] ? gnuplot_end(&plot->gnuplot[format], error, sizeof(error)) : 0;

        drawing->gnuplot_missing = drawing->gnuplot_missing || status == -ENOENT;
        snprintf(file, sizeof(file), "%s.%s", plot->kind->name, formats[format]);
        if (status == 0 && plot->started[format] &&
            faccessat(drawing->folder, file, R_OK, AT_SYMLINK_NOFOLLOW) < 0) {
            status = -EIO;
            snprintf(error, sizeof(error), "gnuplot wrote no picture");
        }
        if (status < 0) {
            snprintf(plot->error, sizeof(plot->error), "%s", error);
            fail(plot, "", status);
        }
    }
    for (int format = 0; strcmp(plot->state, "failed") == 0 && format < FORMATS; format++)
        remove_file(drawing, plot->kind->name, formats[format]);
}

/* ---- All --------------------------------------------------------------------------------- */

/* A row of the table `plots`; the first that failed gives the reason. */
static int note(struct drawing *drawing, const struct plot *plot, struct error *error)
{
    char *sql =
        sqlite3_mprintf("INSERT INTO plots VALUES (%Q, %Q, %Q, %Q)", plot->kind->name, plot->title,
                        plot->state, plot->error[0] != '\0' ? plot->error : NULL);
    int code = sqlite3_exec(drawing->dataset->db, sql, NULL, NULL, NULL);

    sqlite3_free(sql);
    if (code != SQLITE_OK)
        return error_set(error, -EINVAL, "%s", sqlite3_errmsg(drawing->dataset->db));
    if (strcmp(plot->state, "failed") == 0 && error->text[0] == '\0')
        error_set(error, -EIO, "plots/%s: %s", plot->kind->name, plot->error);
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
    int status = run_sql(drawing, "BEGIN", error);

    if (status == 0)
        status = run_sql(drawing, embedded_plots_sql, error);
    for (size_t i = 0; status == 0 && i < COUNT_OF(kinds); i++)
        begin(drawing, &drawing->plots[i]);
    run_sql(drawing, "ROLLBACK", &ignored);
    return status;
}

/* All gnuplots run beside one another, and beside the queries of the plots that follow. */
static int draw(struct drawing *drawing, struct error *error)
{
    int status = begin_all(drawing, error);

    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        end(drawing, &drawing->plots[i]);
        if (status == 0)
            status = note(drawing, &drawing->plots[i], error);
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
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        drawing.plots[i] = (struct plot){.kind = &kinds[i], .state = "empty"};
    status = run_sql(&drawing, "CREATE TABLE plots (name, title, state, error)", error);
    if (status == 0)
        drawing.folder = status = open_folder(folder, error);
    if (status >= 0) {
        status = draw(&drawing, error);
        close(drawing.folder);
    }
    return status;
}
