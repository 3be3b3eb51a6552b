/* Slides from the lessons, three of each: the question, the run, the reason. All lessons are
 * measured for them, so that the figures are those of this machine. */
#include <errno.h>
#include <md4c-html.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/json.h"
#include "common/path.h"
#include "report/format.h"
#include "teach/teach.h"

#define PAGE_BYTES_MAX (64 << 10)
#define PLACE          "{{slides}}"

static void append(const MD_CHAR *text, MD_SIZE size, void *out)
{
    fwrite(text, 1, size, out);
}

static void put_slide(FILE *out, const struct lesson *lesson, const char *heading,
                      const char *markdown)
{
    char *title = format_html(lesson->title), *plain = format_html(heading);

    fprintf(out, "<section><h2>%d. %s</h2><h1>%s</h1>\n", lesson->number, title, plain);
    md_html(markdown, (MD_SIZE)strlen(markdown), append, out, MD_DIALECT_GITHUB, 0);
    fputs("</section>\n", out);
    sqlite3_free(title);
    sqlite3_free(plain);
}

/* The run: the commands, and what each question came to. */
static char *run_text(const struct teach *teach, struct measured *measured, struct error *error)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    const char *name;
    json_t *run;
    int code;

    if (out == NULL)
        return NULL;
    json_object_foreach(json_object_get(measured->lesson->head, "runs"), name, run)
    {
        const char *command = json_text_at(run, "command", "");

        fprintf(out, "    %s%s\n", strncmp(command, "twins/", 6) == 0 ? "" : "build/", command);
    }
    fputs("\n```\n", out);
    code = teach_write(teach, out, &measured->dataset, "lesson", error);
    fputs("```\n", out);
    if (fclose(out) == 0 && code == 0)
        return text;
    free(text);
    return NULL;
}

static int put_lesson(const struct teach *teach, FILE *out, const struct lesson *lesson,
                      struct error *error)
{
    struct measured measured;
    char *question, *run, *reason;
    int code = teach_measure(teach, lesson, NULL, NULL, &measured, error);

    if (code < 0)
        return code;
    question = measured_text(&measured, LESSON_QUESTION, error);
    run = run_text(teach, &measured, error);
    reason = measured_text(&measured, LESSON_REASON, error);
    measured_close(&measured);
    code = question != NULL && run != NULL && reason != NULL ? 0 : -EINVAL;
    if (code == 0) {
        put_slide(out, lesson, "Question", question);
        put_slide(out, lesson, "Run", run);
        put_slide(out, lesson, "Reason", reason);
    }
    free(question);
    free(run);
    free(reason);
    return code;
}

int teach_slides(const struct teach *teach, struct error *error)
{
    char path[PATH_MAX];
    char *page = file_read(path_join(path, teach->folder, "slides.html.in"), PAGE_BYTES_MAX, NULL),
         *place = page != NULL ? strstr(page, PLACE) : NULL;
    int code = 0;

    if (place == NULL)
        code = error_set(error, -ENOENT, "%.300s is not there, or has no %s", path, PLACE);
    else
        fwrite(page, 1, (size_t)(place - page), stdout);
    for (size_t i = 0; i < teach->lessons.count && code == 0; i++) {
        fprintf(stderr, "lesson %d: %s\n", teach->lessons.all[i].number,
                teach->lessons.all[i].title);
        code = put_lesson(teach, stdout, &teach->lessons.all[i], error);
    }
    if (code == 0)
        fputs(place + strlen(PLACE), stdout);
    free(page);
    return code;
}
