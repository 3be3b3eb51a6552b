#include "report/texts.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/path.h"
#include "report/embedded.h"
#include "report/template.h"

#define PART(name) {#name, embedded_##name##_md},
#define TEXT(name) {#name, embedded_##name##_txt},
static const struct template_part parts[] = {EMBEDDED_PARTS(PART) EMBEDDED_NOTES(PART)
                                                 EMBEDDED_TEXTS(TEXT){0}};

/* A query stands in `asked` once, whatever number of tables it gave. */
static void note_query(void *user, const char *sql, FILE *out)
{
    struct dataset *dataset = user;
    char *select = sqlite3_mprintf("SELECT n FROM asked WHERE sql = %Q", sql), *number;

    dataset_execute(dataset, "INSERT OR IGNORE INTO asked (sql) VALUES (?)", "s", sql);
    number = dataset_text(dataset, select);
    sqlite3_free(select);
    if (number != NULL)
        fprintf(out, "\n" TEXTS_QUERY "%s\n", number);
    free(number);
}

/* "plot NAME": the picture, where there is one. "asked QUERY": what the table above was asked by.
 */
static int call(void *user, const char *name, FILE *out)
{
    struct dataset *dataset = user;
    char *sql = sqlite3_mprintf("SELECT '![' || md(title) || '](plots/' || name || '.svg)' "
                                "FROM plots WHERE 'plot ' || name = %Q AND state = 'made'",
                                name);
    char *picture = dataset_text(dataset, sql);
    bool is_query = strncmp(name, "asked ", 6) == 0;

    if (is_query)
        note_query(user, name + 6, out);
    if (picture != NULL)
        fprintf(out, "%s\n\n", picture);
    free(picture);
    sqlite3_free(sql);
    return is_query || strncmp(name, "plot ", 5) == 0 ? 0 : -EINVAL;
}

/* The report itself: the Markdown of the page without the numbers of its queries. */
static void remove_queries(char *to, const char *markdown)
{
    const char *mark;

    while ((mark = strstr(markdown, "\n" TEXTS_QUERY)) != NULL) {
        memmove(to, markdown, (size_t)(mark - markdown));
        to += mark - markdown;
        markdown = mark + 1 + strcspn(mark + 1, "\n");
        markdown += *markdown == '\n';
    }
    strcpy(to, markdown);
}

static int put(const char *folder, const char *file, const char *text, size_t size,
               struct error *error)
{
    char path[PATH_MAX];
    int status = file_replace(path_join(path, folder, file), text, size);

    return status < 0 ? error_set(error, status, "%s: %s", file, strerror(-status)) : 0;
}

static int write_page(struct dataset *dataset, const char *folder, const char *markdown,
                      struct error *error)
{
    char *page = NULL;
    size_t size;
    FILE *out = open_memstream(&page, &size);
    int status = out != NULL ? page_write(out, dataset, markdown, folder, error) : -ENOMEM;

    if (out != NULL && fclose(out) != 0)
        status = -ENOMEM;
    if (status == 0)
        status = put(folder, "report.html", page, size, error);
    free(page);
    return status;
}

static int write_markdown(struct dataset *dataset, char **markdown, size_t *size,
                          struct error *error)
{
    const struct template template = {.dataset = dataset,
                                      .parts = parts,
                                      .style = TABLE_MARKDOWN,
                                      .call = call,
                                      .asked = note_query,
                                      .user = dataset};
    FILE *out = open_memstream(markdown, size);
    int status = out != NULL ? template_write(out, &template, "report", error) : -ENOMEM;

    if (out != NULL && fclose(out) != 0)
        status = -ENOMEM;
    return status;
}

int texts_write(struct dataset *dataset, const char *folder, struct error *error)
{
    char *markdown = NULL, *report = NULL;
    size_t size;
    int status, page_status;

    error_set(error, 0, "no memory for the texts");
    if (sqlite3_exec(dataset->db, embedded_texts_sql, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(dataset->db, embedded_answers_sql, NULL, NULL, NULL) != SQLITE_OK)
        return error_set(error, -EINVAL, "its views: %s", sqlite3_errmsg(dataset->db));
    status = dataset_freeze(dataset, error);
    if (status == 0)
        status = write_markdown(dataset, &markdown, &size, error);
    if (status == 0 && (report = malloc(size + 1)) == NULL)
        status = -ENOMEM;
    if (status < 0)
        goto out;
    remove_queries(report, markdown);
    status = put(folder, "report.md", report, strlen(report), error);
    page_status = write_page(dataset, folder, markdown, status == 0 ? error : &(struct error){""});
    status = status < 0 ? status : page_status;
out:
    free(report);
    free(markdown);
    return status;
}

int texts_show(FILE *out, struct dataset *dataset, const char *name, enum table_style style,
               struct error *error)
{
    const struct template template = {.dataset = dataset, .parts = parts, .style = style};

    return template_write(out, &template, name, error);
}
