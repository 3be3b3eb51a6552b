/* Lanes of one's own: what they do is what the server counted. So a lane need not report anything
 * to be graded; what it does report is held against the schema of a result. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/count.h"
#include "common/file.h"
#include "common/json.h"
#include "common/path.h"
#include "common/units.h"
#include "teach/teach.h"

#define TEMPLATE_BYTES_MAX (64 << 10)
#define LIMIT_NS           (20 * NS_PER_S)

static void show_nothing(void *user, const struct racer *racers, size_t count, bool ended)
{
    (void)user, (void)racers, (void)count, (void)ended;
}

static const struct racer_view unseen = {.show = show_nothing};

/* ---- Exercises --------------------------------------------------------------------------- */

/* The exercise as a lesson's plan: with what every one expects, and N, C and the floor as figures.
 */
static json_t *exercise_load(const struct teach *teach, const char *name, struct error *error)
{
    char path[PATH_MAX], number[64];
    json_t *all = json_file_load(path_join(path, teach->folder, "exercises.json"), error->text),
           *exercise, *expect, *derive = json_object();
    double n, c, latency;
    uint64_t latency_ns = 0;

    exercise = json_incref(json_object_get(json_object_get(all, "exercises"), name));
    if (exercise == NULL && all != NULL)
        error_set(error, -ENOENT,
                  "there is no exercise '%.60s': sequential, pool-of-10, "
                  "all-at-once, limit-of-rate, retry",
                  name);
    if (exercise == NULL)
        goto out;
    expect = json_copy(json_object_get(all, "every"));
    if (json_is_true(json_object_get(exercise, "once")))
        json_array_extend(expect, json_object_get(all, "once"));
    json_array_extend(expect, json_object_get(exercise, "expect"));
    json_object_set_new(exercise, "expect", expect);
    n = json_number_at(exercise, "requests", 1);
    c = json_number_at(exercise, "concurrency", 1);
    units_parse_duration(json_text_at(exercise, "latency", "0"), &latency_ns);
    latency = (double)latency_ns;
    snprintf(number, sizeof(number), "%g", n);
    json_object_set_new(derive, "n", json_string(number));
    snprintf(number, sizeof(number), "%g", c);
    json_object_set_new(derive, "c", json_string(number));
    snprintf(number, sizeof(number), "%.1f", (double)(long)((n + c - 1) / c) * latency);
    json_object_set_new(derive, "floor_ns", json_string(number));
    json_object_set(exercise, "derive", derive);
out:
    json_decref(derive);
    json_decref(all);
    return exercise;
}

/* Runs the lane once, as thin as it may be or with all options. */
static int run_lane(const struct teach *teach, const json_t *exercise, bool thin,
                    struct racer *racer, struct error *error)
{
    char command[128];

    snprintf(command, sizeof(command), "lane -n %g -c %g", json_number_at(exercise, "requests", 1),
             json_number_at(exercise, "concurrency", 1));
    racer_init(racer, "lane", "lane", command, json_text_at(exercise, "latency", "0"));
    racer->thin = thin;
    racer->limit_ns = LIMIT_NS;
    racer->settings = json_object_get(exercise, "server");
    if (realpath(teach->words[1], racer->program) == NULL || access(racer->program, X_OK) < 0)
        return error_set(error, -ENOENT, "%.200s: %s; a lane is a program: chmod +x makes it one",
                         teach->words[1], strerror(errno));
    return racers_run(racer, 1, true, &teach->suite, &unseen, error);
}

/* Runs it and shows what came; *lost becomes how many of what is expected did not. */
static int grade(const struct teach *teach, const char *name, int *lost, struct error *error)
{
    struct lesson lesson = {.head = exercise_load(teach, name, error)};
    struct racer *racer = calloc(1, sizeof(*racer));
    struct measured measured;
    char said[256];
    int code = -ENOMEM;

    if (lesson.head == NULL)
        code = -ENOENT;
    else if (racer != NULL)
        code = run_lane(teach, lesson.head, true, racer, error);
    if (code == 0 && racer->problem[0] != '\0')
        code = error_set(error, -EIO, "%.400s", racer->problem);
    if (code == 0) {
        printf("%s: %s\n\n", name, json_text_at(lesson.head, "about", ""));
        code = measured_open(&measured, &lesson, racer, 1, NULL, teach->folder, error);
    }
    if (code == 0) {
        code = teach_write(teach, stdout, &measured.dataset, "grade", error);
        process_line(racer->process.text, said, sizeof(said));
        if (said[0] != '\0')
            printf("It said: %s\n", said);
        *lost = measured_broken(&measured);
        measured_close(&measured);
    }
    if (racer != NULL)
        racer_free(racer);
    free(racer);
    json_decref(lesson.head);
    return code;
}

int teach_grade(const struct teach *teach, struct error *error)
{
    int lost = 0;
    int code = grade(teach, teach->exercise != NULL ? teach->exercise : "pool-of-10", &lost, error);

    return code < 0 ? code : lost > 0 ? TEACH_OTHERWISE : TEACH_OK;
}

/* ---- The result that a lane may write ---------------------------------------------------- */

static bool is_of_type(const json_t *value, const char *type)
{
    return strcmp(type, "integer") == 0   ? json_is_integer(value)
           : strcmp(type, "string") == 0  ? json_is_string(value)
           : strcmp(type, "boolean") == 0 ? json_is_boolean(value)
           : strcmp(type, "object") == 0  ? json_is_object(value)
           : strcmp(type, "null") == 0    ? json_is_null(value)
                                          : true;
}

