/* One lesson: the question, the prediction, the measurement, the reason; and what else is shown of
 * it: its check, its answers, and three slides. */
#include <errno.h>
#include <md4c-html.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/cores.h"
#include "common/file.h"
#include "common/json.h"
#include "common/path.h"
#include "common/text_stream.h"
#include "report/memory.h"
#include "report/table.h"
#include "teach/prediction.h"
#include "teach/racer.h"
#include "teach/teach.h"

/* ---- What several commands do ------------------------------------------------------------ */

static const struct measuring imagined = {.imagined = true};

/* What else runs takes its share, above all of lessons that compute. */
static void tell_load(void)
{
    double load = 0;
    uint64_t cores = cores_usable();

    if (getloadavg(&load, 1) == 1 && load > (double)cores)
        fprintf(stderr,
                "teach: this machine was busy in the last minute (load %.1f on %llu cores): times "
                "may be off\n",
                load, (unsigned long long)cores);
}

static void show_nothing(void *user, json_t *racers)
{
    (void)user;
    (void)racers;
}

/* Runs the programs of the lesson's plan and takes what they measured; the arguments are those of
 * teach_show(). `measured` is to be closed in any case. */
static int measure(const struct teach *teach, json_t *lesson, const struct measuring *how,
                   struct measured *measured, struct error *error)
{
    struct live live = {.measured = measured};
    json_t *racers = racers_of(json_object_get(lesson, "plan"), how->own, how->thin), *value;
    int code = measured_open(measured, teach->folder, error);
    const char *name;

    if (code == 0 && !how->imagined) {
        tell_load();
        code = racers_run(racers, how->at_once, &teach->suite, how->live ? live_show : show_nothing,
                          &live, error);
    }
    json_object_foreach(how->given, name, value)
    {
        code = code == 0 ? measured_give(measured, name, json_incref(value)) : code;
    }
    if (code == 0)
        code = measured_take(measured, lesson, racers, !how->imagined, how->said, error);
    json_decref(racers);
    return code;
}

static void append(const MD_CHAR *text, MD_SIZE size, void *out)
{
    fwrite(text, 1, size, out);
}

/* A text that is no Markdown goes to the terminal at once, which may have colours. */
static int show(const struct teach *teach, struct measured *measured, const char *name,
                struct error *error)
{
    const struct prose_style style = prose_style(teach->project);
    bool html = strstr(name, ".html.") != NULL, markdown = html || strstr(name, ".md.") != NULL;
    struct text_stream stream;
    char *text;
    size_t size;
    int code;

    text_stream_begin(&stream);
    if (stream.file == NULL)
        memory_end();
    code = measured_write(measured, markdown ? stream.file : stdout, name, error);
    if (text_stream_end(&stream, &text, &size) < 0)
        memory_end();
    if (code == 0 && html)
        code = md_html(text, (MD_SIZE)size, append, stdout, MD_DIALECT_GITHUB, 0);
    else if (code == 0 && markdown)
        prose_write(stdout, &style, text);
    free(text);
    fflush(stdout);
    return code;
}

static int keep(const struct teach *teach, struct measured *measured, const char *path,
                struct error *error);

int teach_show(const struct teach *teach, json_t *lesson, const struct measuring *how,
               const char *name, struct error *error)
{
    struct measured measured;
    FILE *nowhere;
    int code = measure(teach, lesson, how, &measured, error);

    if (code == 0 && how->live)
        printf("\n");
    if (code == 0 && how->answers != NULL)
        code = keep(teach, &measured, how->answers, error);
    if (code == 0)
        code = show(teach, &measured, name, error);
    if (code == 0 && how->also != NULL && (nowhere = fopen("/dev/null", "w")) != NULL) {
        code = measured_write(&measured, nowhere, how->also, error);
        fclose(nowhere);
    }
    if (code == 0 && how->fails != NULL && measured_count(&measured, how->fails) > 0)
        code = TEACH_OTHERWISE;
    measured_close(&measured);
    return code;
}

/* ---- For a learner ----------------------------------------------------------------------- */

/* Asks all questions; `said` becomes an array with an answer to each. */
static int ask(json_t *lesson, json_t *said, struct error *error)
{
    json_t *question, *answer;
    size_t i;

    json_array_foreach(json_at(lesson, "plan.ask"), i, question)
    {
        int code = prediction_ask(question, &answer);

        if (code < 0)
            return error_set(error, code, "no answer: nothing was measured");
        json_array_append_new(said, answer);
        printf("\n");
    }
    return 0;
}

