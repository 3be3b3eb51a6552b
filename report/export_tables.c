#include "report/export_tables.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "common/json.h"
#include "report/claim_metric.h"
#include "report/comparison.h"
#include "report/memory_figures.h"
#include "report/slope.h"

#define FACTS_DEPTH_MAX 4
#define CELL_COLUMNS    "cell", "lane", "model", "requests", "concurrency"

static void add_cell(struct dataset *dataset, const struct workload_cell *cell)
{
    dataset_row(dataset);
    dataset_text(dataset, cell->id);
    dataset_text(dataset, cell->lane);
    dataset_text(dataset, cell->model->name);
    dataset_number(dataset, cell->requests);
    dataset_number(dataset, cell->concurrency);
}

static void add_executions(struct dataset *dataset, const struct workload_cell *cell, bool ranked,
                           size_t outliers)
{
    dataset_truth(dataset, ranked);
    dataset_number(dataset, (double)cell->executions);
    dataset_number(dataset, (double)cell->valid);
    dataset_number(dataset, (double)cell->noisy);
    dataset_number(dataset, (double)outliers);
}

int export_claims(const struct plot_source *source, struct dataset *dataset)
{
    static const char *const columns[] = {"id",
                                          "claim",
                                          "article",
                                          "article_value",
                                          "measured",
                                          "measured_low",
                                          "measured_high",
                                          "measured_min",
                                          "measured_max",
                                          "count",
                                          "verdict",
                                          "reason",
                                          NULL};

    if (dataset_init(dataset, "claims", columns) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < source->claims->count; i++) {
        const struct claim *claim = &source->claims->list[i];
        const struct stats_summary *measured = &claim->measured;
        double scale = metric_of(claim->json)->scale;
        bool known = claim->verdict != VERDICT_NOT_MEASURED;

        dataset_row(dataset);
        dataset_text(dataset, json_text_at(claim->json, "id", NULL));
        dataset_text(dataset, json_text_at(claim->json, "claim", NULL));
        dataset_text(dataset, json_text_at(claim->json, "article.text", NULL));
        dataset_number(dataset, run_number(claim->json, "article.value"));
        dataset_number(dataset, known ? claims_judged_value(claim) / scale : NAN);
        dataset_number(dataset, known ? measured->interval.low / scale : NAN);
        dataset_number(dataset, known ? measured->interval.high / scale : NAN);
        dataset_number(dataset, known ? measured->min / scale : NAN);
        dataset_number(dataset, known ? measured->max / scale : NAN);
        dataset_number(dataset, (double)measured->count);
        dataset_text(dataset, claims_verdict_name(claim->verdict));
        dataset_text(dataset, claim->reason);
    }
    return 0;
}

int export_wall(const struct plot_source *source, struct dataset *dataset)
{
    static const char *const columns[] = {
        CELL_COLUMNS,
        "latency_ns",
        "floor_ns",
        "ranked",
        "executions",
        "valid",
        "noisy",
        "outliers",
        DATASET_SUMMARY("wall", "_ns"),
        DATASET_SUMMARY("cpu", "_ns"),
        DATASET_SUMMARY("rss", "_bytes"),
        DATASET_SUMMARY("in_flight_peak", ""),
        DATASET_SUMMARY("lateness_p99", "_ns"),
        "overhead_ns",
        "overhead_low_ns",
        "overhead_high_ns",
        "skipped",
        "problem",
        NULL,
    };

    if (dataset_init(dataset, "wall", columns) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < source->groups->cell_count; i++) {
        const struct cell *cell = source->groups->cells[i];
        const struct stats_summary *wall = &cell->wall_ns;
        bool known = wall->count > 0;

        add_cell(dataset, &cell->of);
        dataset_number(dataset, cell->of.latency_ns);
        dataset_number(dataset, cell->floor_ns);
        add_executions(dataset, &cell->of, group_is_ranked(cell), wall->outliers);
        dataset_summary(dataset, wall);
        dataset_summary(dataset, &cell->cpu_ns);
        dataset_summary(dataset, &cell->rss_bytes);
        dataset_summary(dataset, &cell->in_flight_peak);
        dataset_summary(dataset, &cell->lateness_p99_ns);
        dataset_number(dataset, known ? wall->median - cell->floor_ns : NAN);
        dataset_number(dataset, known ? wall->interval.low - cell->floor_ns : NAN);
        dataset_number(dataset, known ? wall->interval.high - cell->floor_ns : NAN);
        dataset_text(dataset, cell->of.skipped);
        dataset_text(dataset, cell->of.problem);
    }
    return 0;
}

