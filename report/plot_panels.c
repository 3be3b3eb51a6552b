/* Small multiples from the records: requests in flight over time, and one line for each request.
 * A panel for each model, at its fastest, each with a time axis of its own: they differ by factors
 * of a thousand. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/format.h"
#include "report/plots.h"
#include "report/records.h"

#define PANELS_MAX     8
#define PANEL_HEIGHT   300
#define TITLE_HEIGHT   90
#define BELOW          60.0  /* the lowest panels: their axis and its name */
#define ABOVE          100.0 /* the highest: their headings and the title */
#define BETWEEN        110.0 /* two: both */
#define MOMENTS        500   /* of which requests in flight are drawn */
#define REQUESTS_DRAWN 150   /* of which one line each is drawn */

struct panel {
    const struct cell *cell;
    struct records records;
    double unit; /* seconds that one unit of its time axis has */
};

struct panels {
    const struct group *group;
    struct panel list[PANELS_MAX];
    size_t count;
};

static bool has_lane(const struct panels *panels, const char *lane)
{
    for (size_t i = 0; i < panels->count; i++)
        if (strcmp(panels->list[i].cell->of.lane, lane) == 0)
            return true;
    return false;
}

static void release(struct panels *panels)
{
    for (size_t i = 0; i < panels->count; i++)
        records_free(&panels->list[i].records);
    panels->count = 0;
}

/* The slowest first: that is the order in which one understands them. */
static void reverse(struct panels *panels)
{
    for (size_t i = 0; i < panels->count / 2; i++) {
        struct panel swap = panels->list[i];

        panels->list[i] = panels->list[panels->count - 1 - i];
        panels->list[panels->count - 1 - i] = swap;
    }
}

static void load(struct panels *panels, const struct group *group, const char *folder)
{
    panels->group = group;
    for (size_t i = 0; i < group->count && panels->count < PANELS_MAX; i++) {
        struct panel *panel = &panels->list[panels->count];

        if (!group_is_ranked(group->cells[i]) || has_lane(panels, group->cells[i]->of.lane))
            continue;
        panel->cell = group->cells[i];
        if (records_load(&panel->records, folder, panel->cell->of.id) == 0)
            panels->count++;
    }
    for (size_t i = 0; i < panels->count; i++)
        panels->list[i].unit = panels->list[i].records.end < 1 ? 1e-3 : 1;
    reverse(panels);
}

/* The fewest requests that several models have run: few enough to see each. */
static void load_smallest(struct panels *panels, const struct plot_source *source)
{
    for (size_t i = 0; i < source->groups->count; i++) {
        struct panels candidate = {.count = 0};

        load(&candidate, &source->groups->list[i], source->run->folder);
        if (candidate.count > 1 || (candidate.count == 1 && panels->count == 0)) {
            release(panels);
            *panels = candidate;
        } else {
            release(&candidate);
        }
        if (panels->count > 1)
            return;
    }
}

static int height_of(const struct panels *panels)
{
    return TITLE_HEIGHT + PANEL_HEIGHT * (int)((panels->count + 1) / 2);
}

/* The margins are shares of the picture: they stay as high however many rows there are. */
static void begin(FILE *script, const struct panels *panels, const char *title)
{
    double height = height_of(panels);

    fprintf(script, "set multiplot layout %zu,%d title \"", (panels->count + 1) / 2,
            panels->count > 1 ? 2 : 1);
    plot_text(script, title);
    fprintf(script, "\\n\" margins 0.085,0.975,%.4f,%.4f spacing 0.1,%.4f\nunset key\n",
            BELOW / height, 1 - ABOVE / height, BETWEEN / height);
}

static void write_panel_head(FILE *script, const struct panel *panel, double top)
{
    char label[LABEL_SIZE];

    fputs("set title \"", script);
    plot_text(script, group_cell_label(&panel->cell->of, label));
    fputs(": ", script);
    format_duration(script, panel->records.end * 1e9);
    fprintf(script, "\" offset 0,-0.4\nset xrange [0:%.10g]\nset yrange [0:%.10g]\n",
            panel->records.end / panel->unit, top);
    fputs(top < 6 ? "set ytics 1\n" : "set ytics autofreq\n", script);
    fprintf(script, "set xlabel \"time (%s)\" offset 0,0.5\n", panel->unit < 1 ? "ms" : "s");
}

