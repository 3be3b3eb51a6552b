/* The live view of racers: the lines of the view `live` (lesson.sql), drawn over again and again on
 * a terminal, and one below the other elsewhere. */
#include "common/clock.h"
#include "common/json.h"
#include "common/terminal.h"
#include "teach/teach.h"

#define SAY_NS (5 * NS_PER_S)

void live_show(struct live *live, json_t *racers)
{
    bool redraws = terminal_redraws(fileno(stdout)), now = clock_ns() >= live->next_ns;
    struct error ignored;
    sqlite3_stmt *lines;

    measured_give(live->measured,
                  json_pack("{s:O, s:{s:i, s:b, s:b, s:b}}", "runs", racers, "terminal", "columns",
                            (int)terminal_columns(fileno(stdout), 80), "colours",
                            terminal_colours(fileno(stdout)), "redraws", redraws, "now",
                            now && live->next_ns != 0));
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
    dataset_run(&live->measured->dataset,
                "INSERT INTO told SELECT name FROM programs WHERE j->>'state' = 'ended'", &ignored);
    if (now)
        live->next_ns = clock_ns() + SAY_NS;
}
