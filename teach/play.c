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
#include "report/template.h"
#include "teach/live.h"
#include "teach/teach.h"
#include "teach/prose.h"

#define RUNS_MAX       12
#define ASK_MAX        8
#define TEXT_BYTES_MAX (64 << 10)
#define UNMEASURED     "…" /* shorter than what it stands for, {{…}} */

/* ---- What several commands do ------------------------------------------------------------ */

int teach_write(const struct teach *teach, FILE *out, struct dataset *dataset, const char *name,
                struct error *error)
{
    char path[PATH_MAX], file[64];
    char *text;
    int code;

    snprintf(file, sizeof(file), "%s.txt.in", name);
    text = file_read(path_join(path, teach->folder, file), TEXT_BYTES_MAX, NULL);
    const struct template_part parts[] = {{name, text}, {0}};
    const struct template template = {.dataset = dataset, .parts = parts, .style = TABLE_TERMINAL};

    code = text != NULL ? template_write(out, &template, name, error)
                        : error_set(error, -errno, "%.300s: %s", path, strerror(errno));
    free(text);
    return code;
}

static size_t make_racers(const struct lesson *lesson, struct racer *racers)
{
    const char *latency = json_text_at(lesson->head, "latency", "");
    const char *name;
    json_t *run;
    size_t count = 0;

    json_object_foreach(json_object_get(lesson->head, "runs"), name, run)
    {
        struct racer *racer = &racers[count];

        if (count++ == RUNS_MAX)
            return count;
        racer_init(racer, name, json_text_at(run, "label", name), json_text_at(run, "command", ""),
                   json_text_at(run, "latency", latency));
        racer->optional = json_is_true(json_object_get(run, "optional"));
        racer->figures = json_object_get(run, "figures");
        racer->watches_memory = json_is_true(json_object_get(run, "memory"));
    }
    return count;
}

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

int teach_measure(const struct teach *teach, const struct lesson *lesson,
                  const struct prediction *predictions, FILE *live, struct measured *measured,
                  struct error *error)
{
    struct racer *racers = calloc(RUNS_MAX, sizeof(*racers));
    struct live shown = {.out = live};
    struct racer_view view = live_view(&shown);
    size_t count = racers != NULL ? make_racers(lesson, racers) : 0;
    int code = racers == NULL ? -ENOMEM : 0;

    tell_load();
    if (count > RUNS_MAX)
        code = error_set(error, -E2BIG, "%s: more than %d runs", lesson->name, RUNS_MAX);
    if (code == 0)
        code = racers_run(racers, count, false, &teach->suite, &view, error);
    if (code == 0)
        code = measured_open(measured, lesson, racers, count, predictions, teach->folder, error);
    for (size_t i = 0; i < count && i < RUNS_MAX; i++)
        racer_free(&racers[i]);
    free(racers);
    return code;
}

/* ---- For a learner ----------------------------------------------------------------------- */

/* Asks all questions. Returns 0 or a negative errno. */
static int ask(const struct lesson *lesson, struct prediction *predictions, struct error *error)
{
    json_t *question;
    size_t i;

    json_array_foreach(json_object_get(lesson->head, "ask"), i, question)
    {
        int code = i < ASK_MAX ? prediction_ask(question, &predictions[i]) : -E2BIG;

        if (code < 0)
            return error_set(error, code,
                             code == -E2BIG ? "more than 8 questions"
                                            : "no answer: nothing was measured");
        printf("\n");
    }
    return 0;
}

/* The folder and file of a learner's answers. */
static int answers_path(const struct teach *teach, char *path)
{
    const char *user = teach->name != NULL ? teach->name : getenv("USER");
    char folder[PATH_MAX], file[128];

    if (teach->output != NULL)
        snprintf(folder, sizeof(folder), "%s", teach->output);
    else
        path_join(folder, teach->suite.results, "teach");
    snprintf(file, sizeof(file), "%.100s.jsonl", user != NULL ? user : "learner");
    path_join(path, folder, file);
    return file_make_folder(folder);
}

