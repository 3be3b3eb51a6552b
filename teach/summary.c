/* What a class has said, beside what was measured: the answers that lessons have kept. And what its
 * machines have measured, each in a run folder of its own. */
#include <errno.h>
#include <glob.h>
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
    glob_t files;
    int code = 0;

    if (glob(path_join(pattern, folder, "*.jsonl"), 0, NULL, &files) != 0)
        return error_set(error, -ENOENT, "there are no answers in %.300s", folder);
    for (size_t i = 0; i < files.gl_pathc && code == 0; i++) {
        json_t *some = json_lines_load(files.gl_pathv[i], error->text);

        code = some != NULL ? json_array_extend(lines, some) : -EINVAL;
        json_decref(some);
    }
    globfree(&files);
    return code;
}

int teach_summary(const struct teach *teach, struct error *error)
{
    struct measured measured;
    char folder[PATH_MAX];
    json_t *lines = json_array();
    int code = measured_open(&measured, teach->folder, error);

    for (size_t i = 1; i < teach->count && code == 0; i++)
        code = take_folder(lines, teach->words[i], error);
    if (code == 0 && teach->count < 2)
        code = take_folder(lines, path_join(folder, teach->suite.results, "teach"), error);
    if (code == 0)
        code = measured_give(&measured, "lines", json_incref(lines));
    if (code == 0)
        code = measured_write(&measured, stdout, "summary.txt.in", error);
    json_decref(lines);
    measured_close(&measured);
    return code;
}

int teach_collect(const struct teach *teach, struct error *error)
{
    char pattern[PATH_MAX], output[PATH_MAX], program[PATH_MAX];
    const char **argv;
    glob_t runs;

    if (glob(path_join(pattern, teach->words[1], "*/run.json"), 0, NULL, &runs) != 0)
        return error_set(error, -ENOENT,
                         "there are no runs in %.300s: each is a folder, as bench "
                         "run has made it",
                         teach->words[1]);
    argv = calloc(runs.gl_pathc + 4, sizeof(*argv));
    if (argv == NULL)
        return -ENOMEM;
    argv[0] = suite_program(&teach->suite, "report", program);
    argv[1] = "--output";
    argv[2] = path_join(output, teach->words[1], "report");
    for (size_t i = 0; i < runs.gl_pathc; i++) {
        *strrchr(runs.gl_pathv[i], '/') = '\0';
        argv[3 + i] = runs.gl_pathv[i];
    }
    execv(program, (char *const *)argv);
    return error_set(error, -errno, "%.300s: %s", program, strerror(errno));
}