static void write_in_flight(FILE *script, FILE *data, struct panel *panel, size_t index)
{
    double in_flight[MOMENTS], waiting[MOMENTS], most = 1;

    records_in_flight(&panel->records, MOMENTS, in_flight, waiting);
    for (size_t i = 0; i < MOMENTS; i++) {
        double time = panel->records.end / panel->unit * (double)i / (MOMENTS - 1);

        fprintf(data, "%.8g %.0f %.0f\n", time, in_flight[i], waiting[i]);
        most = fmax(most, in_flight[i]);
    }
    fputs("\n\n", data);
    write_panel_head(script, panel, most * 1.15);
    fputs("set ylabel \"in flight\" offset 1,0\n", script);
    fprintf(script,
            "plot 'in-flight.dat' index %zu using 1:3 with filledcurves y1=0 fs solid 0.4 noborder "
            "lc rgb \"#%06X\", '' index %zu using 1:2 with steps lw 2 lc rgb \"#%06X\"\n",
            index, panel->cell->of.model->colour, index, panel->cell->of.model->colour);
}

/* Where there are more requests than lines, every n-th is drawn. */
static void write_requests(FILE *script, FILE *data, struct panel *panel, size_t index)
{
    const struct records *records = &panel->records;
    size_t every = (records->count + REQUESTS_DRAWN - 1) / REQUESTS_DRAWN;

    for (size_t i = 0; i < records->count; i += every) {
        const struct record *row = &records->rows[i];
        double connected = row->connected >= row->start && row->connected <= row->end
                               ? row->connected
                               : row->start;

        fprintf(data, "%zu %.8g %.8g %.8g\n", i + 1, row->start / panel->unit,
                connected / panel->unit, row->end / panel->unit);
    }
    fputs("\n\n", data);
    write_panel_head(script, panel, (double)records->count * 1.04);
    fputs("set ylabel \"request\" offset 1,0\n", script);
    fprintf(script,
            "plot 'requests.dat' index %zu using 3:1:($4-$3):(0) with vectors nohead lw 2 "
            "lc rgb \"#%06X\", '' index %zu using 2:1:($3-$2):(0) with vectors nohead lw 2 "
            "lc rgb \"#333333\"\n",
            index, panel->cell->of.model->colour, index);
}

typedef void panel_writer(FILE *script, FILE *data, struct panel *panel, size_t index);

/* Draws and releases the panels. Returns the height of the picture, 0 where there are none. */
static int draw(struct panels *panels, FILE *script, FILE *data, const char *what,
                const char *columns, panel_writer *write, char *title)
{
    char label[LABEL_SIZE];
    int height = 0;

    if (panels->count > 0) {
        snprintf(title, PLOT_TITLE_SIZE, "%s: %s", group_label(panels->group, label), what);
        begin(script, panels, title);
        fprintf(data, "# %s\n", columns);
        for (size_t i = 0; i < panels->count; i++)
            write(script, data, &panels->list[i], i);
        fputs("unset multiplot\n", script);
        height = height_of(panels);
    }
    release(panels);
    return height;
}

int plot_in_flight(const struct plot_source *source, FILE *script, FILE *data, char *title)
{
    struct panels panels = {.count = 0};

    if (source->groups->main != NULL)
        load(&panels, source->groups->main, source->run->folder);
    return draw(&panels, script, data,
                "requests in flight over time (line), of them waiting for the answer (filled)",
                "time, requests between start and end, of them waiting on a connection",
                write_in_flight, title);
}

int plot_requests(const struct plot_source *source, FILE *script, FILE *data, char *title)
{
    struct panels panels = {.count = 0};

    load_smallest(&panels, source);
    return draw(&panels, script, data,
                "one line for each request (dark: connecting; colour: until its answer)",
                "place by start, then times: start, connected, end", write_requests, title);
}
