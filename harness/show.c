#include "harness/show.h"

#include <errno.h>
#include <string.h>

#include "common/count.h"
#include "harness/reader.h"
#include "report/terminal.h"

/* The tables as data. */
static const struct reader_table tables[] = {
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

/* All of them, or the one that the options name. */
static int write_data(struct dataset *dataset, const struct bench_options *options, FILE *stream,
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
    return reader_print(dataset, tables + first, count, options->format, json_object(), stream,
                        error);
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
