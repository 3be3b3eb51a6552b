#include "harness/show.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "common/count.h"
#include "harness/reader.h"
#include "report/table.h"
#include "report/terminal.h"

/* The tables as data. */
static const struct {
    const char *name, *sql;
} tables[] = {
    {"cells",
     "SELECT cell, lane, model, requests, concurrency, latency_ns, floor_ns, rounds, executions, "
     "valid, noisy, wall_ns, overhead_median_ns, in_flight_peak_min, in_flight_peak_max, "
     "lateness_p99_max_ns, ok, language, work, cpu_ns, block_bytes, compute, workers, loops, gil "
     "FROM shown_cells"},
    {"memory",
     "SELECT cell, confirmed, concurrency, in_flight, processes, threads, pss_bytes, "
     "pss_anon_bytes, rss_bytes, hwm_bytes, virtual_bytes, page_table_bytes, cgroup_usage_bytes, "
     "cgroup_peak_bytes, cgroup_kernel_bytes, cgroup_anon_bytes, cgroup_tcp_bytes "
     "FROM shown_passes ORDER BY n"},
    {"remarks", "SELECT cell, round, kind, remark FROM remarks"},
};

/* Writes a table as CSV, or adds it to `object`. */
static int write_table(struct dataset *dataset, size_t index, json_t *object, bool first,
                       FILE *stream, struct error *error)
{
    sqlite3_stmt *rows = dataset_query(dataset, tables[index].sql, error);
    int code = 0;

    if (rows == NULL)
        return -EINVAL;
    if (object != NULL) {
        json_object_set_new(object, tables[index].name, table_json(rows));
    } else {
        fputs(first ? "" : "\r\n", stream);
        code = table_write(stream, rows, TABLE_CSV);
    }
    sqlite3_finalize(rows);
    return code < 0 ? error_set(error, code, "no memory for a table") : 0;
}

static int write_data(struct dataset *dataset, const struct bench_options *options, FILE *stream,
                      struct error *error)
{
    json_t *object = options->format == FORMAT_JSON ? json_object() : NULL;
    size_t shown = 0;
    int code = 0;

    for (size_t i = 0; i < COUNT_OF(tables) && code == 0; i++)
        if (options->table == NULL || strcmp(options->table, tables[i].name) == 0)
            code = write_table(dataset, i, object, shown++ == 0, stream, error);
    if (code == 0 && shown == 0)
        code = error_set(error, -EINVAL, "there is no table %.100s: cells, memory, remarks",
                         options->table);
    if (code == 0 && object != NULL) {
        json_dumpf(object, stream, JSON_INDENT(2));
        fputc('\n', stream);
    }
    json_decref(object);
    return code;
}

int show_run(const char *path, const struct bench_options *options, FILE *stream,
             struct error *error)
{
    struct dataset dataset;
    int code = reader_open(&dataset, path, NULL, error);

    if (code == 0 && options->format == FORMAT_TEXT)
        code = terminal_write(stream, &dataset, "show", error);
    else if (code == 0)
        code = write_data(&dataset, options, stream, error);
    if (code == 0)
        code = reader_check(&dataset, error);
    dataset_close(&dataset);
    return code;
}
