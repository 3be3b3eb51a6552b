/* The times of the patterns that compare two ways, side by side. */
#include <math.h>
#include <string.h>

#include "common/json.h"
#include "report/format.h"
#include "report/plots.h"

#define ROW_HEIGHT  34
#define EDGE_HEIGHT 150
#define ROWS_MAX    60

struct bars {
    FILE *script, *data;
    int rows;
    double low, high;
};

static bool is_time(const json_t *bar)
{
    const char *name = json_string_value(json_array_get(bar, 2));
    size_t length = name != NULL ? strlen(name) : 0;
    double value = json_number_value(json_array_get(bar, 1));

    return length > 3 && strcmp(name + length - 3, "_ns") == 0 && value > 0 && value < 1e18;
}

static void add_row(struct bars *bars, const char *label, bool is_heading, double value)
{
    bars->rows++;
    fprintf(bars->script, "set ytics add (\"");
    plot_text(bars->script, label != NULL ? label : "?");
    fprintf(bars->script, "\" %d)\n", bars->rows);
    if (is_heading)
        return;
    fprintf(bars->data, "%d %.10g\n", bars->rows, value);
    bars->low = fmin(bars->low, value);
    bars->high = fmax(bars->high, value);
}

static void add_pattern(struct bars *bars, const json_t *line)
{
    const json_t *list = json_object_get(line, "bars");
    bool headed = false;
    json_t *bar;
    size_t i;

    json_array_foreach(list, i, bar)
    {
        if (!is_time(bar) || bars->rows + 2 > ROWS_MAX)
            continue;
        if (!headed)
            add_row(bars, json_text_at(line, "title", NULL), true, 0);
        headed = true;
        add_row(bars, json_string_value(json_array_get(bar, 0)), false,
                json_number_value(json_array_get(bar, 1)));
    }
}

int plot_patterns(const struct plot_source *source, FILE *script, FILE *data, char *title)
{
    struct bars bars = {.script = script, .data = data, .low = INFINITY, .high = 0};
    int height;
    json_t *line;
    size_t i;

    if (json_array_size(source->run->patterns) == 0)
        return 0;
    fputs("set ytics () scale 0\n", script);
    json_array_foreach(source->run->patterns, i, line)
    {
        add_pattern(&bars, line);
    }
    if (!(bars.high > 0))
        return 0;
    snprintf(title, PLOT_TITLE_SIZE, "Times of the patterns, way beside way");
    height = bars.rows * ROW_HEIGHT + EDGE_HEIGHT;
    fprintf(script, "set title \"%s\"\nset logscale x 10\nset xrange [%.10g:%.10g]\n", title,
            bars.low / 2, bars.high * 2);
    fprintf(script, "set yrange [%.1f:0.4]\nset style fill solid 0.8\nunset key\n",
            bars.rows + 0.6);
    plot_log_tics(script, "x", bars.low / 2, bars.high * 2, format_duration);
    fprintf(script,
            "set xlabel \"time (logarithmic)\" textcolor rgb \"#222222\"\nset grid xtics noytics\n"
            "plot 'patterns.dat' using 2:1:(%.10g):2:($1-0.35):($1+0.35) with boxxyerror "
            "lc rgb \"#3B6EA8\" notitle\n",
            bars.low / 2);
    return height;
}