/* Keeps each answer as a line: what was said, and what was measured. */
static int keep(const struct teach *teach, struct measured *measured, const char *path,
                struct error *error)
{
    const struct lesson *lesson = measured->lesson;
    const char *user = teach->name != NULL ? teach->name : getenv("USER");
    char at[CLOCK_UTC_SIZE], *sql;
    sqlite3_stmt *query;
    json_t *lines, *line;
    size_t i;
    int code = 0;

    clock_utc(at);
    sql =
        sqlite3_mprintf("SELECT 'teach.answer/1' \"schema\", %Q at, %Q name, %Q lesson, position, "
                        "question, unit, said_text, said, correct, measured, floor, "
                        "(SELECT cores FROM measured) cores FROM answers ORDER BY position",
                        at, user != NULL ? user : "learner", lesson->name);
    query = dataset_query(&measured->dataset, sql, error);
    lines = query != NULL ? table_json(query) : NULL;
    json_array_foreach(lines, i, line)
    {
        if (code == 0)
            code = json_line_append(path, line);
    }
    sqlite3_finalize(query);
    sqlite3_free(sql);
    json_decref(lines);
    return code < 0 ? error_set(error, code, "%.300s: %s", path, strerror(-code)) : 0;
}

static int show_section(struct measured *measured, enum lesson_section section, const char *heading,
                        const struct prose_style *style, struct error *error)
{
    char *text = measured_text(measured, section, error);

    if (text == NULL)
        return -EINVAL;
    prose_heading(stdout, style, heading);
    prose_write(stdout, style, text);
    free(text);
    return 0;
}

/* The one question at the end. An answer that is not given is no error. */
static int check_understanding(const struct lesson *lesson, const struct prose_style *style)
{
    const json_t *question = json_object_get(lesson->head, "check");
    const char *right = json_text_at(question, "right", "");
    struct prediction said;
    int code;

    prose_heading(stdout, style, "One question");
    code = prediction_ask(question, &said);
    if (code == -EINTR)
        return code;
    printf("\n  %s: %s\n\n",
           said.given && strcmp(said.text, right) == 0 ? "Right" : "Right would be", right);
    prose_write(stdout, style, json_text_at(question, "because", ""));
    return 0;
}

static int reveal(const struct teach *teach, struct measured *measured,
                  const struct prose_style *style, struct error *error)
{
    char saying[200];
    int code;

    printf("\n");
    code = teach_write(teach, stdout, &measured->dataset, "lesson", error);
    if (code == 0)
        code = show_section(measured, LESSON_REASON, "Why", style, error);
    snprintf(saying, sizeof(saying), "Often said: %s", measured->lesson->saying);
    if (code == 0)
        code = show_section(measured, LESSON_MISCONCEPTION, saying, style, error);
    return code;
}

static void show_title(const struct teach *teach, const struct lesson *lesson,
                       const struct prose_style *style)
{
    char title[200];

    snprintf(title, sizeof(title), "Lesson %d: %s (%d min)", lesson->number, lesson->title,
             (int)json_integer_value(json_object_get(lesson->head, "minutes")));
    prose_heading(stdout, style, title);
    if (!teach->project)
        printf("You will be able to %s.\n\n", json_text_at(lesson->head, "objective", ""));
}

/* The question stands before anything was measured: its text has no figures. */
static void show_question(const struct lesson *lesson, const struct prose_style *style)
{
    const char *body = strchr(lesson->sections[LESSON_QUESTION], '\n') + 1;
    char *text = strdup(body);

    if (text == NULL)
        return;
    *strstr(text, "{{end}}") = '\0';
    prose_write(stdout, style, text);
    free(text);
}

