#include "teach/lesson.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/path.h"

#define LESSON_BYTES_MAX (256 << 10)
#define FENCE_BEGIN      "\n```json\n"
#define FENCE_END        "\n```\n"

static const char *const headings[LESSON_SECTIONS] = {
    [LESSON_QUESTION] = "Question",
    [LESSON_REASON] = "Reason",
    [LESSON_MISCONCEPTION] = "Misconception",
    [LESSON_INSTRUCTOR] = "For the instructor",
};

/* ---- One file ---------------------------------------------------------------------------- */

/* "…/03-all-at-once.md". */
static int read_name(struct lesson *lesson, const char *path, struct error *error)
{
    const char *slash = strrchr(path, '/');

    if (sscanf(slash != NULL ? slash + 1 : path, "%d-%63[a-z0-9-].md", &lesson->number,
               lesson->name) == 2)
        return 0;
    return error_set(error, -EINVAL, "a lesson's file is called like 03-all-at-once.md");
}

static int read_head(struct lesson *lesson, struct error *error)
{
    char *begin = strstr(lesson->text, FENCE_BEGIN), *end;
    json_error_t where;
    const char *text;
    json_t *any;
    int minutes;

    if (begin == NULL || (end = strstr(begin + 1, FENCE_END)) == NULL)
        return error_set(error, -EINVAL, "without a plan between ```json and ```");
    begin += strlen(FENCE_BEGIN);
    lesson->plan = json_loadb(begin, (size_t)(end - begin), 0, &where);
    if (lesson->plan == NULL)
        return error_set(error, -EINVAL, "line %d of the plan: %s", where.line, where.text);
    if (json_unpack_ex(lesson->plan, &where, 0,
                       "{s:i, s:s, s?s, s?i, s:{}, s?{}, s:o, s:o, s:{}, s:o !}", "minutes",
                       &minutes, "objective", &text, "latency", &text, "seconds", &minutes, "runs",
                       "derive", "ask", &any, "expect", &any, "check", "sources", &any) < 0)
        return error_set(error, -EINVAL, "the plan: %s", where.text);
    return 0;
}

/* A section begins behind its heading: "Question", or "Misconception: what is said". */
static int take_section(struct lesson *lesson, char *at, struct error *error)
{
    char *body = strchr(at, '\n'), *colon;

    if (body == NULL)
        return error_set(error, -EINVAL, "a heading without a text: %.50s", at);
    *body = '\0';
    colon = strstr(at, ": ");
    if (colon != NULL) {
        *colon = '\0';
        lesson->saying = colon + 2;
    }
    for (int i = 0; i < LESSON_SECTIONS; i++)
        if (strcmp(headings[i], at) == 0 && lesson->sections[i] == NULL) {
            lesson->sections[i] = body + 1 + strspn(body + 1, "\n");
            return 0;
        }
    return error_set(error, -EINVAL, "the heading '%.50s' is unknown, or there twice", at);
}

static int read_sections(struct lesson *lesson, struct error *error)
{
    char *at = strstr(lesson->text, "\n## "), *next;
    int code = 0;

    for (; at != NULL && code == 0; at = next) {
        *at = '\0';
        next = strstr(at + 1, "\n## ");
        if (next != NULL)
            *next = '\0';
        code = take_section(lesson, at + 4, error);
    }
    for (int i = 0; i < LESSON_SECTIONS && code == 0; i++)
        if (lesson->sections[i] == NULL)
            code = error_set(error, -EINVAL, "without the heading '## %s'", headings[i]);
    return code;
}

int lesson_load(struct lesson *lesson, const char *path, struct error *error)
{
    struct error reason = {""};
    int code;

    *lesson = (struct lesson){.text = file_read(path, LESSON_BYTES_MAX, NULL), .saying = ""};
    if (lesson->text == NULL)
        return error_set(error, -errno, "%.300s: %s", path, strerror(errno));
    code = read_name(lesson, path, &reason);
    if (code == 0)
        code = read_head(lesson, &reason);
    if (code == 0 && strncmp(lesson->text, "# ", 2) != 0)
        code = error_set(&reason, -EINVAL, "it does not begin with '# TITLE'");
    if (code == 0)
        code = read_sections(lesson, &reason);
    if (code < 0) {
        lesson_free(lesson);
        return error_set(error, code, "%.250s: %.200s", path, reason.text);
    }
    lesson->text[strcspn(lesson->text, "\n")] = '\0';
    lesson->title = lesson->text + 2;
    return 0;
}

void lesson_free(struct lesson *lesson)
{
    json_decref(lesson->plan);
    free(lesson->text);
    *lesson = (struct lesson){0};
}

/* ---- A folder of them -------------------------------------------------------------------- */

int lessons_load(struct lessons *lessons, const char *folder, struct error *error)
{
    char pattern[PATH_MAX];
    glob_t files;
    int code = glob(path_join(pattern, folder, "*.md"), 0, NULL, &files);

    *lessons = (struct lessons){0};
    if (code != 0)
        return error_set(error, -ENOENT, "there are no lessons in %.300s", folder);
    lessons->all = calloc(files.gl_pathc, sizeof(*lessons->all));
    for (size_t i = 0; i < files.gl_pathc && lessons->all != NULL && code == 0; i++) {
        code = lesson_load(&lessons->all[i], files.gl_pathv[i], error);
        lessons->count += code == 0;
    }
    globfree(&files);
    if (code < 0)
        lessons_free(lessons);
    return code;
}

void lessons_free(struct lessons *lessons)
{
    for (size_t i = 0; i < lessons->count; i++)
        lesson_free(&lessons->all[i]);
    free(lessons->all);
    *lessons = (struct lessons){0};
}

const struct lesson *lessons_find(const struct lessons *lessons, const char *name)
{
    char number[16];

    for (size_t i = 0; i < lessons->count; i++) {
        snprintf(number, sizeof(number), "%d", lessons->all[i].number);
        if (strcmp(lessons->all[i].name, name) == 0 || strcmp(number, name) == 0)
            return &lessons->all[i];
    }
    return NULL;
}
