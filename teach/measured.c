#include "teach/measured.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cores.h"
#include "common/count.h"
#include "common/file.h"
#include "common/json.h"
#include "common/path.h"
#include "common/terminal.h"
#include "report/template.h"

#define TEXT_BYTES_MAX (64 << 10)

/* ---- Figures ----------------------------------------------------------------------------- */

/* What lessons call a figure of a racer, behind its name, and where it is. */
static const struct {
    const char *name, *path;
} figures[] = {
    {"wall_ns", "lane.wall_ns"},
    {"process_ns", "process_ns"},
    {"floor_ns", "lane.floor_ns"},
    {"cpu_ns", "process_cpu_ns"},
    {"p50_ns", "lane.latency_ns.p50"},
    {"p99_ns", "lane.latency_ns.p99"},
    {"max_ns", "lane.latency_ns.max"},
    {"late_ns", "lane.loop.lateness_ns.p99"},
    {"block_ns", "lane.loop.longest_block_ns"},
    {"rss_bytes", "lane.max_rss_bytes"},
    {"pss_bytes", "memory.pss_bytes"},
    {"virtual_bytes", "memory.virtual_bytes"},
    {"threads", "memory.threads"},
    {"processes", "memory.processes"},
    {"in_flight", "server.in_flight_peak"},
    {"requests", "server.requests"},
    {"ids", "server.ids"},
    {"id_max", "server.id_max"},
    {"answered", "server.statuses.200"},
    {"refused", "server.statuses.429"},
    {"aborted", "server.aborted"},
    {"exit", "exit"},
    {"overdue", "overdue"},
    {"resets", "resets"},
    {"connections", "server.connections_accepted"},
    {"server_late_ns", "server.lateness_ns.p99"},
};

/* How a figure of that unit is written in a text. */
static const struct {
    const char *unit, *function;
} formats[] = {
    {"ns", "duration"}, {"bytes", "bytes"}, {"share", "share"}, {"factor", "ratio_text"}};

static const char *function_for(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        if (strcmp(formats[i].unit, prediction_unit(name)) == 0)
            return formats[i].function;
    return NULL;
}

/* Adds the column, and beside "loop_wall_ns" a "loop_wall" for people. A count is a whole number,
 * all else is not, since SQL would divide whole numbers as such. */
static void put_column(FILE *sql, const char *racer, const char *name, double value)
{
    const char *function = function_for(name);

    if (!isfinite(value))
        fprintf(sql, ", NULL");
    else if (function == NULL && floor(value) >= value)
        fprintf(sql, ", %.0f", value);
    else
        fprintf(sql, ", CAST(%.17g AS REAL)", value);
    fprintf(sql, " \"%s_%s\"", racer, name);
    if (function == NULL)
        return;
    if (isfinite(value))
        fprintf(sql, ", %s(%.17g)", function, value);
    else
        fprintf(sql, ", NULL");
    fprintf(sql, " \"%s_%.*s\"", racer, (int)(strrchr(name, '_') - name), name);
}

static void put_racer(FILE *sql, const struct racer *racer)
{
    const json_t *document = racer->problem[0] == '\0' ? racer->document : NULL;
    json_t *own = json_at(document, "lane.figures"), *value;
    const char *name;
    size_t i;

    for (i = 0; own == NULL && racer->figures == NULL && i < COUNT_OF(figures); i++)
        put_column(sql, racer->name, figures[i].name,
                   json_number_at(document, figures[i].path, NAN));
    json_array_foreach((json_t *)racer->figures, i, value)
    {
        put_column(sql, racer->name, json_string_value(value),
                   json_number_at(own, json_string_value(value), NAN));
    }
    for (void *at = racer->figures == NULL ? json_object_iter(own) : NULL; at != NULL;
         at = json_object_iter_next(own, at)) {
        name = json_object_iter_key(at);
        put_column(sql, racer->name, name, json_number_value(json_object_iter_value(at)));
    }
}

/* Runs a statement that was written to `text`, and frees it. */
static int run_written(struct dataset *dataset, FILE *sql, char **text, struct error *error)
{
    int code = sql != NULL && fclose(sql) == 0 ? dataset_run(dataset, *text, error) : -ENOMEM;

    free(*text);
    return code;
}

