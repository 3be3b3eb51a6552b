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
#include "teach/teach.h"

#define PAGE_BYTES_MAX (64 << 10)

static void append(const MD_CHAR *text, MD_SIZE size, void *out)
{
    fwrite(text, 1, size, out);
}

static int put_lesson(const struct teach *teach, FILE *out, json_t *lesson, struct error *error)
{
    struct measured measured;
    char *text = NULL;
    int code;

    fprintf(stderr, "%s\n", json_text_at(lesson, "title", ""));
    code = teach_measure(teach, lesson, &(struct measuring){0}, &measured, error);
    if (code == 0 && (text = measured_text(&measured, "slides.md.in", error)) == NULL)
        code = -EINVAL;
    if (code == 0 && md_html(text, (MD_SIZE)strlen(text), append, out, MD_DIALECT_GITHUB, 0) != 0)
        code = -ENOMEM;
    free(text);
    measured_close(&measured);
    return code;
}

int teach_slides(const struct teach *teach, struct error *error)
{
    char path[PATH_MAX];
    char *head = file_read(path_join(path, teach->folder, "slides.html.in"), PAGE_BYTES_MAX, NULL);
    json_t *lesson;
    size_t i;
    int code = head != NULL ? 0 : error_set(error, -errno, "%.300s: %s", path, strerror(errno));

    fputs(head != NULL ? head : "", stdout);
    free(head);
    json_array_foreach(teach->lessons, i, lesson)
    {
        code = code == 0 ? put_lesson(teach, stdout, lesson, error) : code;
    }
    return code;
}
