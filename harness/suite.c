#include "harness/suite.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/path.h"

/* Paths that are put together here have room for the longest name. */
#define FOLDER_LENGTH_MAX (PATH_MAX - 300)

static int executable_folder(char *path)
{
    ssize_t length = readlink("/proc/self/exe", path, FOLDER_LENGTH_MAX);

    if (length < 0)
        return -errno;
    if (length == FOLDER_LENGTH_MAX)
        return -ENAMETOOLONG;
    path[length] = '\0';
    *strrchr(path, '/') = '\0';
    return 0;
}

/* The nearest folder from `start` upwards that holds the plans. */
static bool find_root(const char *start, char *root)
{
    char probe[PATH_MAX];
    char *slash;

    snprintf(root, PATH_MAX, "%s", start);
    do {
        snprintf(probe, sizeof(probe), "%.*s/" SUITE_PLANS, FOLDER_LENGTH_MAX, root);
        if (access(probe, R_OK | X_OK) == 0)
            return true;
        slash = strrchr(root, '/');
        if (slash != NULL)
            *slash = '\0';
    } while (slash != NULL);
    root[0] = '\0';
    return false;
}

/* The folder that has the runs: of the sources, where results/ is a part of them, and of the
 * working folder where the suite is installed. */
static const char *parent_of_results(const struct suite *suite, const char *working)
{
    char probe[PATH_MAX];

    path_join(probe, suite->root, "results");
    return suite->root[0] != '\0' && access(probe, F_OK) == 0 ? suite->root : working;
}

int suite_find(struct suite *suite, const char *results)
{
    char working[FOLDER_LENGTH_MAX];
    int code = executable_folder(suite->programs);

    if (code < 0)
        return code;
    if (getcwd(working, sizeof(working)) == NULL)
        return -errno;
    if (!find_root(suite->programs, suite->root))
        find_root(working, suite->root);
    if (results != NULL && results[0] == '/')
        snprintf(suite->results, sizeof(suite->results), "%s", results);
    else if (results != NULL)
        path_join(suite->results, working, results);
    else
        path_join(suite->results, parent_of_results(suite, working), "results");
    return suite->results[0] != '\0' && strlen(suite->results) < FOLDER_LENGTH_MAX ? 0
                                                                                   : -ENAMETOOLONG;
}

const char *suite_program(const struct suite *suite, const char *name, char *path)
{
    return path_join(path, suite->programs, name);
}

static bool is_json(const char *name)
{
    const char *suffix = strrchr(name, '.');

    return suffix != NULL && strcmp(suffix, ".json") == 0;
}

const char *suite_plan(const struct suite *suite, const char *plan, char *path)
{
    if (strchr(plan, '/') != NULL || is_json(plan))
        snprintf(path, PATH_MAX, "%s", plan);
    else
        snprintf(path, PATH_MAX, "%.*s/" SUITE_PLANS "/%.200s.json", FOLDER_LENGTH_MAX, suite->root,
                 plan);
    return path;
}

static int is_plan(const struct dirent *entry)
{
    return is_json(entry->d_name);
}

/* Runs are named by their time: a digit first. */
static int is_run(const struct dirent *entry)
{
    return entry->d_name[0] >= '0' && entry->d_name[0] <= '9';
}

/* Calls add() for each entry of a folder that is chosen by `is` and has `file` in it (an empty
 * name: any), in the order of their names. */
static void for_each(const char *folder, int (*is)(const struct dirent *), const char *file,
                     suite_entry *add, void *user)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is, alphasort);
    char path[PATH_MAX], inside[PATH_MAX];

    for (int i = 0; i < count; i++) {
        path_join(path, folder, entries[i]->d_name);
        if (file[0] == '\0' || access(path_join(inside, path, file), F_OK) == 0)
            add(user, path, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

void suite_each_plan(const struct suite *suite, suite_entry *add, void *user)
{
    char folder[PATH_MAX];

    for_each(path_join(folder, suite->root, SUITE_PLANS), is_plan, "", add, user);
}

void suite_each_run(const struct suite *suite, suite_entry *add, void *user)
{
    for_each(suite->results, is_run, "run.json", add, user);
}

static void keep_path(void *kept, const char *path, const char *name)
{
    (void)name;
    strcpy(kept, path);
}

int suite_find_run(const struct suite *suite, const char *run, char *path, struct error *error)
{
    if (run == NULL) {
        path[0] = '\0';
        suite_each_run(suite, keep_path, path); /* the last is the newest */
        return path[0] != '\0'
                   ? 0
                   : error_set(error, -ENOENT, "there is no run in %.400s yet", suite->results);
    }
    path_join(path, suite->results, run);
    if (strchr(run, '/') == NULL && access(path, F_OK) == 0)
        return 0;
    snprintf(path, PATH_MAX, "%.3800s", run);
    if (access(path, F_OK) == 0)
        return 0;
    return error_set(error, -ENOENT, "there is no run %.150s; bench list shows those in %.250s",
                     run, suite->results);
}
