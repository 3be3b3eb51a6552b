#include "harness/show_data.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "common/dataset.h"
#include "common/json.h"
#include "harness/cell_summary.h"

struct source {
    const json_t *run, *samples, *passes;
};

static void add_number(struct dataset *dataset, const json_t *value, const char *path)
{
    dataset_number(dataset, json_number_at(value, path, NAN));
}

static double known(double value)
{
    return value >= 0 ? value : NAN;
}

/* Folders of older versions say nothing of it: their cells wait. */
static void add_work(struct dataset *dataset, const json_t *cell)
{
    dataset_text(dataset, json_text_at(cell, "language", NULL));
    dataset_text(dataset, json_text_at(cell, "work", "io"));
    add_number(dataset, cell, "cpu_ns");
    add_number(dataset, cell, "block_bytes");
    dataset_text(dataset, json_text_at(cell, "compute", NULL));
    add_number(dataset, cell, "workers");
    add_number(dataset, cell, "loops");
    dataset_truth(dataset, json_is_true(json_object_get(cell, "gil")));
}

static void add_cell(struct dataset *dataset, const json_t *cell, const json_t *samples)
{
    struct cell_summary summary;
    double floor = json_number_at(cell, "floor_ns", NAN), ok;

    if (cell_summarise(&summary, samples, json_text_at(cell, "id", "")) == 0) {
        ok = json_number_at(summary.outcomes, "ok", 0);
        dataset_row(dataset);
        dataset_text(dataset, json_text_at(cell, "id", NULL));
        dataset_text(dataset, json_text_at(cell, "lane", NULL));
        dataset_text(dataset, json_text_at(cell, "model", NULL));
        add_number(dataset, cell, "requests");
        add_number(dataset, cell, "concurrency");
        add_number(dataset, cell, "latency_ns");
        dataset_number(dataset, floor);
        add_number(dataset, cell, "rounds");
        dataset_number(dataset, (double)summary.executions);
        dataset_number(dataset, (double)summary.valid);
        dataset_number(dataset, (double)summary.noisy);
        dataset_summary(dataset, &summary.wall);
        dataset_number(dataset, summary.wall.count > 0 ? summary.wall.median - floor : NAN);
        dataset_number(dataset, known(summary.peak_min));
        dataset_number(dataset, known(summary.peak_max));
        dataset_number(dataset, known(summary.lateness_max));
        dataset_number(dataset, ok);
        add_work(dataset, cell);
    }
    cell_summary_free(&summary);
}

static void fill_cells(struct dataset *dataset, const struct source *source)
{
    json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(source->run, "cells"), i, cell)
    {
        add_cell(dataset, cell, source->samples);
    }
}

static const char *const cell_columns[] = {
    "cell",
    "lane",
    "model",
    "requests",
    "concurrency",
    "latency_ns",
    "floor_ns",
    "rounds",
    "executions",
    "valid",
    "noisy",
    DATASET_SUMMARY("wall", "_ns"),
    "overhead_median_ns",
    "in_flight_peak_min",
    "in_flight_peak_max",
    "lateness_p99_max_ns",
    "ok",
    "language",
    "work",
    "cpu_ns",
    "block_bytes",
    "compute",
    "workers",
    "loops",
    "gil",
    NULL,
};

/* The figures of a pass, under the names that they have in memory.jsonl. */
static const char *const pass_figures[] = {
    "concurrency",         "in_flight",         "processes",          "threads",
    "pss_bytes",           "pss_anon_bytes",    "rss_bytes",          "hwm_bytes",
    "virtual_bytes",       "page_table_bytes",  "cgroup.usage_bytes", "cgroup.peak_bytes",
    "cgroup.kernel_bytes", "cgroup.anon_bytes", "cgroup.tcp_bytes",   NULL,
};

static const char *const pass_columns[] = {
    "cell",
    "confirmed",
    "concurrency",
    "in_flight",
    "processes",
    "threads",
    "pss_bytes",
    "pss_anon_bytes",
    "rss_bytes",
    "hwm_bytes",
    "virtual_bytes",
    "page_table_bytes",
    "cgroup_usage_bytes",
    "cgroup_peak_bytes",
    "cgroup_kernel_bytes",
    "cgroup_anon_bytes",
    "cgroup_tcp_bytes",
    NULL,
};

