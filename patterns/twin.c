#include "patterns/twin.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/child.h"
#include "common/json.h"

#define VERSION "import sys; print(*sys.version_info[:3], sep='.')"
#define RUNNER  "patterns/python/main.py"
#define REMEDY  "name one of 3.11 or newer, as in --interpreter python3.12"

const char *source_find(const char *name, char *path)
{
    char folder[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
    char *slash;

    folder[length > 0 ? length : 0] = '\0';
    while ((slash = strrchr(folder, '/')) != NULL) {
        *slash = '\0';
        if (snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX && access(path, R_OK) == 0)
            return path;
    }
    return NULL;
}

const char *twin_missing(const char *python)
{
    static char reason[PATH_MAX + 200];
    const char *const argv[] = {python, "-c", VERSION, NULL};
    char path[PATH_MAX], version[32] = "";
    int major = 0, minor = 0, status;
    pid_t pid;
    FILE *file = child_start(argv, &pid);

    if (file != NULL && fgets(version, sizeof(version), file) != NULL)
        sscanf(version, "%d.%d", &major, &minor);
    if (file != NULL)
        fclose(file);
    status = pid > 0 ? child_wait(pid) : -1;
    version[strcspn(version, "\n")] = '\0';
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        snprintf(reason, sizeof(reason), "there is no %s; " REMEDY, python);
    else if (status != 0 || major == 0)
        snprintf(reason, sizeof(reason), "%s does not tell its version; " REMEDY, python);
    else if (major < 3 || (major == 3 && minor < 11))
        snprintf(reason, sizeof(reason),
                 "%s is Python %s, without the task groups of 3.11; " REMEDY, python, version);
    else if (source_find(RUNNER, path) == NULL)
        return "there is no " RUNNER " beside this program";
    else
        return NULL;
    return reason;
}

static int take(struct context *context, const json_t *result)
{
    json_t *figures = json_object_get(result, "figures");
    json_t *checks = json_object_get(result, "checks");

    if (!json_is_object(figures) || !json_is_array(checks))
        return -EPROTO;
    json_object_update(context->figures, figures);
    json_array_extend(context->checks, checks);
    json_array_extend(context->bars, json_object_get(result, "bars"));
    json_array_extend(context->warnings, json_object_get(result, "warnings"));
    snprintf(context->error, sizeof(context->error), "%s", json_text_at(result, "error", ""));
    return 0;
}

int twin_run(struct context *context)
{
    const struct pattern *pattern = context->pattern;
    char path[PATH_MAX], n[24], connections[24], timeout[24];
    const char *const argv[] = {context->python,
                                "-B",
                                source_find(RUNNER, path),
                                pattern->source,
                                pattern->name,
                                context->url,
                                n,
                                connections,
                                timeout,
                                NULL};
    int status, error;
    json_t *result;
    FILE *file;
    pid_t pid;

    snprintf(n, sizeof(n), "%llu", (unsigned long long)context->n);
    snprintf(connections, sizeof(connections), "%zu", pattern->connections);
    snprintf(timeout, sizeof(timeout), "%llu", (unsigned long long)pattern->timeout_ns);
    file = child_start(argv, &pid);
    result = file != NULL ? json_loadf(file, 0, NULL) : NULL;
    if (file != NULL)
        fclose(file);
    status = pid > 0 ? child_wait(pid) : -EIO;
    error = status == 0 ? take(context, result) : status;
    json_decref(result);
    return error;
}
