/* The page of a report: its Markdown as one HTML file that needs nothing else. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <stdio.h>

#include "common/error.h"
#include "report/dataset/dataset.h"

/* Writes the page made from `markdown`, with the plots of `folder`/plots in it; the dataset gives
 * its title and tells which plots there are. Nothing in the text works as HTML. Returns 0; or a
 * negative errno with the reason in *error, where a plot is gone or memory lacks. */
int page_write(FILE *out, struct dataset *dataset, const char *markdown, const char *folder,
               struct error *error);

#endif
