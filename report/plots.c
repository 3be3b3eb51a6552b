#include "report/plots.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/child.h"
#include "common/clock.h"
#include "common/count.h"
#include "common/file.h"
#include "common/path.h"
#include "common/terminal.h"
#include "report/embedded.h"
#include "report/memory.h"
#include "report/table.h"

#define ERROR_SIZE     512
#define MESSAGES_SIZE  (1 << 16)
#define PLOTS_MAX      32  /* more than plots.json has */
#define TIMEOUT_S      60  /* of gnuplot, for all plots */
#define STATUS_MISSING 125 /* not 127, with which its loader ends where memory lacks */
#define STATUS_FAILED  126
#define BEGUN          '\1' /* gnuplot says it where a plot begins */

static const char *const formats[] = {"svg", "png"};

/* A plot, while it is drawn. */
struct plot {
    char *name, *title, *script;
    int rows;
    char error[ERROR_SIZE]; /* "": none */
};

struct drawing {
    struct dataset *dataset;
    int folder; /* a descriptor: what is in its place may be somebody else's link */
    size_t format_count, count;
    uint64_t deadline_ns;
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

/* Writes NAME.csv. Returns how many rows it has, without a file where there are none, or a negative
 * errno with the reason in *error. */
static int write_data(struct drawing *drawing, const struct plot *plot, sqlite3_stmt *rows,
                      struct error *error)
{
    int count = table_save(drawing->folder, file_name(plot, "csv"), rows);

    if (count <= 0)
        unlinkat(drawing->folder, file_name(plot, "csv"), 0);
    return count < 0 ? error_set(error, count, "%s", strerror(-count)) : count;
}

/* In one format after the other. */
static char *script_of(const struct drawing *drawing, const struct plot *plot, const char *form)
{
    sqlite3_str *script = sqlite3_str_new(NULL);

    sqlite3_str_appendf(script, "print \"\\%03o\"\n", BEGUN);
    for (size_t i = 0; i < drawing->format_count; i++)
        sqlite3_str_appendf(script, "csv = '%s.csv'\noutput = '%s'\nformat = '%s'\n%s", plot->name,
                            file_name(plot, formats[i]), formats[i], form);
    return sqlite3_str_finish(script);
}

static void begin(struct drawing *drawing, struct plot *plot, sqlite3_stmt *row)
{
    struct error error;
    sqlite3_stmt *rows = dataset_query(drawing->dataset, text_of(row, QUERY), &error);

    *plot = (struct plot){.name = memory_or_end(strdup(text_of(row, NAME))),
                          .title = memory_or_end(strdup(text_of(row, TITLE)))};
    remove_files(drawing, plot);
    plot->rows = rows != NULL ? write_data(drawing, plot, rows, &error) : -EINVAL;
    if (sqlite3_finalize(rows) != SQLITE_OK && plot->rows >= 0)
        plot->rows = sql_error(drawing, &error);
    if (plot->rows < 0)
        snprintf(plot->error, sizeof(plot->error), "its data: %.*s", ERROR_SIZE - 16, error.text);
    if (plot->rows > 0)
        plot->script = script_of(drawing, plot, text_of(row, SCRIPT));
}

/* ---- gnuplot ----------------------------------------------------------------------------- */

/* A file in memory that holds `text` and is read from its start, or a negative errno. */
static int file_of(const char *text)
{
    size_t size = strlen(text);
    int fd = memfd_create("gnuplot", MFD_CLOEXEC);

    if (fd >= 0 && pwrite(fd, text, size, 0) != (ssize_t)size) {
        close(fd);
        return -EIO;
    }
    return fd < 0 ? -errno : fd;
}

/* Named as a file, a script ends at its first fault. Nobody's settings are read. The alarm ends
 * what takes too long. */
static _Noreturn void become_gnuplot(const struct drawing *drawing, int script, int messages)
{
    char *argv[] = {"gnuplot", "-d", "/dev/stdin", NULL};
    uint64_t now_ns = clock_ns(), left_ns = drawing->deadline_ns - now_ns;

    alarm(now_ns < drawing->deadline_ns ? (unsigned)(left_ns / NS_PER_S) + 1 : 1);
    dup2(script, STDIN_FILENO);
    dup2(messages, STDOUT_FILENO);
    dup2(messages, STDERR_FILENO);
    if (fchdir(drawing->folder) == 0)
        execvp(argv[0], argv);
    _exit(errno == ENOENT ? STATUS_MISSING : STATUS_FAILED);
}

/* Waits for its end. Returns 0 or a negative errno. */
static int wait_for(pid_t pid)
{
    int status = child_wait(pid);

    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGALRM ? -ETIMEDOUT : -EIO;
    return status == 0 ? 0 : WEXITSTATUS(status) == STATUS_MISSING ? -ENOENT : -EIO;
}

/* Runs gnuplot on the text of a script, in the folder. Returns 0; -ENOENT where there is no
 * gnuplot; -EIO where the script has a fault; another negative errno. What it said is in
 * `messages`. */
static int run_gnuplot(const struct drawing *drawing, const char *script,
                       char messages[MESSAGES_SIZE])
{
    int in = file_of(script), out = file_of("");
    int status = in < 0 ? in : out;
    pid_t pid = status < 0 ? -1 : child_fork(SIGKILL);
    ssize_t length;

    if (pid == 0)
        become_gnuplot(drawing, in, out);
    if (status >= 0)
        status = pid > 0 ? wait_for(pid) : -errno;
    length = out >= 0 ? pread(out, messages, MESSAGES_SIZE - 1, 0) : 0;
    messages[length > 0 ? length : 0] = '\0';
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return status;
}

/* In place of a word of gnuplot's own an error has the system's. */
static void fail(struct drawing *drawing, struct plot *plot, int status, const char *messages)
{
    drawing->gnuplot_missing = drawing->gnuplot_missing || status == -ENOENT;
    messages += strspn(messages, "\n ");
    snprintf(plot->error, sizeof(plot->error), "%s",
             status == -ENOENT      ? "gnuplot is not installed: apt-get install gnuplot-nox"
             : status == -ETIMEDOUT ? "gnuplot did not end within a minute"
             : messages[0] != '\0'  ? messages
                                    : strerror(-status));
    for (char *at = plot->error; *at != '\0'; at++)
        *at = isspace((unsigned char)*at) ? ' ' : *at;
}

/* ---- All --------------------------------------------------------------------------------- */

static struct plot *next_drawn(struct drawing *drawing, struct plot *plot)
{
    while (plot < drawing->plots + drawing->count && plot->script == NULL)
        plot++;
    return plot;
}

/* One gnuplot draws all plots from `first` on: it takes longer to start than to draw. Returns the
 * one behind the first that failed; where that was no fault of its own, all have failed. */
static struct plot *draw_from(struct drawing *drawing, struct plot *first)
{
    struct plot *end = drawing->plots + drawing->count, *plot = next_drawn(drawing, first);
    sqlite3_str *all = sqlite3_str_new(NULL);
    char messages[MESSAGES_SIZE], *said = messages, *text;
    int status = 0;

