/* All models at once, live, on one screen: what the floor looks like, and who comes how near. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/count.h"
#include "common/json.h"
#include "common/terminal.h"
#include "common/units.h"
#include "teach/live.h"
#include "teach/teach.h"

#define SEQUENTIAL_MAX_NS (60 * NS_PER_S) /* one that takes longer is left out */
#define THREADS_MAX       2000            /* that start beside the other models */

/* Who takes part, and with how many at once. */
static const struct entrant {
    const char *lane, *label;
    bool all; /* N at once, and not C */
} entrants[] = {
    {"lane-async", "event loop", true},      {"lane-threads", "%llu threads", true},
    {"lane-threads", "%llu threads", false}, {"lane-procs", "%llu processes", false},
    {"lane-sync", "sequential", false},
};

static size_t make_racers(const struct teach *teach, struct racer *racers)
{
    uint64_t n = teach->requests, c = teach->concurrency;
    char latency[UNITS_TEXT_SIZE], command[128], label[48];
    size_t count = 0;

    snprintf(latency, sizeof(latency), "%" PRIu64 "ns", teach->latency_ns);
    for (const struct entrant *e = entrants; e < entrants + COUNT_OF(entrants); e++) {
        bool sequential = strcmp(e->lane, "lane-sync") == 0;
        uint64_t at_once = sequential ? 1 : e->all ? n : c;

        if ((sequential && n * teach->latency_ns > SEQUENTIAL_MAX_NS) ||
            (e->all && strcmp(e->lane, "lane-threads") == 0 && (n > THREADS_MAX || n == c)))
            continue;
        snprintf(label, sizeof(label), e->label, (unsigned long long)at_once);
        snprintf(command, sizeof(command), "%s -n %" PRIu64 " -c %" PRIu64, e->lane, n, at_once);
        racer_init(&racers[count++], e->lane, label, command, latency);
    }
    return count;
}

/* What came of it, for the text. */
static int take_results(struct dataset *dataset, const struct racer *racers, size_t count,
                        struct error *error)
{
    int code = dataset_run(dataset,
                           "CREATE TABLE race (label, requests, done, wall_ns, floor_ns, "
                           "in_flight, cpu_ns, problem); CREATE TABLE screen (columns)",
                           error);

    for (size_t i = 0; i < count && code == 0; i++) {
        const json_t *document = racers[i].document;

        code =
            dataset_execute(dataset, "INSERT INTO race VALUES (?, ?, ?, ?, ?, ?, ?, ?)", "sdddddds",
                            racers[i].label, (double)racers[i].requests, (double)racers[i].done,
                            json_number_at(document, "lane.wall_ns", 0), (double)racers[i].floor_ns,
                            json_number_at(document, "server.in_flight_peak", 0),
                            json_number_at(document, "process_cpu_ns", 0),
                            racers[i].problem[0] != '\0' ? racers[i].problem : NULL);
    }
    return code == 0 ? dataset_execute(dataset, "INSERT INTO screen VALUES (?)", "i",
                                       (int)terminal_columns(fileno(stdout), 80))
                     : code;
}

static int show_results(const struct teach *teach, const struct racer *racers, size_t count,
                        struct error *error)
{
    struct dataset dataset;
    int code = dataset_open(&dataset, error);

    if (code == 0)
        code = take_results(&dataset, racers, count, error);
    if (code == 0)
        code = teach_write(teach, stdout, &dataset, "race", error);
    dataset_close(&dataset);
    return code;
}

int teach_race(const struct teach *teach, struct error *error)
{
    struct racer *racers = calloc(COUNT_OF(entrants), sizeof(*racers));
    struct live live = {.out = stdout};
    struct racer_view view = live_view(&live);
    char latency[UNITS_TEXT_SIZE];
    size_t count;
    int code;

    if (racers == NULL)
        return -ENOMEM;
    count = make_racers(teach, racers);
    printf("%" PRIu64 " calls of %s, all models at once\n│ is where the floor is now\n\n",
           teach->requests, units_format_duration(teach->latency_ns, latency));
    code = racers_run(racers, count, true, &teach->suite, &view, error);
    if (code == 0)
        code = show_results(teach, racers, count, error);
    for (size_t i = 0; i < count; i++)
        racer_free(&racers[i]);
    free(racers);
    return code;
}