/* Whose answers they are, and the file in which they are kept. */
static const char *learner(const struct teach *teach)
{
    const char *name = teach->name != NULL ? teach->name : getenv("USER");

    return name != NULL ? name : "learner";
}

static int answers_path(const struct teach *teach, char *path)
{
    char folder[PATH_MAX], file[128];

    if (teach->output != NULL)
        snprintf(folder, sizeof(folder), "%s", teach->output);
    else
        path_join(folder, teach->suite.results, "teach");
    snprintf(file, sizeof(file), "%.100s.jsonl", learner(teach));
    path_join(path, folder, file);
    return file_make_folder(folder);
}

/* Keeps each answer as a line: what was said, and what was measured. */
static int keep(const struct teach *teach, struct measured *measured, const char *path,
                struct error *error)
{
    char at[CLOCK_UTC_SIZE];
    json_t *lines = NULL, *line;
    sqlite3_stmt *query =
        dataset_query(&measured->dataset, "SELECT * FROM kept ORDER BY position", error);
    size_t i;
    int code = query != NULL ? 0 : -EINVAL;

    if (query != NULL)
        lines = table_json(query);
    clock_utc(at);
    json_array_foreach(lines, i, line)
    {
        json_object_set_new(line, "at", json_string(at));
        json_object_set_new(line, "name", json_string(learner(teach)));
        json_object_set_new(line, "lesson",
                            json_string(json_text_at(measured->lesson, "name", "")));
        if (code == 0 && (code = json_line_append(path, line)) < 0)
            error_set(error, code, "%.300s: %s", path, strerror(-code));
    }
    sqlite3_finalize(query);
    json_decref(lines);
    return code;
}

/* The one question at the end. An answer that is not given is no error. */
static int check_understanding(const struct teach *teach, json_t *lesson)
{
    const struct prose_style style = prose_style(teach->project);
    const json_t *question = json_at(lesson, "plan.check");
    const char *right = json_text_at(question, "right", "");
    json_t *said;
    int code;

    printf("\n");
    prose_write(stdout, &style, "## One question\n\n");
    code = prediction_ask(question, &said);
    if (code == -EINTR)
        return code;
    printf("\n  %s: %s\n\n",
           strcmp(json_text_at(said, "text", ""), right) == 0 ? "Right" : "Right would be", right);
    prose_write(stdout, &style, json_text_at(question, "because", ""));
    json_decref(said);
    return 0;
}

int teach_lesson(const struct teach *teach, json_t *lesson, struct error *error)
{
    json_t *said = json_array();
    char path[PATH_MAX];
    const struct measuring reveal = {
        .said = said, .live = true, .answers = path, .fails = "broken"};
    int code = answers_path(teach, path), otherwise = 0;

    if (code < 0)
        error_set(error, code, "%.300s: %s", path, strerror(-code));
    if (code == 0)
        code = teach_show(teach, lesson, &imagined, "question.md.in", error);
    if (code == 0)
        code = ask(lesson, said, error);
    if (code == 0) {
        printf("Measuring.\n\n");
        fflush(stdout);
        code = otherwise = teach_show(teach, lesson, &reveal, "lesson.md.in", error);
    }
    if (code >= 0)
        code = check_understanding(teach, lesson);
    if (code == 0)
        printf("\nYour answers: %s\n", path);
    json_decref(said);
    return code < 0 ? code : otherwise;
}

int teach_answers(const struct teach *teach, json_t *lesson, struct error *error)
{
    return teach_show(teach, lesson, &imagined, "answers.md.in", error);
}

/* All texts of a lesson must take the figures that there are, also those that are not shown here.
 */
int teach_check(const struct teach *teach, json_t *lesson, struct error *error)
{
    const struct measuring how = {.fails = "broken", .also = "slides.html.in"};

    return teach_show(teach, lesson, &how, "check.txt.in", error);
}

int teach_slides(const struct teach *teach, struct error *error)
{
    json_t *lesson;
    int code = 0;
    size_t i;

    json_array_foreach(teach->lessons, i, lesson)
    {
        fprintf(stderr, "%s\n", json_text_at(lesson, "title", ""));
        code = code == 0
                   ? teach_show(teach, lesson, &(struct measuring){0}, "slides.html.in", error)
                   : code;
    }
    return code;
}
