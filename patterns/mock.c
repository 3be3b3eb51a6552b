#include "patterns/mock.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "common/child.h"

#define ARGUMENTS_MAX 16
#define READY_LINE    "listening on " /* and its URL, when the server is ready */

int mock_start(struct mock *server, const char *program, const char *const arguments[])
{
    const char *argv[ARGUMENTS_MAX] = {program, "--listen", "127.0.0.1:0"};
    char line[128] = "";
    int error = -EIO, length;
    FILE *output;

    for (int i = 0; i < ARGUMENTS_MAX - 4 && arguments[i] != NULL; i++)
        argv[3 + i] = arguments[i];
    output = child_start(argv, &server->pid);
    if (output == NULL)
        return -errno;
    if (fgets(line, sizeof(line), output) != NULL && strncmp(line, READY_LINE, 13) == 0) {
        line[strcspn(line, "\r\n")] = '\0';
        length = snprintf(server->url, sizeof(server->url), "%s", line + strlen(READY_LINE));
        error = length < (int)sizeof(server->url) ? 0 : -ENAMETOOLONG;
    }
    fclose(output);
    if (error < 0)
        mock_stop(server);
    return error;
}

void mock_stop(struct mock *server)
{
    kill(server->pid, SIGTERM);
    child_wait(server->pid);
}