static void add_comparison(struct dataset *dataset, const struct cell *a, const struct cell *b,
                           const struct comparison *comparison)
{
    dataset_row(dataset);
    dataset_text(dataset, a->of.id);
    dataset_text(dataset, b->of.id);
    dataset_number(dataset, (double)comparison->ratio.count);
    dataset_number(dataset, comparison->ratio.ratio);
    dataset_number(dataset, comparison->ratio.interval.low);
    dataset_number(dataset, comparison->ratio.interval.high);
    dataset_number(dataset, comparison->ratio.min);
    dataset_number(dataset, comparison->ratio.max);
    dataset_number(dataset, comparison->ratio.p);
    dataset_text(dataset, comparison_wall_verdict(comparison));
}

/* As the report does: each against the first of its group, and against the one above it. */
int export_comparisons(const struct plot_source *source, struct dataset *dataset)
{
    static const char *const columns[] = {"cell",           "against",    "rounds",    "ratio",
                                          "ratio_low",      "ratio_high", "ratio_min", "ratio_max",
                                          "mann_whitney_p", "verdict",    NULL};

    if (dataset_init(dataset, "comparisons", columns) < 0)
        return -ENOMEM;
    for (size_t g = 0; g < source->groups->count; g++) {
        const struct cell **cells = source->groups->list[g].cells;

        for (size_t i = 1; i < source->groups->list[g].count && group_is_ranked(cells[i]); i++) {
            struct comparison first = comparison_wall(source->run, cells[i], cells[0]);
            struct comparison above = comparison_wall(source->run, cells[i], cells[i - 1]);

            add_comparison(dataset, cells[i], cells[0], &first);
            if (i > 1)
                add_comparison(dataset, cells[i], cells[i - 1], &above);
        }
    }
    return 0;
}

static const struct cell *cell_of(const struct run *run, const json_t *sample)
{
    for (size_t i = 0; i < run->cell_count; i++)
        if (strcmp(run->cells[i].of.id, json_text_at(sample, "cell", "")) == 0)
            return &run->cells[i];
    return NULL;
}

/* Several sentences in one field. */
static void add_sentences(struct dataset *dataset, const json_t *sentences)
{
    json_t *all = json_string("");
    size_t i;
    json_t *sentence;

    json_array_foreach(sentences, i, sentence)
    {
        json_t *longer = json_is_string(sentence)
                             ? json_sprintf("%s%s%s", json_string_value(all), i > 0 ? "; " : "",
                                            json_string_value(sentence))
                             : NULL;

        if (longer != NULL) {
            json_decref(all);
            all = longer;
        }
    }
    dataset_text(dataset, json_string_value(all));
    json_decref(all);
}

int export_executions(const struct plot_source *source, struct dataset *dataset)
{
    static const char *const columns[] = {
        "cell",     "round",          "order",           "started_at",
        "wall_ns",  "user_ns",        "system_ns",       "rss_bytes",
        "verified", "in_flight_peak", "lateness_p99_ns", "valid",
        "outlier",  "problems",       "noise",           NULL};
    size_t i;
    json_t *sample;

    if (dataset_init(dataset, "executions", columns) < 0)
        return -ENOMEM;
    json_array_foreach(source->run->samples, i, sample)
    {
        static const char *const figures[] = {"wall_ns",
                                              "user_ns",
                                              "system_ns",
                                              "lane.max_rss_bytes",
                                              "lane.verified",
                                              "server.in_flight_peak",
                                              "server.lateness_ns.p99"};
        const struct cell *cell = cell_of(source->run, sample);
        bool valid = run_sample_counts(sample);

        dataset_row(dataset);
        dataset_text(dataset, json_text_at(sample, "cell", NULL));
        dataset_number(dataset, run_number(sample, "round"));
        dataset_number(dataset, run_number(sample, "order"));
        dataset_text(dataset, json_text_at(sample, "started_at", NULL));
        for (size_t f = 0; f < sizeof(figures) / sizeof(figures[0]); f++)
            dataset_number(dataset, run_number(sample, figures[f]));
        dataset_truth(dataset, valid);
        dataset_truth(dataset, valid && cell != NULL &&
                                   stats_is_outlier(&cell->wall_ns, run_number(sample, "wall_ns")));
        add_sentences(dataset, json_at(sample, "problems"));
        add_sentences(dataset, json_at(sample, "noise"));
    }
    return 0;
}

static int export_passes(const struct run *run, const struct memory_cells *cells, const char *name,
                         struct dataset *dataset)
{
    static const char *const columns[] = {
        CELL_COLUMNS,
        "ranked",
        "passes",
        "valid",
        "noisy",
        "outliers",
        DATASET_SUMMARY("in_flight", ""),
        DATASET_SUMMARY("pss", "_bytes"),
        DATASET_SUMMARY("pss_anon", "_bytes"),
        DATASET_SUMMARY("cgroup_anon", "_bytes"),
        DATASET_SUMMARY("cgroup_without_kernel", "_bytes"),
        DATASET_SUMMARY("cgroup_peak", "_bytes"),
        DATASET_SUMMARY("kernel", "_bytes"),
        DATASET_SUMMARY("virtual", "_bytes"),
        DATASET_SUMMARY("rss", "_bytes"),
        DATASET_SUMMARY("page_table", "_bytes"),
        "processes",
        "threads",
        "base_bytes",
        "increase_bytes",
        "per_request_bytes",
        "anonymous_difference",
        "difference",
        NULL,
    };

