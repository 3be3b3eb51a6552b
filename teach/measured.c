#include "teach/measured.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cores.h"
#include "common/count.h"
#include "common/file.h"
#include "common/json.h"
#include "common/path.h"
#include "common/terminal.h"
#include "report/table.h"
#include "report/template.h"

#define TEXT_BYTES_MAX (64 << 10)

/* A file of the folder, to be freed; NULL with the reason in *error. */
static char *read_text(const struct measured *measured, const char *name, struct error *error)
{
    char path[PATH_MAX];
    char *text = file_read(path_join(path, measured->folder, name), TEXT_BYTES_MAX, NULL);

    if (text == NULL)
        error_set(error, -errno, "%.300s: %s", path, strerror(errno));
    return text;
}

int measured_open(struct measured *measured, const char *folder, struct error *error)
{
    int code = dataset_open(&measured->dataset, error);
    char *views;

    measured->folder = folder;
    measured->lesson = NULL;
    if (code < 0)
        return code;
    views = read_text(measured, "lesson.sql", error);
    code = views != NULL ? dataset_run(&measured->dataset, views, error) : -ENOENT;
    free(views);
    return code;
}

void measured_close(struct measured *measured)
{
    dataset_close(&measured->dataset);
}

int measured_give(struct measured *measured, const char *name, json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    int code = text == NULL ? -ENOMEM
                            : dataset_execute(&measured->dataset,
                                              "REPLACE INTO given VALUES (?, ?)", "ss", name, text);

    free(text);
    json_decref(value);
    return code;
}

static int give_all(struct measured *measured, json_t *lesson, json_t *racers, bool ran,
                    json_t *said, struct error *error)
{
    char path[PATH_MAX];
    const struct {
        const char *name;
        json_t *value;
    } all[] = {
        {"runs", json_incref(racers)},
        {"figures", json_file_load(path_join(path, measured->folder, "figures.json"), error->text)},
        {"lesson", json_incref(lesson)},
        {"said", said != NULL ? json_incref(said) : json_array()},
        {"machine",
         json_pack("{s:i, s:I, s:b}", "columns", (int)terminal_columns(STDOUT_FILENO, 80), "cores",
                   (json_int_t)cores_usable(), "measured", ran)},
    };
    int code = 0;

    measured->lesson = lesson;
    for (size_t i = 0; i < COUNT_OF(all); i++)
        code = measured_give(measured, all[i].name, all[i].value) < 0 ? -ENOMEM : code;
    return code == 0 || error->text[0] != '\0' ? code : error_set(error, code, "no memory");
}

/* Runs the statements that are made of the plan's own SQL. */
static int take_steps(struct measured *measured, struct error *error)
{
    int code =
        dataset_run(&measured->dataset, "INSERT INTO known SELECT * FROM typed_figures", error);
    sqlite3_stmt *query = NULL;
    json_t *steps = NULL, *step;
    size_t i;

    if (code == 0)
        query = dataset_query(&measured->dataset, "SELECT what, sql FROM steps", error);
    if (query != NULL)
        steps = table_json(query);
    sqlite3_finalize(query);
    json_array_foreach(steps, i, step)
    {
        struct error reason;

        if (code == 0 &&
            dataset_run(&measured->dataset, json_text_at(step, "sql", ""), &reason) < 0)
            code = error_set(error, -EINVAL, "%.100s: %.300s", json_text_at(step, "what", ""),
                             reason.text);
    }
    json_decref(steps);
    return query == NULL ? -EINVAL : code;
}

/* The first text that `sql` gives is what is wrong. */
static int refuse(struct measured *measured, const char *sql, int code, struct error *error)
{
    char *fault = dataset_text(&measured->dataset, sql);
    int refused = fault != NULL ? error_set(error, code, "%.450s", fault) : 0;

    free(fault);
    return refused;
}

int measured_take(struct measured *measured, json_t *lesson, json_t *racers, bool ran, json_t *said,
                  struct error *error)
{
    int code = give_all(measured, lesson, racers, ran, said, error);

    if (code == 0)
        code = refuse(measured,
                      "SELECT label || ': ' || problem FROM programs WHERE problem IS NOT NULL "
                      "AND NOT optional",
                      -EIO, error);
    if (code == 0)
        code = take_steps(measured, error);
    if (code == 0 && ran)
        code = refuse(measured, "SELECT fault FROM unanswered", -EINVAL, error);
    return code;
}

int measured_write(struct measured *measured, FILE *out, const char *name, struct error *error)
{
    const char *const files[] = {name, "question.md.in", "results.md.in", "page.html.in"};
    struct template_part parts[16] = {{0}};
    const struct template template = {
        .dataset = &measured->dataset, .parts = parts, .style = TABLE_TERMINAL};
    char *texts[COUNT_OF(files)];
    size_t count = 0;
    const char *section;
    json_t *text;
    int code = 0;

    for (size_t i = 0; i < COUNT_OF(files); i++) {
        texts[i] = read_text(measured, files[i], error);
        code = texts[i] != NULL ? code : -ENOENT;
        parts[count++] = (struct template_part){files[i], texts[i]};
    }
    json_object_foreach(json_object_get(measured->lesson, "sections"), section, text)
    {
        parts[count++] = (struct template_part){section, json_string_value(text)};
    }
    if (code == 0)
        code = template_write(out, &template, name, error);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        free(texts[i]);
    return code;
}

int measured_count(struct measured *measured, const char *view)
{
    char *sql = sqlite3_mprintf("SELECT count(*) FROM %s", view);
    int count = (int)dataset_number(&measured->dataset, sql, 0);

    sqlite3_free(sql);
    return count;
}
