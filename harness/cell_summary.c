#include "harness/cell_summary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"

static void add_outcomes(json_t *sums, const json_t *outcomes)
{
    const char *name;
    json_t *count;

    json_object_foreach((json_t *)outcomes, name, count)
    {
        double sum = json_number_at(sums, name, 0) + json_number_value(count);

        json_object_set_new(sums, name, json_real(sum));
    }
}

static void add_sample(struct cell_summary *summary, const json_t *sample)
{
    double peak = json_number_at(sample, "server.in_flight_peak", -1);
    double lateness = json_number_at(sample, "server.lateness_ns.p99", -1);
    double wall = json_number_at(sample, "wall_ns", -1);

    summary->executions++;
    add_outcomes(summary->outcomes, json_at(sample, "lane.outcomes"));
    if (!json_is_true(json_object_get(sample, "valid")) || wall < 0)
        return;
    summary->walls[summary->valid++] = wall;
    summary->noisy += json_array_size(json_object_get(sample, "noise")) > 0;
    if (summary->valid == 1 || peak < summary->peak_min)
        summary->peak_min = peak;
    if (summary->valid == 1 || peak > summary->peak_max)
        summary->peak_max = peak;
    if (lateness > summary->lateness_max)
        summary->lateness_max = lateness;
}

int cell_summarise(struct cell_summary *summary, const json_t *samples, const char *id)
{
    json_t *sample;
    size_t i;

    *summary = (struct cell_summary){
        .walls = calloc(json_array_size(samples) + 1, sizeof(double)),
        .peak_min = -1,
        .peak_max = -1,
        .lateness_max = -1,
        .outcomes = json_object(),
    };
    if (summary->walls == NULL || summary->outcomes == NULL)
        return -ENOMEM;
    json_array_foreach((json_t *)samples, i, sample)
    {
        if (strcmp(json_text_at(sample, "cell", ""), id) == 0)
            add_sample(summary, sample);
    }
    return summary->valid > 0 ? stats_summarise(summary->walls, summary->valid, &summary->wall) : 0;
}

void cell_summary_free(struct cell_summary *summary)
{
    free(summary->walls);
    json_decref(summary->outcomes);
}
