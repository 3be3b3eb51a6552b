/* Runs gnuplot on a script. */
#ifndef REPORT_GNUPLOT_H
#define REPORT_GNUPLOT_H

#include <stddef.h>

#define GNUPLOT_INSTALL "apt-get install gnuplot-nox"

/* Runs `script` (a file name) with gnuplot, without anybody's settings, in `folder`, for at most a
 * minute. Returns 0; -ENOENT where there is no gnuplot; another negative errno with what gnuplot
 * said, on one line, in `error` of `size` bytes. */
int gnuplot_run(const char *folder, const char *script, char *error, size_t size);

#endif
