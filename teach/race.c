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
    const char *lane, *label;
    bool all; /* N at once, and not C */
} entrants[] = {
    {"lane-async", "event loop", true},      {"lane-threads", "%llu threads", true},
    {"lane-threads", "%llu threads", false}, {"lane-procs", "%llu processes", false},
    {"lane-sync", "sequential", false},
};

/* The race as a lesson that has a plan alone. */
static json_t *make_race(const struct teach *teach)
{
    unsigned long long n = teach->requests, c = teach->concurrency, ns = teach->latency_ns;
    char latency[32], command[128], label[48];
    json_t *runs = json_object();

    snprintf(latency, sizeof(latency), "%lluns", ns);
    for (const struct entrant *e = entrants; e < entrants + COUNT_OF(entrants); e++) {
        bool sequential = strcmp(e->lane, "lane-sync") == 0;
        unsigned long long at_once = sequential ? 1 : e->all ? n : c;

        if ((sequential && n * ns > SEQUENTIAL_MAX_NS) ||
            (e->all && strcmp(e->lane, "lane-threads") == 0 && (n > THREADS_MAX || n == c)))
            continue;
        snprintf(label, sizeof(label), e->label, at_once);
        snprintf(command, sizeof(command), "%s -n %llu -c %llu", e->lane, n, at_once);
        json_object_set_new(runs, label,
                            json_pack("{s:s, s:b}", "command", command, "optional", true));
    }
    return json_pack("{s:{s:s, s:o}}", "plan", "latency", latency, "runs", runs);
}

int teach_race(const struct teach *teach, struct error *error)
{
    static const struct measuring how = {.live = true, .at_once = true};
    json_t *race = make_race(teach);
    char latency[UNITS_TEXT_SIZE];
    int code;

    printf("%" PRIu64 " calls of %s, all models at once\n│ is where the floor is now\n\n",
           teach->requests, units_format_duration(teach->latency_ns, latency));
    code = teach_show(teach, race, &how, FORM_PLAIN, "race", error);
    json_decref(race);
    return code;
}