static void fill_passes(struct dataset *dataset, const struct source *source)
{
    json_t *pass;
    size_t i;

    json_array_foreach((json_t *)source->passes, i, pass)
    {
        dataset_row(dataset);
        dataset_text(dataset, json_text_at(pass, "cell", NULL));
        dataset_truth(dataset, json_is_true(json_object_get(pass, "confirmed")));
        for (size_t k = 0; pass_figures[k] != NULL; k++)
            add_number(dataset, pass, pass_figures[k]);
    }
}

static const char *const remark_columns[] = {"cell", "round", "kind", "remark", NULL};

static void add_remarks(struct dataset *dataset, const json_t *line, const char *name,
                        const char *key, const char *kind)
{
    json_t *remark;
    size_t i;

    json_array_foreach(json_object_get(line, key), i, remark)
    {
        dataset_row(dataset);
        dataset_text(dataset, json_text_at(line, name, NULL));
        add_number(dataset, line, "round");
        dataset_text(dataset, kind);
        dataset_text(dataset, json_string_value(remark));
    }
}

static void add_skipped(struct dataset *dataset, const json_t *run)
{
    json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(run, "skipped"), i, cell)
    {
        dataset_row(dataset);
        dataset_text(dataset, json_text_at(cell, "id", NULL));
        dataset_number(dataset, NAN);
        dataset_text(dataset, "left out");
        dataset_text(dataset, json_text_at(cell, "reason", NULL));
    }
}

static void fill_remarks(struct dataset *dataset, const struct source *source)
{
    const json_t *lists[] = {source->samples, source->passes};
    json_t *line;
    size_t i;

    add_skipped(dataset, source->run);
    json_array_foreach(json_object_get(source->run, "cells"), i, line)
    {
        add_remarks(dataset, line, "id", "noise", "noise");
    }
    for (size_t k = 0; k < 2; k++)
        json_array_foreach((json_t *)lists[k], i, line)
        {
            add_remarks(dataset, line, "cell", "problems", "problem");
            add_remarks(dataset, line, "cell", "noise", "noise");
        }
}

static const struct {
    const char *name;
    const char *const *columns;
    void (*fill)(struct dataset *dataset, const struct source *source);
} tables[] = {
    {"cells", cell_columns, fill_cells},
    {"memory", pass_columns, fill_passes},
    {"remarks", remark_columns, fill_remarks},
};
#define TABLES (sizeof(tables) / sizeof(tables[0]))

static bool is_wanted(size_t index, const char *table)
{
    return table == NULL || strcmp(table, tables[index].name) == 0;
}

/* Writes a table as CSV, or adds it to `object`. */
static int export_table(size_t index, const struct source *source, json_t *object, bool first,
                        FILE *stream)
{
    struct dataset dataset;

    if (dataset_init(&dataset, tables[index].name, tables[index].columns) < 0)
        return -ENOMEM;
    tables[index].fill(&dataset, source);
    if (object != NULL) {
        json_object_set_new(object, tables[index].name, dataset_json(&dataset));
    } else {
        fputs(first ? "" : "\r\n", stream);
        dataset_csv(stream, &dataset);
    }
    dataset_free(&dataset);
    return 0;
}

int show_data(const json_t *run, const json_t *samples, const json_t *passes,
              enum bench_format format, const char *table, FILE *stream)
{
    const struct source source = {run, samples, passes};
    json_t *object = format == FORMAT_JSON ? json_object() : NULL;
    size_t shown = 0;
    int code = 0;

    for (size_t i = 0; i < TABLES && code == 0; i++)
        if (is_wanted(i, table)) {
            code = export_table(i, &source, object, shown == 0, stream);
            shown++;
        }
    if (object != NULL && code == 0 && shown > 0) {
        json_dumpf(object, stream, JSON_INDENT(2));
        fputc('\n', stream);
    }
    json_decref(object);
    return shown == 0 ? -EINVAL : code;
}
