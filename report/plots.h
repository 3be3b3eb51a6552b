/* The plots of a report: plots/NAME.dat and NAME.gp, from which gnuplot makes NAME.svg and
 * NAME.png. Texts of the run reach gnuplot only through plot_text(): a script can start programs.
 */
#ifndef REPORT_PLOTS_H
#define REPORT_PLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "report/claims.h"
#include "report/groups.h"
#include "report/run_data.h"

#define PLOT_TITLE_SIZE 256
#define PLOT_ERROR_SIZE 512
#define PLOT_COUNT      15

enum plot_state { PLOT_NO_DATA, PLOT_MADE, PLOT_FAILED };

struct plot {
    const char *name; /* "wall" */
    enum plot_state state;
    char title[PLOT_TITLE_SIZE]; /* what it shows, in plain text without markup */
    char error[PLOT_ERROR_SIZE]; /* where it failed: why */
};

struct plots {
    struct plot list[PLOT_COUNT];
    bool gnuplot_missing;
};

/* What a plot is drawn from. */
struct plot_source {
    const struct run *run;
    const struct groups *groups;      /* of the cells that only wait */
    const struct groups *cpu, *mixed; /* of those that compute, and of those that do both */
    const struct claims *claims;
};

/* Makes all plots in the folder plots/ of the run. What fails is in the plots' states; plots of an
 * earlier report that are not made again are removed. */
void plots_make(struct plots *plots, const struct plot_source *source);

/* The plot of that name, or NULL where it was not made. */
const struct plot *plots_find(const struct plots *plots, const char *name);

/* Writes that plot as an image of the Markdown report; nothing where it was not made. */
void plots_show(FILE *out, const struct plots *plots, const char *name);

/* Each writes the data file and the body of the script of one plot, and its title to `title` of
 * PLOT_TITLE_SIZE bytes, and returns the plot's height in pixels (the width is PLOT_WIDTH), or 0
 * where the run has nothing to draw. */
#define PLOT_WIDTH 1200
int plot_wall(const struct plot_source *source, FILE *script, FILE *data, char *title);
int plot_memory(const struct plot_source *source, FILE *script, FILE *data, char *title);
int plot_memory_concurrency(const struct plot_source *source, FILE *script, FILE *data,
                            char *title);
int plot_memory_time(const struct plot_source *source, FILE *script, FILE *data, char *title);
int plot_concurrency(const struct plot_source *source, FILE *script, FILE *data, char *title);
int plot_sweep(const struct plot_source *source, FILE *script, FILE *data, char *title);
int plot_in_flight(const struct plot_source *source, FILE *script, FILE *data, char *title);
int plot_requests(const struct plot_source *source, FILE *script, FILE *data, char *title);
int plot_tasks(const struct plot_source *source, FILE *script, FILE *data, char *title);
int plot_task_bytes(const struct plot_source *source, FILE *script, FILE *data, char *title);
int plot_twins(const struct plot_source *source, FILE *script, FILE *data, char *title);
int plot_twins_memory(const struct plot_source *source, FILE *script, FILE *data, char *title);
int plot_speed_up(const struct plot_source *source, FILE *script, FILE *data, char *title);
int plot_mixed(const struct plot_source *source, FILE *script, FILE *data, char *title);
int plot_patterns(const struct plot_source *source, FILE *script, FILE *data, char *title);

/* Writes `text` as it may stand between quotes in a script: whatever could mean something to
 * gnuplot becomes "?". */
void plot_text(FILE *out, const char *text);

/* Writes `set AXIStics (…)` for a logarithmic axis from `low` > 0 to `high`: labels by `format` at
 * each power of ten, and at twice and five times it where the axis is short. */
void plot_log_tics(FILE *out, const char *axis, double low, double high,
                   void (*format)(FILE *, double));

/* Writes where the key of `curves` curves stands: `inside` the picture where they are few, else
 * below it. Returns by how many pixels that makes the picture higher. */
int plot_key(FILE *out, size_t curves, const char *inside);

/* Likewise for a picture of several panels, `height` pixels high with its key inside. */
int plot_key_below_panels(FILE *out, size_t curves, int height, const char *inside);

/* Writes both axes of a picture against concurrency, logarithmic: along it from `least` to `most`
 * with room at both ends, upwards from `low` to `high` as labelled by `format`. */
void plot_concurrency_axes(FILE *out, double least, double most, double low, double high,
                           void (*format)(FILE *, double));

#endif
