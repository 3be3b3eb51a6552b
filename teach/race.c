/* All models at once, live, on one screen: what the floor looks like, and who comes how near. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/count.h"
#include "common/units.h"
#include "teach/teach.h"

#define SEQUENTIAL_MAX_NS (60 * NS_PER_S) /* one that takes longer is left out */
#define THREADS_MAX       2000            /* that start beside the other models */

/* Who takes part, and with how many at once. */
static const struct entrant {
    const char *name, *lane, *label;
    bool all; /* N at once, and not C */
} entrants[] = {
    {"loop", "lane-async", "event loop", true},
    {"all", "lane-threads", "%llu threads", true},
    {"pool", "lane-threads", "%llu threads", false},
    {"procs", "lane-procs", "%llu processes", false},
    {"one", "lane-sync", "sequential", false},
};

/* The race as a lesson that has a plan alone. */
static json_t *make_race(const struct teach *teach)
{
    uint64_t n = teach->requests, c = teach->concurrency;
    char latency[UNITS_TEXT_SIZE], command[128], label[48];
    json_t *runs = json_object();

    snprintf(latency, sizeof(latency), "%" PRIu64 "ns", teach->latency_ns);
    for (const struct entrant *e = entrants; e < entrants + COUNT_OF(entrants); e++) {
        bool sequential = strcmp(e->lane, "lane-sync") == 0;
        uint64_t at_once = sequential ? 1 : e->all ? n : c;

        if ((sequential && n * teach->latency_ns > SEQUENTIAL_MAX_NS) ||
            (e->all && strcmp(e->lane, "lane-threads") == 0 && (n > THREADS_MAX || n == c)))
            continue;
        snprintf(label, sizeof(label), e->label, (unsigned long long)at_once);
        snprintf(command, sizeof(command), "%s -n %" PRIu64 " -c %" PRIu64, e->lane, n, at_once);
        json_object_set_new(
            runs, e->name,
            json_pack("{s:s, s:s, s:b}", "label", label, "command", command, "optional", true));
    }
    return json_pack("{s:{s:s, s:o}}", "plan", "latency", latency, "runs", runs);
}

int teach_race(const struct teach *teach, struct error *error)
{
    json_t *race = make_race(teach);
    char latency[UNITS_TEXT_SIZE];
    int code;

    printf("%" PRIu64 " calls of %s, all models at once\n│ is where the floor is now\n\n",
           teach->requests, units_format_duration(teach->latency_ns, latency));
    code = teach_show(teach, race, &(struct measuring){.live = true, .at_once = true},
                      "race.txt.in", error);
    json_decref(race);
    return code;
}
