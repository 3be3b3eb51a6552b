#include "report/plots.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "report/format.h"
#include "report/gnuplot.h"
#include "report/markdown.h"

typedef int plot_writer(const struct plot_source *, FILE *, FILE *, char *);

static const struct {
    const char *name;
    plot_writer *write;
} kinds[PLOT_COUNT] = {
    {"wall", plot_wall},
    {"memory", plot_memory},
    {"concurrency", plot_concurrency},
    {"in-flight", plot_in_flight},
    {"requests", plot_requests},
    {"memory-concurrency", plot_memory_concurrency},
    {"memory-time", plot_memory_time},
    {"sweep", plot_sweep},
    {"speed-up", plot_speed_up},
    {"mixed", plot_mixed},
    {"patterns", plot_patterns},
    {"twins", plot_twins},
    {"twins-memory", plot_twins_memory},
    {"tasks", plot_tasks},
    {"task-bytes", plot_task_bytes},
};

void plot_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        bool plain =
            byte >= 0x80 || (byte >= ' ' && byte != 0x7f && strchr("\"'`\\$@%{}", byte) == NULL);

        fputc(plain ? *text : '?', out);
    }
}

static void tic(FILE *out, double value, bool *first, void (*format)(FILE *, double))
{
    fprintf(out, "%s\"", *first ? "" : ", ");
    format_short(out, value, format);
    fprintf(out, "\" %.10g", value);
    *first = false;
}

void plot_log_tics(FILE *out, const char *axis, double low, double high,
                   void (*format)(FILE *, double))
{
    bool fine = high / low < 300, first = true;

    assert(low > 0 && isfinite(low));
    fprintf(out, "set %stics (", axis);
    for (double decade = pow(10, floor(log10(low))); decade <= high; decade *= 10)
        for (int i = 1; i <= 5; i += i == 1 ? 1 : 3)
            if ((fine || i == 1) && i * decade >= low && i * decade <= high)
                tic(out, i * decade, &first, format);
    fputs(")\n", out);
}

void plot_concurrency_axes(FILE *out, double least, double most, double low, double high,
                           void (*format)(FILE *, double))
{
    fprintf(out, "set logscale xy 10\nset xrange [%.10g:%.10g]\nset yrange [%.10g:%.10g]\n",
            least * 0.7, most * 1.5, low, high);
    plot_log_tics(out, "x", least, most * 1.5, format_count);
    plot_log_tics(out, "y", low, high, format);
}

#define KEY_INSIDE_MAX 6 /* curves whose names fit into a picture */
#define KEY_COLUMNS    3 /* below one picture; below panels there is room for fewer */
#define PANEL_COLUMNS  2
#define KEY_ROW_HEIGHT 32

#define KEY_STYLE "Left reverse samplen 2 spacing 1.3 textcolor rgb \"#222222\""

static int key_height(size_t curves, size_t columns)
{
    return curves <= KEY_INSIDE_MAX ? 0 : (int)((curves + columns - 1) / columns) * KEY_ROW_HEIGHT;
}

int plot_key(FILE *out, size_t curves, const char *inside)
{
    int height = key_height(curves, KEY_COLUMNS);

    if (height == 0)
        fprintf(out, "set key %s " KEY_STYLE "\n", inside);
    else
        fprintf(out, "set key outside bottom center horizontal maxcols %d " KEY_STYLE "\n",
                KEY_COLUMNS);
    return height;
}

int plot_key_below_panels(FILE *out, size_t curves, int height, const char *inside)
{
    int more = key_height(curves, PANEL_COLUMNS);

    if (more == 0)
        fprintf(out, "set key %s\n", inside);
    else
        fprintf(out,
                "set key at screen 0.5, screen %.4f bottom center horizontal maxcols %d " KEY_STYLE
                "\n",
                10.0 / (height + more), PANEL_COLUMNS);
    return more;
}

/* One script for both pictures, so that they cannot differ. */
static void write_script(FILE *out, const char *name, const char *title, int height,
                         const char *body)
{
    fputs("# ", out);
    plot_text(out, title);
    fprintf(out, "\n# Draw it again: gnuplot %s.gp\n", name);
    fputs("reset\nset encoding utf8\n", out);
    fputs("do for [format in \"svg png\"] {\n"
          "if (format eq \"svg\") {\n",
          out);
    fprintf(out,
            "    set terminal svg size %d,%d dynamic noenhanced font \"DejaVu Sans,19\" "
            "background \"white\"\n} else {\n",
            PLOT_WIDTH, height);
    fprintf(out, "    set terminal pngcairo size %d,%d noenhanced font \"DejaVu Sans,14.5\"\n}\n",
            PLOT_WIDTH, height);
    fputs("scale = format eq \"svg\" ? 0.6 : 1\n", out);
    fprintf(out, "set output \"%s.\".format\n", name);
    fputs("set border lc rgb \"#888888\"\nset tics textcolor rgb \"#222222\"\n"
          "set grid lc rgb \"#E4E4E4\" lw 1 lt 1\nset title textcolor rgb \"#111111\"\n",
          out);
    fprintf(out, "%sunset output\n}\n", body);
}

