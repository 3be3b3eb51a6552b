/* Lanes of one's own: what they do is what the server counted. So a lane need not report anything
 * to be graded; what it does report is held against the schema of a result. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "common/json.h"
#include "common/path.h"
#include "teach/teach.h"

#define TEMPLATE_BYTES_MAX (64 << 10)

/* ---- Exercises --------------------------------------------------------------------------- */

/* Where the lane is, or why it cannot be run. */
static int find_own(const struct teach *teach, char *path, struct error *error)
{
    if (realpath(teach->words[1], path) != NULL && access(path, X_OK) == 0)
        return 0;
    return error_set(error, -ENOENT, "%.200s: %s; a lane is a program: chmod +x makes it one",
                     teach->words[1], strerror(errno));
}

/* Runs the lane in an exercise, which is the plan of a lesson, with all options or as `thin` as it
 * may be, and shows with the text `name` what came. Returns 0; TEACH_OTHERWISE where that is not
 * what it should be; or a negative errno with the reason in *error. */
static int try_lane(const struct teach *teach, const char *exercise, bool thin, const char *name,
                    struct error *error)
{
    char path[PATH_MAX], own[PATH_MAX];
    json_t *all = json_file_load(path_join(path, teach->folder, "exercises.json"), error->text);
    json_t *plan = json_object_get(json_object_get(all, "exercises"), exercise);
    json_t *lesson = json_pack("{s:O*}", "plan", plan);
    int code = all != NULL ? find_own(teach, own, error) : -EINVAL;

    path_join(path, teach->suite.root, "schemas/lane-result.json");
    json_object_set_new(all, "schema", json_file_load(path, error->text));
    json_object_set_new(json_at(plan, "runs.lane"), "optional", json_boolean(!thin));
    if (code == 0 && plan == NULL)
        code = error_set(error, -ENOENT,
                         "there is no exercise '%.60s': sequential, pool-of-10, all-at-once, "
                         "limit-of-rate, retry",
                         exercise);
    if (code == 0) {
        const struct measuring how = {
            .own = own, .thin = thin, .given = all, .fails = thin ? "broken" : "wrong_results"};

        code = teach_show(teach, lesson, &how, name, error);
    }
    json_decref(lesson);
    json_decref(all);
    return code;
}

int teach_grade(const struct teach *teach, struct error *error)
{
    return try_lane(teach, teach->exercise != NULL ? teach->exercise : "pool-of-10", true,
                    "grade.txt.in", error);
}

int teach_check_lane(const struct teach *teach, struct error *error)
{
    int code = try_lane(teach, "contract", true, "grade.txt.in", error);

    /* What goes wrong already without a result would only be told twice. */
    return code == 0 ? try_lane(teach, "contract", false, "result.txt.in", error) : code;
}

/* ---- A new one --------------------------------------------------------------------------- */

int teach_new_lane(const struct teach *teach, struct error *error)
{
    const char *name = teach->words[2], *named = strrchr(name, '.'), *from, *suffix;
    char pattern[PATH_MAX + 50], target[PATH_MAX], *text;
    json_t *paths;
    size_t size;
    int length, code;

    snprintf(pattern, sizeof(pattern), "%s/templates/%.20s.*.in", teach->folder, teach->words[1]);
    paths = lesson_paths(pattern, "templates but for python, bash, c, go", error);
    if (paths == NULL)
        return -ENOENT;
    from = json_string_value(json_array_get(paths, 0));
    suffix = strchr(strrchr(from, '/'), '.'); /* of "python.py.in" */
    length = (int)(strlen(suffix) - strlen(".in"));
    if (named != NULL && (int)strlen(named) == length &&
        strncmp(named, suffix, (size_t)length) == 0)
        length = 0;
    snprintf(target, sizeof(target), "%.3000s%.*s", name, length, suffix);
    text = file_read(from, TEMPLATE_BYTES_MAX, &size);
    code = text == NULL ? -errno : access(target, F_OK) == 0 ? -EEXIST : 0;
    if (code == 0)
        code = file_replace(target, text, size);
    if (code == 0 && chmod(target, 0755) < 0)
        code = -errno;
    free(text);
    json_decref(paths);
    if (code < 0)
        return error_set(error, code, "%.300s: %s", target, strerror(-code));
    printf("%s is there. Try: teach check-lane %s; teach grade %s --exercise pool-of-10\n", target,
           target, target);
    return 0;
}
