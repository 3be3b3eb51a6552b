#include "teach/measured.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cores.h"
#include "common/count.h"
#include "common/json.h"
#include "common/terminal.h"
#include "report/embedded.h"
#include "report/template.h"

#define EMBEDDED(name, path, template) {template, embedded_##name},
static const struct template_part texts[] = {
#include "embedded.list"
    {0}};

int measured_open(struct measured *measured, struct error *error)
{
    int code = dataset_open(&measured->dataset, error);

    measured->lesson = NULL;
    if (code == 0)
        code = dataset_run(&measured->dataset, embedded_lesson_sql, error);
    return code;
}

void measured_close(struct measured *measured)
{
    dataset_close(&measured->dataset);
}

int measured_give(struct measured *measured, json_t *values)
{
    char *text = json_dumps(values, JSON_COMPACT);
    int code =
        text != NULL
            ? dataset_execute(&measured->dataset,
                              "REPLACE INTO given SELECT key, value FROM json_each(?)", "s", text)
            : -ENOMEM;

    free(text);
    json_decref(values);
    return code;
}

/* The first text that `sql` gives is what is wrong. */
static int refuse(struct measured *measured, const char *sql, int code, struct error *error)
{
    char *fault = dataset_text(&measured->dataset, sql);
    int refused = fault != NULL ? error_set(error, code, "%.450s", fault) : 0;

    free(fault);
    return refused;
}

/* Runs the statements that are made of the plan's own SQL, one after the other. */
static int take_steps(struct measured *measured, struct error *error)
{
    struct dataset *dataset = &measured->dataset;
    int code = dataset_run(dataset, "INSERT INTO known SELECT * FROM typed_figures", error);
    struct error reason;
    char *sql, *what;

    for (int i = 0; code == 0; i++) {
        sql = dataset_ask(dataset, "SELECT sql FROM steps LIMIT 1 OFFSET ?", "i", i);
        if (sql == NULL)
            break;
        code = dataset_run(dataset, sql, &reason);
        free(sql);
        if (code == 0)
            continue;
        what = dataset_ask(dataset, "SELECT what FROM steps LIMIT 1 OFFSET ?", "i", i);
        error_set(error, -EINVAL, "%.100s: %.300s", what != NULL ? what : "", reason.text);
        free(what);
    }
    return code;
}

int measured_take(struct measured *measured, json_t *lesson, json_t *racers, bool ran, json_t *said,
                  struct error *error)
{
    int code =
        measured_give(measured, json_pack("{s:O, s:O*, s:O*, s:o, s:{s:i, s:I, s:b}}", "runs",
                                          racers, "lesson", lesson, "said", said, "figures",
                                          json_loads(embedded_figures_json, 0, NULL), "machine",
                                          "columns", (int)terminal_columns(STDOUT_FILENO, 80),
                                          "cores", (json_int_t)cores_usable(), "measured", ran));

    measured->lesson = lesson;
    if (code < 0)
        return error_set(error, code, "no memory for what was measured");
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
    struct template_part parts[LESSON_SECTIONS + COUNT_OF(texts)];
    const struct template template = {
        .dataset = &measured->dataset, .parts = parts, .style = TABLE_TERMINAL};
    const char *section;
    size_t count = 0;
    json_t *text;

    json_object_foreach(json_object_get(measured->lesson, "sections"), section, text)
    {
        parts[count++] = (struct template_part){section, json_string_value(text)};
    }
    memcpy(&parts[count], texts, sizeof(texts));
    return template_write(out, &template, name, error);
}
