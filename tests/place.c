#include "tests/place.h"

#include <dirent.h>
#include <glob.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/file.h"
#include "common/json.h"
#include "common/process/proctree.h"

struct place make_place(const char *plan)
{
    struct place place = {.folder = folder_make()};
    char *build = realpath(program("."), NULL);

    assert_non_null(build);
    snprintf(place.build, sizeof(place.build), "%s", build);
    free(build);
    snprintf(place.plan, sizeof(place.plan), "%s/plan.json", place.folder);
    snprintf(place.results, sizeof(place.results), "%s/results", place.folder);
    assert_int_equal(file_replace(place.plan, plan, strlen(plan)), 0);
    return place;
}

int descendants(void)
{
    struct proctree tree;
    int count;

    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    assert_int_equal(proctree_list(getpid(), &tree), 0);
    count = (int)tree.count - 1;
    proctree_free(&tree);
    return count;
}

void assert_nothing_left(void)
{
    uint64_t deadline = clock_ns() + 60 * NS_PER_S;

    /* Who has no child has no descendants; a list may miss one that has just started. */
    while (waitpid(-1, NULL, WNOHANG) >= 0 && clock_ns() < deadline)
        usleep(5000);
    assert_int_equal(descendants(), 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int end_leftovers(void **state)
{
    (void)state;
    proctree_kill_descendants(0);
    return 0;
}

void remove_place(struct place *place)
{
    assert_nothing_left();
    folder_remove(place->folder);
}

void add_lane(const struct place *place, const char *name, const char *script)
{
    char text[8192];
    const char *path = path_in(place->folder, name);

    snprintf(text, sizeof(text), "#!/bin/bash\nREAL=%s\n%s\n", place->build, script);
    assert_int_equal(file_replace(path, text, strlen(text)), 0);
    assert_int_equal(chmod(path, 0755), 0);
}

struct finished run_place(const struct place *place)
{
    return run("bench", "run", place->plan, "--results", place->results, "--no-report", NULL);
}

struct finished expect_run(const struct place *place, int status)
{
    struct finished finished = run_place(place);

    if (finished.status != status)
        fail_msg("exit status %d instead of %d\n%s%s", finished.status, status, finished.out,
                 finished.err);
    return finished;
}

void expect_text(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' is not in:\n%s", part, text);
}

const char *only_run(const struct place *place)
{
    DIR *results = opendir(place->results);
    const char *found = NULL;

    assert_non_null(results);
    for (struct dirent *entry = readdir(results); entry != NULL; entry = readdir(results)) {
        if (entry->d_name[0] == '.')
            continue;
        assert_null(found);
        found = path_in(place->results, entry->d_name);
    }
    closedir(results);
    assert_non_null(found);
    return found;
}

/* The folder of the results, of the run and the file come one after the other: any may be missing
 * when it is looked for. */
void wait_for_file(const struct place *place, const char *name)
{
    uint64_t deadline = clock_ns() + 60 * NS_PER_S;
    char pattern[1024];
    glob_t found = {0};

    snprintf(pattern, sizeof(pattern), "%s/*/%s", place->results, name);
    while (glob(pattern, 0, NULL, &found) != 0) {
        if (clock_ns() >= deadline)
            fail_msg("no file %s", pattern);
        usleep(5000);
    }
    globfree(&found);
}

json_t *load(const struct place *place, const char *name)
{
    char error[JSON_ERROR_SIZE];
    const char *path = path_in(only_run(place), name);
    json_t *value =
        strcmp(name, "run.json") == 0 ? json_file_load(path, error) : json_lines_load(path, error);

    if (value == NULL)
        fail_msg("%s", error);
    return value;
}

void assert_status(const struct place *place, const char *status)
{
    json_t *document = load(place, "run.json");

    assert_string_equal(json_text_at(document, "status", ""), status);
    assert_true(json_is_string(json_object_get(document, "finished_at")));
    json_decref(document);
}

void expect_problem(const json_t *line, const char *part)
{
    const json_t *problem, *problems = json_object_get(line, "problems");
    size_t i;

    json_array_foreach(problems, i, problem)
    {
        if (strstr(json_string_value(problem), part) != NULL)
            return;
    }
    fail_msg("no '%s' in: %s", part, json_dumps(problems, JSON_ENCODE_ANY));
}

pid_t start_bench(const struct place *place, const char *err)
{
    const char *argv[] = {program("bench"), "run",         place->plan, "--results",
                          place->results,   "--no-report", NULL};

    return start(argv, NULL, err);
}
