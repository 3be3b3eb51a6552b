/* What the terminal behind a stream can show. */
#ifndef COMMON_TERMINAL_H
#define COMMON_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* The columns of the terminal at `fd`, or as COLUMNS says; `otherwise` where there is none. At
 * least 40. */
size_t terminal_columns(int fd, size_t otherwise);

/* Whether what is shown at `fd` may be drawn over: it is a terminal that knows how. */
bool terminal_redraws(int fd);

/* Whether it may be coloured: likewise, and NO_COLOR is not set. */
bool terminal_colours(int fd);

#endif
