#include "harness/run/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/terminal.h"
#include "common/units.h"

#define BAR_WIDTH  24
#define BAR_COLOUR "\033[36m" /* of what is done; all else stays as it is */
#define NO_COLOUR  "\033[0m"
#define TICK_NS    (500 * NS_PER_MS)

void progress_init(struct progress *progress, struct schedule *schedule, bool quiet)
{
    *progress = (struct progress){
        .schedule = schedule,
        .quiet = quiet,
        .terminal = terminal_redraws(STDERR_FILENO),
        .coloured = terminal_colours(STDERR_FILENO),
    };
    for (size_t i = 0; i < schedule->count; i++) {
        int width = (int)strlen(schedule->steps[i].cell->id);

        if (width > progress->id_width)
            progress->id_width = width;
    }
}

static const char *step_label(const struct schedule_step *step, char *text, size_t size)
{
    static const char *const labels[] = {
        [STEP_WARM_UP] = "warm-up", [STEP_RUN_IN] = "run-in", [STEP_MEMORY] = "memory"};

    if (step->kind != STEP_TIMED)
        return labels[step->kind];
    if (step->run > 1)
        snprintf(text, size, "run %u, round %u", step->run, step->round);
    else
        snprintf(text, size, "round %u", step->round);
    return text;
}

static void draw_bar(const struct progress *progress)
{
    struct schedule *schedule = progress->schedule;
    const struct schedule_step *step = &schedule->steps[progress->current];
    uint64_t elapsed_ns = clock_ns() - progress->started_ns;
    int filled = (int)(BAR_WIDTH * progress->current / schedule->count);
    char eta[UNITS_TEXT_SIZE], label[32], line[400];
    static const char full[] = "########################", empty[] = "........................";

    if (progress->quiet || !progress->terminal)
        return;
    if (elapsed_ns > step->expected_ns) /* and so will the cell's other executions */
        schedule_expect(schedule, progress->current, step->cell, elapsed_ns);
    snprintf(line, sizeof(line), "%zu/%zu  ETA %s  %s  %s", progress->current, schedule->count,
             units_format_eta(schedule_left_ns(schedule, progress->current) - elapsed_ns, eta),
             step->cell->id, step_label(step, label, sizeof(label)));
    fprintf(stderr, "\r\033[K[%s%.*s%s%.*s] %.*s", progress->coloured ? BAR_COLOUR : "", filled,
            full, progress->coloured ? NO_COLOUR : "", BAR_WIDTH - filled, empty,
            (int)terminal_columns(STDERR_FILENO, 80) - 1 - BAR_WIDTH - (int)strlen("[] "), line);
    fflush(stderr);
}

void progress_clear(const struct progress *progress)
{
    if (!progress->quiet && progress->terminal)
        fputs("\r\033[K", stderr);
}

void progress_start(struct progress *progress, size_t index)
{
    progress->current = index;
    progress->started_ns = clock_ns();
    draw_bar(progress);
}

void progress_end(struct progress *progress, const char *result, bool measured)
{
    struct schedule *schedule = progress->schedule;
    const struct schedule_step *step = &schedule->steps[progress->current];
    char eta[UNITS_TEXT_SIZE], label[32], total[24];

    if (measured)
        schedule_expect(schedule, progress->current, step->cell, clock_ns() - progress->started_ns);
    if (progress->quiet)
        return;
    progress_clear(progress);
    fprintf(stderr, "[%*zu/%zu] %-*s  %-8s  %s  ETA %s\n",
            snprintf(total, sizeof(total), "%zu", schedule->count), progress->current + 1,
            schedule->count, progress->id_width, step->cell->id,
            step_label(step, label, sizeof(label)), result,
            units_format_eta(schedule_left_ns(schedule, progress->current + 1), eta));
}

int progress_wait(struct progress *progress, struct process *process, uint64_t deadline_ns)
{
    int state;

    if (progress->quiet || !progress->terminal)
        return process_wait(process, deadline_ns);
    do {
        uint64_t tick = clock_ns() + TICK_NS;

        state = process_wait(process, tick < deadline_ns ? tick : deadline_ns);
        draw_bar(progress);
    } while (state == 0 && clock_ns() < deadline_ns);
    return state;
}

void progress_note(const struct progress *progress, const char *text)
{
    if (progress->quiet)
        return;
    progress_clear(progress);
    fprintf(stderr, "%s\n", text);
}