/* Whether it is of the type, or of one of the types, that the schema names. */
static bool fits(const json_t *value, const json_t *schema)
{
    const json_t *type = json_object_get(schema, "type");
    json_t *one;
    size_t i;

    if (json_is_string(type))
        return is_of_type(value, json_string_value(type));
    json_array_foreach((json_t *)type, i, one)
    {
        if (is_of_type(value, json_string_value(one)))
            return true;
    }
    return type == NULL;
}

/* Names each member that must be there and is not, or is of another type. Returns how many. */
static int check_members(const json_t *result, const json_t *schema, const char *of)
{
    json_t *properties = json_object_get(schema, "properties"), *name;
    int wrong = 0;
    size_t i;

    json_array_foreach(json_object_get(schema, "required"), i, name)
    {
        const char *key = json_string_value(name);
        const json_t *member = json_object_get(result, key);
        const json_t *what = json_object_get(properties, key);

        if (member != NULL && fits(member, what)) {
            if (json_is_object(member))
                wrong += check_members(member, what, key);
            continue;
        }
        printf("- \"%s%s%s\" %s: %s\n", of, of[0] != '\0' ? "." : "", key,
               member == NULL ? "is missing" : "is of another type",
               json_text_at(what, "description", ""));
        wrong++;
    }
    return wrong;
}

/* What of its result is wrong. Returns how many faults it has named. */
static int check_result(const struct teach *teach, struct racer *racer, struct error *error)
{
    char path[PATH_MAX];
    json_t *schema = json_file_load(path_join(path, teach->suite.root, "schemas/lane-result.json"),
                                    error->text),
           *result = json_at(racer->document, "lane");
    struct error reason = {""};
    int wrong = 0;

    if (schema == NULL)
        return -ENOENT;
    if (result == NULL) {
        json_decref(lane_output_json(&racer->output, &reason));
        wrong = strstr(reason.text, "wrote no result") == NULL;
    }
    if (result == NULL && wrong == 0) {
        printf("It writes no result: the server's counts are all that is known of it. For more "
               "append one line of JSON to the file of --output.\n");
    } else if (result == NULL) {
        printf("- What it wrote to the file of --output: %s\n  Write one line of JSON there and "
               "nothing else, with numbers that are none of NaN and Infinity.\n",
               reason.text);
    } else if (strcmp(json_text_at(result, "schema", ""), "lane.result/1") != 0) {
        printf("- its result does not have \"schema\": \"lane.result/1\"\n");
        wrong = 1;
    } else {
        wrong = check_members(result, schema, "");
    }
    json_decref(schema);
    return wrong;
}

int teach_check_lane(const struct teach *teach, struct error *error)
{
    struct racer *racer = calloc(1, sizeof(*racer));
    json_t *exercise = exercise_load(teach, "contract", error);
    int lost = 0, wrong = 0, code = racer != NULL && exercise != NULL ? 0 : -ENOENT;

    if (code == 0)
        code = grade(teach, "contract", &lost, error);
    /* What goes wrong already without a result would only be told twice. */
    if (code == 0 && lost == 0)
        code = run_lane(teach, exercise, false, racer, error);
    if (code == 0 && lost == 0)
        wrong = check_result(teach, racer, error);
    if (code == 0 && wrong == 0 && lost == 0)
        printf("It honours the contract.\n");
    if (racer != NULL)
        racer_free(racer);
    free(racer);
    json_decref(exercise);
    return code < 0 ? code : wrong < 0 ? wrong : lost + wrong > 0 ? TEACH_OTHERWISE : TEACH_OK;
}

/* ---- A new one --------------------------------------------------------------------------- */

/* The templates, and what the names of their files end with. */
static const struct {
    const char *language, *suffix;
} languages[] = {{"python", ".py"}, {"bash", ".sh"}, {"c", ".c"}, {"go", ".go"}};

static const char *suffix_of(const char *language)
{
    for (size_t i = 0; i < COUNT_OF(languages); i++)
        if (strcmp(languages[i].language, language) == 0)
            return languages[i].suffix;
    return NULL;
}

int teach_new_lane(const struct teach *teach, struct error *error)
{
    char path[PATH_MAX], name[80], target[PATH_MAX];
    const char *language = teach->words[1], *suffix = suffix_of(language),
               *end = strrchr(teach->words[2], '.');
    bool named = suffix != NULL && end != NULL && strcmp(end, suffix) == 0;
    size_t size;
    char *text;
    int code;

    if (suffix == NULL)
        return error_set(error, -ENOENT, "there is no template for '%.60s': python, bash, c, go",
                         language);
    snprintf(target, sizeof(target), "%.3000s%s", teach->words[2], named ? "" : suffix);
    snprintf(name, sizeof(name), "templates/%s.in", language);
    text = file_read(path_join(path, teach->folder, name), TEMPLATE_BYTES_MAX, &size);
    code = text == NULL ? -errno : access(target, F_OK) == 0 ? -EEXIST : 0;
    if (code == 0)
        code = file_replace(target, text, size);
    if (code == 0 && chmod(target, 0755) < 0)
        code = -errno;
    free(text);
    if (code < 0)
        return error_set(error, code, "%.300s: %s", target, strerror(-code));
    printf("%s is there. Try: teach check-lane %s; teach grade %s --exercise pool-of-10\n", target,
           target, target);
    return 0;
}
