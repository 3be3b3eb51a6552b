#include "report/texts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "report/embedded.h"
#include "report/template.h"

#define PATH_SIZE 4096

static const struct template_part parts[] = {
    {"report", embedded_report_md},
    {"columns", embedded_columns_md},
    {0},
};

static int write_markdown(struct dataset *dataset, const char *folder, struct error *error)
{
    const struct template template = {.dataset = dataset, .parts = parts, .style = TABLE_MARKDOWN};
    char path[PATH_SIZE], *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    int status = out != NULL ? template_write(out, &template, "report", error) : -ENOMEM;

    if (out != NULL)
        fclose(out);
    snprintf(path, sizeof(path), "%s/report.md", folder);
    if (status == 0 && (status = file_replace(path, text, size)) < 0)
        error_set(error, status, "report.md: %s", strerror(-status));
    free(text);
    return status;
}

int texts_write(struct dataset *dataset, const char *folder, struct error *error)
{
    return write_markdown(dataset, folder, error);
}

int texts_columns(struct dataset *dataset, FILE *out, struct error *error)
{
    const struct template template = {.dataset = dataset, .parts = parts, .style = TABLE_MARKDOWN};
    char *missing =
        dataset_text(dataset, "SELECT group_concat(name, ', ') FROM sqlite_schema WHERE "
                              "type = 'view' AND name NOT IN (SELECT view FROM "
                              "documentation)");
    int status = template_write(out, &template, "columns", error);

    if (status == 0 && missing != NULL)
        status =
            error_set(error, -ENOENT, "views.sql does not say what these views are: %s", missing);
    free(missing);
    return status;
}
