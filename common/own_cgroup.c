#include "common/own_cgroup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/path.h"

#define FILE_BYTES_MAX (1UL << 20)
#define PART_MAX       (PATH_MAX / 4)

/* Whether `word` is in a list such as "rw,cpu,cpuacct", which ends with a colon or a line. */
static bool lists(const char *list, const char *word)
{
    size_t length;

    for (;; list += length + 1) {
        length = strcspn(list, ",:\n");
        if (length == strlen(word) && strncmp(list, word, length) == 0)
            return true;
        if (list[length] != ',')
            return false;
    }
}

/* The first line of the file of which `is` says yes, in `line` of PATH_MAX bytes. */
static bool find_line(const char *root, const char *file,
                      bool (*is)(const char *line, int version, const char *controller),
                      int version, const char *controller, char *line)
{
    char path[PATH_MAX], *text = file_read(path_join(path, root, file), FILE_BYTES_MAX, NULL);
    const char *at = text;
    bool found = false;

    while (at != NULL && *at != '\0' && !found) {
        found = is(at, version, controller);
        snprintf(line, PATH_MAX, "%.*s", (int)strcspn(at, "\n"), at);
        at = strchr(at, '\n');
        at = at != NULL ? at + 1 : NULL;
    }
    free(text);
    return found;
}

/* "31 23 0:28 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu" of mountinfo. */
static bool is_mount(const char *line, int version, const char *controller)
{
    const char *type = strstr(line, " - "), *end = line + strcspn(line, "\n");
    const char *mark = version == 2 ? " - cgroup2 " : " - cgroup ";
    const char *options;

    if (type == NULL || type > end || strncmp(type, mark, strlen(mark)) != 0)
        return false;
    options = strchr(type + strlen(mark), ' ');
    return version == 2 || (options != NULL && options < end && lists(options + 1, controller));
}

/* "0::/a/b" or "4:cpu,cpuacct:/a/b" of /proc/self/cgroup. */
static bool is_own(const char *line, int version, const char *controller)
{
    const char *list = strchr(line, ':');

    return list != NULL && (version == 2 ? list[1] == ':' : lists(list + 1, controller));
}

/* A mount may show a part of the hierarchy only, `within`: what is above it cannot be seen. */
static bool find(struct own_cgroup *at, const char *root, const char *controller)
{
    char line[PATH_MAX], within[PART_MAX], point[PART_MAX], own[PART_MAX];
    size_t hidden;

    if (!find_line(root, "proc/self/mountinfo", is_mount, at->version, controller, line) ||
        sscanf(line, "%*s %*s %*s %1023s %1023s", within, point) != 2 ||
        !find_line(root, "proc/self/cgroup", is_own, at->version, controller, line) ||
        sscanf(line, "%*[^:]:%*[^/]%1023[^\n]", own) != 1)
        return false;
    hidden = strcmp(within, "/") != 0 ? strlen(within) : 0;
    if (strncmp(own, within, hidden) != 0 || strcmp(own + hidden, "/") == 0 ||
        (own[hidden] != '/' && own[hidden] != '\0'))
        own[hidden = 0] = '\0';
    at->top = (size_t)snprintf(at->path, sizeof(at->path), "%.1000s%s", root, point);
    snprintf(at->path + at->top, sizeof(at->path) - at->top, "%s", own + hidden);
    return true;
}

bool own_cgroup_next(struct own_cgroup *at, const char *root, const char *controller)
{
    if (at->version != 0 && strlen(at->path) > at->top) {
        *strrchr(at->path, '/') = '\0';
        return true;
    }
    for (at->version = at->version == 0 ? 2 : at->version - 1; at->version > 0; at->version--)
        if (find(at, root, controller))
            return true;
    return false;
}
