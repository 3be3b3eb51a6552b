/* A lesson is what stands between a line "lesson: NAME…" and a line "end", in a comment of the
 * language. Several of one name in a file are one lesson. */
#include "patterns/show.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "patterns/twin.h"

#define SOURCE_BYTES_MAX (1 << 20)
#define BESIDE_MIN       100 /* columns; fewer are too narrow for two */
#define C_MIN            40  /* of C beside Python */
#define LINES_MAX        400
#define INDENT           4 /* more, of what is broken */

struct lesson {
    char *text; /* of the file; lines point into it */
    const char *lines[LINES_MAX];
    size_t count;
};

/* Whether a line marks the lesson of `name`: "# lesson: gather pipeline". */
static bool begins(const char *line, const char *name)
{
    const char *names = strstr(line, " lesson: "), *found;
    size_t length = strlen(name);

    if (names == NULL || strspn(line, "/*# ") + 1 < (size_t)(names - line))
        return false;
    for (found = names + 9; (found = strstr(found, name)) != NULL; found += length)
        if (found[-1] == ' ' && (found[length] == ' ' || found[length] == '\0'))
            return true;
    return false;
}

static void add_line(struct lesson *lesson, const char *line)
{
    bool again =
        line[0] == '\0' && lesson->count > 0 && lesson->lines[lesson->count - 1][0] == '\0';

    if (lesson->count < LINES_MAX && !again)
        lesson->lines[lesson->count++] = line;
}

static void collect(struct lesson *lesson, const char *name)
{
    bool inside = false;

    for (char *rest = lesson->text, *line; (line = strsep(&rest, "\n")) != NULL;) {
        if (inside && (strcmp(line, "/* end */") == 0 || strcmp(line, "# end") == 0))
            inside = false;
        else if (inside)
            add_line(lesson, line);
        else if (begins(line, name)) {
            inside = true;
            if (lesson->count > 0)
                add_line(lesson, "");
        }
    }
}

static int load(struct lesson *lesson, const struct pattern *pattern, const char *folder,
                const char *ending)
{
    char relative[96], path[PATH_MAX];

    snprintf(relative, sizeof(relative), "%s/%s.%s", folder, pattern->source, ending);
    *lesson = (struct lesson){0};
    if (source_find(relative, path) != NULL)
        lesson->text = file_read(path, SOURCE_BYTES_MAX, NULL);
    if (lesson->text == NULL)
        return -ENOENT;
    collect(lesson, pattern->name);
    return lesson->count > 0 ? 0 : -ENOENT;
}

/* How much of a line goes into `width` columns: all, or up to a comma in the second half of what
 * would fit, or to the last space. */
static size_t fit(const char *line, size_t width)
{
    size_t length = strlen(line), space = 0;

    if (length <= width)
        return length;
    for (length = width; length > strspn(line, " ") + 1; length--)
        if (line[length - 1] == ' ' && line[length - 2] == ',' && length > width / 2)
            return length;
        else if (line[length - 1] == ' ' && space == 0)
            space = length;
    return space > 0 ? space : width;
}

/* One side of the page: where it is in its lesson. */
struct side {
    const struct lesson *lesson;
    size_t next, width;
    const char *rest; /* of a line that was broken; NULL: none */
    size_t indent;    /* of that rest */
};

/* `pad`: fills the width, as something stands beside it. */
static void print_part(struct side *side, bool pad)
{
    size_t indent = side->rest != NULL ? side->indent : 0, length;
    const char *line = side->rest;

    if (line == NULL) {
        line = side->next < side->lesson->count ? side->lesson->lines[side->next++] : "";
        side->indent = strspn(line, " ") + INDENT;
    }
    length = fit(line, side->width - indent);
    printf("%*s%-*.*s", (int)indent, "", pad ? (int)(side->width - indent) : 0, (int)length, line);
    side->rest = line[length] != '\0' ? line + length : NULL;
}

static bool is_left(const struct side *side)
{
    return side->rest != NULL || side->next < side->lesson->count;
}

/* Of the width that two sides share, what `lesson` needs, but no more than leaves C enough: broken,
 * Python is harder to read than C, since its indent says what belongs together. */
static size_t width_of(const struct lesson *lesson, size_t shared)
{
    size_t widest = 0;

    for (size_t i = 0; i < lesson->count; i++)
        widest = strlen(lesson->lines[i]) > widest ? strlen(lesson->lines[i]) : widest;
    return widest < shared - C_MIN ? widest : shared - C_MIN;
}

static void print_beside(struct side *c, struct side *python)
{
    printf("%-*s | %s\n", (int)c->width, "C", "Python");
    while (is_left(c) || is_left(python)) {
        print_part(c, true);
        printf(" | ");
        print_part(python, false);
        printf("\n");
    }
}

static void print_alone(const char *language, struct side *side)
{
    printf("---- %s ----\n", language);
    while (is_left(side)) {
        print_part(side, false);
        printf("\n");
    }
}

int show_lessons(const struct pattern *pattern, size_t columns)
{
    struct lesson c, python = {0};
    int error = load(&c, pattern, "patterns", "c");

    if (error == 0)
        error = load(&python, pattern, "patterns/python", "py");
    if (error == 0) {
        bool beside = columns >= BESIDE_MIN;
        size_t right = beside ? width_of(&python, columns - 3) : columns;
        struct side sides[2] = {{&c, 0, beside ? columns - 3 - right : columns, NULL, 0},
                                {&python, 0, right, NULL, 0}};

        printf("%s: %s\n\n", pattern->name, pattern->title);
        if (beside)
            print_beside(&sides[0], &sides[1]);
        else {
            print_alone("C", &sides[0]);
            print_alone("Python", &sides[1]);
        }
        printf("\n");
    }
    free(c.text);
    free(python.text);
    return error;
}
