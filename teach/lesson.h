/* Lessons as data: Markdown files, each with its plan as JSON at the top (teach/README.md). One
 * that is loaded is an object: its `number` and `name` ("all-at-once" of 03-all-at-once.md), the
 * `title`, the misconception by its name (`saying`), the `plan` with all the keys that must be
 * there, and by their headings the `sections`, which are templates. */
#ifndef TEACH_LESSON_H
#define TEACH_LESSON_H

#include <jansson.h>

#include "common/error.h"

#define LESSON_SECTIONS 4

/* Reads the lesson in the file `path`. Returns a new reference; or NULL with the file and the
 * reason in *error. */
json_t *lesson_load(const char *path, struct error *error);

/* Likewise, all of a folder, as an array by their numbers. */
json_t *lessons_load(const char *folder, struct error *error);

/* The lesson of this name or number, or in the file of this path: a new reference; or NULL with the
 * reason in *error. */
json_t *lessons_find(const json_t *lessons, const char *word, struct error *error);

/* The paths that match the pattern, as an array: a new reference; or NULL, where there are none of
 * `what`, with the reason in *error. */
json_t *lesson_paths(const char *pattern, const char *what, struct error *error);

#endif
