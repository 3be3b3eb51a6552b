/* The tables of work that computes, as data. */
#include <errno.h>
#include <math.h>

#include "report/export_tables.h"
#include "report/mixed.h"
#include "report/speed_up.h"

#define WORK_COLUMNS                                                                               \
    "cell", "lane", "model", "requests", "concurrency", "cpu_ns", "block_bytes", "compute",        \
        "workers", "loops", "gil", "floor_ns", "ranked", "executions", "valid", "noisy",           \
        DATASET_SUMMARY("wall", "_ns"), DATASET_SUMMARY("cpu", "_ns")
#define LOOP_COLUMNS                                                                               \
    DATASET_SUMMARY("heartbeat_p50", "_ns"), DATASET_SUMMARY("heartbeat_p99", "_ns"),              \
        DATASET_SUMMARY("heartbeat_max", "_ns"), DATASET_SUMMARY("longest_block", "_ns"),          \
        "longest_block"

static void add_work(struct dataset *dataset, const struct cell *cell)
{
    const struct computing *computing = &cell->of.computing;

    dataset_row(dataset);
    dataset_text(dataset, cell->of.id);
    dataset_text(dataset, cell->of.lane);
    dataset_text(dataset, cell->of.model->name);
    dataset_number(dataset, cell->of.requests);
    dataset_number(dataset, cell->of.concurrency);
    dataset_number(dataset, computing->cpu_ns);
    dataset_number(dataset, computing->block_bytes);
    dataset_text(dataset, computing->compute);
    dataset_number(dataset, computing->workers);
    dataset_number(dataset, computing->loops);
    dataset_truth(dataset, computing->gil);
    dataset_number(dataset, cell->floor_ns);
    dataset_truth(dataset, group_is_ranked(cell));
    dataset_number(dataset, (double)cell->of.executions);
    dataset_number(dataset, (double)cell->of.valid);
    dataset_number(dataset, (double)cell->of.noisy);
    dataset_summary(dataset, &cell->wall_ns);
    dataset_summary(dataset, &cell->cpu_ns);
}

static void add_loop(struct dataset *dataset, const struct loop_health *loop)
{
    dataset_summary(dataset, &loop->lateness_p50_ns);
    dataset_summary(dataset, &loop->lateness_p99_ns);
    dataset_summary(dataset, &loop->lateness_max_ns);
    dataset_summary(dataset, &loop->longest_block_ns);
    dataset_text(dataset, loop->longest_block);
}

static void add_ratio(struct dataset *dataset, const struct ratio *ratio)
{
    dataset_number(dataset, (double)ratio->count);
    dataset_number(dataset, ratio->ratio);
    dataset_number(dataset, ratio->interval.low);
    dataset_number(dataset, ratio->interval.high);
    dataset_number(dataset, ratio->min);
    dataset_number(dataset, ratio->max);
}

static void add_speed_up(struct dataset *dataset, const struct speed_up *speed_up)
{
    bool compared = speed_up->base != NULL;

    dataset_text(dataset, compared ? speed_up->base->of.id : NULL);
    dataset_number(dataset, speed_up->workers);
    add_ratio(dataset, &speed_up->times.ratio);
    dataset_number(dataset, speed_up->efficiency);
    dataset_text(dataset, compared ? speed_up_verdict(speed_up) : NULL);
}

int export_cpu(const struct plot_source *source, struct dataset *dataset)
{
    static const char *const columns[] = {WORK_COLUMNS,
                                          "against",
                                          "workers_computing",
                                          "rounds",
                                          "speed_up",
                                          "speed_up_low",
                                          "speed_up_high",
                                          "speed_up_min",
                                          "speed_up_max",
                                          "efficiency",
                                          "verdict",
                                          LOOP_COLUMNS,
                                          NULL};

    if (dataset_init(dataset, "cpu", columns) < 0)
        return -ENOMEM;
    for (size_t g = 0; g < source->cpu->count; g++) {
        const struct group *group = &source->cpu->list[g];

        for (size_t i = 0; i < group->count; i++) {
            struct speed_up speed_up = speed_up_of(source->run, group, group->cells[i]);

            add_work(dataset, group->cells[i]);
            add_speed_up(dataset, &speed_up);
            add_loop(dataset, &group->cells[i]->loop);
        }
    }
    return 0;
}

/* Against the single loop; nulls where there is none, or nothing to compare. */
static void add_against_loop(struct dataset *dataset, const struct run *run,
                             const struct cell *cell, const struct cell *loop)
{
    struct comparison times = {
        .ratio = {.ratio = NAN, .min = NAN, .max = NAN, .interval = {NAN, NAN}}};
    bool compared = loop != NULL && loop != cell && group_is_ranked(cell);

    if (compared)
        times = comparison_wall(run, cell, loop);
    dataset_text(dataset, loop != NULL ? loop->of.id : NULL);
    add_ratio(dataset, &times.ratio);
    dataset_text(dataset, compared ? comparison_wall_verdict(&times) : NULL);
}

int export_mixed(const struct plot_source *source, struct dataset *dataset)
{
    static const char *const columns[] = {
        WORK_COLUMNS, "latency_ns", "cpu_share",  "items_per_second", "against",   "rounds",
        "ratio",      "ratio_low",  "ratio_high", "ratio_min",        "ratio_max", "verdict",
        LOOP_COLUMNS, NULL};

    if (dataset_init(dataset, "mixed", columns) < 0)
        return -ENOMEM;
    for (size_t g = 0; g < source->mixed->count; g++) {
        const struct group *group = &source->mixed->list[g];
        const struct cell *loop = mixed_single_loop(group);

        for (size_t i = 0; i < group->count; i++) {
            const struct cell *cell = group->cells[i];

            add_work(dataset, cell);
            dataset_number(dataset, cell->of.latency_ns);
            dataset_number(dataset, mixed_share(&cell->of));
            dataset_number(dataset, mixed_throughput(cell));
            add_against_loop(dataset, source->run, cell, loop);
            add_loop(dataset, &cell->loop);
        }
    }
    return 0;
}
