#include "report/texts.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/path.h"
#include "report/embedded.h"
#include "report/template.h"

#define EMBEDDED(name, path, template) {template, embedded_##name},
static const struct template_part parts[] = {
#include "embedded.list"
    {0}};

/* Who reads a text: the page says more than the report. */
struct audience {
    struct dataset *dataset;
    bool of_page;
};

/* A query stands in `asked` once, whatever number of tables it gave. Only the page has it. */
static void note_query(void *user, const char *sql, FILE *out)
{
    struct audience *audience = user;
    char *number;

    if (audience->of_page)
        dataset_execute(audience->dataset, "INSERT OR IGNORE INTO asked (sql) VALUES (?)", "s",
                        sql);
    number = dataset_ask(audience->dataset, "SELECT n FROM asked WHERE sql = ?", "s", sql);
    if (number != NULL)
        fprintf(out, "\n" TEXTS_QUERY "%s\n", number);
    free(number);
}

/* "plot NAME": the picture, where there is one. "asked QUERY": what the table above was asked by.
 */
static int call(void *user, const char *name, FILE *out)
{
    char *picture = dataset_ask(((struct audience *)user)->dataset,
                                "SELECT '![' || md(title) || '](plots/' || name || '.svg)' "
                                "FROM plots WHERE 'plot ' || name = ? AND state = 'made'",
                                "s", name);
    bool is_query = strncmp(name, "asked ", 6) == 0;

    if (is_query)
        note_query(user, name + 6, out);
    if (picture != NULL)
        fprintf(out, "%s\n\n", picture);
    free(picture);
    return is_query || strncmp(name, "plot ", 5) == 0 ? 0 : -EINVAL;
}

static int put(const char *folder, const char *file, const char *text, size_t size,
               struct error *error)
{
    char path[PATH_MAX];
    int status = file_replace(path_join(path, folder, file), text, size);

    return status < 0 ? error_set(error, status, "%s: %s", file, strerror(-status)) : 0;
}

/* A text, to be freed; that of the page says what its tables were asked by. */
static int make_text(struct dataset *dataset, const char *name, bool of_page, char **text,
                     size_t *size, struct error *error)
{
    struct audience audience = {dataset, of_page};
    const struct template template = {.dataset = dataset,
                                      .parts = parts,
                                      .style = TABLE_MARKDOWN,
                                      .call = call,
                                      .asked = note_query,
                                      .user = &audience};

    return template_text(text, size, &template, name, error);
}

int texts_write(struct dataset *dataset, const char *folder, struct error *error)
{
    char *markdown = NULL, *of_page = NULL, *page = NULL;
    struct error again;
    size_t size;
    int status, page_status;

    if (sqlite3_exec(dataset->db, embedded_texts_sql, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(dataset->db, embedded_answers_sql, NULL, NULL, NULL) != SQLITE_OK)
        return error_set(error, -EINVAL, "its views: %s", sqlite3_errmsg(dataset->db));
    status = dataset_freeze(dataset, error);
    if (status == 0)
        status = make_text(dataset, "report", false, &markdown, &size, error);
    if (status < 0)
        goto out;
    status = put(folder, "report.md", markdown, size, error);
    if (status < 0)
        error = &again;
    page_status = make_text(dataset, "report", true, &of_page, &size, error);
    if (page_status == 0)
        page_status = page_make(&page, &size, dataset, of_page, folder, error);
    if (page_status == 0)
        page_status = put(folder, "report.html", page, size, error);
    status = status < 0 ? status : page_status;
out:
    free(page);
    free(of_page);
    free(markdown);
    return status;
}

int texts_show(FILE *out, struct dataset *dataset, const char *name, enum table_style style,
               struct error *error)
{
    const struct template template = {.dataset = dataset, .parts = parts, .style = style};

    return template_write(out, &template, name, error);
}

int texts_save(const char *path, struct dataset *dataset, const char *name, struct error *error)
{
    char *text = NULL;
    size_t size;
    int status;

    status = make_text(dataset, name, false, &text, &size, error);
    if (status == 0 && (status = file_replace(path, text, size)) < 0)
        error_set(error, status, "cannot write %.300s: %s", path, strerror(-status));
    free(text);
    return status;
}
