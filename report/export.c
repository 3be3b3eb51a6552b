#include "report/export.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "common/json.h"
#include "report/export_tables.h"

static const struct {
    int (*fill)(const struct plot_source *, struct dataset *);
    bool left_out_empty; /* a table of what few runs hold */
} tables[] = {
    {export_claims, false},
    {export_wall, false},
    {export_comparisons, false},
    {export_executions, false},
    {export_memory, false},
    {export_memory_slopes, false},
    {export_memory_time, false},
    {export_environment, false},
    {export_tasks, true},
    {export_task_slopes, true},
    {export_claims_by_language, true},
    {export_twins, true},
    {export_twins_memory, true},
    {export_cpu, true},
    {export_mixed, true},
};

static int complain(const char *path, int code, char *error)
{
    snprintf(error, EXPORT_ERROR_SIZE, "%.400s: %s", path, strerror(-code));
    return code;
}

static void remove_csv(const char *folder, const char *name)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/tables/%s.csv", folder, name);
    unlink(path);
}

static int write_csv(const char *folder, const struct dataset *dataset, char *error)
{
    char path[4096], *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    int code = -ENOMEM;

    snprintf(path, sizeof(path), "%s/tables/%s.csv", folder, dataset->name);
    if (out != NULL) {
        dataset_csv(out, dataset);
        code = fclose(out) == 0 ? file_replace(path, text, size) : -ENOMEM;
    }
    free(text);
    return code < 0 ? complain(path, code, error) : 0;
}

static int export_table(const struct plot_source *source, size_t index, json_t *all, char *error)
{
    struct dataset dataset;
    int code = tables[index].fill(source, &dataset);

    if (code < 0)
        return complain("tables", code, error);
    if (tables[index].left_out_empty && json_array_size(dataset.rows) == 0) {
        remove_csv(source->run->folder, dataset.name);
        dataset_free(&dataset);
        return 0;
    }
    code = write_csv(source->run->folder, &dataset, error);
    if (code == 0 && json_object_set_new(all, dataset.name, dataset_json(&dataset)) < 0)
        code = complain("tables", -ENOMEM, error);
    dataset_free(&dataset);
    return code;
}

/* Takes the reference to `all`. */
static int write_json(const struct run *run, json_t *all, char *error)
{
    char path[4096];
    json_t *json = json_pack("{s:s, s:s, s:o}", "schema", "report.tables/1", "run",
                             json_text_at(run->run, "id", ""), "tables", all);
    int code = json != NULL ? 0 : -ENOMEM;

    snprintf(path, sizeof(path), "%s/tables.json", run->folder);
    if (code == 0)
        code = json_file_write(path, json);
    json_decref(json);
    return code < 0 ? complain(path, code, error) : 0;
}

int export_tables(const struct plot_source *source, char *error)
{
    char path[4096];
    json_t *all = json_object();
    int code;

    snprintf(path, sizeof(path), "%s/tables", source->run->folder);
    code = file_make_folder(path);
    if (code < 0)
        complain(path, code, error);
    for (size_t i = 0; code == 0 && i < sizeof(tables) / sizeof(tables[0]); i++)
        code = export_table(source, i, all, error);
    if (code == 0)
        return write_json(source->run, all, error);
    json_decref(all);
    return code;
}
