#include "teach/lesson.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/count.h"
#include "common/file.h"
#include "common/json.h"
#include "common/path.h"

#define LESSON_BYTES_MAX (256 << 10)
#define FENCE_BEGIN      "\n```json\n"
#define FENCE_END        "\n```\n"
#define HEADING          "\n## "

static const char *const headings[LESSON_SECTIONS] = {"Question", "Reason", "Misconception",
                                                      "For the instructor"};

/* ---- One file ---------------------------------------------------------------------------- */

/* "…/03-all-at-once.md". */
static int read_name(json_t *lesson, const char *path, struct error *error)
{
    const char *slash = strrchr(path, '/');
    char name[64];
    int number;

    if (sscanf(slash != NULL ? slash + 1 : path, "%d-%63[a-z0-9-].md", &number, name) != 2)
        return error_set(error, -EINVAL, "a lesson's file is called like 03-all-at-once.md");
    json_object_set_new(lesson, "number", json_integer(number));
    json_object_set_new(lesson, "name", json_string(name));
    return 0;
}

static int read_plan(json_t *lesson, const char *text, struct error *error)
{
    const char *begin = strstr(text, FENCE_BEGIN), *end, *word;
    json_error_t where;
    json_t *plan, *any;
    int minutes;

    if (begin == NULL || (end = strstr(begin + 1, FENCE_END)) == NULL)
        return error_set(error, -EINVAL, "without a plan between ```json and ```");
    begin += strlen(FENCE_BEGIN);
    plan = json_loadb(begin, (size_t)(end - begin), 0, &where);
    if (plan == NULL)
        return error_set(error, -EINVAL, "line %d of the plan: %s", where.line, where.text);
    json_object_set_new(lesson, "plan", plan);
    if (json_unpack_ex(plan, &where, 0, "{s:i, s:s, s?s, s:{}, s?{}, s:o, s:o, s:{}, s:o !}",
                       "minutes", &minutes, "objective", &word, "latency", &word, "runs", "derive",
                       "ask", &any, "expect", &any, "check", "sources", &any) < 0)
        return error_set(error, -EINVAL, "the plan: %s", where.text);
    return 0;
}

/* A section is what stands between its heading and the next one. Behind "Misconception: " stands
 * how that is said. */
static int read_sections(json_t *lesson, const char *text, struct error *error)
{
    json_t *sections = json_object_get(lesson, "sections");
    const char *at = strstr(text, HEADING), *next;
    size_t count = 0;

    for (; at != NULL; at = next, count++) {
        const char *heading = at + strlen(HEADING), *body = heading + strcspn(heading, "\n");
        size_t name = strcspn(heading, ":\n");

        if (heading + name + 2 < body)
            json_object_set_new(
                lesson, "saying",
                json_stringn(heading + name + 2, (size_t)(body - heading) - name - 2));
        body += strspn(body, "\n");
        next = strstr(body - 1, HEADING);
        json_object_setn_new(sections, heading, name,
                             next != NULL ? json_stringn(body, (size_t)(next + 1 - body))
                                          : json_string(body));
    }
    for (size_t i = 0; i < COUNT_OF(headings); i++)
        if (json_object_get(sections, headings[i]) == NULL)
            return error_set(error, -EINVAL, "without the heading '## %s'", headings[i]);
    return count == COUNT_OF(headings)
               ? 0
               : error_set(error, -EINVAL, "it has %zu headings with ##, not %zu", count,
                           COUNT_OF(headings));
}

json_t *lesson_load(const char *path, struct error *error)
{
    json_t *lesson = json_pack("{s:s, s:{}}", "saying", "", "sections");
    char *text = file_read(path, LESSON_BYTES_MAX, NULL);
    struct error reason = {""};
    int code = text != NULL ? read_name(lesson, path, &reason)
                            : error_set(&reason, -errno, "%s", strerror(errno));

    if (code == 0)
        code = read_plan(lesson, text, &reason);
    if (code == 0 && strncmp(text, "# ", 2) != 0)
        code = error_set(&reason, -EINVAL, "it does not begin with '# TITLE'");
    if (code == 0)
        json_object_set_new(lesson, "title", json_stringn(text + 2, strcspn(text + 2, "\n")));
    if (code == 0)
        code = read_sections(lesson, text, &reason);
    free(text);
    if (code == 0)
        return lesson;
    error_set(error, code, "%.250s: %.200s", path, reason.text);
    json_decref(lesson);
    return NULL;
}

/* ---- A folder of them -------------------------------------------------------------------- */

json_t *lesson_paths(const char *pattern, const char *what, struct error *error)
{
    json_t *paths = json_array();
    glob_t files = {0};

    if (glob(pattern, 0, NULL, &files) != 0) {
        error_set(error, -ENOENT, "there are no %s: %.300s", what, pattern);
        json_decref(paths);
        return NULL;
    }
    for (size_t i = 0; i < files.gl_pathc; i++)
        json_array_append_new(paths, json_string(files.gl_pathv[i]));
    globfree(&files);
    return paths;
}

json_t *lessons_load(const char *folder, struct error *error)
{
    char pattern[PATH_MAX];
    json_t *lessons = lesson_paths(path_join(pattern, folder, "*.md"), "lessons", error);
    json_t *path, *lesson;
    size_t i;

    json_array_foreach(lessons, i, path)
    {
        lesson = lesson_load(json_string_value(path), error);
        if (lesson == NULL) {
            json_decref(lessons);
            return NULL;
        }
        json_array_set_new(lessons, i, lesson);
    }
    return lessons;
}

json_t *lessons_find(const json_t *lessons, const char *word, struct error *error)
{
    char number[16];
    json_t *lesson;
    size_t i;

    json_array_foreach(lessons, i, lesson)
    {
        snprintf(number, sizeof(number), "%d", (int)json_number_at(lesson, "number", -1));
        if (strcmp(json_text_at(lesson, "name", ""), word) == 0 || strcmp(number, word) == 0)
            return json_incref(lesson);
    }
    if (strchr(word, '/') != NULL)
        return lesson_load(word, error);
    error_set(error, -ENOENT, "there is no lesson '%.100s'; teach lists them", word);
    return NULL;
}