static const char *file_of(const struct run *run, const char *name, const char *extension,
                           char *path)
{
    snprintf(path, 4096, "%s/plots/%s.%s", run->folder, name, extension);
    return path;
}

static void remove_old(const struct run *run, const char *name)
{
    static const char *const extensions[] = {"svg", "png", "dat", "gp"};
    char path[4096];

    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
        unlink(file_of(run, name, extensions[i], path));
}

static int write_file(const struct run *run, const char *name, const char *extension,
                      const char *text, size_t size)
{
    char path[4096];

    return file_replace(file_of(run, name, extension, path), text, size);
}

/* Writes NAME.gp and NAME.dat. Returns 1, 0 where there is nothing to draw, or a negative errno. */
static int write_sources(struct plot *plot, plot_writer *write, const struct plot_source *source)
{
    char *body = NULL, *data = NULL, *script = NULL;
    size_t body_size, data_size, script_size;
    FILE *body_out = open_memstream(&body, &body_size);
    FILE *data_out = open_memstream(&data, &data_size);
    FILE *script_out = open_memstream(&script, &script_size);
    int height = 0, status = -ENOMEM;

    if (body_out != NULL && data_out != NULL && script_out != NULL)
        height = write(source, body_out, data_out, plot->title);
    if (body_out != NULL && data_out != NULL && (fclose(body_out) | fclose(data_out)) == 0)
        status = height > 0;
    if (status == 1)
        write_script(script_out, plot->name, plot->title, height, body);
    if (script_out == NULL || fclose(script_out) != 0)
        status = -ENOMEM;
    if (status == 1)
        status = write_file(source->run, plot->name, "dat", data, data_size);
    if (status == 0 && height > 0)
        status = write_file(source->run, plot->name, "gp", script, script_size);
    free(body);
    free(data);
    free(script);
    return status == 0 && height > 0 ? 1 : status;
}

static bool is_there(const struct run *run, const char *name, const char *extension)
{
    char path[4096];

    return access(file_of(run, name, extension, path), R_OK) == 0;
}

static void draw(struct plots *plots, struct plot *plot, const struct run *run)
{
    char folder[4096], script[64];
    int error;

    snprintf(folder, sizeof(folder), "%s/plots", run->folder);
    snprintf(script, sizeof(script), "%s.gp", plot->name);
    error = gnuplot_run(folder, script, plot->error, sizeof(plot->error));
    plots->gnuplot_missing = plots->gnuplot_missing || error == -ENOENT;
    if (error == 0 && is_there(run, plot->name, "svg") && is_there(run, plot->name, "png")) {
        plot->state = PLOT_MADE;
        return;
    }
    plot->state = PLOT_FAILED;
    if (plot->error[0] == '\0')
        snprintf(plot->error, sizeof(plot->error), "%s",
                 error == -ENOENT ? "gnuplot is not installed: " GNUPLOT_INSTALL
                 : error < 0      ? strerror(-error)
                                  : "gnuplot wrote no picture");
}

static void make(struct plots *plots, struct plot *plot, plot_writer *write,
                 const struct plot_source *source)
{
    int status;

    remove_old(source->run, plot->name);
    status = write_sources(plot, write, source);
    if (status == 1) {
        draw(plots, plot, source->run);
    } else if (status < 0) {
        plot->state = PLOT_FAILED;
        snprintf(plot->error, sizeof(plot->error), "its files: %s", strerror(-status));
    }
}

void plots_make(struct plots *plots, const struct plot_source *source)
{
    char folder[4096];
    int error;

    *plots = (struct plots){.gnuplot_missing = false};
    snprintf(folder, sizeof(folder), "%s/plots", source->run->folder);
    error = file_make_folder(folder);
    for (size_t i = 0; i < PLOT_COUNT; i++) {
        struct plot *plot = &plots->list[i];

        plot->name = kinds[i].name;
        if (error == 0) {
            make(plots, plot, kinds[i].write, source);
            continue;
        }
        plot->state = PLOT_FAILED;
        snprintf(plot->error, sizeof(plot->error), "plots/: %s", strerror(-error));
    }
}

const struct plot *plots_find(const struct plots *plots, const char *name)
{
    for (size_t i = 0; i < PLOT_COUNT; i++)
        if (strcmp(plots->list[i].name, name) == 0 && plots->list[i].state == PLOT_MADE)
            return &plots->list[i];
    return NULL;
}

void plots_show(FILE *out, const struct plots *plots, const char *name)
{
    const struct plot *plot = plots_find(plots, name);

    if (plot == NULL)
        return;
    fputs("![", out);
    markdown_text(out, plot->title);
    fprintf(out, "](plots/%s.svg)\n\n", name);
}
