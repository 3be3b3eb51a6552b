/* Runs gnuplot on scripts, several at a time. */
#ifndef REPORT_GNUPLOT_H
#define REPORT_GNUPLOT_H

#include <stddef.h>
#include <sys/types.h>

#define GNUPLOT_INSTALL "apt-get install gnuplot-nox"

/* A gnuplot that runs. */
struct gnuplot {
    pid_t pid;
    int messages; /* a file in memory */
};

/* Starts gnuplot on the text of a script, without anybody's settings, in the folder that
 * `folder_fd` has open. It ends with this program, and after a minute at the latest. Returns 0, to
 * be ended with gnuplot_end(), or a negative errno. */
int gnuplot_start(struct gnuplot *gnuplot, int folder_fd, const char *text);

/* Waits for its end. Returns 0; -ENOENT where there is no gnuplot;
 * another negative errno, with what gnuplot said, on one line, in `error` of `size` bytes. */
int gnuplot_end(struct gnuplot *gnuplot, char *error, size_t size);

#endif
