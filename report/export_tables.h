/* The tables of a report as data; each fills a table with the columns that it names. Return 0, to
 * be freed with dataset_free(), or -ENOMEM. */
#ifndef REPORT_EXPORT_TABLES_H
#define REPORT_EXPORT_TABLES_H

#include "common/dataset.h"
#include "report/plots.h"

int export_claims(const struct plot_source *source, struct dataset *dataset);
int export_wall(const struct plot_source *source, struct dataset *dataset);
int export_comparisons(const struct plot_source *source, struct dataset *dataset);
int export_executions(const struct plot_source *source, struct dataset *dataset);
int export_memory(const struct plot_source *source, struct dataset *dataset);
int export_memory_slopes(const struct plot_source *source, struct dataset *dataset);
int export_memory_time(const struct plot_source *source, struct dataset *dataset);
int export_tasks(const struct plot_source *source, struct dataset *dataset);
int export_task_slopes(const struct plot_source *source, struct dataset *dataset);
int export_claims_by_language(const struct plot_source *source, struct dataset *dataset);
int export_twins(const struct plot_source *source, struct dataset *dataset);
int export_twins_memory(const struct plot_source *source, struct dataset *dataset);
int export_cpu(const struct plot_source *source, struct dataset *dataset);
int export_mixed(const struct plot_source *source, struct dataset *dataset);
int export_environment(const struct plot_source *source, struct dataset *dataset);

#endif
