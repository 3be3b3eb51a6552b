/* The live view of racers: the lines of the view `live` (lesson.sql), drawn over again and again on
 * a terminal, and one below the other elsewhere. */
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/terminal.h"
#include "teach/teach.h"

#define SAY_NS (5 * NS_PER_S)

/* What has been said of those that have ended is not said again. */
static void mark_said(json_t *racers)
{
    json_t *racer;
    size_t i;

    json_array_foreach(racers, i, racer)
    {
        if (strcmp(json_text_at(racer, "state", ""), "ended") == 0)
            json_object_set_new(racer, "said", json_true());
    }
}

void live_show(void *user, json_t *racers)
{
    struct live *live = user;
    bool redraws = terminal_redraws(fileno(stdout)), now = clock_ns() >= live->next_ns;
    json_t *terminal = json_pack(
        "{s:i, s:b, s:b, s:b}", "columns", (int)terminal_columns(fileno(stdout), 80), "colours",
        terminal_colours(fileno(stdout)), "redraws", redraws, "now", now && live->next_ns != 0);
    struct error ignored;
    sqlite3_stmt *lines;

    measured_give(live->measured, "runs", json_incref(racers));
    measured_give(live->measured, "terminal", terminal);
    lines = dataset_query(&live->measured->dataset, "SELECT line FROM live", &ignored);
    if (live->drawn > 0)
        fprintf(stdout, "\033[%dA", live->drawn);
    live->drawn = 0;
    while (lines != NULL && sqlite3_step(lines) == SQLITE_ROW) {
        fprintf(stdout, "%s%s\n", redraws ? "\r\033[K" : "", sqlite3_column_text(lines, 0));
        live->drawn += redraws;
    }
    sqlite3_finalize(lines);
    fflush(stdout);
    mark_said(racers);
    if (now)
        live->next_ns = clock_ns() + SAY_NS;
}