int teach_lesson(const struct teach *teach, const struct lesson *lesson, struct error *error)
{
    struct prose_style style = prose_style(teach->project);
    struct prediction predictions[ASK_MAX] = {{0}};
    struct measured measured;
    char path[PATH_MAX];
    int code = answers_path(teach, path), broken;

    if (code < 0)
        return error_set(error, code, "%.300s: %s", path, strerror(-code));
    show_title(teach, lesson, &style);
    show_question(lesson, &style);
    code = ask(lesson, predictions, error);
    if (code < 0)
        return code;
    printf("Measuring.\n\n");
    fflush(stdout);
    code = teach_measure(teach, lesson, predictions, stdout, &measured, error);
    if (code < 0)
        return code;
    broken = measured_broken(&measured);
    code = keep(teach, &measured, path, error);
    if (code == 0)
        code = reveal(teach, &measured, &style, error);
    if (code == 0)
        code = check_understanding(lesson, &style);
    measured_close(&measured);
    if (code == 0)
        printf("Your answers: %s\n", path);
    return code < 0 ? code : broken > 0 ? TEACH_OTHERWISE : TEACH_OK;
}

/* ---- Without one ------------------------------------------------------------------------- */

int teach_check(const struct teach *teach, const struct lesson *lesson, struct error *error)
{
    struct measured measured;
    int code, broken;

    printf("Lesson %d: %s\n", lesson->number, lesson->title);
    fflush(stdout);
    code = teach_measure(teach, lesson, NULL, NULL, &measured, error);
    if (code < 0)
        return code;
    code = teach_write(teach, stdout, &measured.dataset, "check", error);
    for (int i = 0; i < LESSON_SECTIONS && code == 0; i++) {
        char *text = measured_text(&measured, i, error);

        code = text != NULL ? 0 : -EINVAL;
        free(text);
    }
    broken = measured_broken(&measured);
    measured_close(&measured);
    fflush(stdout);
    return code < 0 ? code : broken > 0 ? TEACH_OTHERWISE : TEACH_OK;
}

/* Without a measurement the texts show where their figures will be. */
static void write_unmeasured(const struct lesson *lesson, enum lesson_section section,
                             const struct prose_style *style)
{
    char *text = strdup(strchr(lesson->sections[section], '\n') + 1), *at, *end;

    if (text == NULL)
        return;
    *strrchr(text, '{') = '\0';
    text[strlen(text) - 1] = '\0';
    while ((at = strstr(text, "{{")) != NULL && (end = strstr(at, "}}")) != NULL) {
        bool shown = strncmp(at + 2, "if ", 3) != 0 && strncmp(at + 2, "else", 4) != 0 &&
                     strncmp(at + 2, "end", 3) != 0;
        size_t length = shown ? strlen(UNMEASURED) : 0;

        memcpy(at, UNMEASURED, length);
        memmove(at + length, end + 2, strlen(end + 2) + 1);
    }
    prose_write(stdout, style, text);
    free(text);
}

int teach_answers(const struct teach *teach, const struct lesson *lesson)
{
    const struct prose_style style = prose_style(false);
    const json_t *check = json_object_get(lesson->head, "check");
    json_t *entry;
    size_t i;

    show_title(teach, lesson, &style);
    json_array_foreach(json_object_get(lesson->head, "ask"), i, entry)
    {
        printf("- %s\n", json_text_at(entry, "text", ""));
    }
    printf("\nWhat must come:\n");
    json_array_foreach(json_object_get(lesson->head, "expect"), i, entry)
    {
        printf("- %s\n", json_text_at(entry, "text", ""));
    }
    printf("\n");
    write_unmeasured(lesson, LESSON_REASON, &style);
    prose_heading(stdout, &style, "For the instructor");
    write_unmeasured(lesson, LESSON_INSTRUCTOR, &style);
    printf("One question: %s\n  %s: %s\n\n", json_text_at(check, "text", ""),
           json_text_at(check, "right", ""), json_text_at(check, "because", ""));
    return 0;
}
