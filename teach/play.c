/* One lesson: the question, the prediction, the measurement, the reason; and what else is shown of
 * it: its check, its answers, and three slides. */
#include <errno.h>
#include <md4c-html.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cores.h"
#include "common/file.h"
#include "common/json.h"
#include "common/path.h"
#include "common/text_stream.h"
#include "report/memory.h"
#include "teach/teach.h"

/* ---- What several commands do ------------------------------------------------------------ */

#define BROKEN "SELECT count(*) FROM broken"

static const struct measuring imagined = {.imagined = true};

/* What else runs takes its share, above all of lessons that compute. Returns whether it does. */
static bool tell_load(void)
{
    double load = 0;
    uint64_t cores = cores_usable();
    bool busy = getloadavg(&load, 1) == 1 && load > (double)cores;

    if (busy)
        fprintf(stderr,
                "teach: this machine was busy in the last minute (load %.1f on %llu cores): times "
                "may be off\n",
                load, (unsigned long long)cores);
    return busy;
}

/* Runs the programs of the lesson's plan and takes what they measured; the arguments are those of
 * teach_show(). `measured` is to be closed in any case. */
static int measure(const struct teach *teach, json_t *lesson, const struct measuring *how,
                   struct measured *measured, struct error *error)
{
    struct live live = {.measured = measured};
    json_t *racers = racers_of(json_object_get(lesson, "plan"), how->own, how->thin);
    int code = measured_open(measured, error);

    if (code == 0 && !how->imagined)
        code = measured_give(measured, json_pack("{s:b}", "busy", tell_load()));
    if (code == 0 && !how->imagined)
        code = racers_run(racers, how->at_once, &teach->suite, how->live ? &live : NULL, error);
    if (code == 0 && how->given != NULL)
        code = measured_give(measured, json_incref(how->given));
    if (code == 0)
        code = measured_take(measured, lesson, racers, !how->imagined, how->said, error);
    json_decref(racers);
    return code;
}

static void append(const MD_CHAR *text, MD_SIZE size, void *out)
{
    fwrite(text, 1, size, out);
}

/* A plain text goes to the terminal at once, which may have colours. */
static int show(const struct teach *teach, struct measured *measured, enum form form,
                const char *name, struct error *error)
{
    struct text_stream stream;
    char *text;
    size_t size;
    int code;

    text_stream_begin(&stream);
    if (stream.file == NULL)
        memory_end();
    code = measured_write(measured, form == FORM_PLAIN ? stdout : stream.file, name, error);
    if (text_stream_end(&stream, &text, &size) < 0)
        memory_end();
    if (code == 0 && form == FORM_HTML)
        code = md_html(text, (MD_SIZE)size, append, stdout, MD_DIALECT_GITHUB, 0);
    if (code == 0 && form == FORM_PROSE)
        prose_write(teach->project, text);
    free(text);
    fflush(stdout);
    return code;
}

/* Keeps each answer as a line: what was said, and what was measured. */
static int keep(struct measured *measured, const char *path, struct error *error)
{
    sqlite3_stmt *lines = dataset_query(&measured->dataset, "SELECT line FROM kept", error);
    int code = 0;

    if (lines == NULL)
        return -EINVAL;
    while (code == 0 && sqlite3_step(lines) == SQLITE_ROW)
        code = file_append_line(path, (const char *)sqlite3_column_text(lines, 0));
    sqlite3_finalize(lines);
    return code < 0 ? error_set(error, code, "%.300s: %s", path, strerror(-code)) : 0;
}

int teach_show(const struct teach *teach, json_t *lesson, const struct measuring *how,
               enum form form, const char *name, struct error *error)
{
    struct measured measured;
    FILE *nowhere;
    int code = measure(teach, lesson, how, &measured, error);

    if (code == 0 && how->live)
        printf("\n");
    if (code == 0 && how->answers != NULL)
        code = keep(&measured, how->answers, error);
    if (code == 0)
        code = show(teach, &measured, form, name, error);
    if (code == 0 && how->also != NULL && (nowhere = fopen("/dev/null", "w")) != NULL) {
        code = measured_write(&measured, nowhere, how->also, error);
        fclose(nowhere);
    }
    if (code == 0 && how->fails != NULL && dataset_number(&measured.dataset, how->fails, 0) > 0)
        code = TEACH_OTHERWISE;
    measured_close(&measured);
    return code;
}