static int take_figures(struct measured *measured, struct racer *racers, size_t count,
                        struct error *error)
{
    char *text = NULL;
    size_t size;
    FILE *sql = open_memstream(&text, &size);

    if (sql != NULL)
        fprintf(sql, "CREATE TABLE measured AS SELECT %llu cores",
                (unsigned long long)cores_usable());
    for (size_t i = 0; sql != NULL && i < count; i++)
        put_racer(sql, &racers[i]);
    return run_written(&measured->dataset, sql, &text, error);
}

/* Those that the lesson computes from others. */
static int derive(struct measured *measured, struct error *error)
{
    json_t *expression;
    const char *name;
    int code = 0;

    json_object_foreach(json_object_get(measured->lesson->head, "derive"), name, expression)
    {
        const char *function = function_for(name);
        struct error reason;
        char *people = function == NULL ? sqlite3_mprintf("")
                                        : sqlite3_mprintf(", %s(\"%w\") \"%.*w\"", function, name,
                                                          (int)(strrchr(name, '_') - name), name);
        char *sql = sqlite3_mprintf("CREATE TABLE next AS SELECT *, (%s) \"%w\" FROM measured; "
                                    "DROP TABLE measured; CREATE TABLE measured AS SELECT *%s "
                                    "FROM next; DROP TABLE next",
                                    json_string_value(expression), name, people);

        if (code == 0 && dataset_run(&measured->dataset, sql, &reason) < 0)
            code = error_set(error, -EINVAL, "derive %.60s: %.200s", name, reason.text);
        sqlite3_free(sql);
        sqlite3_free(people);
    }
    return code;
}

/* What could not run, and need not. */
static int take_absent(struct measured *measured, struct racer *racers, size_t count,
                       struct error *error)
{
    int code =
        dataset_run(&measured->dataset,
                    "CREATE TABLE absent (label, problem); CREATE TABLE answers (position, "
                    "question, unit, said_text, said, correct, measured_text, measured, floor); "
                    "CREATE TABLE relations (text, otherwise, holds, points);"
                    "CREATE TABLE screen (columns)",
                    error);

    for (size_t i = 0; i < count && code == 0; i++) {
        if (racers[i].problem[0] == '\0')
            continue;
        if (!racers[i].optional)
            return error_set(error, -EIO, "%s: %.400s", racers[i].label, racers[i].problem);
        code = dataset_execute(&measured->dataset, "INSERT INTO absent VALUES (?, ?)", "ss",
                               racers[i].label, racers[i].problem);
    }
    return code == 0 ? dataset_execute(&measured->dataset, "INSERT INTO screen VALUES (?)", "i",
                                       (int)terminal_columns(1, 80))
                     : code;
}

/* ---- Answers and relations --------------------------------------------------------------- */

/* What `expression` comes to: a number, or a text that is to be freed; NULL and NAN where it is not
 * known. Returns 0, or -EINVAL where it is no SQL. */
static int evaluate(struct measured *measured, const char *expression, double *value, char **text,
                    struct error *error)
{
    char *sql = sqlite3_mprintf("SELECT %s FROM measured", expression);
    sqlite3_stmt *query = dataset_query(&measured->dataset, sql, error);

    sqlite3_free(sql);
    if (query == NULL) {
        struct error reason = *error;

        return error_set(error, -EINVAL, "%.200s: %.250s", expression, reason.text);
    }
    *value = NAN;
    if (sqlite3_step(query) == SQLITE_ROW && sqlite3_column_type(query, 0) != SQLITE_NULL) {
        *value = sqlite3_column_double(query, 0);
        if (text != NULL)
            *text = strdup((const char *)sqlite3_column_text(query, 0));
    }
    sqlite3_finalize(query);
    return 0;
}

/* Whether something that is not here explains that a question has no answer. */
static bool is_excused(struct measured *measured)
{
    return dataset_number(&measured->dataset, "SELECT count(*) FROM absent", 0) > 0;
}

