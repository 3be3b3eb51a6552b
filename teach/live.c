/* The live view of racers. */
#include "teach/teach.h"

#include <inttypes.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/terminal.h"
#include "common/units.h"

#define COLUMNS_DEFAULT 80
#define BAR_MIN         8
#define SAY_NS          (5 * NS_PER_S)

#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define RED    "\033[31m"
#define PLAIN  "\033[0m"

/* How a row is divided: label, count, bar, what else is known. */
struct layout {
    int label, count, bar;
    bool colours;
};

/* "43/100", or nothing where it is not known. */
static int write_count(char *text, size_t size, const struct racer *racer)
{
    if (racer->n == 0)
        return snprintf(text, size, "%s", "");
    return snprintf(text, size, "%.0f/%" PRIu64, json_number_at(racer->stats, "responses", 0),
                    racer->n);
}

/* What stands behind the bar. */
static void write_state(char *text, size_t size, const struct racer *racer)
{
    /* Of a lane that has ended its own time, without the start of the program. */
    uint64_t ns = (uint64_t)json_number_at(racer->document, "lane.wall_ns",
                                           (double)(racer->ended_ns - racer->started_ns));
    char time[UNITS_TEXT_SIZE], flight[40] = "";

    if (racer->state < RACER_RUNNING)
        ns = 0;
    if (racer->state == RACER_RUNNING && racer->stats != NULL)
        snprintf(flight, sizeof(flight), "  in flight %.0f",
                 json_number_at(racer->stats, "in_flight", 0));
    snprintf(text, size, " %8s%s", ns > 0 ? units_format_duration(ns, time) : "",
             racer->failed ? "  failed" : flight);
}

/* How much of the bar is filled, and where the floor is: from 0 to 1; below 0: not known. */
static double share_done(const struct racer *racer)
{
    if (racer->n > 0)
        return json_number_at(racer->stats, "responses", 0) / (double)racer->n;
    return racer->state == RACER_ENDED ? 1 : 0;
}

static double share_of_floor(const struct racer *racer)
{
    double elapsed = (double)(racer->ended_ns - racer->started_ns);

    if (racer->least_ns == 0 || racer->state != RACER_RUNNING)
        return -1;
    return elapsed < (double)racer->least_ns ? elapsed / (double)racer->least_ns : 1;
}

static void draw_bar(FILE *out, const struct racer *racer, const struct layout *layout)
{
    int filled = (int)(share_done(racer) * layout->bar + 0.5);
    double ideal = share_of_floor(racer);
    int mark = ideal >= 0 ? (int)(ideal * (layout->bar - 1) + 0.5) : -1;
    const char *colour = racer->failed ? RED : racer->state == RACER_ENDED ? GREEN : "";

    if (layout->colours)
        fputs(colour, out);
    for (int i = 0; i < layout->bar; i++) {
        bool marks = i == mark;

        fputs(marks && layout->colours ? YELLOW : "", out);
        fputs(marks ? "│" : i < filled ? "█" : "·", out);
        fputs(marks && layout->colours ? PLAIN : "", out);
    }
    if (layout->colours)
        fputs(PLAIN, out);
}

static struct layout lay_out(FILE *out, const struct racer *racers, size_t count)
{
    struct layout layout = {.colours = terminal_colours(fileno(out))};
    int columns = (int)terminal_columns(fileno(out), COLUMNS_DEFAULT), state = 26;
    char text[64];

    for (size_t i = 0; i < count; i++) {
        int label = (int)strlen(racers[i].label),
            size = write_count(text, sizeof(text), &racers[i]);

        layout.label = label > layout.label ? label : layout.label;
        layout.count = size > layout.count ? size : layout.count;
    }
    layout.bar = columns - 1 - layout.label - layout.count - 4 - state;
    if (layout.bar < BAR_MIN)
        layout.bar = BAR_MIN;
    return layout;
}

/* One row, which never wraps on a terminal that is wide enough for its label. */
static void write_row(FILE *out, const struct racer *racer, const struct layout *layout)
{
    char count[64], state[64];

    write_count(count, sizeof(count), racer);
    write_state(state, sizeof(state), racer);
    fprintf(out, "%-*s  %*s  ", layout->label, racer->label, layout->count, count);
    draw_bar(out, racer, layout);
    fprintf(out, "%s", state);
}

static void redraw(struct live *live, const struct racer *racers, size_t count)
{
    struct layout layout = lay_out(live->out, racers, count);

    if (live->drawn > 0)
        fprintf(live->out, "\033[%zuA", live->drawn);
    for (size_t i = 0; i < count; i++) {
        fputs("\r\033[K", live->out);
        write_row(live->out, &racers[i], &layout);
        fputc('\n', live->out);
    }
    live->drawn = count;
}

static void say(struct live *live, const struct racer *racers, size_t count)
{
    struct layout layout = lay_out(live->out, racers, count);
    bool now = clock_ns() >= live->next_ns;

    for (size_t i = 0; i < count; i++) {
        bool ended = racers[i].state == RACER_ENDED && (live->said & 1U << i) == 0;

        if (!ended && (!now || live->next_ns == 0 || racers[i].state != RACER_RUNNING))
            continue;
        write_row(live->out, &racers[i], &layout);
        fputc('\n', live->out);
        live->said |= ended ? 1U << i : 0;
    }
    if (now)
        live->next_ns = clock_ns() + SAY_NS;
}

static void show(void *user, const struct racer *racers, size_t count, bool ended)
{
    struct live *live = user;

    if (live->out != NULL && terminal_redraws(fileno(live->out)))
        redraw(live, racers, count);
    else if (live->out != NULL)
        say(live, racers, count);
    if (live->out != NULL)
        fflush(live->out);
    if (ended)
        *live = (struct live){.out = live->out};
}

struct racer_view live_view(struct live *live)
{
    return (struct racer_view){.show = show, .user = live};
}
