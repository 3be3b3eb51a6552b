/* One lesson: the question, the prediction, the measurement, the reason; and its check. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/cores.h"
#include "common/file.h"
#include "common/json.h"
#include "common/path.h"
#include "report/table.h"
#include "teach/prediction.h"
#include "teach/racer.h"
#include "teach/teach.h"

/* ---- What several commands do ------------------------------------------------------------ */

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

int teach_measure(const struct teach *teach, json_t *lesson, const struct measuring *how,
                  struct measured *measured, struct error *error)
{
    struct live live = {.out = how->live, .measured = measured};
    json_t *racers = racers_of(json_object_get(lesson, "plan"), how->own, how->thin);
    int code = measured_open(measured, teach->folder, error);

    if (code == 0 && !how->imagined) {
        tell_load();
        code = racers_run(racers, how->at_once, &teach->suite,
                          how->live != NULL ? live_show : show_nothing, &live, error);
    }
    if (code == 0 && how->checks != NULL)
        code = measured_give(measured, "checks", json_incref(how->checks));
    if (code == 0)
        code = measured_take(measured, lesson, racers, !how->imagined, how->said, error);
    json_decref(racers);
    return code;
}

/* Shows the text `name`, with Markdown as prose. */
static int show(const struct teach *teach, struct measured *measured, const char *name,
                struct error *error)
{
    struct prose_style style = prose_style(teach->project);
    char *text = measured_text(measured, name, error);

    if (text == NULL)
        return -EINVAL;
    prose_write(stdout, &style, text);
    fflush(stdout);
    free(text);
    return 0;
}

/* Shows a text of a lesson in which nothing has been measured. */
static int show_unmeasured(const struct teach *teach, json_t *lesson, const char *name,
                           struct error *error)
{
    struct measured measured;
    int code =
        teach_measure(teach, lesson, &(struct measuring){.imagined = true}, &measured, error);

    if (code == 0)
        code = show(teach, &measured, name, error);
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

/* What was said is held against what is measured now. */
static int reveal(const struct teach *teach, json_t *lesson, json_t *said, const char *path,
                  struct error *error)
{
    struct measured measured;
    int code = teach_measure(teach, lesson, &(struct measuring){.said = said, .live = stdout},
                             &measured, error);
    int broken = code == 0 ? measured_count(&measured, "broken") : 0;

    printf("\n");
    if (code == 0)
        code = keep(teach, &measured, path, error);
    if (code == 0)
        code = show(teach, &measured, "lesson.md.in", error);
    measured_close(&measured);
    return code == 0 && broken > 0 ? TEACH_OTHERWISE : code;
}

int teach_lesson(const struct teach *teach, json_t *lesson, struct error *error)
{
    json_t *said = json_array();
    char path[PATH_MAX];
    int code = answers_path(teach, path), otherwise = 0;

    if (code < 0)
        error_set(error, code, "%.300s: %s", path, strerror(-code));
    if (code == 0)
        code = show_unmeasured(teach, lesson, "question.md.in", error);
    if (code == 0)
        code = ask(lesson, said, error);
    if (code == 0) {
        printf("Measuring.\n\n");
        fflush(stdout);
        code = otherwise = reveal(teach, lesson, said, path, error);
    }
    if (code >= 0)
        code = check_understanding(teach, lesson);
    if (code == 0)
        printf("\nYour answers: %s\n", path);
    json_decref(said);
    return code < 0 ? code : otherwise;
}

/* ---- Without one ------------------------------------------------------------------------- */

int teach_check(const struct teach *teach, json_t *lesson, struct error *error)
{
    struct measured measured;
    char *text = NULL;
    int code, broken;

    printf("Lesson %d: %s\n", (int)json_number_at(lesson, "number", 0),
           json_text_at(lesson, "title", ""));
    fflush(stdout);
    code = teach_measure(teach, lesson, &(struct measuring){0}, &measured, error);
    broken = code == 0 ? measured_count(&measured, "broken") : 0;
    if (code == 0)
        code = measured_write(&measured, stdout, "check.txt.in", error);
    /* All texts must take the figures that there are. */
    if (code == 0 && (text = measured_text(&measured, "slides.md.in", error)) == NULL)
        code = -EINVAL;
    free(text);
    measured_close(&measured);
    fflush(stdout);
    return code < 0 ? code : broken > 0 ? TEACH_OTHERWISE : TEACH_OK;
}

int teach_answers(const struct teach *teach, json_t *lesson, struct error *error)
{
    return show_unmeasured(teach, lesson, "answers.md.in", error);
}
