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
#include "report/embedded.h"
#include "teach/teach.h"

#define TEMPLATE_BYTES_MAX (64 << 10)

/* ---- Exercises --------------------------------------------------------------------------- */

/* Runs the lane in an exercise, which is the plan of a lesson, with all options or as `thin` as it
 * may be, and shows with the text `name` what came. Returns 0; TEACH_OTHERWISE where that is not
 * what it should be; or a negative errno with the reason in *error. */
static int try_lane(const struct teach *teach, const char *exercise, bool thin, const char *name,
                    struct error *error)
{
    json_t *given = json_loads(embedded_exercises_json, 0, NULL);
    json_t *plan = json_object_get(json_object_get(given, "exercises"), exercise);
    json_t *lesson = json_pack("{s:O*}", "plan", plan);
    char own[PATH_MAX];
    const struct measuring how = {.own = own,
                                  .thin = thin,
                                  .given = given,
                                  .fails = thin ? "SELECT count(*) FROM broken"
                                                : "SELECT count(*) FROM wrong_results"};
    int code;

    json_object_set_new(given, "schema", json_loads(embedded_lane_result_json, 0, NULL));
    json_object_set_new(json_at(plan, "runs.lane"), "optional", json_boolean(!thin));
    if (realpath(teach->words[1], own) == NULL || access(own, X_OK) < 0)
        code = error_set(error, -ENOENT, "%.200s: %s; a lane is a program: chmod +x makes it one",
                         teach->words[1], strerror(errno));
    else if (plan == NULL)
        code = error_set(error, -ENOENT,
                         "there is no exercise '%.60s': sequential, pool-of-10, all-at-once, "
                         "limit-of-rate, retry",
                         exercise);
    else
        code = teach_show(teach, lesson, &how, FORM_PLAIN, name, error);
    json_decref(lesson);
    json_decref(given);
    return code;
}

int teach_grade(const struct teach *teach, struct error *error)
{
    return try_lane(teach, teach->exercise != NULL ? teach->exercise : "pool-of-10", true, "grade",
                    error);
}

int teach_check_lane(const struct teach *teach, struct error *error)
{
    int code = try_lane(teach, "contract", true, "grade", error);

    /* What goes wrong already without a result would only be told twice. */
    return code == 0 ? try_lane(teach, "contract", false, "result", error) : code;
}

/* ---- A new one --------------------------------------------------------------------------- */

int teach_new_lane(const struct teach *teach, struct error *error)
{
    const char *name = teach->words[2], *from, *suffix;
    char pattern[PATH_MAX + 50], target[PATH_MAX], *text;
    size_t length = strlen(name), more, size;
    json_t *paths;
    int code;

    snprintf(pattern, sizeof(pattern), "%s/teach/templates/%.20s.*.in", teach->suite.root,
             teach->words[1]);
    paths = lesson_paths(pattern, "templates but for python, bash, c, go", error);
    if (paths == NULL)
        return -ENOENT;
    from = json_string_value(json_array_get(paths, 0));
    suffix = strchr(strrchr(from, '/'), '.'); /* ".py.in" of "python.py.in" */
    more = strlen(suffix) - strlen(".in");
    if (length > more && strncmp(name + length - more, suffix, more) == 0)
        more = 0;
    snprintf(target, sizeof(target), "%.3000s%.*s", name, (int)more, suffix);
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
