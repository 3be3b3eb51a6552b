#include "common/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_MIN 40

size_t terminal_columns(int fd, size_t otherwise)
{
    const char *text = getenv("COLUMNS");
    struct winsize window;
    long columns = text != NULL ? strtol(text, NULL, 10) : 0;

    if (columns <= 0 && ioctl(fd, TIOCGWINSZ, &window) == 0)
        columns = window.ws_col;
    if (columns <= 0)
        return otherwise;
    return columns >= COLUMNS_MIN ? (size_t)columns : COLUMNS_MIN;
}

bool terminal_redraws(int fd)
{
    const char *terminal = getenv("TERM");

    return isatty(fd) && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

bool terminal_colours(int fd)
{
    return terminal_redraws(fd) && getenv("NO_COLOR") == NULL;
}
