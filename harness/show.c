#include "harness/show.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/count.h"
#include "report/table.h"
#include "report/texts.h"

int show_open(struct dataset *dataset, const char *a, const char *b, struct error *error)
{
    const char *folders[] = {a, b, NULL};
    int code = dataset_open(dataset, error);
    struct error reason;

    for (size_t i = 0; code == 0 && folders[i] != NULL; i++) {
        code = dataset_load(dataset, folders[i], false, &reason);
        if (code < 0)
            error_set(error, code, "%.300s/%.200s", folders[i], reason.text);
    }
    return code;
}

/* A file that is not there is no fault: a run may have been killed before its first execution. */
int show_check(struct dataset *dataset, struct error *error)
{
    char *fault =
        dataset_text(dataset, "SELECT folder || '/' || fault FROM faults JOIN runs "
                              "USING (run) WHERE fault LIKE '%, line %' OR (fault NOT LIKE "
                              "'run.json:%' AND fault NOT LIKE '%: No such file or "
                              "directory') LIMIT 1");
    int code = fault != NULL ? error_set(error, -EINVAL, "%s", fault) : 0;

    free(fault);
    return code;
}

int show_tables(struct dataset *dataset, const struct show_table *tables, size_t count,
                enum bench_format format, json_t *object, struct error *error)
{
    json_t *all = object;
    int code = 0;

    for (size_t i = 0; i < count && code == 0; i++) {
        sqlite3_stmt *rows = dataset_query(dataset, tables[i].sql, error);

        if (rows == NULL)
            code = -EINVAL;
        else if (format == FORMAT_CSV)
            code = fputs(i > 0 ? "\r\n" : "", stdout) < 0 ? -EIO
                                                          : table_write(stdout, rows, TABLE_CSV);
        else if (object == NULL)
            all = table_json(rows);
        else
            json_object_set_new(object, tables[i].name, table_json(rows));
        sqlite3_finalize(rows);
        code = code < 0 ? error_set(error, code, "cannot print %s", tables[i].name) : 0;
    }
    if (code == 0 && format == FORMAT_JSON) {
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(all);
    return code;
}

/* The tables as data. */
static const struct show_table tables[] = {
    {"cells",
     "SELECT cell, lane, model, requests, concurrency, latency_ns, floor_ns, rounds, executions, "
     "valid, noisy, wall_ns, overhead_median_ns, in_flight_peak_min, in_flight_peak_max, "
     "lateness_p99_max_ns, ok, language, work, cpu_ns, block_bytes, compute, workers, loops, gil "
     "FROM shown_cells"},
    {"memory",
     "SELECT cell, confirmed, concurrency, in_flight, processes, threads, memory_bytes, "
     "stack_bytes, stack_virtual_bytes, kernel_bytes, library_bytes, pss_bytes, pss_anon_bytes, "
     "rss_bytes, largest_rss_bytes, hwm_bytes, virtual_bytes, page_table_bytes, "
     "cgroup_usage_bytes, cgroup_peak_bytes, cgroup_kernel_bytes, cgroup_anon_bytes, "
     "cgroup_tcp_bytes "
     "FROM shown_passes ORDER BY n"},
    {"remarks", "SELECT cell, round, kind, remark FROM remarks"},
};

/* All of them, or the one that the options name. */
static int write_data(struct dataset *dataset, const struct bench_options *options,
                      struct error *error)
{
    size_t first = 0, count = COUNT_OF(tables);

    if (options->table != NULL) {
        while (first < count && strcmp(tables[first].name, options->table) != 0)
            first++;
        if (first == count)
            return error_set(error, -EINVAL, "there is no table %.100s: cells, memory, remarks",
                             options->table);
        count = 1;
    }
    return show_tables(dataset, tables + first, count, options->format, json_object(), error);
}

int show_run(const char *path, const struct bench_options *options, struct error *error)
{
    struct dataset dataset;
    int code = show_open(&dataset, path, NULL, error);

    if (code == 0 && options->format == FORMAT_TEXT)
        code = texts_show(stdout, &dataset, "show", error);
    else if (code == 0)
        code = write_data(&dataset, options, error);
    if (code == 0)
        code = show_check(&dataset, error);
    dataset_close(&dataset);
    return code;
}

enum bench_status bench_show(const struct bench_options *options, const struct suite *suite,
                             struct error *error)
{
    char path[PATH_MAX];
    bool shown = suite_find_run(suite, options->subjects[0], path, error) == 0 &&
                 show_run(path, options, error) == 0;

    return shown ? BENCH_COMPLETE : BENCH_USAGE;
}
