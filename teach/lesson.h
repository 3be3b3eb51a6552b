/* Lessons as data: Markdown files, each with its plan as JSON at the top (teach/README.md). */
#ifndef TEACH_LESSON_H
#define TEACH_LESSON_H

#include <jansson.h>
#include <stddef.h>

#include "common/error.h"

enum lesson_section {
    LESSON_QUESTION,      /* what is to be thought about */
    LESSON_REASON,        /* why it came so, with the figures that were measured */
    LESSON_MISCONCEPTION, /* what is often said */
    LESSON_INSTRUCTOR,    /* for who teaches */
    LESSON_SECTIONS
};

struct lesson {
    int number;
    char name[64];                         /* "all-at-once" of 03-all-at-once.md */
    char *text;                            /* of the file, cut into what stands below */
    const char *title;                     /* behind "# " */
    const char *saying;                    /* the misconception by its name, or "" */
    json_t *plan;                          /* with all the keys that must be there */
    const char *sections[LESSON_SECTIONS]; /* templates, around which the figures are known */
};

/* Reads the lesson in the file `path`. Returns 0, to be freed with lesson_free(); or a negative
 * errno with the file and the reason in *error. */
int lesson_load(struct lesson *lesson, const char *path, struct error *error);
void lesson_free(struct lesson *lesson);

struct lessons {
    struct lesson *all; /* by their numbers */
    size_t count;
};

/* Reads all of a folder. Returns as lesson_load(), to be freed with lessons_free(). */
int lessons_load(struct lessons *lessons, const char *folder, struct error *error);
void lessons_free(struct lessons *lessons);

/* The lesson of this name or number, or NULL. */
const struct lesson *lessons_find(const struct lessons *lessons, const char *name);

#endif