    if (dataset_init(dataset, name, columns) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < cells->count; i++) {
        const struct memory_cell *cell = &cells->list[i];
        const struct stats_summary *summaries[] = {
            &cell->in_flight,         &cell->pss_bytes,         &cell->pss_anon_bytes,
            &cell->cgroup_anon_bytes, &cell->cgroup_user_bytes, &cell->cgroup_peak_bytes,
            &cell->kernel_bytes,      &cell->virtual_bytes,     &cell->rss_bytes,
            &cell->page_table_bytes};
        struct memory_figures figures = memory_figures_of(run, cell);

        add_cell(dataset, &cell->of);
        add_executions(dataset, &cell->of, cell->ranked, cell->pss_bytes.outliers);
        for (size_t s = 0; s < sizeof(summaries) / sizeof(summaries[0]); s++)
            dataset_summary(dataset, summaries[s]);
        dataset_number(dataset, cell->processes.count > 0 ? cell->processes.median : NAN);
        dataset_number(dataset, cell->threads.count > 0 ? cell->threads.median : NAN);
        dataset_number(dataset, figures.base_bytes);
        dataset_number(dataset, figures.increase_bytes);
        dataset_number(dataset, figures.per_request_bytes);
        dataset_number(dataset, figures.anonymous.share);
        dataset_number(dataset, figures.all.share);
    }
    return 0;
}

int export_memory(const struct plot_source *source, struct dataset *dataset)
{
    const struct memory_cells cells = {source->run->memory_cells, source->run->memory_count};

    return export_passes(source->run, &cells, "memory", dataset);
}

int export_tasks(const struct plot_source *source, struct dataset *dataset)
{
    return export_passes(source->run, &source->run->tasks, "tasks", dataset);
}

static void add_slope(void *context, const struct slope *slope)
{
    struct dataset *dataset = context;

    dataset_row(dataset);
    dataset_text(dataset, slope->cell->of.lane);
    dataset_text(dataset, slope->key);
    dataset_number(dataset, (double)slope->concurrencies);
    dataset_number(dataset, (double)slope->fit.count);
    dataset_number(dataset, slope->fit.intercept);
    dataset_number(dataset, slope->fit.slope);
    dataset_number(dataset, slope->fit.slope_interval.low);
    dataset_number(dataset, slope->fit.slope_interval.high);
    dataset_number(dataset, slope->fit.r_squared);
}

static int export_slopes(const struct run *run, const struct memory_cells *cells, const char *name,
                         struct dataset *dataset)
{
    static const char *const columns[] = {
        "lane",       "what",        "concurrencies",   "passes",
        "base_bytes", "slope_bytes", "slope_low_bytes", "slope_high_bytes",
        "r_squared",  NULL};

    if (dataset_init(dataset, name, columns) < 0)
        return -ENOMEM;
    slope_each(run, cells, add_slope, dataset);
    return 0;
}

int export_memory_slopes(const struct plot_source *source, struct dataset *dataset)
{
    const struct memory_cells cells = {source->run->memory_cells, source->run->memory_count};

    return export_slopes(source->run, &cells, "memory_slopes", dataset);
}

int export_task_slopes(const struct plot_source *source, struct dataset *dataset)
{
    return export_slopes(source->run, &source->run->tasks, "task_slopes", dataset);
}

/* Members of objects get names of several parts: "limits.nofile_soft". */
static void add_facts(struct dataset *dataset, const char *prefix, json_t *value, int depth)
{
    const char *key;
    json_t *member;

    json_object_foreach(value, key, member)
    {
        json_t *name = json_sprintf("%s%s%s", prefix, prefix[0] != '\0' ? "." : "", key);
        char *list = json_is_array(member) ? json_dumps(member, JSON_COMPACT) : NULL;

        if (json_is_object(member) && depth < FACTS_DEPTH_MAX) {
            add_facts(dataset, name != NULL ? json_string_value(name) : "", member, depth + 1);
        } else {
            dataset_row(dataset);
            dataset_text(dataset, name != NULL ? json_string_value(name) : NULL);
            if (json_is_number(member))
                dataset_number(dataset, json_number_value(member));
            else if (json_is_boolean(member))
                dataset_truth(dataset, json_is_true(member));
            else
                dataset_text(dataset, list != NULL ? list : json_string_value(member));
        }
        free(list);
        json_decref(name);
    }
}

int export_environment(const struct plot_source *source, struct dataset *dataset)
{
    static const char *const columns[] = {"what", "value", NULL};

    if (dataset_init(dataset, "environment", columns) < 0)
        return -ENOMEM;
    add_facts(dataset, "", json_at(source->run->run, "environment"), 0);
    return 0;
}
