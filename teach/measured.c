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
                            : dataset_execute(&measured->dataset, "INSERT INTO given VALUES (?, ?)",
                                              "ss", name, text);

    free(text);
    json_decref(value);
    return code;
}

static json_t *describe(const struct racer *racers, size_t count)
{
    json_t *runs = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(runs, racer_describe(&racers[i]));
    return runs;
}

static int give_all(struct measured *measured, struct racer *racers, size_t count, json_t *said,
                    bool known, struct error *error)
{
    const struct lesson *lesson = measured->lesson;
    char path[PATH_MAX];
    const struct {
        const char *name;
        json_t *value;
    } all[] = {
        {"runs", describe(racers, count)},
        {"figures", json_file_load(path_join(path, measured->folder, "figures.json"), error->text)},
        {"plan", json_incref(lesson->plan)},
        {"lesson", json_pack("{s:i, s:s*, s:s*}", "number", lesson->number, "title", lesson->title,
                             "saying", lesson->saying)},
        {"said", said != NULL ? json_incref(said) : json_array()},
        {"machine",
         json_pack("{s:i, s:I, s:b}", "columns", (int)terminal_columns(STDOUT_FILENO, 80), "cores",
                   (json_int_t)cores_usable(), "measured", known)},
    };
    int code = 0;

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

int measured_take(struct measured *measured, const struct lesson *lesson, struct racer *racers,
                  size_t count, json_t *said, struct error *error)
{
    bool known = count > 0 && racers[0].state == RACER_ENDED;
    int code;

    measured->lesson = lesson;
    code = give_all(measured, racers, count, said, known, error);
    if (code == 0)
        code = refuse(measured,
                      "SELECT label || ': ' || problem FROM programs WHERE problem IS NOT NULL "
                      "AND NOT optional",
                      -EIO, error);
    if (code == 0)
        code = take_steps(measured, error);
    if (code == 0 && known)
        code = refuse(measured, "SELECT fault FROM unanswered", -EINVAL, error);
    return code;
}

int measured_write(struct measured *measured, FILE *out, const char *name, struct error *error)
{
    const char *const *sections = measured->lesson != NULL ? measured->lesson->sections
                                                           : (const char *[LESSON_SECTIONS]){NULL};
    char *text = read_text(measured, name, error),
         *questions = read_text(measured, "question.md.in", error),
         *results = read_text(measured, "results.md.in", error);
    const struct template_part parts[] = {
        {name, text},
        {"question.md.in", questions},
        {"results.md.in", results},
        {"question", sections[LESSON_QUESTION]},
        {"reason", sections[LESSON_REASON]},
        {"misconception", sections[LESSON_MISCONCEPTION]},
        {"instructor", sections[LESSON_INSTRUCTOR]},
        {0},
    };
    const struct template template = {
        .dataset = &measured->dataset, .parts = parts, .style = TABLE_TERMINAL};
    int code = text != NULL && questions != NULL && results != NULL
                   ? template_write(out, &template, name, error)
                   : -ENOENT;

    free(text);
    free(questions);
    free(results);
    return code;
}

char *measured_text(struct measured *measured, const char *name, struct error *error)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    int code = out != NULL ? measured_write(measured, out, name, error) : -ENOMEM;

    if (out != NULL && fclose(out) == 0 && code == 0)
        return text;
    free(text);
    return NULL;
}

int measured_count(struct measured *measured, const char *view)
{
    char *sql = sqlite3_mprintf("SELECT count(*) FROM %s", view);
    int count = (int)dataset_number(&measured->dataset, sql, 0);

    sqlite3_free(sql);
    return count;
}
