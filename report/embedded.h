/* Files that are built into the program, so that it works from any folder: each is the
 * NUL-terminated text embedded_NAME. The Makefile lists them, and calls report/wall.md.in
 * `wall_md`. */
#ifndef REPORT_EMBEDDED_H
#define REPORT_EMBEDDED_H

#define EMBEDDED(name, path, template) extern const char embedded_##name[];
#include "embedded.list"
#undef EMBEDDED

#endif
