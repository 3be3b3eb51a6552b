/* C and its twins as data. */
#include <errno.h>
#include <math.h>

#include "common/json.h"
#include "report/claim_metric.h"
#include "report/comparison.h"
#include "report/export_tables.h"
#include "report/outcomes.h"
#include "report/table_parts.h"
#include "report/twins.h"

static double median(const struct stats_summary *summary)
{
    return summary->count > 0 ? summary->median : NAN;
}

static void add_lane(struct dataset *dataset, const struct workload_cell *cell,
                     const struct workload_cell *original)
{
    dataset_row(dataset);
    dataset_text(dataset, cell->id);
    dataset_text(dataset, cell->follows != NULL ? cell->follows->name : NULL);
    dataset_text(dataset, cell->lane);
    dataset_text(dataset, cell->language != NULL ? cell->language->key : NULL);
    dataset_number(dataset, cell->requests);
    dataset_number(dataset, table_asked(cell));
    dataset_text(dataset, original != NULL ? original->id : NULL);
}

static void add_ratio(struct dataset *dataset, const struct comparison *comparison,
                      const char *verdict)
{
    dataset_number(dataset, comparison != NULL ? comparison->ratio.ratio : NAN);
    dataset_number(dataset, comparison != NULL ? comparison->ratio.interval.low : NAN);
    dataset_number(dataset, comparison != NULL ? comparison->ratio.interval.high : NAN);
    dataset_text(dataset, comparison != NULL ? verdict : NULL);
}

static void add_variant(struct dataset *dataset, const struct claim *claim)
{
    const struct stats_summary *measured = &claim->measured;
    double scale = metric_of(claim->json)->scale;
    bool known = claim->verdict != VERDICT_NOT_MEASURED;

    dataset_row(dataset);
    dataset_text(dataset, json_text_at(claim->json, "id", NULL));
    dataset_text(dataset, claim->language->key);
    dataset_text(dataset, json_text_at(claim->json, "select.lane", NULL));
    dataset_text(dataset, json_text_at(claim->json, "to.lane", NULL));
    dataset_number(dataset, known ? claims_judged_value(claim) / scale : NAN);
    dataset_number(dataset, known ? measured->interval.low / scale : NAN);
    dataset_number(dataset, known ? measured->interval.high / scale : NAN);
    dataset_number(dataset, (double)measured->count);
    dataset_text(dataset, claims_verdict_name(claim->verdict));
    dataset_text(dataset, claim->reason);
}

int export_claims_by_language(const struct plot_source *source, struct dataset *dataset)
{
    static const char *const columns[] = {
        "id",    "language", "lane",   "to", "measured", "measured_low", "measured_high",
        "count", "verdict",  "reason", NULL};
    const struct claims *claims = source->claims;

    if (dataset_init(dataset, "claims_by_language", columns) < 0)
        return -ENOMEM;
    for (size_t i = 0; twins_in(source->run) && i < claims->count; i++) {
        if (claims->list[i].variant_count > 0)
            add_variant(dataset, &claims->list[i]);
        for (size_t v = 0; v < claims->list[i].variant_count; v++)
            add_variant(dataset, &claims->list[i].variants[v]);
    }
    return 0;
}

#define LANE_COLUMNS  "cell", "model", "lane", "language", "requests", "at_once", "c_cell"
#define RATIO_COLUMNS "ratio_to_c", "ratio_low", "ratio_high", "verdict"

static void add_walls(struct dataset *dataset, const struct run *run, const struct twins *twins)
{
    for (size_t i = 0; i < twins->count; i++) {
        const struct cell *cell = (const struct cell *)twins->list[i];
        const struct cell *c = (const struct cell *)twins_original(twins, i);
        bool compared = c != NULL && group_is_ranked(cell) && group_is_ranked(c);
        struct comparison comparison;

        if (compared)
            comparison = comparison_wall(run, cell, c);
        add_lane(dataset, twins->list[i], c != NULL ? &c->of : NULL);
        dataset_truth(dataset, group_is_ranked(cell));
        dataset_summary(dataset, &cell->wall_ns);
        add_ratio(dataset, compared ? &comparison : NULL,
                  compared ? comparison_wall_verdict(&comparison) : NULL);
        dataset_number(dataset, median(&cell->own_ns));
        dataset_number(dataset, median(&cell->start_ns));
        dataset_number(dataset, median(&cell->cpu_ns));
        dataset_number(dataset, median(&cell->rss_bytes));
        dataset_number(dataset, median(&cell->in_flight_peak));
        dataset_number(dataset, outcomes_failed(run, twins->list[i]));
    }
}

int export_twins(const struct plot_source *source, struct dataset *dataset)
{
    static const char *const columns[] = {
        LANE_COLUMNS,  "ranked",    DATASET_SUMMARY("wall", "_ns"),
        RATIO_COLUMNS, "own_ns",    "start_ns",
        "cpu_ns",      "rss_bytes", "in_flight_peak",
        "failed",      NULL};
    struct twins twins;

    if (dataset_init(dataset, "twins", columns) < 0)
        return -ENOMEM;
    if (twins_of_cells(&twins, source->run) < 0) {
        dataset_free(dataset);
        return -ENOMEM;
    }
    add_walls(dataset, source->run, &twins);
    twins_free(&twins);
    return 0;
}

static void add_memory(struct dataset *dataset, const struct run *run, const struct twins *twins)
{
    for (size_t i = 0; i < twins->count; i++) {
        const struct memory_cell *cell = (const struct memory_cell *)twins->list[i];
        const struct memory_cell *c = (const struct memory_cell *)twins_original(twins, i);
        bool compared = c != NULL && cell->ranked && c->ranked;
        struct comparison comparison;

        if (compared)
            comparison = comparison_pss(run, cell, c);
        add_lane(dataset, twins->list[i], c != NULL ? &c->of : NULL);
        dataset_truth(dataset, cell->ranked);
        dataset_number(dataset, median(&cell->in_flight));
        dataset_number(dataset, median(&cell->pss_bytes));
        add_ratio(dataset, compared ? &comparison : NULL,
                  compared ? ratio_size_verdict(comparison.ratio.difference) : NULL);
        dataset_number(dataset, median(&cell->rss_bytes));
        dataset_number(dataset, median(&cell->virtual_bytes));
        dataset_number(dataset, median(&cell->kernel_bytes));
        dataset_number(dataset, median(&cell->processes));
        dataset_number(dataset, median(&cell->threads));
    }
}

int export_twins_memory(const struct plot_source *source, struct dataset *dataset)
{
    static const char *const columns[] = {
        LANE_COLUMNS,    "ranked",       "confirmed", "pss_bytes", RATIO_COLUMNS, "rss_bytes",
        "virtual_bytes", "kernel_bytes", "processes", "threads",   NULL};
    struct twins twins;

    if (dataset_init(dataset, "twins_memory", columns) < 0)
        return -ENOMEM;
    if (twins_of_memory(&twins, source->run) < 0) {
        dataset_free(dataset);
        return -ENOMEM;
    }
    add_memory(dataset, source->run, &twins);
    twins_free(&twins);
    return 0;
}