/* ---- For a learner ----------------------------------------------------------------------- */

/* Asks all questions; `said` becomes an array with an answer to each. */
static int ask(const struct teach *teach, json_t *lesson, json_t *said, struct error *error)
{
    json_t *question, *answer;
    size_t i;

    json_array_foreach(json_at(lesson, "plan.ask"), i, question)
    {
        int code = prediction_ask(question, teach->project, &answer);

        if (code < 0)
            return error_set(error, code, "no answer: nothing was measured");
        json_array_append_new(said, answer);
        printf("\n");
    }
    return 0;
}

/* The file in which the learner's answers are kept. */
static int answers_path(const struct teach *teach, const char *learner, char *path,
                        struct error *error)
{
    char folder[PATH_MAX], file[128];
    int code;

    path_join(folder, teach->suite.results, "teach");
    snprintf(file, sizeof(file), "%.100s.jsonl", learner);
    path_join(path, teach->output != NULL ? teach->output : folder, file);
    code = file_make_folder(teach->output != NULL ? teach->output : folder);
    return code < 0 ? error_set(error, code, "%.300s: %s", path, strerror(-code)) : 0;
}

/* The one question at the end. An answer that is not given is no error. */
static int check_understanding(const struct teach *teach, json_t *lesson)
{
    const json_t *question = json_at(lesson, "plan.check");
    const char *right = json_text_at(question, "right", "");
    json_t *said;
    int code;

    prose_write(teach->project, "## One question\n\n");
    code = prediction_ask(question, teach->project, &said);
    if (code == -EINTR)
        return code;
    printf("\n  %s: %s\n\n",
           strcmp(json_text_at(said, "text", ""), right) == 0 ? "Right" : "Right would be", right);
    prose_write(teach->project, json_text_at(question, "because", ""));
    json_decref(said);
    return 0;
}

int teach_lesson(const struct teach *teach, json_t *lesson, struct error *error)
{
    const char *user = getenv("USER"), *learner = teach->name != NULL ? teach->name
                                                  : user != NULL      ? user
                                                                      : "learner";
    json_t *said = json_array(), *given = json_pack("{s:{s:s}}", "learner", "name", learner);
    char path[PATH_MAX];
    const struct measuring reveal = {
        .said = said, .live = true, .given = given, .answers = path, .fails = BROKEN};
    int code = answers_path(teach, learner, path, error), otherwise = 0;

    if (code == 0)
        code = teach_show(teach, lesson, &imagined, FORM_PROSE, "question", error);
    if (code == 0)
        code = ask(teach, lesson, said, error);
    if (code == 0) {
        printf("Measuring.\n\n");
        fflush(stdout);
        code = otherwise = teach_show(teach, lesson, &reveal, FORM_PROSE, "lesson", error);
    }
    if (code >= 0)
        code = check_understanding(teach, lesson);
    if (code == 0)
        printf("\nYour answers: %s\n", path);
    json_decref(given);
    json_decref(said);
    return code < 0 ? code : otherwise;
}

/* ---- For the instructor ------------------------------------------------------------------ */

int teach_answers(const struct teach *teach, json_t *lesson, struct error *error)
{
    return teach_show(teach, lesson, &imagined, FORM_PROSE, "answers", error);
}

/* All texts of a lesson must take the figures that there are, also those that are not shown here.
 */
int teach_check(const struct teach *teach, json_t *lesson, struct error *error)
{
    const struct measuring how = {.fails = BROKEN, .also = "slides.html"};

    return teach_show(teach, lesson, &how, FORM_PLAIN, "check", error);
}

int teach_list(const struct teach *teach, struct error *error)
{
    json_t *given = json_pack("{s:O}", "lessons", teach->lessons);
    const struct measuring how = {.imagined = true, .given = given};
    int code = teach_show(teach, NULL, &how, FORM_PLAIN, "lessons", error);

    json_decref(given);
    return code;
}

int teach_slides(const struct teach *teach, struct error *error)
{
    json_t *lesson;
    int code = 0;
    size_t i;

    json_array_foreach(teach->lessons, i, lesson)
    {
        fprintf(stderr, "%s\n", json_text_at(lesson, "title", ""));
        if (code == 0)
            code =
                teach_show(teach, lesson, &(struct measuring){0}, FORM_HTML, "slides.html", error);
    }
    return code;
}
