#include "report/plot_rows.h"

#include <math.h>

#include "report/plots.h"

#define ROW_HEIGHT    40
#define TOP_HEIGHT    66    /* for the title */
#define BOTTOM_HEIGHT 128   /* for tics, axis and key */
#define KEY_HEIGHT    24    /* of the middle of the key */
#define KEY_LABEL     10000 /* number of the first */
#define UNRANKED      0x999999U

struct range {
    double low, high;
};

static void widen(struct range *range, double value)
{
    if (!(value > 0))
        return;
    range->low = fmin(range->low, value);
    range->high = fmax(range->high, value);
}

static struct range range_of(const struct plot_rows *plot)
{
    struct range range = {INFINITY, 0};

    for (size_t i = 0; i < plot->count; i++) {
        const struct plot_row *row = &plot->rows[i];

        if (row->is_heading)
            continue;
        widen(&range, row->low);
        widen(&range, row->min);
        widen(&range, row->max);
        widen(&range, row->extra);
        widen(&range, row->article);
    }
    range.low /= 1.6;
    range.high *= 1.6;
    return range;
}

/* Missing figures are written as NaN, which gnuplot leaves out. */
static void write_number(FILE *out, double value)
{
    if (value > 0)
        fprintf(out, " %.10g", value);
    else
        fputs(" NaN", out);
}

static void write_data(const struct plot_rows *plot, FILE *data)
{
    fputs("# row low value min max extra article colour point\n", data);
    for (size_t i = 0; i < plot->count; i++) {
        const struct plot_row *row = &plot->rows[i];

        if (row->is_heading)
            continue;
        fprintf(data, "%zu", i + 1);
        write_number(data, row->low);
        write_number(data, row->value);
        write_number(data, row->min);
        write_number(data, row->max);
        write_number(data, row->extra);
        write_number(data, row->article);
        fprintf(data, " %u %d\n", row->ranked ? row->model->colour : UNRANKED,
                row->ranked ? row->model->point : 6);
    }
}

/* Row labels at the left, the measured figures at the right, headings inside, above their rows. */
static void write_labels(const struct plot_rows *plot, FILE *script)
{
    const char *comma = "";

    fputs("set ytics (", script);
    for (size_t i = 0; i < plot->count; i++) {
        if (plot->rows[i].is_heading)
            continue;
        fprintf(script, "%s\"", comma);
        plot_text(script, plot->rows[i].label);
        fprintf(script, "\" %zu", i + 1);
        comma = ", ";
    }
    fputs(") scale 0\nset y2tics (", script);
    comma = "";
    for (size_t i = 0; i < plot->count; i++) {
        if (plot->rows[i].is_heading)
            continue;
        fprintf(script, "%s\"", comma);
        plot->format(script, plot->rows[i].value);
        fprintf(script, "%s\" %zu", plot->rows[i].ranked ? "" : " (invalid)", i + 1);
        comma = ", ";
    }
    fputs(") scale 0\n", script);
    for (size_t i = 0; i < plot->count; i++) {
        if (!plot->rows[i].is_heading)
            continue;
        fprintf(script, "set label %zu \"", i + 1);
        plot_text(script, plot->rows[i].label);
        fprintf(script, "\" at graph 0.012, first %.2f left textcolor rgb \"#555555\"\n",
                (double)i + 1.1);
    }
}

/* One entry of the key at `x` (a share of the width): a point, or a line where `point` is 0. The
 * numbers of labels start beyond those of the headings. */
static void write_entry(FILE *script, int number, double x, int height, int point, const char *text)
{
    double y = KEY_HEIGHT / (double)height, half = 10 / (double)height;

    fprintf(script,
            "set label %d \"%s\" at screen %.4f, screen %.4f left offset 1.2,0 "
            "textcolor rgb \"#222222\"\n",
            KEY_LABEL + number, text, x, y);
    if (point > 0)
        fprintf(script,
                "set label %d \"\" at screen %.4f, screen %.4f point pt %d ps 1.9*scale lw 2.5 "
                "lc rgb \"#333333\"\n",
                KEY_LABEL + 10 + number, x, y, point);
    else
        fprintf(script,
                "set arrow %d from screen %.4f, screen %.4f to screen %.4f, screen %.4f nohead "
                "lw 3 lc rgb \"#555555\"\n",
                KEY_LABEL, x, y - half, x, y + half);
}

static bool has_article(const struct plot_rows *plot)
{
    for (size_t i = 0; i < plot->count; i++)
        if (!plot->rows[i].is_heading && plot->rows[i].article > 0)
            return true;
    return false;
}

/* What the marks mean, in one line below the axis. gnuplot's own key would break it at will. */
static void write_key(const struct plot_rows *plot, int height, FILE *script)
{
    double left = 0.05, step = plot->low_name != NULL && plot->extra_name != NULL ? 0.24 : 0.32;
    int number = 0;

    write_entry(script, number++, left, height, 7, plot->value_name);
    if (plot->low_name != NULL) {
        write_entry(script, number, left + number * step, height, 0, plot->low_name);
        number++;
    }
    if (plot->extra_name != NULL) {
        write_entry(script, number, left + number * step, height, 2, plot->extra_name);
        number++;
    }
    if (has_article(plot))
        write_entry(script, number, left + number * step, height, 12, "the article's figure");
}

static void write_axes(const struct plot_rows *plot, const char *title, int height, FILE *script)
{
    struct range range = range_of(plot);

    fputs("set title \"", script);
    plot_text(script, title);
    fprintf(script, "\"\nset logscale x 10\nset xrange [%.10g:%.10g]\n", range.low, range.high);
    fprintf(script, "set yrange [%.2f:0.4]\nset y2range [%.2f:0.4]\n", (double)plot->count + 0.6,
            (double)plot->count + 0.6);
    plot_log_tics(script, "x", range.low, range.high, plot->format);
    fprintf(script, "set xlabel \"%s\" textcolor rgb \"#222222\"\nset grid xtics noytics\n",
            plot->axis);
    fprintf(script, "set tmargin at screen %.4f\nset bmargin at screen %.4f\n",
            1 - TOP_HEIGHT / (double)height, BOTTOM_HEIGHT / (double)height);
    fputs("unset key\n", script);
    write_key(plot, height, script);
}

int plot_rows_write(const struct plot_rows *plot, const char *title, FILE *script, FILE *data)
{
    int height = (int)plot->count * ROW_HEIGHT + TOP_HEIGHT + BOTTOM_HEIGHT;

    if (plot->count == 0)
        return 0;
    write_data(plot, data);
    write_axes(plot, title, height, script);
    write_labels(plot, script);
    fprintf(script,
            "plot '%s.dat' using 2:1:($3-$2):(0):($8+0xA0000000) with vectors nohead lw 9 "
            "lc rgb variable notitle, \\\n",
            plot->name);
    fputs("     '' using 2:($1-0.3):(0):(0.6) with vectors nohead lw 3 lc rgb \"#555555\" notitle, "
          "\\\n"
          "     '' using 4:1:($5-$4):(0):8 with vectors nohead lw 3 lc rgb variable notitle, \\\n",
          script);
    if (plot->extra_name != NULL)
        fputs(
            "     '' using 6:1:8 with points pt 2 ps 1.6*scale lw 2 lc rgb variable notitle, \\\n",
            script);
    fputs("     '' using 3:1:9:8 with points pt variable ps 1.8*scale lc rgb variable notitle, \\\n"
          "     '' using 7:1 with points pt 12 ps 2.6*scale lw 2.5 lc rgb \"#000000\" notitle\n",
          script);
    return height;
}
