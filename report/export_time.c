/* Memory over time, as a table of its own. */
#include <errno.h>

#include "common/json.h"
#include "report/export_tables.h"

int export_memory_time(const struct plot_source *source, struct dataset *dataset)
{
    static const char *const columns[] = {"cell",      "pass",         "t_ns", "in_flight",
                                          "rss_bytes", "cgroup_bytes", NULL};
    size_t i, k;
    json_t *pass, *moment;

    if (dataset_init(dataset, "memory_time", columns) < 0)
        return -ENOMEM;
    json_array_foreach(source->run->memory, i, pass)
    {
        json_array_foreach(json_at(pass, "samples"), k, moment)
        {
            dataset_row(dataset);
            dataset_text(dataset, json_text_at(pass, "cell", NULL));
            dataset_number(dataset, (double)i + 1);
            for (size_t c = 2; columns[c] != NULL; c++)
                dataset_number(dataset, run_number(moment, columns[c]));
        }
    }
    return 0;
}
