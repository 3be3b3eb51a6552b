/* The report as one HTML page that needs no other file and no network. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include <stdio.h>

#include "report/plots.h"

/* Writes the page for the report in `markdown`: its `title` (plain text), the style sheet, the
 * body by md4c, and every plot that was made as a data URI from `folder`/plots. Returns 0 or a
 * negative errno. */
int html_write(FILE *out, const char *title, const char *markdown, const char *folder,
               const struct plots *plots);

#endif