    for (struct plot *each = plot; each < end; each = next_drawn(drawing, each + 1))
        sqlite3_str_appendall(all, each->script);
    text = sqlite3_str_finish(all);
    if (text != NULL)
        status = run_gnuplot(drawing, text, messages);
    sqlite3_free(text);
    if (status == 0)
        return end;
    for (char *at = messages; (at = strchr(at, BEGUN)) != NULL && plot < end; said = ++at)
        plot = said > messages ? next_drawn(drawing, plot + 1) : plot;
    for (bool failed = false; plot < end && (!failed || status != -EIO); failed = true) {
        fail(drawing, plot, status, said);
        plot = next_drawn(drawing, plot + 1);
    }
    return plot;
}

/* What failed has no picture, and what has none has failed. */
static void look(struct drawing *drawing, struct plot *plot)
{
    bool drawn = plot->rows > 0 && plot->error[0] == '\0';

    for (size_t i = 0; drawn && i < drawing->format_count; i++)
        if (faccessat(drawing->folder, file_name(plot, formats[i]), R_OK, AT_SYMLINK_NOFOLLOW) < 0)
            snprintf(plot->error, sizeof(plot->error), "gnuplot wrote no picture");
    for (size_t i = 0; plot->error[0] != '\0' && i < COUNT_OF(formats); i++)
        unlinkat(drawing->folder, file_name(plot, formats[i]), 0);
}

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

/* The tables of the plots are there while their data are written, and leave nothing behind. */
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
    if (sqlite3_finalize(list) != SQLITE_OK && status == 0)
        status = sql_error(drawing, error);
    dataset_execute(dataset, "ROLLBACK", "");
    return status;
}

static int draw(struct drawing *drawing, struct error *error)
{
    int status = begin_all(drawing, error);
    struct plot *plot = drawing->plots, *end = plot + drawing->count;
    bool shown = terminal_redraws(STDERR_FILENO);

    while (plot < end) {
        if (shown)
            fprintf(stderr, "gnuplot draws the plots (%d s at most) …\r", TIMEOUT_S);
        plot = draw_from(drawing, plot);
    }
    if (shown)
        fputs("\033[K", stderr);
    for (plot = drawing->plots; plot < end; plot++) {
        look(drawing, plot);
        if (status == 0)
            status = note(drawing, plot, error);
        free(plot->name);
        free(plot->title);
        sqlite3_free(plot->script);
    }
    if (status == 0 && drawing->gnuplot_missing)
        return -ENOENT;
    return status == 0 && error->text[0] != '\0' ? -EIO : status;
}

int plots_draw(struct dataset *dataset, const char *folder, bool png, struct error *error)
{
    struct drawing drawing = {.dataset = dataset,
                              .format_count = png ? 2 : 1,
                              .deadline_ns = clock_ns() + TIMEOUT_S * NS_PER_S};
    char path[PATH_MAX];
    int status;

    error->text[0] = '\0';
    if (dataset_execute(dataset, "CREATE TABLE plots (name, title, state, error)", "") < 0)
        return sql_error(&drawing, error);
    drawing.folder = file_open_folder(path_join(path, folder, "plots"));
    if (drawing.folder < 0)
        return error_set(error, drawing.folder, "plots/: %s", strerror(-drawing.folder));
    status = draw(&drawing, error);
    close(drawing.folder);
    return status;
}
