/* Runs gnuplot on scripts, several at a time. */
#ifndef REPORT_GNUPLOT_H
#define REPORT_GNUPLOT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define GNUPLOT_INSTALL "apt-get install gnuplot-nox"

/* A gnuplot that runs. */
struct gnuplot {
    pid_t pid;
    int messages;         /* a file in memory */
    uint64_t deadline_ns; /* by clock_ns() */
};

/* Starts gnuplot on the text of a script, without anybody's settings, in the folder that
 * `folder_fd` has open. Returns 0, to be ended with gnuplot_end(); -ENOENT where there is no
 * gnuplot; another negative errno. */
int gnuplot_start(struct gnuplot *gnuplot, int folder_fd, const char *script);

/* Waits for its end, until a minute after its start. Returns 0; -ENOENT where there is no gnuplot;
 * another negative errno, with what gnuplot said, on one line, in `error` of `size` bytes. */
int gnuplot_end(struct gnuplot *gnuplot, char *error, size_t size);

#endif
