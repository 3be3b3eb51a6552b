/* What a class has said, beside what was measured: the answers that lessons have kept. And what its
 * machines have measured, each in a run folder of its own. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/json.h"
#include "common/path.h"
#include "teach/teach.h"

/* Adds the lines of each DIR/NAME.jsonl. Returns 0 or a negative errno with the reason in *error.
 */
static int take_folder(json_t *lines, const char *folder, struct error *error)
{
    char pattern[PATH_MAX];
    json_t *paths = lesson_paths(path_join(pattern, folder, "*.jsonl"), "answers", error), *path;
    int code = paths != NULL ? 0 : -ENOENT;
    size_t i;

    json_array_foreach(paths, i, path)
    {
        json_t *some = json_lines_load(json_string_value(path), error->text);

        code = some == NULL ? -EINVAL : code == 0 ? json_array_extend(lines, some) : code;
        json_decref(some);
    }
    json_decref(paths);
    return code;
}

int teach_summary(const struct teach *teach, struct error *error)
{
    json_t *lines = json_array(), *given = json_pack("{s:o}", "lines", lines);
    const struct measuring how = {.imagined = true, .given = given};
    char folder[PATH_MAX];
    int code = 0;

    if (teach->count < 2)
        code = take_folder(lines, path_join(folder, teach->suite.results, "teach"), error);
    for (size_t i = 1; i < teach->count && code == 0; i++)
        code = take_folder(lines, teach->words[i], error);
    if (code == 0)
        code = teach_show(teach, NULL, &how, FORM_PLAIN, "summary", error);
    json_decref(given);
    return code;
}

int teach_collect(const struct teach *teach, struct error *error)
{
    char pattern[PATH_MAX], output[PATH_MAX], program[PATH_MAX];
    json_t *runs = lesson_paths(path_join(pattern, teach->words[1], "*/run.json"),
                                "runs, folders as bench run makes them", error);
    const char **argv = runs != NULL ? calloc(json_array_size(runs) + 4, sizeof(*argv)) : NULL;

    if (argv == NULL)
        return -ENOENT;
    argv[0] = suite_program(&teach->suite, "report", program);
    argv[1] = "--output";
    argv[2] = path_join(output, teach->words[1], "report");
    for (size_t i = 0; i < json_array_size(runs); i++) {
        char *run = strdup(json_string_value(json_array_get(runs, i)));

        *strrchr(run, '/') = '\0';
        argv[3 + i] = run;
    }
    execv(program, (char *const *)argv);
    return error_set(error, -errno, "%.300s: %s; make build makes it", program, strerror(errno));
}
