#include "patterns/twin.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/child.h"
#include "common/json.h"

#define PYTHON "/usr/bin/python3"
#define RUNNER "patterns/python/main.py"

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

const char *source_name(const struct pattern *pattern, char name[64])
{
    const char *slash = strrchr(pattern->source, '/');

    snprintf(name, 64, "%s", slash != NULL ? slash + 1 : pattern->source);
    name[strcspn(name, ".")] = '\0';
    return name;
}

const char *twin_missing(void)
{
    char path[PATH_MAX];

    if (access(PYTHON, X_OK) < 0)
        return "there is no " PYTHON;
    if (source_find(RUNNER, path) == NULL)
        return "there is no " RUNNER " beside this program";
    return NULL;
}

static _Noreturn void be_twin(const struct context *context, int fd)
{
    char path[PATH_MAX], source[64], n[24], connections[24], timeout[24];

    snprintf(n, sizeof(n), "%llu", (unsigned long long)context->n);
    snprintf(connections, sizeof(connections), "%zu", context->pattern->connections);
    snprintf(timeout, sizeof(timeout), "%llu", (unsigned long long)context->pattern->timeout_ns);
    if (source_find(RUNNER, path) != NULL && dup2(fd, STDOUT_FILENO) >= 0)
        execl(PYTHON, "python3", "-B", path, source_name(context->pattern, source),
              context->pattern->name, context->url, n, connections, timeout, NULL);
    _exit(127);
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
    int fds[2], status, error;
    json_t *result;
    FILE *file;
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC) < 0)
        return -errno;
    pid = child_fork(SIGKILL);
    if (pid == 0)
        be_twin(context, fds[1]);
    close(fds[1]);
    file = fdopen(fds[0], "r");
    result = file != NULL && pid > 0 ? json_loadf(file, 0, NULL) : NULL;
    if (file != NULL)
        fclose(file);
    status = pid > 0 ? child_wait(pid) : -EIO;
    error = status == 0 ? take(context, result) : status;
    json_decref(result);
    return error;
}
