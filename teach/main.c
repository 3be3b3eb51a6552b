/* teach: lessons in which one predicts first and measures then. */
#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "common/clock.h"
#include "common/command_texts.h"
#include "common/count.h"
#include "common/path.h"
#include "common/process/interrupt.h"
#include "report/embedded.h"
#include "teach/teach.h"

#define COUNT_MAX 100000

/* ---- The command line -------------------------------------------------------------------- */

static void take_word(struct argp_state *state, const char *word, void *options)
{
    struct teach *teach = options;

    if (teach->count == TEACH_WORDS_MAX)
        argp_error(state, "more than %d words", TEACH_WORDS_MAX);
    teach->words[teach->count++] = word;
}

static void check_race(struct argp_state *state, void *options)
{
    struct teach *teach = options;
    bool race = teach->count == 1 && strcmp(teach->words[0], "race") == 0;

    if (race && teach->concurrency > teach->requests)
        argp_error(state, "-c %llu: there are only %llu requests",
                   (unsigned long long)teach->concurrency, (unsigned long long)teach->requests);
    if (teach->name != NULL &&
        (teach->name[0] == '\0' || strpbrk(teach->name, "/\n") != NULL || teach->name[0] == '.'))
        argp_error(state, "--name: '%s' cannot be the name of a file", teach->name);
}

#define AT(member) .offset = offsetof(struct teach, member)

static void parse(int argc, char **argv, struct teach *teach)
{
    static struct option_row rows[] = {
        {"lessons", .kind = OPTION_GROUP},
        {"name", 0, OPTION_TEXT, AT(name)},
        {"output", 'o', OPTION_TEXT, AT(output)},
        {"project", 0, OPTION_FLAG, AT(project)},
        {"answers", 0, OPTION_FLAG, AT(answers)},
        {"check", 0, OPTION_FLAG, AT(check)},
        {"lane", .kind = OPTION_GROUP},
        {"exercise", 0, OPTION_TEXT, AT(exercise)},
        {"race", .kind = OPTION_GROUP},
        {"requests", 'n', OPTION_NUMBER, AT(requests), .min = 1, .max = COUNT_MAX},
        {"concurrency", 'c', OPTION_NUMBER, AT(concurrency), .min = 1, .max = COUNT_MAX},
        {"latency", 0, OPTION_TIME, AT(latency_ns), .min = NS_PER_MS},
    };
    const char *examples[COMMAND_EXAMPLES_MAX + 1] = {NULL};
    json_t *said = json_loads(embedded_teach_json, 0, NULL);
    struct command_line line = {
        .program = "teach",
        .rows = rows,
        .count = COUNT_OF(rows),
        .options = teach,
        .take = take_word,
        .complete = check_race,
    };

    command_texts(&line, said, examples);
    command_texts_of_rows(rows, COUNT_OF(rows), json_object_get(said, "options"));
    command_line_parse(&line, argc, argv);
    json_decref(said);
}

/* ---- What is to be done ------------------------------------------------------------------ */

static int do_lesson(const struct teach *teach, json_t *lesson, struct error *error)
{
    if (teach->answers)
        return teach_answers(teach, lesson, error);
    return teach->check ? teach_check(teach, lesson, error) : teach_lesson(teach, lesson, error);
}

/* A lesson that comes out otherwise does not keep the next from being run. */
static int do_lessons(const struct teach *teach, struct error *error)
{
    bool all = teach->count == 0 || strcmp(teach->words[0], "all") == 0;
    size_t count = all ? json_array_size(teach->lessons) : teach->count;
    int worst = 0, code = 0;

    for (size_t i = 0; i < count && code >= 0; i++) {
        json_t *lesson = all ? json_incref(json_array_get(teach->lessons, i))
                             : lessons_find(teach->lessons, teach->words[i], error);

        code = lesson != NULL ? do_lesson(teach, lesson, error) : -ENOENT;
        worst = code != 0 ? code : worst;
        json_decref(lesson);
    }
    return worst;
}

static const struct {
    const char *word;
    int (*act)(const struct teach *teach, struct error *error);
    size_t words; /* that it takes, at least */
} acts[] = {
    {"race", teach_race, 1},
    {"summary", teach_summary, 1},
    {"collect", teach_collect, 2},
    {"slides", teach_slides, 1},
    {"grade", teach_grade, 2},
    {"new-lane", teach_new_lane, 3},
    {"check-lane", teach_check_lane, 2},
};

static int act(struct teach *teach, struct error *error)
{
    for (size_t i = 0; i < COUNT_OF(acts) && teach->count > 0; i++) {
        if (strcmp(acts[i].word, teach->words[0]) != 0)
            continue;
        if (teach->count < acts[i].words)
            return error_set(error, -EINVAL, "%s takes more words; see teach --help", acts[i].word);
        return acts[i].act(teach, error);
    }
    return teach->count == 0 && !teach->check ? teach_list(teach, error) : do_lessons(teach, error);
}

int main(int argc, char **argv)
{
    struct teach teach = {.requests = 100, .concurrency = 10, .latency_ns = 200 * NS_PER_MS};
    struct error error = {""};
    char folder[PATH_MAX];
    int code;

    parse(argc, argv, &teach);
    signal(SIGPIPE, SIG_IGN);
    interrupt_install();
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* should a keeper be killed, what it kept falls to this */
    curl_global_init(CURL_GLOBAL_ALL);
    suite_find(&teach.suite, NULL);
    path_join(folder, teach.suite.root, "teach/lessons");
    teach.lessons = lessons_load(folder, &error);
    code = teach.lessons != NULL ? act(&teach, &error) : -EINVAL;
    json_decref(teach.lessons);
    curl_global_cleanup();
    if (error.text[0] != '\0' && code != -EINTR)
        error_print("teach", &error);
    return code >= 0                            ? code
           : code == -EINTR                     ? TEACH_INTERRUPTED
           : code == -ENOENT || code == -EINVAL ? TEACH_USAGE
                                                : TEACH_MACHINE;
}