static int judge_answer(struct measured *measured, size_t i, const json_t *question,
                        const struct prediction *said, struct error *error)
{
    const char *figure = json_text_at(question, "figure", NULL);
    const char *rule = figure != NULL ? figure : json_text_at(question, "right", "NULL");
    const char *floor_rule = json_text_at(question, "floor", "NULL"), *choice = NULL;
    const json_t *choices = json_object_get(question, "choices");
    double value = NAN, least = NAN;
    char *text = NULL;
    int code = evaluate(measured, rule, &value, &text, error);

    if (code == 0)
        code = evaluate(measured, floor_rule, &least, NULL, error);
    if (code == 0 && choices != NULL && text != NULL)
        choice = json_string_value(json_object_get(choices, text));
    if (code == 0 && text == NULL && is_excused(measured))
        return 0;
    if (code == 0 && (text == NULL || (choices != NULL && choice == NULL)))
        code = error_set(error, -EINVAL, "question %zu has no answer: %.200s gives %.100s", i + 1,
                         rule, text != NULL ? text : "nothing");
    if (code == 0)
        code = dataset_execute(
            &measured->dataset, "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            "isssdssdd", (int)i + 1, json_text_at(question, "text", ""),
            figure != NULL ? prediction_unit(figure) : "choice",
            said != NULL && said->given ? said->text : NULL,
            said != NULL && said->given ? said->value : NAN, choices != NULL ? text : NULL, choice,
            choices != NULL ? NAN : value, least);
    free(text);
    return code;
}

static int judge_relation(struct measured *measured, const json_t *relation, struct error *error)
{
    double holds = NAN;
    int code = evaluate(measured, json_text_at(relation, "that", "NULL"), &holds, NULL, error);

    return code < 0
               ? code
               : dataset_execute(&measured->dataset, "INSERT INTO relations VALUES (?, ?, ?, ?)",
                                 "ssdd", json_text_at(relation, "text", ""),
                                 json_text_at(relation, "otherwise", NULL), holds,
                                 json_number_at(relation, "points", 1));
}

static int judge(struct measured *measured, const struct prediction *predictions,
                 struct error *error)
{
    json_t *entry;
    int code = 0;
    size_t i;

    json_array_foreach(json_object_get(measured->lesson->head, "ask"), i, entry)
    {
        if (code == 0)
            code = judge_answer(measured, i, entry, predictions != NULL ? &predictions[i] : NULL,
                                error);
    }
    json_array_foreach(json_object_get(measured->lesson->head, "expect"), i, entry)
    {
        if (code == 0)
            code = judge_relation(measured, entry, error);
    }
    return code;
}

/* ---- All of it --------------------------------------------------------------------------- */

static int run_views(struct measured *measured, const char *folder, struct error *error)
{
    char path[PATH_MAX];
    char *views = file_read(path_join(path, folder, "answers.sql"), TEXT_BYTES_MAX, NULL);
    int code = views != NULL ? dataset_run(&measured->dataset, views, error)
                             : error_set(error, -errno, "%.300s: %s", path, strerror(errno));

    free(views);
    return code;
}

int measured_open(struct measured *measured, const struct lesson *lesson, struct racer *racers,
                  size_t count, const struct prediction *predictions, const char *folder,
                  struct error *error)
{
    int code = dataset_open(&measured->dataset, error);

    measured->lesson = lesson;
    if (code < 0)
        return code;
    code = take_absent(measured, racers, count, error);
    if (code == 0)
        code = take_figures(measured, racers, count, error);
    if (code == 0)
        code = derive(measured, error);
    if (code == 0)
        code = judge(measured, predictions, error);
    if (code == 0)
        code = run_views(measured, folder, error);
    if (code < 0)
        measured_close(measured);
    return code;
}

void measured_close(struct measured *measured)
{
    dataset_close(&measured->dataset);
}

char *measured_text(struct measured *measured, enum lesson_section section, struct error *error)
{
    const struct template_part parts[] = {{"lesson", measured->lesson->sections[section]}, {0}};
    const struct template template = {
        .dataset = &measured->dataset, .parts = parts, .style = TABLE_MARKDOWN};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    int code = out != NULL ? template_write(out, &template, "lesson", error) : -ENOMEM;

    if (out != NULL && fclose(out) == 0 && code == 0)
        return text;
    free(text);
    return NULL;
}

int measured_broken(struct measured *measured)
{
    return (int)dataset_number(&measured->dataset,
                               "SELECT count(*) FROM relations WHERE NOT coalesce(holds, EXISTS "
                               "(SELECT 1 FROM absent))",
                               0);
}
