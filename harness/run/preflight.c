#include "harness/run/preflight.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/error.h"
#include "harness/process/process.h"

/* The first with -N and --output. */
#define HYPERFINE_MAJOR 1
#define HYPERFINE_MINOR 13

static int check_hyperfine(char *error)
{
    const char *argv[] = {"hyperfine", "--version", NULL};
    char line[128];
    int major = 0, minor = 0, code = process_first_line(argv, line, sizeof(line));

    if (code == -EINTR)
        return error_set(error, code, "interrupted");
    if (code < 0)
        return error_set(error, code,
                         "hyperfine cannot be run (%s); install it with: apt-get install hyperfine",
                         strerror(-code));
    if (sscanf(line, "hyperfine %d.%d", &major, &minor) != 2 || major < HYPERFINE_MAJOR ||
        (major == HYPERFINE_MAJOR && minor < HYPERFINE_MINOR))
        return error_set(error, -ENOTSUP,
                         "hyperfine %d.%d or newer is needed, this is '%s'; install it with: "
                         "apt-get install hyperfine",
                         HYPERFINE_MAJOR, HYPERFINE_MINOR, line);
    return 0;
}

/* Returns 0 or a negative errno. */
static int check_program(const char *path)
{
    struct stat status;

    if (access(path, X_OK) < 0 || stat(path, &status) < 0)
        return -errno;
    return S_ISREG(status.st_mode) ? 0 : -EACCES;
}

int preflight_check(const struct plan *plan, const char *server, char *error)
{
    int code = check_program(server);

    if (code < 0)
        return error_set(error, code, "the mock server %.700s: %s; build it with: make build",
                         server, strerror(-code));
    for (size_t i = 0; i < plan->cell_count; i++) {
        const struct lane *lane = plan->cells[i].lane;

        if (json_array_size(lane->packages) > 0)
            continue; /* where it is missing its cells are left out */
        code = check_program(lane->path);
        if (code < 0)
            return error_set(error, code, "the lane %s, %.700s: %s; build it with: make build",
                             lane->name, lane->path, strerror(-code));
    }
    return check_hyperfine(error);
}
